"""A real server for tests: its own process, state folder, certificates, lists of four people and policy."""

import csv
import json
import os
import signal
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import yaml

from service import certs
from watchlists.snapshot import replace
from watchlists.sources import generic_csv
from watchlists.sources.generic_csv import Defaults

ROOT = Path(__file__).resolve().parent.parent

LOOKOUTS = [
    {"id": "S-1", "name": "VORONTSOV, Arkady", "dob": "1971-03-09", "country": "RUS", "doc": "P:K7712345:RUS"}
    | {"category": "smuggling_facilitation", "action": "stop_before_boarding"},
    {"id": "S-2", "name": "OKONKWO, Chukwuemeka", "dob": "1984-11-23", "country": "NGA", "doc": ""}
    | {"category": "smuggling_facilitation", "action": "examine_on_arrival"},
    {"id": "S-3", "name": "HALVORSEN, Ingrid", "dob": "1990-06-30", "country": "NOR", "doc": ""}
    | {"category": "warrant_or_removal_order", "action": "arrest_on_arrival"},
    {"id": "S-4", "name": "BELHADJ, Yassine", "dob": "1979-01-17", "country": "TUN", "doc": ""}
    | {"category": "organised_crime", "action": "stop_before_boarding"},
]


@dataclass(frozen=True)
class Site:
    """Everything a server starts from; servers of one site share a store."""

    folder: Path

    @property
    def certs(self) -> Path:
        return self.folder / "certs"

    @property
    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("FOREPOST_")}
        return kept | {"FOREPOST_STATE": str(self.folder), "POLARS_MAX_THREADS": "1"}

    def forepost(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run the command line on this site."""
        command = [sys.executable, "-m", "cli.main", *arguments]
        return subprocess.run(command, cwd=ROOT, env=self.environment, capture_output=True, text=True, timeout=120)


@dataclass(frozen=True)
class Server:
    site: Site
    carriers: str
    officers: str
    process: subprocess.Popen[str]
    log: Path

    def stop(self) -> int:
        """End it as an operator would; its exit code."""
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(60)
        assert self.process.stdout is not None
        self.process.stdout.close()
        return code


def prepare(folder: Path) -> Site:
    """A site with the lookouts above as list `desk`, which may hold, and no model."""
    site = Site(folder)
    # Compiled kernels are kept in the state folder: those of the checkout serve every site.
    kernels = Path(os.environ.get("FOREPOST_STATE") or "state").absolute() / "kernels"
    kernels.mkdir(parents=True, exist_ok=True)
    (folder / "kernels").symlink_to(kernels)
    certs.create(site.certs, ["ac", "lh"], ["officer-1", "officer-2", "auditor-1"], [], datetime.now(UTC))
    (site.certs / "roles.json").write_text(json.dumps({"auditor-1": ["auditor"], "officer-2": ["officer", "lookout_officer"]}))
    policy = yaml.safe_load((ROOT / "policies" / "demo.yaml").read_text())
    policy |= {"model": None}
    policy["hold"] |= {"lists": ["desk"], "telephone": "+1 613 555 0100", "escalation": ["post", "targeting_centre"]}
    (folder / "policy.yaml").write_text(yaml.safe_dump(policy, allow_unicode=True))
    with (folder / "desk.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, ["source", *LOOKOUTS[0]])
        writer.writeheader()
        writer.writerows({"source": "desk"} | lookout for lookout in LOOKOUTS)
    defaults = Defaults(authority="Border agency", purpose="Test of the service")
    replace(folder / "snapshot", generic_csv.read(folder / "desk.csv", defaults))
    return site


def start(site: Site, **settings: object) -> Server:
    """A server that is ready, on free ports, with further settings in its configuration file."""
    given = {"carriers": "127.0.0.1:0", "officers": "127.0.0.1:0", "policy": str(site.folder / "policy.yaml")} | settings
    config = Path(tempfile.mkstemp(".yaml", "server-", site.folder)[1])
    config.write_text(yaml.safe_dump(given))
    log = config.with_suffix(".log")
    with log.open("w") as errors:
        process = subprocess.Popen(
            [sys.executable, "-m", "cli.main", "serve", "--config", str(config), "--json"],
            cwd=ROOT,
            env=site.environment,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )
    assert process.stdout is not None
    line = process.stdout.readline()  # ends with the process, should it fail
    if not line:
        process.stdout.close()
        process.wait(60)
        raise AssertionError(log.read_text())
    addresses = json.loads(line)
    return Server(site, addresses["carriers"], addresses["officers"], process, log)
