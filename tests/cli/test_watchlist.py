import json
import shutil
from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner, Result

from cli.main import app
from manifests.errors import InputError

LIST = (
    "id,name,dob,country,birthplace,doc\n"
    '1,"QUDDOOSHI, Zulmay",1962-04-23,AF,"Kandahar, Afghanistan",P:G1234567:AFG\n'
    '2,"DOE, Jonathan",,,,\n'
    "3,,,,,\n"
)
FLAGS = ["--authority", "Test authority", "--purpose", "test", "--category", "sanctions"]


def run(*arguments: str | Path) -> Result:
    result = CliRunner().invoke(app, ["watchlist", *map(str, arguments)])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


@pytest.fixture
def snapshot(tmp_path: Path) -> Path:
    (tmp_path / "list.csv").write_text(LIST)
    told = run("import", "--csv", tmp_path / "list.csv", "--snapshot", tmp_path / "s", *FLAGS, "--json")
    listed = json.loads(told.stdout)["sources"]["list"]
    assert listed["individuals"] == 2
    assert [(group["count"], group["examples"][0]["line"]) for group in listed["skipped"]] == [(1, 4)]
    return tmp_path / "s"


def test_a_list_without_authority_is_refused_and_leaves_no_snapshot(tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_text(LIST)
    with pytest.raises(InputError, match="--authority"):
        run("import", "--csv", tmp_path / "list.csv", "--snapshot", tmp_path / "s")
    with pytest.raises(InputError, match="nothing to import"):
        run("import", "--snapshot", tmp_path / "s")
    assert not (tmp_path / "s").exists()


def test_queries_are_matched_into_a_file_and_explained(snapshot: Path, tmp_path: Path) -> None:
    (tmp_path / "q.csv").write_text(
        "id,name,surname,given,dob,nationality,document,birthplace\n"
        "a,ZULMAI QUDOOSHI,,,1962-04-23,AFG,,KANDAHAR AFG\n"
        "b,,QUDDOOSHI,ZULMAY,1962-04-31,XX,,\n"
        "c,SOMEONE ELSE,,,,,g1234-567,\n"
        "d,,,,,,,\n"
    )
    told = run("match", tmp_path / "q.csv", "--snapshot", snapshot, "--out", tmp_path / "m.csv", "--explain")
    found = pl.read_csv(tmp_path / "m.csv")
    assert found.columns == ["id", "entry_id", "source", "log_odds", "probability", "evidence"]
    assert found["id"].to_list() == ["a", "b", "c"]
    assert found["entry_id"].unique().to_list() == [1]
    for row in found.iter_rows(named=True):
        parts = json.loads(row["evidence"])
        assert sum(part["log_odds"] for part in parts) == pytest.approx(row["log_odds"], abs=1e-9)
    assert "The date of birth 1962-04-23 agrees with the listed 1962-04-23" in told.stdout
    assert "The place of birth KANDAHAR AFG agrees with the listed Kandahar, Afghanistan" in told.stdout
    assert "line 3: dob 1962-04-31" in told.stderr
    assert "line 3: nationality XX" in told.stderr


def test_a_prior_moves_the_probability(snapshot: Path, tmp_path: Path) -> None:
    (tmp_path / "q.csv").write_text("id,name\na,ZULMAY QUDDOOSHI\n")
    seen = []
    for prior in ("0.000001", "0.01"):
        run("match", tmp_path / "q.csv", "--snapshot", snapshot, "--out", tmp_path / "m.csv", "--prior", prior)
        seen.append(pl.read_csv(tmp_path / "m.csv")["probability"].item())
    assert seen[0] < seen[1] < 1.0


def test_pairs_are_scored_in_their_order(tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text(
        "left_name,right_name,left_dob,right_dob,left_country,right_country,note\n"
        "Zulmay Quddooshi,QUDOOSHI ZULMAI,1962-04-23,1962-04-23,AF,AFG,one\n"
        "Zulmay Quddooshi,QUDOOSHI ZULMAI,,,,,two\n"
        "Zulmay Quddooshi,John Doe,1962-04-23,1962-04-23,AF,AFG,three\n"
        ",,,,,,four\n"
    )
    run("score", tmp_path / "p.csv", "--out", tmp_path / "s.csv")
    scored = pl.read_csv(tmp_path / "s.csv")
    assert scored["note"].to_list() == ["one", "two", "three", "four"]
    one, two, three, four = scored["log_odds"]
    assert one > two > 0 > three > four
    assert scored["probability"].max() < 1.0


def test_info_tells_what_a_snapshot_holds(snapshot: Path) -> None:
    facts = json.loads(run("info", "--snapshot", snapshot, "--json").stdout)
    assert (facts["sources"], facts["lookouts"], facts["documents"]) == ({"list": 2}, 2, 1)
    assert "list 2" in run("info", "--snapshot", snapshot).stdout


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "not readable as CSV"),
        ("name\nJohn\n", "needs the columns id"),
        ("id,dob\n1,1970\n", "needs the columns id, name or surname"),
    ],
)
def test_files_that_cannot_be_used_are_refused(snapshot: Path, tmp_path: Path, content: str, said: str) -> None:
    (tmp_path / "q.csv").write_text(content)
    with pytest.raises(InputError, match=said):
        run("match", tmp_path / "q.csv", "--snapshot", snapshot, "--out", tmp_path / "m.csv")


