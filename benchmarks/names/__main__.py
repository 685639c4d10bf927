"""`python -m benchmarks.names quality|speed|recall`: the name benchmark by itself, as JSON on stdout."""

import argparse
import json
import os
import sys
import time
from pathlib import Path

from benchmarks.names import quality
from benchmarks.report import public_data
from manifests.errors import InputError


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.names", description=__doc__)
    parser.add_argument("kind", choices=["quality"])
    parser.add_argument("--quick", action="store_true", help="ours and the fast peers, in two minutes")
    chosen = parser.parse_args()
    began = time.perf_counter()

    def tell(text: str) -> None:
        print(f"{time.perf_counter() - began:6.1f} s  {text}", file=sys.stderr, flush=True)

    try:
        folder = public_data(os.environ.get("FOREPOST_DATA"), Path(__file__).resolve().parents[2])
        settings = ["names", "dob_country"] if chosen.quick else list(quality.SETTINGS)
        figures = quality.our_quality(folder, settings, tell)
    except InputError as error:
        print(error, file=sys.stderr)
        return 2
    print(json.dumps(figures, indent=1, ensure_ascii=False))
    return 0


if __name__ == "__main__":
    sys.exit(main())
