"""What reveals religion, health or membership leaves no trace: planted in every reader, looked for in every output."""

import json
import logging
from collections.abc import Iterator
from io import StringIO
from typing import Any

import polars.selectors as cs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forepost.screening.v1 import screening_pb2 as pb
from manifests import frames, json_format, paxlst, pnr_frames, pnrgov, protobuf, raw, sensitive
from manifests.errors import InputError
from manifests.frames import Manifest
from manifests.json_format import to_json
from manifests.pnr_frames import Pnr
from tests.manifests import messages, pnrs
from tests.manifests.messages import Line

KEY = b"a key for tests"
TOKEN = "QZSECRET"
texts = st.sampled_from(
    [
        TOKEN,
        f"KOSHER {TOKEN} PLEASE",
        f"{TOKEN} 12",
        f"{TOKEN}+1:2'3?4",
        f"/{TOKEN}/P/GBR",
        f"CTC {TOKEN}",
        f"{TOKEN} 2 {TOKEN}" * 9,
        f"é{TOKEN}\r\n毛",
    ]
)


@pytest.fixture(autouse=True)
def logged() -> Iterator[StringIO]:
    """All that any logger says."""
    stream = StringIO()
    handler = logging.StreamHandler(stream)
    root = logging.getLogger()
    root.addHandler(handler)
    level = root.level
    root.setLevel(logging.DEBUG)
    yield stream
    root.removeHandler(handler)
    root.setLevel(level)
    assert TOKEN not in stream.getvalue()


