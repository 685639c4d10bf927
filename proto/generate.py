"""Regenerate the committed protobuf and gRPC code beside the .proto files (`make proto`)."""

import sys
from pathlib import Path

from grpc_tools import protoc

ROOT = Path(__file__).resolve().parent
GOOGLE = Path(protoc.__file__).parent / "_proto"


def main() -> int:
    sources = sorted(str(path.relative_to(ROOT)) for path in ROOT.glob("forepost/**/*.proto"))
    arguments = [f"-I{ROOT}", f"-I{GOOGLE}"]
    arguments += [f"--{plugin}_out={ROOT}" for plugin in ("python", "grpc_python", "mypy", "mypy_grpc")]
    return int(protoc.main(["protoc", *arguments, *sources]))


if __name__ == "__main__":
    sys.exit(main())
