"""`forepost simulate`, `train` and `evaluate` as a user meets them."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli.main import app
from manifests.errors import InputError

runner = CliRunner()


def test_simulate_writes_a_world_and_prints_its_figures(tmp_path: Path) -> None:
    result = runner.invoke(app, ["simulate", "--travellers", "200", "--days", "3", "--out", str(tmp_path / "world"), "--json"])
    assert result.exit_code == 0
    assert json.loads(result.stdout)["travellers"] == 200
    names = {path.name for path in (tmp_path / "world").iterdir()}
    assert names >= {"flights", "travellers", "documents", "bookings", "legs", "truth", "list.csv", "datasheet.md"}


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (["train", "{folder}", "--out", "{folder}/run"], "forepost simulate --out"),
        (["evaluate", "{folder}"], "forepost train --out"),
        (["simulate", "--travellers", "10", "--out", "{folder}"], "not an empty folder"),
    ],
)
def test_a_wrong_folder_is_told_with_its_fix(command: list[str], words: str, tmp_path: Path) -> None:
    (tmp_path / "something").write_text("else")
    result = runner.invoke(app, [part.replace("{folder}", str(tmp_path)) for part in command])
    assert isinstance(result.exception, InputError)
    assert words in str(result.exception)


def test_wrong_numbers_are_usage_errors(tmp_path: Path) -> None:
    for option, value in (("--travellers", "0"), ("--seed", "-1"), ("--start", "2026-02-30")):
        arguments = {"--travellers": "5", "--out": str(tmp_path / "world"), option: value}
        result = runner.invoke(app, ["simulate", *(part for pair in arguments.items() for part in pair)])
        assert result.exit_code == 2
        assert option in result.output
