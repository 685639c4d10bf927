"""Regenerate the committed protobuf and gRPC code beside the .proto files (`make proto`)."""

import os
import sys
from pathlib import Path

from grpc_tools import protoc

ROOT = Path(__file__).resolve().parent
PLUGINS = ("python", "grpc_python", "mypy", "mypy_grpc")


def generate(out: Path) -> int:
    """Write the generated code of every .proto file under `out`; returns protoc's exit code."""
    sources = sorted(str(path.relative_to(ROOT)) for path in ROOT.glob("forepost/**/*.proto"))
    # protoc looks its plugins up on the PATH; they stand beside this interpreter.
    os.environ["PATH"] = os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", "")))
    google = Path(protoc.__file__).parent / "_proto"
    outputs = [f"--{plugin}_out={'quiet:' if plugin.startswith('mypy') else ''}{out}" for plugin in PLUGINS]
    return int(protoc.main(["protoc", f"-I{ROOT}", f"-I{google}", *outputs, *sources]))


if __name__ == "__main__":
    sys.exit(generate(ROOT))
