"""What is different between two sets of lookouts: which came, which went, and which fields of the others changed.

Lookouts are the same by source and entry_id. The two sets are joined on these alone; whether the rest of a row is equal is
told by a 64-bit hash of its text (that two different texts share one has a chance of 5e-20), and only the rows that
changed are compared field by field: a million lookouts take seconds.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import polars as pl

from watchlists.lookouts import LOOKOUTS, Imported
from watchlists.snapshot import KEY, Snapshot

FIELDS: Final = tuple(name for name in LOOKOUTS if name not in KEY)


@dataclass(frozen=True)
class Difference:
    """LOOKOUTS that were `added` and `removed`, and that changed, row by row as they were `before` and are `after`;
    `unchanged`: how many lookouts of each source stayed as they were."""

    added: pl.DataFrame
    removed: pl.DataFrame
    before: pl.DataFrame
    after: pl.DataFrame
    unchanged: Mapping[str, int]

    def __bool__(self) -> bool:
        return bool(self.added.height or self.removed.height or self.after.height)

    def counts(self) -> dict[str, dict[str, int]]:
        """By source: how many were added, removed, changed, unchanged."""
        kinds = {"added": self.added, "removed": self.removed, "changed": self.after}
        found = {kind: dict(frame["source"].value_counts().iter_rows()) for kind, frame in kinds.items()}
        found["unchanged"] = dict(self.unchanged)
        sources = sorted({source for counts in found.values() for source in counts})
        return {source: {kind: counts.get(source, 0) for kind, counts in found.items()} for source in sources}

    def changed_fields(self) -> dict[str, dict[str, int]]:
        """By source: in how many lookouts each field changed; fields that did not are left out."""
        changed = pl.DataFrame({"source": self.after["source"], **{name: self._changed(name) for name in FIELDS}})
        return {
            row.pop("source"): {name: count for name, count in row.items() if count}
            for row in changed.group_by("source").sum().sort("source").iter_rows(named=True)
        }

    def entries(self) -> Iterator[dict[str, Any]]:
        """One lookout after another by source and entry_id: source, entry_id, name, change (added, removed, changed), and
        fields: the field, its value before and after."""
        changed = {name: self._changed(name) for name in FIELDS}
        found = []
        for change, frame in (("added", self.added), ("removed", self.removed), ("changed", self.after)):
            found += [(*key, name, change, row) for row, (*key, name) in enumerate(frame.select(*KEY, "name").iter_rows())]
        for source, entry_id, name, change, row in sorted(found):
            fields = [field for field in FIELDS if change == "changed" and changed[field][row]]
            yield {
                "source": source,
                "entry_id": entry_id,
                "name": name,
                "change": change,
                "fields": [
                    {"field": field, "before": _plain(self.before[field][row]), "after": _plain(self.after[field][row])}
                    for field in fields
                ],
            }

    def _changed(self, name: str) -> pl.Series:
        return self.before[name].ne_missing(self.after[name])


def compare(before: pl.DataFrame, after: pl.DataFrame) -> Difference:
    """The difference of two sets of lookouts (LOOKOUTS, each KEY once)."""
    was, now = _keys(before, "was"), _keys(after, "now")
    both = was.join(now, on=KEY, how="inner", suffix="_now").sort("was")
    changed = both.filter(pl.col("text") != pl.col("text_now"))
    unchanged = both.filter(pl.col("text") == pl.col("text_now"))["source"].value_counts()
    return Difference(
        added=after[now.join(both, on="now", how="anti")["now"]],
        removed=before[was.join(both, on="was", how="anti")["was"]],
        before=before[changed["was"]],
        after=after[changed["now"]],
        unchanged=dict(unchanged.iter_rows()),
    )


def of_lists(held: Snapshot | None, lists: Sequence[Imported]) -> Difference:
    """What putting the lists into a snapshot changes, each in place of what it holds of the same source."""
    empty = pl.DataFrame(schema=LOOKOUTS)
    before = [held.of_source(read.source) for read in lists] if held else []
    return compare(pl.concat([empty, *before]), pl.concat([empty, *(read.lookouts for read in lists)]))


def _keys(lookouts: pl.DataFrame, number: str) -> pl.DataFrame:
    text = pl.struct(FIELDS).struct.json_encode().hash(0)
    return lookouts.select(*KEY, text=text).with_row_index(number)


def _plain(value: Any) -> Any:
    return value.to_list() if isinstance(value, pl.Series) else value
