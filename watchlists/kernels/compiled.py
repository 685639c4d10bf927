"""How kernels are compiled, and where compiled code is kept: a folder named by all kernel sources, numba and the processor.

Numba's own cache does not notice edits in the files a kernel calls; a folder for each state of the sources does.
"""

import hashlib
import importlib
import importlib.metadata
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

import llvmlite.binding  # type: ignore[import-untyped]
import numba


def _cache_folder() -> Path | None:
    state = Path(os.environ.get("FOREPOST_STATE") or "state").absolute()
    root = Path(os.environ.get("NUMBA_CACHE_DIR") or state / "kernels")
    build = hashlib.sha256(f"{importlib.metadata.version('numba')} {llvmlite.binding.get_host_cpu_name()}".encode())
    for file in sorted(Path(__file__).parent.glob("*.py")):
        build.update(file.read_bytes())
    folder = root / build.hexdigest()[:16]
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return None
    return folder if os.access(folder, os.W_OK) else None


def _load_without_scipy() -> None:
    """Numba's arrays look for SciPy's BLAS when they are loaded, which costs half a second of a start; no kernel needs it."""
    if "scipy.linalg" not in sys.modules:
        sys.modules["scipy.linalg"] = None  # type: ignore[assignment]
        try:
            importlib.import_module("numba.np.arraymath")
        finally:
            del sys.modules["scipy.linalg"]


_load_without_scipy()
_FOLDER = _cache_folder()
if _FOLDER is not None:
    numba.config.CACHE_DIR = str(_FOLDER)  # type: ignore[attr-defined]

_Function = TypeVar("_Function", bound=Callable[..., Any])


def compiled(function: _Function) -> _Function:
    return cast(_Function, numba.njit(nogil=True, cache=_FOLDER is not None)(function))
