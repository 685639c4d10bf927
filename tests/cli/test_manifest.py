"""forepost manifest parse, as a user runs it."""

import json
import sys
from pathlib import Path

import pytest

from cli import main
from tests.manifests import pnrs

GOOD = Path(__file__).parent.parent / "manifests" / "golden" / "faulty.edi"


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr(sys, "argv", ["forepost", "manifest", "parse", *arguments])
    with pytest.raises(SystemExit) as ended:
        main.main()
    return int(ended.value.code or 0)


def test_one_file_prints_the_canonical_form(monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    assert run(monkeypatch, str(GOOD), "--json") == 0
    out, err = capfdbinary.readouterr()
    assert json.loads(out) == json.loads(GOOD.with_suffix(".json").read_text("utf-8"))
    assert err == b""


def test_readable_files_are_printed_beside_unreadable_ones(
    monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes], tmp_path: Path
) -> None:
    (tmp_path / "bad.edi").write_bytes(b"\x00\x01\x02")
    (tmp_path / "good.json").write_text('{"flights": []}')
    assert run(monkeypatch, str(tmp_path / "bad.edi"), str(GOOD), str(tmp_path / "none"), str(tmp_path / "good.json")) == 2
    out, err = capfdbinary.readouterr()
    printed = json.loads(out)
    assert len(printed["flights"]) == 1
    assert all(fault["where"].startswith(f"{GOOD}: ") for fault in printed["faults"])
    lines = err.decode().splitlines()
    assert len(lines) == 2
    assert lines[0].startswith(f"forepost: {tmp_path / 'bad.edi'}: message: 3 bytes of binary data: send")
    assert lines[1].startswith(f"forepost: {tmp_path / 'none'}: cannot be read")


def test_where_nothing_can_be_read_nothing_is_printed(
    monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes], tmp_path: Path
) -> None:
    assert run(monkeypatch, str(tmp_path / "none")) == 2
    assert capfdbinary.readouterr().out == b""


def test_what_was_read_from_a_pnr_says_so(
    monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes], tmp_path: Path
) -> None:
    (tmp_path / "push.edi").write_bytes(pnrs.interchange(pnrs.pnrgov(pnrs.booking(pnrs.traveller("ROE", "JANE")))))
    assert run(monkeypatch, str(tmp_path / "push.edi")) == 0
    printed = json.loads(capfdbinary.readouterr()[0])
    assert printed["law"] == "PNR"
    assert [person["surname"] for person in printed["flights"][0]["travellers"]] == ["ROE"]
