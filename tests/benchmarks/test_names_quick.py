"""The quality benchmark from end to end on the public data: that its figures hang together, not what they are."""

from pathlib import Path

import pytest

from benchmarks.names import data, peers, quality, table

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


def test_figures_of_ours_and_of_peers_hang_together(shared_data: Path) -> None:
    ours = quality.our_quality(shared_data, ["names", "dob_country"], print, drawn=0)
    others = peers.peer_quality(shared_data, True, 1.0, print)
    assert ours["unrelated"] == 9_880
    for name, figures in {"ours": ours, **others}.items():
        for setting in ("names", "dob_country"):
            rates = figures["recall"][setting]
            assert 0 < rates["1/1,000"]["recall"] <= rates["1/100"]["recall"] <= 1, name
            for row in rates.values():
                assert row["interval"][0] <= row["recall"] <= row["interval"][1], name
        for kind in ("pairs", "human_pairs"):
            assert figures[kind]["f1_elsewhere"] <= figures[kind]["f1"] <= 1, name
    for group in ("category", "culture"):
        related = sum(row["n"] for row in ours[group]["names"].values())
        assert related == data.passengers(shared_data, 0).frame["related"].sum(), group
    assert min(ours["cyrillic"][make]["n"] for make in ("rewritten", "genuine")) >= 300
    whole = {"targets": quality.targets(ours, others), "ours": ours, "peers": others}
    assert all(f"| {row['what']} |" in table.document({"quality": whole}) for row in whole["targets"])
