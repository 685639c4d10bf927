"""Frames → PAXLST → frames, in every delimiter, wrapping and character set, and with anything else put between."""

import base64
from datetime import date, datetime, timedelta
from typing import Any

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from manifests import edifact, frames, paxlst
from manifests.edifact import Delimiters
from manifests.errors import InputError
from manifests.frames import Manifest
from manifests.normalise import normalise
from manifests.raw import MANIFEST_PATHS, Paths, Raw
from tests.manifests.writer import written

AIRPORTS, COUNTRIES = st.sampled_from(["FRA", "YYZ", "CDG", "YUL", "NRT"]), st.sampled_from(["CAN", "DEU", "XXA", "GBD", "RUS"])
words = st.lists(st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=8), min_size=1, max_size=3).map(
    " ".join
)
codes = st.text("ABCXYZ0123456789", min_size=1, max_size=9)


def maybe(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(st.just(""), values)


def days(first: int, last: int) -> st.SearchStrategy[str]:
    return st.dates(date(first, 1, 1), date(last, 12, 31)).map(str)


documents = st.fixed_dictionaries(
    {"type": st.sampled_from("PVIACFO"), "number": codes, "issuer": maybe(COUNTRIES), "expiry": maybe(days(2020, 2060))}
)
travellers = st.fixed_dictionaries(
    {
        "role": st.sampled_from(["passenger", "crew", "transit_passenger", "transit_crew"]),
        "surname": words,
        "given": maybe(words),
        "sex": maybe(st.sampled_from("MFX")),
        "dob": maybe(days(1920, 2025)),
        "nationality": maybe(COUNTRIES),
        "birthplace": maybe(words),
        "residence": maybe(COUNTRIES),
        "embarkation": maybe(AIRPORTS),
        "debarkation": maybe(AIRPORTS),
        "clearance": maybe(AIRPORTS),
        "redress": maybe(codes),
        "record_locator": maybe(codes),
        "bags": maybe(st.integers(0, 20).map(str)),
        "bag_weight": maybe(st.integers(0, 300).map(str)),
        "bag_tags": st.lists(st.from_regex(r"AC[0-9]{6}", fullmatch=True), max_size=3, unique=True),
        "documents": st.lists(documents, max_size=3),
    }
)
flights = st.fixed_dictionaries(
    {
        "carrier": st.sampled_from(["AC", "LH", "U2", "BAW"]),
        "number": st.integers(1, 9999).map(str),
        "minutes": st.integers(0, 525_000),
        "travellers": st.lists(travellers, max_size=4),
    }
)


def manifest_of(sent: list[dict[str, Any]]) -> Manifest:
    raw = Raw(flights={}, travellers={}, documents={"traveller": []})
    for flight, values in enumerate(sent):
        leaves = datetime(2026, 1, 1) + timedelta(minutes=values["minutes"])
        reached = leaves + timedelta(hours=20)
        _append(raw.flights, {name: values[name] for name in ("carrier", "number")} | {"departure": "FRA", "arrival": "YYZ"})
        _append(raw.flights, {"departure_time": f"{leaves:%Y-%m-%dT%H:%M}", "arrival_time": f"{reached:%Y-%m-%dT%H:%M}"})
        for number, traveller in enumerate(values["travellers"]):
            row = {"flight": flight, "ref": f"R{number}"} | {k: v for k, v in traveller.items() if k != "documents"}
            _append(raw.travellers, row)
            for document in traveller["documents"]:
                _append(raw.documents, {"traveller": len(raw.travellers["ref"]) - 1} | document)
    read = normalise(raw, Paths(raw, MANIFEST_PATHS))
    assert read.faults.is_empty(), read.faults
    return read


def _append(columns: dict[str, list[Any]], row: dict[str, Any]) -> None:
    for name, value in row.items():
        columns.setdefault(name, []).append(value)


marks = st.permutations(list(":+.?'*~!|$;\x1c\x1d\x1f")).map(
    lambda drawn: Delimiters(*drawn[:5]) if drawn[5] > "+" else Delimiters(*drawn[:6])
)


def teletype(message: bytes) -> bytes:
    text = message.decode().replace("\n", "")
    lines = [text[at : at + 69] for at in range(0, len(text), 69)]
    return "\r\n".join(["QU YOWXXAC", ".LUNAXX 151200", *lines, "NNNN", ""]).encode()


def mail(message: bytes) -> bytes:
    return b"From: a@b.example\r\nContent-Transfer-Encoding: base64\r\n\r\n" + base64.encodebytes(message)


wrappings = st.sampled_from([bytes, teletype, mail, lambda m: b"\x01H\r\n\x02" + m.replace(b"\n", b"\r\n") + b"\x03"])


def assert_same(read: Manifest, expected: Manifest) -> None:
    for name in ("flights", "travellers", "documents", "legs"):
        assert_frame_equal(getattr(read, name), getattr(expected, name))


@given(st.lists(flights, min_size=1, max_size=3), marks, wrappings)
def test_what_is_written_is_read_again(sent: list[dict[str, Any]], delimiters: Delimiters, wrapped: Any) -> None:
    expected = manifest_of(sent)
    read = paxlst.read(wrapped(written(expected, delimiters)))
    frames.check(read.manifest)
    assert read.manifest.faults.is_empty(), read.manifest.faults["problem"].to_list()
    assert_same(read.manifest, expected)


TOKEN = "ZQTOKENXJ"
NOISE = (
    *(f"FTX+AAI+++{TOKEN}", f"FTX+BAG+++{TOKEN} ONE", f"ATT+9++{TOKEN}", f"COM+{TOKEN}:EM", f"EMP+1+{TOKEN}", f"ZZZ+{TOKEN}"),
    *(f"{TOKEN}+A", TOKEN, f"DTM+7:{TOKEN}", f"RFF+CR:{TOKEN}", f"RFF+SEA:{TOKEN}", f"LOC+9+{TOKEN}", f"MEA+HT++{TOKEN}"),
    *(f"NAD+CA+++{TOKEN}", f"NAD+{TOKEN}", f"NAD+ZZ+++{TOKEN}", f"GEI+4+{TOKEN}", f"NAT+1+{TOKEN}", f"DOC{TOKEN}+P"),
)


@given(flights, st.data())
def test_what_is_not_kept_stands_nowhere(sent: dict[str, Any], data: st.DataObject) -> None:
    """Free text, contacts, unknown segments and parties: whatever they say, no frame, fault, header or error repeats it."""
    lines = written(manifest_of([sent])).decode().split("'\n")
    for noise in data.draw(st.lists(st.sampled_from(NOISE), min_size=1, max_size=6)):
        lines.insert(data.draw(st.integers(1, len(lines))), noise)
    cut = data.draw(st.integers(1, len(lines)))
    for message in ("'\n".join(lines), "'\n".join(lines[:cut])):
        try:
            read = paxlst.read(message.encode())
            kept = [frame.write_json() for frame in (getattr(read.manifest, name) for name in frames.SCHEMAS)]
            said = [*kept, repr(read.headers), repr(read.references), repr(read.passed_over)]
        except InputError as error:
            said = error.faults
        assert not any(TOKEN in text for text in said), said


@given(flights, st.data())
def test_nothing_readable_is_lost_to_segments_between(sent: dict[str, Any], data: st.DataObject) -> None:
    expected = manifest_of([sent])
    lines = written(expected).decode().split("'\n")
    for noise in data.draw(st.lists(st.sampled_from([line for line in NOISE if not line.startswith("NAD")]), max_size=6)):
        lines.insert(data.draw(st.integers(2, len(lines) - 2)), data.draw(st.sampled_from(["", " ", "\r\n"])) + noise)
    assert_same(paxlst.read("'\n".join(lines).encode()).manifest, expected)


mutations = st.sampled_from(["drop", "double", "swap", "cut", "noise"])


@settings(max_examples=200)
@given(
    st.lists(flights, min_size=1, max_size=2),
    marks,
    st.lists(st.tuples(mutations, st.integers(0, 10_000)), min_size=1, max_size=8),
)
def test_a_message_gone_wrong_gives_faults_with_their_places(
    sent: list[dict[str, Any]], delimiters: Delimiters, changes: list[tuple[str, int]]
) -> None:
    lines = written(manifest_of(sent), delimiters).decode().split(delimiters.terminator + "\n")
    for kind, number in changes:
        at = number % len(lines)
        match kind:
            case "drop":
                del lines[at]
            case "double":
                lines.insert(at, lines[at])
            case "swap":
                lines[at], lines[-1] = lines[-1], lines[at]
            case "cut":
                lines[at] = lines[at][: number % 7]
            case "noise":
                lines.insert(at, NOISE[number % len(NOISE)])
        lines = lines or [""]
    message = (delimiters.terminator + "\n").join(lines).encode()
    try:
        read = paxlst.read(message)
    except InputError:
        return
    frames.check(read.manifest)
    segments = read.interchange.tokens.segments
    for where, problem in read.manifest.faults.select("where", "problem").rows():
        assert ": " in problem
        if "segment " in where and "after" not in where:
            number, _, byte = where.partition("segment ")[2].rstrip(")").partition(" (")
            tag, offset = byte.partition(")")[0], int(where.rstrip(")").rpartition("byte ")[2])
            assert tag in (segments.tags[int(number) - 1], "?")
            assert message[offset:].startswith(b"U") or tag == "?" or message[offset:].decode().upper().startswith(tag)
        else:
            assert "after segment" in where or where.partition(".")[2], where
    assert pl.Series([edifact.value(segment, 0) for segment in segments]).to_list() == segments.tags
