"""Fail when the committed protobuf code differs from what the .proto files give (`make check`)."""

import sys
import tempfile
from pathlib import Path

from generate import ROOT, generate


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        generate(Path(folder))
        stale = [
            str(path.relative_to(ROOT))
            for path in sorted(ROOT.glob("forepost/**/*_pb2*"))
            if path.suffix in {".py", ".pyi"}
            and (not (fresh := Path(folder) / path.relative_to(ROOT)).is_file() or fresh.read_bytes() != path.read_bytes())
        ]
        missing = [
            str(path.relative_to(folder))
            for path in sorted(Path(folder).glob("forepost/**/*_pb2*"))
            if not (ROOT / path.relative_to(folder)).is_file()
        ]
    for name in stale + missing:
        print(f"{name}: differs from its .proto file; run `make proto`", file=sys.stderr)
    return 1 if stale or missing else 0


if __name__ == "__main__":
    sys.exit(main())