class Raws:
    """What readers hand to the normaliser."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.seen: list[raw.Raw] = []
        for module in (json_format, protobuf, paxlst, pnrgov):
            normalise = module.normalise

            def spied(found: raw.Raw, where: Any, normalise: Any = normalise) -> Manifest:
                self.seen.append(found)
                read: Manifest = normalise(found, where)
                return read

            patch.setattr(module, "normalise", spied)


def outputs(read: Manifest | Pnr) -> str:
    manifest = read.manifest if isinstance(read, Pnr) else read
    told = [getattr(manifest, name).with_columns(cs.list().list.join(" ")).write_csv() for name in frames.SCHEMAS]
    if isinstance(read, Pnr):
        told += [getattr(read, name).write_csv() for name in pnr_frames.SCHEMAS] + [repr(dict(read.dropped))]
    return "\n".join([*told, json.dumps(to_json(manifest))])


def of_json(text: str, at: int) -> Manifest:
    person: dict[str, Any] = {"ref": "1", "surname": "DOE", "given": "JANE", "dob": "1978-07-06"}
    flight: dict[str, Any] = {"carrier": "AC", "number": "872", "travellers": [person]}
    places: list[tuple[dict[str, Any], str, Any]] = [
        (person, "special_meal", text),
        (person, text, 1),
        (person, "documents", text),
        (person, "sex", {"remark": text}),
        (person, "documents", [text]),
        (flight, "remarks", [text]),
        (person, "nationality", [text]),
    ]
    holder, name, value = places[at % len(places)]
    holder[name] = value
    return json_format.from_json(json.dumps({"flights": [flight]}).encode())


def of_protobuf(text: str, at: int) -> Manifest:
    """A field that the contract does not have."""
    request = pb.ScreenManifestRequest(flight=pb.Flight(carrier="AC"), travellers=pb.TravellerColumns(ref=["1"], surname=["DOE"]))
    sent = text.encode()[:100]
    field = bytes([0x92 + 8 * (at % 3), 0x7D, len(sent)]) + sent  # numbers 2002 to 2004, length-delimited
    return protobuf.manifest_of(pb.ScreenManifestRequest.FromString(request.SerializeToString() + field), KEY)


def of_paxlst(text: str, at: int) -> Manifest:
    lines: list[Line] = [
        ("FTX", "SPML", "", "", text),
        ("FTX", "BAG", "", "", text),
        ("SSR", ("AVML", text), text),
        ("ATT", "99", "", text),
        ("GEI", "4", text),
        ("IFT", ("4", "28"), text),
        (f"{TOKEN}X", text),
        ("RFF", ("XYZ", text)),
        ("NAT", "9", "", text),
    ]
    line = lines[at % len(lines)]
    data = messages.interchange(messages.paxlst([*messages.passenger("DOE", ref="1"), line], messages.passenger("ROE", ref="2")))
    if at % 5 == 0:
        data += text.encode()  # after UNZ
    if at % 7 == 0:
        data = data[: data.index(b"UNT")] + text.encode()  # cut off within the line
    return paxlst.read(data).manifest


def of_pnrgov(text: str, at: int) -> Pnr:
    lines: list[Line] = [
        *(pnrs.ssr(code, text, "1") for code in ("MOML", "WCHR", "MEDA", "OTHS", "PCTC", "XXXX", "ADTK")),
        pnrs.ssr("MOML", text, "1", status="HX"),
        ("IFT", ("4", "28", "", "YY"), text),
        ("IFT", ("4", "15", "9"), text, text),
        ("IFT", ("4", "28", "", "YY"), "CTCE", text),
        ("IFT", ("4", "28", "", "YY"), f"CTCM {TOKEN}"),
        pnrs.ssr("CTCE", f"{TOKEN} AT HOME", "1"),
        ("LTS", text),
        ("FAR", "N", "", "", "", "", text),
        ("FTI", ("AC", "1", "", "", text)),
        ("SAC", "", "", text),
        ("TVL", ("150126", "1400"), "FRA", "YYZ", "AC", ("872", "B"), "", text),
        pnrs.ssr("FOID", f"FF{TOKEN}", "1"),
        pnrs.ssr("DOCA", f"{TOKEN} WITHOUT A KIND", "1"),
        pnrs.ssr("UMNR", f"{TOKEN} IS ILL", "1"),
        pnrs.ssr("CHLD", f"{TOKEN} IS ILL", "1"),
        ("FOP", ("CC", "", "", "VI", f"XX{TOKEN}", "0211")),
        ("ORG", ("AC", "FRA"), "", "", "", "A", "", text),
        (f"{TOKEN}X", text),
    ]
    line = lines[at % len(lines)]
    people = [pnrs.traveller("DOE", "JANE"), line, pnrs.traveller("ROE", "RICHARD", "2")]
    history: list[Line] = [("ABI", "1"), ("DAT", ("T", "090126", "0800")), ("SAC", "", "", "X"), line, ("IFT", ("4", "19"), text)]
    data = pnrs.interchange(pnrs.pnrgov(pnrs.booking(line, *people, *history)))
    if at % 5 == 0:
        data += text.encode()
    if at % 7 == 0:
        data = data[: data.index(b"UNT")] + text.encode()
    return pnrgov.read(data, KEY)


@pytest.mark.parametrize("reader", [of_json, of_protobuf, of_paxlst, of_pnrgov], ids=lambda reader: reader.__name__)
def test_what_is_left_out_stands_in_no_output(reader: Any) -> None:
    @settings(deadline=None, max_examples=150)
    @given(texts, st.integers(0, 104))
    def planted(text: str, at: int) -> None:
        with pytest.MonkeyPatch.context() as patch:
            raws = Raws(patch)
            try:
                told = outputs(reader(text, at))
            except InputError as error:
                told = "\n".join(error.faults)
            assert TOKEN not in told
            assert all(TOKEN not in repr(found) for found in raws.seen)

    planted()


@pytest.mark.parametrize("title", ["REV", "RABBI", "Rev.", "MONSIGNOR"])
def test_titles_of_religion_are_dropped_by_every_reader(title: str) -> None:
    name = f"JOHN {title}"
    request = pb.ScreenTravellerRequest(
        flight=pb.Flight(carrier="AC"), traveller=pb.Traveller(ref="1", surname="DOE", given=name), booking=pb.Booking()
    )
    form = {"flights": [{"travellers": [{"ref": "1", "surname": "DOE", "given": name}]}]}
    read = [
        json_format.from_json(json.dumps(form).encode()),
        protobuf.manifest_of(request, KEY),
        paxlst.read(messages.interchange(messages.paxlst(messages.passenger("DOE", name)))).manifest,
        pnrgov.read(pnrs.interchange(pnrs.pnrgov(pnrs.booking(pnrs.traveller("DOE", name))))).manifest,
    ]
    assert [manifest.travellers["given"][0] for manifest in read] == ["JOHN"] * 4


def test_a_title_that_is_all_there_is_is_a_name() -> None:
    assert sensitive.untitled(["REV", None, "", "TREVOR REVA", "ANNA  MARIA"]) == (
        ["REV", None, "", "TREVOR REVA", "ANNA MARIA"],
        0,
    )
    assert sensitive.untitled(["JOHN", "REV JOHN"]) == (["JOHN", "JOHN"], 1)


def test_what_is_left_out_is_counted_by_kind() -> None:
    lines = (pnrs.ssr("AVML"), pnrs.ssr("WCHR"), ("IFT", ("4", "28"), "VIP"), pnrs.traveller("DOE", "JOHN RABBI"))
    pnr = pnrgov.read(pnrs.interchange(pnrs.pnrgov(pnrs.booking(*lines))))
    assert pnr.dropped == {"special_service": 2, "remark": 1, "title": 1}


def test_contacts_and_travel_documents_are_kept() -> None:
    assert all(map(sensitive.kept_service, ("DOCS", "DOCO", "DOCA", "CTCE", "CTCM", "UMNR", "INFT", "CHLD", "FOID")))
    assert not any(map(sensitive.kept_service, ("AVML", "MOML", "WCHR", "MEDA", "BLND", "PETC", "OTHS", "")))
    assert (sensitive.contact_code(" ctce A//B"), sensitive.contact_code("CLERGY")) == ("CTCE", "")
