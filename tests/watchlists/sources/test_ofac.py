from pathlib import Path

import pytest

from watchlists.lookouts import SnapshotError
from watchlists.sources import ofac

NULLS = ",".join(["-0- "] * 7)
REMARKS = (
    "DOB 22 Nov 1958; alt. DOB circa 1960; alt. DOB Sep 1961; POB Old  City, Kabul; alt. POB Herat; "
    "nationality Korea, North; citizen Iran; "
    "Passport E 194-742 (Iran) issued 06 Nov 1990 expires 13 Sep 1995; National ID No. 0827944500 (Iran); Tax ID No. 5; "
    "a.k.a. 'ABU-'UMAR'; Linked To: SOME GROUP."
)
SDN = f"""101,"DOE, John Adam","individual","SDGT] [IRGC",-0- ,{NULLS[:-5]},"{REMARKS}"
102,"SHIP ONE","vessel","CUBA",-0- ,{NULLS[:-5]},-0-
103,"ROE, Jane","individual","SDNTK",-0- ,{NULLS[:-5]},"DOB sometime."
103,"ROE, Jane","individual","SDNTK",-0- ,{NULLS[:-5]},-0-
broken,row
104,-0- ,"individual","SDNTK",-0- ,{NULLS[:-5]},-0-
\x1a
"""
ALT = """101,1,"aka","DOE, Johnny",-0-
102,2,"aka","SHIP 1",-0-
999,3,"aka","NOBODY",-0-
"""


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    sdn, alt = tmp_path / "sdn.csv", tmp_path / "alt.csv"
    sdn.write_text(SDN)
    alt.write_text(ALT)
    return [alt, sdn]


def test_individuals_come_with_what_their_remarks_say(files: list[Path]) -> None:
    read = ofac.read(files)
    assert read.lookouts["entry_id"].to_list() == ["OFAC-101", "OFAC-103"]
    person = read.lookouts.row(0, named=True)
    assert person["name"] == "DOE, John Adam"
    assert person["aliases"] == ["DOE, Johnny"]
    assert person["weak_aliases"] == ["ABU-'UMAR"]
    assert person["dobs"] == ["1958-11-22", "1958/1962", "1961-09"]
    assert person["countries"] == ["PRK", "IRN"]
    assert person["birthplaces"] == ["Old City, Kabul", "Herat"]
    assert person["documents"] == [
        {"type": "P", "number": "E194742", "issuer": "IRN"},
        {"type": "I", "number": "0827944500", "issuer": "IRN"},
    ]
    assert (person["authority"], person["category"], person["action"]) == (
        "US Treasury OFAC",
        "national_security",
        "examine_on_arrival",
    )
    assert read.lookouts["category"][1] == "organised_crime"


def test_what_cannot_be_used_is_told_with_its_line_and_the_rest_kept(files: list[Path]) -> None:
    told = {(Path(skip.file).name, skip.line, skip.value): skip.problem for skip in ofac.read(files).skipped}
    assert set(told) == {
        ("sdn.csv", 3, "DOB sometime"),
        ("sdn.csv", 4, "103"),
        ("sdn.csv", 5, "broken,row"),
        ("sdn.csv", 6, "104"),
        ("alt.csv", 3, "999 NOBODY"),
    }
    assert "no primary" in told["alt.csv", 3, "999 NOBODY"]


def test_a_file_of_another_kind_is_refused_by_name(tmp_path: Path, files: list[Path]) -> None:
    other = tmp_path / "other.txt"
    other.write_bytes(b"\x00\x01hello\n")
    with pytest.raises(SnapshotError, match=r"other\.txt.*not an OFAC list"):
        ofac.read([*files, other])
    with pytest.raises(SnapshotError, match=r"SDN file .* is missing"):
        ofac.read(files[:1])
    with pytest.raises(SnapshotError, match="more than one SDN"):
        ofac.read([files[1], _copy(files[1])])
    with pytest.raises(SnapshotError, match="No such file"):
        ofac.read([tmp_path / "absent.csv"])


def _copy(file: Path) -> Path:
    twin = file.with_name("again.csv")
    twin.write_text(file.read_text())
    return twin
