from pathlib import Path

from benchmarks.names import table

ROOT = Path(__file__).resolve().parent.parent.parent


def test_the_document_is_the_one_made_from_the_frozen_result() -> None:
    assert (ROOT / "docs" / "benchmarks-names.md").read_text() == table.document(table.frozen())


def test_differences_name_the_figure_and_both_values() -> None:
    before = {"ours": {"recall": 0.9, "cpu_ms": 5, "rows": [{"n": 1}, {"n": 2}]}, "peers": {"WRatio": 0.5}}
    after = {"ours": {"recall": 0.92, "cpu_ms": 9, "rows": [{"n": 1}, {"n": 3}]}}
    assert table.differences(before, after) == ["ours/recall: 0.9 -> 0.92", "ours/rows/1/n: 2 -> 3"]
    assert table.differences(before, before) == []


def test_less_than_a_thousandth_is_no_difference() -> None:
    assert table.differences({"f1": 0.8}, {"f1": 0.8005}) == []
    assert table.differences({"f1": 0.8}, {"f1": 0.81}) == ["f1: 0.8 -> 0.81"]


def test_a_list_of_another_length_differs() -> None:
    assert table.differences({"rows": [1]}, {"rows": [1, 2]}) == ["rows: [1] -> [1, 2]"]
