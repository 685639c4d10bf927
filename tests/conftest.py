"""Fixtures shared by all tests: the smallest data that has what a test needs, made here.

Real public lists and messages are used where they are present: in the folder that FOREPOST_DATA names, else in
`shared/data` beside the checkout. Nothing of them is copied into the project; without them those tests skip.
"""

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def shared_data() -> Path:
    folder = Path(os.environ.get("FOREPOST_DATA") or ROOT.parent / "shared" / "data")
    if not (folder / "INDEX.md").is_file():
        pytest.skip("public data is absent: set FOREPOST_DATA or put it in ../shared/data")
    return folder
