"""A deterministic world of flights, people and plans. Imports manifests only: it knows no feature and no scenario."""
