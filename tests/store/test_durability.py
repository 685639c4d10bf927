"""What was acknowledged survives the death of the process: once, whole, and the ledger holds."""

import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from store.database import Store
from tests.conftest import ROOT

# Commits without end, telling each acknowledged screening on its standard output.
WRITER = """
import sys
from pathlib import Path
from store import database
from tests.store.conftest import manifest, screening
folder = Path(sys.argv[1])
store = database.open(f"sqlite:///{folder}/forepost.db", folder / "keys.json")
number = 0
while True:
    batch = [screening(store, f"r{number + one}", of=manifest(5, number=str(number + one))) for one in range(4)]
    for future, made in zip(store.submit(batch), batch):
        future.result()
        print(made.id, flush=True)
    number += 4
"""


@pytest.mark.parametrize("acknowledged", [1, 9])
def test_killed_while_committing(folder: Path, reopen: Callable[..., Store], acknowledged: int) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", WRITER, str(folder)], cwd=ROOT, stdout=subprocess.PIPE, text=True, env={"POLARS_MAX_THREADS": "1"}
    ) as process:
        assert process.stdout is not None
        told = [process.stdout.readline().strip() for _ in range(acknowledged)]
        process.send_signal(signal.SIGKILL)
        told += process.stdout.read().split()
    store = reopen()
    kept = store.screening_ids(10_000)
    assert len(kept) == len(set(kept))
    assert set(told) - {""} <= set(kept)
    assert len(told) >= acknowledged
    assert store.verify() == []
    with store._engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
        orphans = connection.exec_driver_sql("SELECT count(*) FROM identities WHERE holder NOT IN (SELECT id FROM screenings)")
        assert orphans.scalar() == 0
        counts = connection.exec_driver_sql("SELECT count(*) FROM directives GROUP BY screening_id").scalars().all()
        assert counts == [5] * len(kept)
        recorded = connection.exec_driver_sql("SELECT count(*) FROM audit_entries WHERE kind = 'screening'").scalar()
        assert recorded == len(kept)
    assert store.stored_inputs(kept[0]).manifest.travellers.height == 5