def test_paths_and_priors_that_cannot_be_used_are_refused(snapshot: Path, tmp_path: Path) -> None:
    (tmp_path / "q.csv").write_text("id,name\na,ZULMAY QUDDOOSHI\n")
    with pytest.raises(InputError, match="check the path"):
        run("match", tmp_path / "absent.csv", "--snapshot", snapshot, "--out", tmp_path / "m.csv")
    with pytest.raises(InputError, match="not between 0 and 1"):
        run("match", tmp_path / "q.csv", "--snapshot", snapshot, "--out", tmp_path / "m.csv", "--prior", "10")
    with pytest.raises(InputError, match="not a file that can be written"):
        run("match", tmp_path / "q.csv", "--snapshot", snapshot, "--out", tmp_path / "no" / "m.csv")
    with pytest.raises(InputError, match="no snapshot there"):
        run("info", "--snapshot", tmp_path / "absent")


def test_a_query_without_an_answer_of_its_own_is_told(snapshot: Path, tmp_path: Path) -> None:
    (tmp_path / "q.csv").write_text('id,name,document\na,"",\nb,DOE Jonathan,\nb,ZULMAI QUDOOSHI,\nc,"",G1234567\n')
    told = run("match", tmp_path / "q.csv", "--snapshot", snapshot, "--out", tmp_path / "out.csv")
    assert "line 2: id a: not matched" in told.stderr
    assert "line 4: id b: stands on an earlier line" in told.stderr
    assert "id c" not in told.stderr


def test_files_longer_than_a_batch_are_answered_in_order_and_bad_rows_are_told(tmp_path: Path) -> None:
    row = "Zulmay Quddooshi,QUDOOSHI ZULMAI,1962-04-23,1962-04-23\n"
    (tmp_path / "p.csv").write_text(
        "left_name,right_name,left_dob,right_dob\n" + row * 30_000 + "Only one\n" + row.replace("-23\n", "-31\n") + row
    )
    told = run("score", tmp_path / "p.csv", "--out", tmp_path / "s.csv", "--json")
    assert json.loads(told.stdout) == {"pairs": 30_002, "out": str(tmp_path / "s.csv"), "left_out": 2}
    assert "line 30002: left out, 1 values for 4 columns" in told.stderr
    assert "line 30003: right_dob 1962-04-31: taken as not given" in told.stderr
    scored = pl.read_csv(tmp_path / "s.csv")["log_odds"].to_list()
    assert set(scored[:30_000]) == {scored[-1]}
    assert scored[30_000] < scored[-1]


def test_standard_input_is_answered_on_standard_output(snapshot: Path, tmp_path: Path) -> None:
    asked = b"id,name,dob\na,ZULMAI QUDOOSHI,1962-04-23\nb,,\n"
    told = CliRunner().invoke(app, ["watchlist", "match", "-", "--snapshot", str(snapshot), "--out", "-"], input=asked)
    (tmp_path / "q.csv").write_bytes(asked)
    run("match", tmp_path / "q.csv", "--snapshot", snapshot, "--out", tmp_path / "m.csv")
    assert told.stdout == (tmp_path / "m.csv").read_text()
    assert "line 3: id b: not matched" in told.stderr
    with pytest.raises(InputError, match="is the file that is read"):
        run("match", tmp_path / "q.csv", "--snapshot", snapshot, "--out", tmp_path / "q.csv")


