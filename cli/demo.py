"""`forepost demo`: a real server, a carrier in a process of its own, and an officer who watches referrals appear."""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from rich.console import Console

    from cli.demo_process import Carrier
    from cli.demo_state import Demo
    from cli.demo_view import Tally
    from service.client import OfficerClient
    from service.process import Running

REFRESH = 0.25  # seconds between two pictures of the table
FIRST_FLIGHT = 90.0  # seconds that the first flight may take
PAGE = 500  # referrals


def demo(
    seconds: Annotated[
        float | None, typer.Option(min=0.0, help="End this long after the first flight; default: at Ctrl-C.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one line of JSON at the end, and nothing else.")] = False,
    snapshot: Annotated[Path | None, typer.Option(help="Watchlist snapshot to screen against, not the invented list.")] = None,
    state: Annotated[Path | None, typer.Option(help="State folder; default: FOREPOST_STATE, else ./state.")] = None,
) -> None:
    """Screen simulated flights over real gRPC and watch the referrals appear.

    Makes what is missing first: an invented watchlist, a model trained on simulated travellers, certificates.
    """
    import json
    import os
    from datetime import UTC, datetime

    from rich.console import Console

    # Compiled code lies under the state folder: this must be known before the matcher is imported.
    folder = (state or Path(os.environ.get("FOREPOST_STATE") or "state")).absolute()
    os.environ["FOREPOST_STATE"] = str(folder)
    from cli.demo_process import CarrierFailed
    from cli.demo_state import prepare, run_folder
    from cli.demo_view import Tally
    from service.client import CallFailed
    from service.process import ServerFailed

    signal.signal(signal.SIGTERM, _interrupted)
    errors, tally = Console(stderr=True), Tally()
    try:
        with _bars(errors) as progress:
            parts = prepare(folder, snapshot, datetime.now(UTC), progress)
        run = run_folder(folder, datetime.now(UTC))
        _fly(parts, run, tally, seconds, None if as_json else Console(), errors)
    except (ServerFailed, CarrierFailed, CallFailed) as error:
        errors.print(f"forepost: {error}", markup=False, highlight=False, soft_wrap=True)
        raise typer.Exit(1) from error
    except KeyboardInterrupt:
        raise typer.Exit(130) from None  # before the carrier was there: nothing to sum up
    if as_json:
        print(json.dumps(tally.line()))
    else:
        Console().print(tally.summary(str(run)))


def _fly(parts: "Demo", run: Path, tally: "Tally", seconds: float | None, console: "Console | None", errors: "Console") -> None:
    """Start server and carrier, watch until the time is over or Ctrl-C, and end both whatever happens."""
    from contextlib import ExitStack

    from cli.demo_process import carrier
    from cli.demo_state import OFFICER
    from service.client import OfficerClient
    from service.process import server

    with ExitStack() as stack:
        with errors.status("starting the server"):
            running = stack.enter_context(server(parts.settings(), run, parts.kernels))
        officer = stack.enter_context(OfficerClient(running.officers, parts.certs, OFFICER))
        sender = stack.enter_context(carrier(running.carriers, parts.certs, parts.snapshot, run))
        try:
            with errors.status("waiting for the first flight"):
                _first(running, sender, tally)
            _watch(running, sender, officer, tally, seconds, console)
        except KeyboardInterrupt:
            pass  # the usual end: the flights under way are still answered
        tally.flights += sender.finish()
        tally.read(_queue(officer))


def _first(running: "Running", sender: "Carrier", tally: "Tally") -> None:
    import time

    from cli.demo_process import CarrierFailed

    latest = time.monotonic() + FIRST_FLIGHT
    while not tally.flights:
        running.check()
        sender.check()
        tally.flights += sender.flights(REFRESH)
        if time.monotonic() > latest:
            raise CarrierFailed(f"no flight was answered within {FIRST_FLIGHT:.0f} s")


def _watch(
    running: "Running",
    sender: "Carrier",
    officer: "OfficerClient",
    tally: "Tally",
    seconds: float | None,
    console: "Console | None",
) -> None:
    """Until `seconds` are over or the simulated season ends. Without a terminal nothing is drawn."""
    import time
    from contextlib import nullcontext

    from rich.live import Live

    began = time.monotonic()
    reading_due = began
    # The summary takes the place of the last picture; where there is no terminal it is all that is printed.
    drawn = Live(console=console, auto_refresh=False, transient=True) if console and console.is_terminal else nullcontext()
    with drawn as live:
        while (seconds is None or time.monotonic() < began + seconds) and not sender.ended:
            running.check()
            tally.flights += sender.flights(REFRESH)
            if live is None or console is None:
                continue
            if time.monotonic() >= reading_due:
                started = time.monotonic()
                tally.read(_queue(officer))
                # A long queue takes longer to read: at most a tenth of the time is spent on it.
                reading_due = time.monotonic() + max(1.0, 10 * (time.monotonic() - started))
            live.update(tally.live(console.height), refresh=True)
    sender.check()


def _queue(officer: "OfficerClient") -> list[Any]:
    """The officers' whole queue. Raises CallFailed."""
    from forepost.referrals.v1.referrals_pb2 import ListReferralsRequest

    found: list[Any] = []
    request = ListReferralsRequest(purpose="examination", page_size=PAGE, include_decided=True)
    while True:
        page = officer.list(request)
        found += page.referrals
        request.page_token = page.next_page_token
        if not page.next_page_token:
            return found


@contextmanager
def _bars(console: "Console") -> Iterator[Callable[[str, float], None]]:
    """A progress bar per thing that is made: told its name and the share done, from 0 to 1."""
    from rich.progress import Progress, TaskID

    with Progress(console=console) as bars:
        tasks: dict[str, TaskID] = {}

        def progress(name: str, share: float) -> None:
            if name not in tasks:
                tasks[name] = bars.add_task(name, total=1.0)
            bars.update(tasks[name], completed=share)

        yield progress


def _interrupted(number: int, frame: object) -> None:
    raise KeyboardInterrupt
