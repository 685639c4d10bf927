"""Fixtures shared by all tests: the smallest data that has what a test needs, made here.

Real public lists and messages are used where they are present: in the folder that FOREPOST_DATA names, else in
`shared/data` beside the checkout. Nothing of them is copied into the project; without them those tests skip.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests import serving

ROOT = Path(__file__).resolve().parent.parent
# Tests run in scratch state folders; what is compiled once serves them all.
os.environ.setdefault("NUMBA_CACHE_DIR", str(ROOT / "state" / "kernels"))
# No timed assertions: machines are noisy. CI tries the same examples each time, so that a red run is the change's fault;
# new ones are looked for everywhere else.
settings.register_profile("untimed", deadline=None, derandomize=os.environ.get("CI") == "true")
settings.load_profile("untimed")


@pytest.fixture(scope="session")
def shared_data() -> Path:
    folder = Path(os.environ.get("FOREPOST_DATA") or ROOT.parent / "shared" / "data")
    if not (folder / "INDEX.md").is_file():
        pytest.skip("public data is absent: set FOREPOST_DATA or put it in ../shared/data")
    return folder


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> serving.Site:
    return serving.prepare(tmp_path_factory.mktemp("site"))


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[serving.Server]:
    """A server on a site of its own, for as long as the session lasts."""
    server = serving.start(serving.prepare(tmp_path_factory.mktemp("server")))
    yield server
    assert server.stop() == 0, server.log.read_text()


def pytest_sessionfinish(session: pytest.Session) -> None:
    """In CI everything that tests need is installed, so there a skip that `allowed_skips.txt` does not list is a failure."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("CI") != "true" or reporter is None:
        return
    allowed = [line for line in (ROOT / "tests" / "allowed_skips.txt").read_text().splitlines() if line]
    reasons = {report.longrepr[2] for report in reporter.stats.get("skipped", []) if isinstance(report.longrepr, tuple)}
    refused = sorted(reason for reason in reasons if not any(text in reason for text in allowed))
    if refused:
        reporter.write_line("skipped, but not listed in tests/allowed_skips.txt:\n  " + "\n  ".join(refused), red=True)
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