def test_a_file_without_rows_has_an_answer_without_rows(tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text("left_name,right_name\n")
    run("score", tmp_path / "p.csv", "--out", tmp_path / "s.csv")
    assert (tmp_path / "s.csv").read_text() == "left_name,right_name,log_odds,probability\n"


def test_an_import_says_what_it_changed_and_a_diff_says_it_entry_by_entry(snapshot: Path, tmp_path: Path) -> None:
    shutil.copytree(snapshot, tmp_path / "before")
    (tmp_path / "list.csv").write_text(LIST.replace("1962-04-23", "1962-04-24") + "9,New Person,,,,\n")
    again = ("import", "--csv", tmp_path / "list.csv", "--snapshot", snapshot, *FLAGS)
    told = json.loads(run(*again, "--json").stdout)
    assert told["difference"] == {"list": {"added": 1, "removed": 0, "changed": 1, "unchanged": 1}}
    assert told["changed_fields"] == {"list": {"dobs": 1}}
    found = json.loads(run("diff", tmp_path / "before", snapshot, "--json").stdout)
    assert found["difference"] == told["difference"]
    assert found["entries"] == [
        {
            "source": "list",
            "entry_id": "1",
            "name": "QUDDOOSHI, Zulmay",
            "change": "changed",
            "fields": [{"field": "dobs", "before": ["1962-04-23"], "after": ["1962-04-24"]}],
        },
        {"source": "list", "entry_id": "9", "name": "New Person", "change": "added", "fields": []},
    ]
    shown = run("diff", tmp_path / "before", snapshot).stdout
    assert "dobs: 1962-04-23 → 1962-04-24" in shown
    assert "list: 1 added, 0 removed, 1 changed, 1 unchanged (dobs 1)" in shown
    assert "0 added, 0 removed, 0 changed, 3 unchanged" in run(*again).stdout


def test_a_search_shows_who_matches_and_the_entry_of_an_id(snapshot: Path) -> None:
    told = run("search", "zulmai quddooshi", "--dob", "1962-04-23", "--snapshot", snapshot).stdout
    assert "list 1: QUDDOOSHI, Zulmay (log-odds" in told
    assert "ZULMAI ~ ZULMAY" in told
    assert "documents: P G1234567 AFG" in told
    (found,) = json.loads(run("search", "2", "--snapshot", snapshot, "--json").stdout)["found"]
    assert (found["name"], found["log_odds"]) == ("DOE, Jonathan", None)
    assert "no lookout in force matches" in run("search", "Xyz", "--snapshot", snapshot).stdout


def test_a_mapping_and_opensanctions_are_imported_beside_each_other(tmp_path: Path) -> None:
    (tmp_path / "own.csv").write_text("ref;who\n7;DOE John\n")
    (tmp_path / "own.yaml").write_text('file: {delimiter: ";"}\nfields: {id: ref, name: who}\n')
    (tmp_path / "targets.simple.csv").write_text(
        '"id","schema","name","aliases","birth_date","countries","addresses","identifiers","sanctions","phones","emails",'
        '"program_ids","dataset","first_seen","last_seen","last_change"\n'
        '"NK-1","Person","Jane Roe","","1970","ca","","","","","","US-IRAN","List","","",""\n'
    )
    files = (
        "--csv",
        tmp_path / "own.csv",
        "--mapping",
        tmp_path / "own.yaml",
        "--opensanctions",
        tmp_path / "targets.simple.csv",
    )
    told = json.loads(run("import", *files, "--snapshot", tmp_path / "s", *FLAGS, "--json").stdout)
    assert {name: of["individuals"] for name, of in told["sources"].items()} == {"own": 1, "opensanctions": 1}
    with pytest.raises(InputError, match="give --csv as well"):
        run("import", *files[2:], "--snapshot", tmp_path / "s", *FLAGS)
