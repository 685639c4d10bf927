"""Measurements of the figures that the design sets targets for: each beside its floor or its peer, taken in the same run.

A measurement is a function that gives dicts of the shape in `benchmarks.report`; `cli/bench.py` names them by id.
"""
