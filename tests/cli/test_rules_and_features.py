"""The commands that list features and check packs."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

from features.catalogue import CATALOGUE
from policies import FOLDER

EXAMPLES = FOLDER / "packs" / "examples.yaml"


def forepost(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "cli.main", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_features_are_listed_and_explained() -> None:
    listed = json.loads(forepost("features", "list", "--json").stdout)
    assert [one["id"] for one in listed] == [one.id for one in CATALOGUE]
    assert "aucun retour dans l'itinéraire" in forepost("features", "explain", "one_way").stdout


def test_an_unknown_feature_is_answered_with_a_hint() -> None:
    answer = forepost("features", "explain", "one_wya")
    assert (answer.returncode, answer.stderr) == (2, "forepost: one_wya is not a feature: did you mean one_way?\n")


def test_the_examples_pass_the_check_of_the_strictest_policy() -> None:
    answer = forepost("rules", "check", EXAMPLES, "--policy", "ca", "--json")
    assert answer.returncode == 0
    assert json.loads(answer.stdout)["faults"] == []


def test_faults_go_to_stderr_with_their_lines(tmp_path: Path) -> None:
    broken = tmp_path / "broken.yaml"
    broken.write_text(EXAMPLES.read_text().replace("paid_cash == true", "paid_cahs == true", 1))
    answer = forepost("rules", "check", broken)
    assert answer.returncode == 2
    assert "Traceback" not in answer.stderr
    assert "did you mean paid_cash?" in answer.stderr
    assert f"{broken}:" in answer.stderr


def test_expired_scenarios_are_reported(tmp_path: Path) -> None:
    old = tmp_path / "old.yaml"
    shutil.copy(EXAMPLES, old)
    text = old.read_text().replace("2026-", "2019-").replace("2027-", "2020-")
    old.write_text(text)
    answer = forepost("rules", "check", old)
    assert answer.returncode == 2
    assert answer.stderr.count("is past: it does not fire") == 24


def test_a_scenario_is_explained_in_both_languages() -> None:
    explained = json.loads(forepost("rules", "explain", EXAMPLES, "late-cash-one-way", "--json").stdout)
    assert explained[0]["sentence"]["fr"].startswith("Délai entre la réservation et le départ de moins de 48 heures")
    assert "payé en espèces" in forepost("rules", "explain", EXAMPLES).stdout
