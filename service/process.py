"""A server in a process of its own, for the demo and the benchmarks: the real `forepost serve`, ended whatever happens."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

LAST_LINES = 15  # of the log, shown when the server failed
STOP_SECONDS = 15.0  # that a server gets to end by itself


class ServerFailed(Exception):
    """The server did not start, or ended by itself; the message holds the last lines of its log."""


@dataclass(frozen=True)
class Running:
    """A server that is ready. `carriers`, `officers`: HOST:PORT of the listeners."""

    process: subprocess.Popen[str]
    carriers: str
    officers: str
    log: Path

    def check(self) -> None:
        """Raises ServerFailed where the server has ended."""
        code = self.process.poll()
        if code is not None:
            raise ServerFailed(f"the server ended with exit code {code}\n{last_lines(self.log)}")


@contextmanager
def server(settings: Mapping[str, Any], folder: Path, kernels: Path, seconds: float = 300.0) -> Iterator[Running]:
    """A server on free ports whose store, configuration and log (server.log) lie in `folder`; ready when entered.

    `kernels` is where compiled code is kept from one server to the next. Nothing of this process's FOREPOST_* variables
    reaches it. Raises ServerFailed when it is not ready after `seconds`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    config = folder / "server.yaml"
    given = {"carriers": "127.0.0.1:0", "officers": "127.0.0.1:0", **settings}
    config.write_text(yaml.safe_dump({name: str(value) if isinstance(value, Path) else value for name, value in given.items()}))
    log = folder / "server.log"
    with log.open("wb") as errors:
        process = subprocess.Popen(
            # -P: a folder of the caller's that happens to be called cli is not ours.
            [sys.executable, "-P", "-m", "cli.main", "serve", "--config", str(config), "--json"],
            env=clean_environment() | {"FOREPOST_STATE": str(folder), "NUMBA_CACHE_DIR": str(kernels)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            start_new_session=True,  # Ctrl-C reaches the program that started it, which ends it in order
        )
    try:
        addresses = _ready(process, log, seconds)
        yield Running(process, addresses["carriers"], addresses["officers"], log)
    finally:
        end(process, STOP_SECONDS)
        if process.stdout is not None:
            process.stdout.close()


def end(process: subprocess.Popen[str], seconds: float) -> None:
    """Ask a process to end, and kill it where it has not after `seconds`."""
    process.terminate()
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def clean_environment() -> dict[str, str]:
    """This process's environment without the FOREPOST_* variables, which would override a configuration file."""
    return {name: value for name, value in os.environ.items() if not name.startswith("FOREPOST_")}


def last_lines(log: Path) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-LAST_LINES:])


def _ready(process: subprocess.Popen[str], log: Path, seconds: float) -> dict[str, str]:
    """The addresses from the line that the server prints when it is ready."""
    killer = threading.Timer(seconds, process.kill)
    killer.start()
    try:
        assert process.stdout is not None
        line = process.stdout.readline()  # ends with the process, should it fail
    finally:
        killer.cancel()
    if not line:
        raise ServerFailed(f"the server was not ready within {seconds:.0f} s or ended before\n{last_lines(log)}")
    addresses: dict[str, str] = json.loads(line)
    return addresses
