"""The demo as a new user meets it: one command, three processes, and nothing left behind."""

import contextlib
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

LIST = """id,name,dob,country,doc,authority,purpose,category,action
T-1,"VORONTSOV, Arkady Pavlovich",1971-03-09,RUS,P:K7712345:RUS,Border agency,Test,smuggling_facilitation,examine_on_arrival
T-2,"OKONKWO, Chukwuemeka Obi",1984-11-23,NGA,,Border agency,Test,organised_crime,examine_on_arrival
"""


# Started outside the checkout, as from an installed wheel.
COMMAND = [sys.executable, "-P", "-m", "cli.main"]


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A state folder in which a first demo has made everything."""
    folder = tmp_path_factory.mktemp("demo") / "state"
    first = forepost(folder, "demo", "--seconds", "0", "--state", str(folder))
    assert first.returncode == 0, first.stderr
    return folder


def forepost(state: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *arguments], cwd=state.parent, env=_environment(), capture_output=True, text=True, timeout=600
    )


def test_flights_arrive_and_referrals_appear(state: Path) -> None:
    done = forepost(state, "demo", "--seconds", "5", "--json", "--state", str(state))
    assert done.returncode == 0, done.stderr
    [line] = done.stdout.splitlines()
    figures = json.loads(line)
    assert list(figures) == ["flights", "travellers", "referrals", "p50_ms", "p99_ms"]
    assert figures["flights"] > 0
    assert figures["travellers"] > figures["flights"]
    assert figures["referrals"] > 0
    assert 0 < figures["p50_ms"] <= figures["p99_ms"]
    assert _processes_of(state) == []
    assert sorted(path.name for path in state.parent.iterdir()) == ["state"], "nothing is written beside the state folder"


def test_a_list_of_ones_own_is_screened_against(state: Path, tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_text(LIST)
    lists = tmp_path / "lists"
    made = forepost(state, "watchlist", "import", "--csv", str(tmp_path / "list.csv"), "--snapshot", str(lists))
    assert made.returncode == 0, made.stderr
    before = _built(state)
    done = forepost(state, "demo", "--seconds", "3", "--snapshot", str(lists), "--state", str(state))
    assert done.returncode == 0, done.stderr
    # Both listed persons stand in for travellers; the summary counts them and tells whom it found.
    listed = next(line for line in done.stdout.splitlines() if line.startswith("listed persons put on board"))
    sent, found = (int(part.split(":")[1]) for part in listed.split(","))
    assert 0 < found <= sent
    assert _built(state) == before, "a later start trains and imports nothing"


def test_ctrl_c_ends_with_the_summary(state: Path) -> None:
    before = _runs(state)
    process = subprocess.Popen(
        [*COMMAND, "demo", "--json", "--state", str(state)],
        cwd=state.parent,
        env=_environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    while _runs(state) <= before or _screenings(state / "demo" / "runs" / _runs(state)) < 20:
        assert process.poll() is None, process.communicate()[1]
        time.sleep(0.2)
    process.send_signal(signal.SIGINT)
    out, errors = process.communicate(timeout=120)
    assert process.returncode == 0, errors
    assert json.loads(out)["flights"] > 0
    assert "Traceback" not in errors
    assert _processes_of(state) == []


def test_a_server_that_ends_is_told_with_its_log(state: Path) -> None:
    process = subprocess.Popen(
        [*COMMAND, "demo", "--json", "--state", str(state)],
        cwd=state.parent,
        env=_environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    while not (server := [pid for pid, line in _processes_of(state) if " serve " in line]):
        assert process.poll() is None, process.communicate()[1]
        time.sleep(0.2)
    os.kill(server[0], signal.SIGKILL)
    out, errors = process.communicate(timeout=120)
    assert process.returncode == 1
    assert out == ""
    assert "the server" in errors
    assert "Traceback" not in errors
    assert _processes_of(state) == []


def test_a_snapshot_that_is_none_is_refused(state: Path, tmp_path: Path) -> None:
    done = forepost(state, "demo", "--snapshot", str(tmp_path / "nowhere"), "--state", str(state))
    assert done.returncode == 2
    assert "nowhere" in done.stderr
    assert "Traceback" not in done.stderr


def _environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("FOREPOST_")}
    return kept | {"POLARS_MAX_THREADS": "1", "COLUMNS": "200"}


def _runs(state: Path) -> str:
    """The name of the latest run."""
    return max((path.name for path in state.glob("demo/runs/*")), default="")


def _screenings(run: Path) -> int:
    """How many there are in the store of a run; none before its schema stands."""
    if not (run / "forepost.db").exists():
        return 0
    with contextlib.closing(sqlite3.connect(f"file:{run / 'forepost.db'}?mode=ro", uri=True)) as connection:
        try:
            [(count,)] = connection.execute("SELECT count(*) FROM screenings")
        except sqlite3.OperationalError:
            return 0
    return int(count)


def _built(state: Path) -> dict[str, int]:
    return {path.name: path.stat().st_mtime_ns for path in (state / "demo").glob("*.json")}


def _processes_of(state: Path) -> list[tuple[int, str]]:
    """Running processes whose command line names the state folder: demo, server and carrier."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            line = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except OSError:
            continue  # it ended meanwhile
        if str(state) in line:
            found.append((int(folder.name), line))
    return found
