"""What is different between two sets of lookouts, against a comparison row by row."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.watchlists.conftest import AT, lookout
from watchlists.diff import FIELDS, compare
from watchlists.lookouts import frame

rows = st.lists(
    st.builds(
        lambda source, entry_id, **values: lookout(entry_id, values.pop("name"), source=source, **values),
        source=st.sampled_from(["a", "b"]),
        entry_id=st.sampled_from(["1", "2", "3"]),
        name=st.sampled_from(["DOE", "ROE"]),
        dobs=st.sampled_from([[], ["1970"], ["1970", "1971"]]),
        documents=st.sampled_from(
            [[], [{"type": None, "number": "1", "issuer": None}], [{"type": "P", "number": "1", "issuer": None}]]
        ),
        valid_until=st.sampled_from([None, AT]),
        category=st.sampled_from(["sanctions", "war_crimes"]),
    ),
    max_size=6,
    unique_by=lambda row: (row["source"], row["entry_id"]),
)


def keyed(values: list[dict[str, Any]]) -> dict[tuple[str, str], dict[str, Any]]:
    return {(row["source"], row["entry_id"]): row for row in values}


@given(rows, rows)
def test_every_entry_is_added_removed_changed_or_unchanged(before: list[dict[str, Any]], after: list[dict[str, Any]]) -> None:
    was, now = keyed(before), keyed(after)
    found = compare(frame(before), frame(after))
    told = {(entry["source"], entry["entry_id"]): entry for entry in found.entries()}
    assert list(told) == sorted(told)
    for key in was.keys() | now.keys():
        if key not in was or key not in now:
            assert told[key]["change"] == ("added" if key in now else "removed")
            assert told[key]["fields"] == []
        elif was[key] == now[key]:
            assert key not in told
        else:
            assert told[key]["change"] == "changed"
            assert told[key]["fields"] == [
                {"field": name, "before": was[key][name], "after": now[key][name]}
                for name in FIELDS
                if was[key][name] != now[key][name]
            ]
    assert bool(found) == (was != now)
    counts, fields = found.counts(), found.changed_fields()
    assert counts.keys() == {source for source, _ in was.keys() | now.keys()}
    for source in counts:
        of = [entry for (of, _), entry in told.items() if of == source]
        assert {kind: sum(entry["change"] == kind for entry in of) for kind in ("added", "removed", "changed")} == {
            kind: counts[source][kind] for kind in ("added", "removed", "changed")
        }
        assert counts[source]["unchanged"] == sum(was.get(key) == row for key, row in now.items() if key[0] == source)
        for name in FIELDS:
            changed = sum(part["field"] == name for entry in of for part in entry["fields"])
            assert fields.get(source, {}).get(name, 0) == changed


def test_the_order_of_lookouts_does_not_matter() -> None:
    some = frame([lookout(str(number), f"NAME {number}") for number in range(50)])
    assert not compare(some, some.sample(fraction=1.0, shuffle=True, seed=7))
    assert compare(some, some.head(0)).removed.height == 50
