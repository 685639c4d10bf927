from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchlists.lookouts import SnapshotError
from watchlists.sources import generic_csv, mapping
from watchlists.sources.generic_csv import Defaults

MAPPING = """
file: {encoding: latin-1, delimiter: ";", separator: "|"}
fields:
  id: REF
  source: {constant: gendarmerie}
  surname: NOM
  given: [PRENOM_1, prenom_2]
  aliases: [ALIAS_1, ALIAS_2]
  weak_aliases: SURNOM
  dob: {column: NAISSANCE, formats: ["%d/%m/%Y", "%m/%Y"]}
  country: {column: NATIONALITE, values: {Holl.: Netherlands}, constant: FRA}
  birthplace: {columns: [VILLE, PAYS], join: ", "}
  documents:
    - {number: PASSEPORT, type: {constant: P}, issuer: PAYS_PASSEPORT}
    - {number: CARTE, type: {column: GENRE, values: {CNI: I}}}
  authority: {column: SERVICE, constant: Police nationale}
  purpose: MOTIF
  category: {column: TYPE, values: {M: warrant_or_removal_order}, constant: organised_crime}
  action: {constant: notify_owner}
  valid_from: {column: DEBUT, formats: ["%d/%m/%Y %H:%M%z"]}
  valid_until: {column: FIN, formats: ["%d/%m/%Y"]}
"""
HEADER = (
    "ref;NOM;PRENOM_1;PRENOM_2;ALIAS_1;ALIAS_2;SURNOM;NAISSANCE;NATIONALITE;VILLE;PAYS;PASSEPORT;PAYS_PASSEPORT;CARTE;GENRE;"
    "SERVICE;MOTIF;TYPE;DEBUT;FIN;AUTRE\n"
)
ROWS = (
    "7;Lefèvre;Zoé;Ann  Marie;Le Fevre|La Fèvre;Z. Lefèvre;Zaza;02/03/1970|1971|04/1972;Holl.|BEL;Liège;Belgique;"
    "AB-12|CD34;BE;99 1;CNI;;fraude;M;01/02/2026 09:30+0100;31/12/2026;rien\n"
    '8;"Durand;\nfils";;;;;;31/02/1970;;Paris;;;;88;Carte;Douane;fraude;X;;32/12/2026;\n'
    "9;Petit;;;;;;;Atlantide;;;--;;88;Carte;Douane;fraude;;;;\n"
)


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    list_file, mapping_file = tmp_path / "liste.csv", tmp_path / "liste.yaml"
    list_file.write_text(HEADER + ROWS, encoding="latin-1")
    mapping_file.write_text(MAPPING)
    return list_file, mapping_file


def test_any_csv_is_read_as_its_mapping_says(files: tuple[Path, Path]) -> None:
    (read,) = generic_csv.read(files[0], Defaults(), mapping.load(files[1]))
    assert read.source == "gendarmerie"
    person = read.lookouts.row(0, named=True)
    assert (person["entry_id"], person["name"]) == ("7", "Lefèvre, Zoé Ann Marie")
    assert person["aliases"] == ["Le Fevre", "La Fèvre", "Z. Lefèvre"]
    assert person["weak_aliases"] == ["Zaza"]
    assert person["dobs"] == ["1970-03-02", "1971", "1972-04"]
    assert person["countries"] == ["NLD", "BEL"]
    assert person["birthplaces"] == ["Liège, Belgique"]
    assert person["documents"] == [
        {"type": "P", "number": "AB12", "issuer": "BEL"},
        {"type": "P", "number": "CD34", "issuer": "BEL"},
        {"type": "I", "number": "991", "issuer": None},
    ]
    assert (person["authority"], person["purpose"]) == ("Police nationale", "fraude")
    assert (person["category"], person["action"]) == ("warrant_or_removal_order", "notify_owner")
    assert str(person["valid_from"]) == "2026-02-01 08:30:00+00:00"
    assert str(person["valid_until"]) == "2027-01-01 00:00:00+00:00"


