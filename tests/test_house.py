"""The house itself: what the repository may hold and what make can do."""

import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def test_no_registry_address_is_committed() -> None:
    tracked = subprocess.run(["git", "ls-files", "-z"], capture_output=True, text=True, cwd=ROOT, check=True).stdout.split("\0")
    locks = [name for name in tracked if Path(name).name in {"requirements.lock", "package-lock.json", ".npmrc"}]
    assert "requirements.lock" in locks
    for name in locks:
        assert not re.search(
            r"https?://(?!opencollective|github|\S*funding)\S*(pypi|npmjs|registry)", (ROOT / name).read_text()
        ), name


def test_make_without_a_target_lists_what_can_be_done() -> None:
    text = subprocess.run(["make"], capture_output=True, text=True, cwd=ROOT, check=True).stdout
    for target in ("env", "demo", "test", "check", "bench", "proto", "serve"):
        assert f"make {target}" in text
