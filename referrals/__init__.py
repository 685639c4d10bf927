"""The use cases: screen, replay, list, read and decide. Handlers, routes and commands call them and hold no logic."""