def test_what_the_mapping_cannot_make_sense_of_is_told_by_line(files: tuple[Path, Path]) -> None:
    (read,) = generic_csv.read(files[0], Defaults(), mapping.load(files[1]))
    assert read.lookouts["entry_id"].to_list() == ["7", "9"]
    petit = read.lookouts.row(1, named=True)
    assert (petit["countries"], petit["category"], petit["authority"]) == ([], "organised_crime", "Douane")
    assert petit["documents"] == [{"type": None, "number": "88", "issuer": None}]
    told = {(skip.line, skip.value): skip.problem for skip in read.skipped}
    assert set(told) == {(4, "X"), (4, "32/12/2026"), (5, "Atlantide"), (5, "--"), (5, "Carte")}
    assert "say under `values` which one is meant" in told[5, "Carte"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_the_encoding_is_the_one_that_the_mapping_names(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "l.csv").write_text("id\tname\n1\tZoé Müller\n", encoding=encoding)
    (tmp_path / "m.yaml").write_text(f'file: {{encoding: {encoding}, delimiter: "\\t"}}\nfields: {{id: id, name: name}}\n')
    (read,) = generic_csv.read(tmp_path / "l.csv", Defaults("a", "p", "sanctions"), mapping.load(tmp_path / "m.yaml"))
    assert read.lookouts["name"].to_list() == ["Zoé Müller"]


def test_another_encoding_than_the_file_is_in_is_told(tmp_path: Path) -> None:
    (tmp_path / "l.csv").write_text("id,name\n1,Zoé\n", encoding="latin-1")
    (tmp_path / "m.yaml").write_text("file: {encoding: utf-16}\nfields: {id: id, name: name}\n")
    with pytest.raises(SnapshotError, match="not readable as CSV in UTF-16"):
        generic_csv.read(tmp_path / "l.csv", Defaults("a", "p", "sanctions"), mapping.load(tmp_path / "m.yaml"))


def test_columns_that_are_not_there_are_told_together(files: tuple[Path, Path]) -> None:
    files[1].write_text("fields: {id: REFF, name: {columns: [NOM, X1]}, dob: [NAISSANCE], authority: SERVICE}\n")
    files[0].write_text((HEADER + ROWS).replace(";", ","))
    with pytest.raises(SnapshotError) as refused:
        generic_csv.read(files[0], Defaults(), mapping.load(files[1]))
    told = "\n".join(refused.value.faults)
    for said in ("no column reff for fields.id (did you mean ref?)", "no column x1 for fields.name", "--purpose", "--category"):
        assert said in told
    assert len(refused.value.faults) == 4


FAULTY = """
file: {encoding: klingon, delimiter: ";;", separator: "", quote: x}
fields:
  id: 7
  nmae: NAME
  dob: {column: B, formats: ["%d/%m/%y", "%d", "%d/%m/%Y %H"]}
  valid_until: {column: V, formats: ["%Y", "%d/%m/%Y %H:%M"]}
  aliases: {}
  country: {column: C, formats: ["%Y"]}
  category: {column: K, values: {A: crime}, constant: sanction}
  documents:
    - {number: N, text: T}
    - {type: {constant: Pass}}
    - 5
  purpose: null
other: 1
"""


def test_all_faults_of_a_mapping_are_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "m.yaml").write_text(FAULTY)
    with pytest.raises(SnapshotError) as refused:
        mapping.load(tmp_path / "m.yaml")
    faults = [fault.removeprefix(f"{tmp_path / 'm.yaml'}: ") for fault in refused.value.faults]
    for said in (
        "other: is not a key here",
        "file: quote: is not a key here",
        "file.encoding: klingon",
        "file.delimiter: ;;",
        "file.separator: is blank",
        "fields: nmae: is not a key here (did you mean name?)",
        "fields: id and name",
        "fields.id: 7: is not text",
        "fields.dob.formats: %d/%m/%y: %y is not read here: a two-digit year does not say the century",
        "fields.dob.formats: %d: is no whole date",
        "fields.dob.formats: %d/%m/%Y %H: %H is not read here",
        "fields.valid_until.formats: %Y: needs the day",
        "fields.valid_until.formats: %d/%m/%Y %H:%M: needs the day, and a time its offset",
        "fields.aliases: has neither a column nor a constant",
        "fields.country: formats: is not a key here",
        "fields.category: crime: is not one of",
        "fields.category: sanction: is not one of",
        "fields.documents[0]: give number",
        "fields.documents[1]: give number",
        "fields.documents[1].type: Pass: is not one of",
        "fields.documents[2]: 5: is not an object",
        "fields.purpose: None: is not text",
    ):
        assert [fault for fault in faults if said in fault], (said, faults)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is not an object"),
        (b"- 1\n", "is not an object"),
        (b"fields: {id: [", "not readable as YAML"),
        (b"fields: {id: a, id: b}", "key id stands twice"),
        (b"fields: {\xff: a}", "is not UTF-8"),
        (b"fields: {id: {constant: x}, name: n}", "fields.id: has no column"),
    ],
)
def test_a_file_that_is_no_mapping_is_refused(tmp_path: Path, content: bytes, said: str) -> None:
    (tmp_path / "m.yaml").write_bytes(content)
    with pytest.raises(SnapshotError, match=said):
        mapping.load(tmp_path / "m.yaml")
    with pytest.raises(SnapshotError, match="check the path"):
        mapping.load(tmp_path / "absent.yaml")


plain = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(), st.text(max_size=8), st.sampled_from(["id", "name", "column", "%d/%m/%Y"])
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(["file", "fields", "id", "name", "dob", "documents", "number", "column", "values", "formats", "x"]),
            inner,
            max_size=4,
        ),
    ),
    max_leaves=12,
)


@given(plain)
def test_no_yaml_value_ends_in_a_traceback(written: object) -> None:
    reading = mapping._Reading()
    read = reading.mapping(written)
    assert reading.faults or ("id" in read.fields and {"name", "surname"} & read.fields.keys())


def test_the_mapping_of_the_documentation_is_one(tmp_path: Path) -> None:
    text = (Path(__file__).parents[3] / "docs" / "watchlists.md").read_text("utf-8")
    (tmp_path / "m.yaml").write_text(text.split("```yaml\n")[1].split("```")[0])
    read = mapping.load(tmp_path / "m.yaml")
    assert read.fields["given"].columns == ("prenom_1", "prenom_2")
    assert (read.encoding, read.delimiter, read.separator) == ("latin-1", ";", "|")
