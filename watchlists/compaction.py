"""`python -m watchlists.compaction SNAPSHOT`: fold the delta of a snapshot into a new base, behind whatever else runs here."""

import os
import sys
from pathlib import Path
from typing import Final

from watchlists import snapshot

COMPACT_FROM: Final = 5_000  # lookouts in a delta: from there on every publication writes and keeps megabytes
BEHIND: Final = 15  # of 19: what answers carriers goes first


def main(path: Path) -> None:
    os.nice(BEHIND)
    snapshot.compact(path)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
