"""The demo's carrier as a process of its own, and what it tells on its standard output."""

import json
import queue
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cli.demo_state import listed_people
from service.process import clean_environment, end, last_lines

PACE = 3.0  # flights a second
FINISH_SECONDS = 20.0  # that the carrier gets to end the flights under way


class CarrierFailed(Exception):
    """The carrier ended by itself; the message holds the last lines that it wrote to standard error."""


class Carrier:
    """The running carrier; its flights come as dicts, in the order in which they were answered."""

    def __init__(self, process: subprocess.Popen[str], log: Path) -> None:
        self._process = process
        self._log = log
        self._lines: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._reader = threading.Thread(target=self._read, name="carrier", daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._lines.put(line)

    @property
    def ended(self) -> bool:
        return self._process.poll() is not None

    def check(self) -> None:
        """Raises CarrierFailed where the carrier ended with an error."""
        if self._process.poll():
            raise CarrierFailed(f"the carrier ended with exit code {self._process.returncode}\n{last_lines(self._log)}")

    def flights(self, seconds: float) -> list[dict[str, Any]]:
        """Flights answered since the last call; waits up to `seconds` for the first of them."""
        lines = []
        try:
            lines.append(self._lines.get(timeout=seconds))
            while True:
                lines.append(self._lines.get_nowait())
        except queue.Empty:
            return [json.loads(line) for line in lines]

    def finish(self) -> list[dict[str, Any]]:
        """End the carrier after the flights under way and give those. Raises CarrierFailed."""
        self._process.terminate()
        try:
            self._process.wait(FINISH_SECONDS)
        except subprocess.TimeoutExpired:
            raise CarrierFailed(f"the carrier did not end within {FINISH_SECONDS:.0f} s") from None
        self._reader.join()
        self.check()
        return self.flights(0.0)

    def close(self) -> None:
        """End the process if it still runs, and everything that belongs to it."""
        end(self._process, FINISH_SECONDS)
        self._reader.join()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                stream.close()


@contextmanager
def carrier(server: str, certs: Path, snapshot: Path, folder: Path) -> Iterator[Carrier]:
    """A carrier that sends flights of tomorrow and later, with people of the snapshot among the travellers, until it ends here.

    Its list of those people and its log lie in `folder`.
    """
    listed, log = folder / "listed.json", folder / "carrier.log"
    listed.write_text(json.dumps(listed_people(snapshot)))
    start = (datetime.now(UTC) + timedelta(days=1)).date()
    command = [sys.executable, "-P", "-m", "cli.demo_carrier", "--server", server, "--certs", str(certs)]
    command += ["--listed", str(listed), "--start", start.isoformat(), "--pace", str(PACE)]
    with log.open("wb") as errors:
        process = subprocess.Popen(
            command,
            env=clean_environment() | {"POLARS_MAX_THREADS": "1"},  # the server is what is shown: leave it the processor
            stdin=subprocess.PIPE,  # ends with this process: then the carrier ends too
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            start_new_session=True,
        )
    running = Carrier(process, log)
    try:
        yield running
    finally:
        running.close()
