"""How well and how fast names are matched: quality beside its peers, speed beside rapidfuzz, recall of the index.

`python -m benchmarks.names` measures and prints; `forepost bench` takes its rows of the names-* ids from here.
"""

from benchmarks.names.data import Passengers, passengers
from benchmarks.names.measures import recall_at
from benchmarks.names.ours import best_scores, build
from benchmarks.names.quality import names_quality
from benchmarks.names.rates import names_rates
from benchmarks.names.recall import names_recall
from benchmarks.names.speed import five_times, names_speed

__all__ = [
    "Passengers",
    "best_scores",
    "build",
    "five_times",
    "names_quality",
    "names_rates",
    "names_recall",
    "names_speed",
    "passengers",
    "recall_at",
]
