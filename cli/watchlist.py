"""`forepost watchlist`: bring lists into a snapshot, try it on files, look at it."""

import sys
from collections import Counter
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import orjson
import typer

from cli import csv_files, watchlist_entries
from manifests.errors import InputError

if TYPE_CHECKING:
    from watchlists.lookouts import Imported, Skipped
    from watchlists.sources.lost_documents import LeftOut

app = typer.Typer(help="Lists of lookouts: import them into a snapshot, match and score files, show what a snapshot holds.")

app.command("diff")(watchlist_entries.diff)
app.command("search")(watchlist_entries.search)

SnapshotFolder = Annotated[Path, typer.Option("--snapshot", help="Folder of the snapshot.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
OutFile = Annotated[Path, typer.Option("--out", help="CSV file to write, - for standard output.")]
_EXAMPLES = 5


@app.command("import")
def import_lists(
    snapshot: SnapshotFolder,
    ofac: Annotated[list[Path] | None, typer.Option(help="OFAC SDN.CSV; again for ALT.CSV.")] = None,
    un: Annotated[Path | None, typer.Option(help="UN consolidated list, XML.")] = None,
    csv: Annotated[list[Path] | None, typer.Option(help="Lookouts as CSV with a header line.")] = None,
    mapping: Annotated[Path | None, typer.Option(help="YAML that says which columns of the CSV hold what.")] = None,
    opensanctions: Annotated[Path | None, typer.Option(help="OpenSanctions' targets.simple.csv.")] = None,
    documents: Annotated[
        Path | None, typer.Option(help="Lost and stolen documents, CSV or Parquet: number, issuer, perhaps type.")
    ] = None,
    authority: Annotated[str | None, typer.Option(help="Who is answerable for the lookouts of a CSV that does not say.")] = None,
    purpose: Annotated[str | None, typer.Option(help="Why they are listed.")] = None,
    category: Annotated[str | None, typer.Option(help="Category of the lookouts.")] = None,
    action: Annotated[str | None, typer.Option(help="What a match asks for: stop_before_boarding, examine_on_arrival, …")] = None,
    as_json: AsJson = False,
) -> None:
    """Import lists; each takes the place of what the snapshot held of its source. Rows that cannot be used are told."""
    from watchlists import lost_build
    from watchlists.refresh import refresh
    from watchlists.sources import generic_csv, lost_documents
    from watchlists.sources import mapping as mappings
    from watchlists.sources import ofac as ofac_list
    from watchlists.sources import opensanctions as opensanctions_list
    from watchlists.sources import un as un_list

    defaults = generic_csv.checked(authority, purpose, category, action)
    if not (ofac or un or csv or opensanctions or documents):
        raise InputError("nothing to import: give --ofac, --un, --csv, --opensanctions or --documents")
    if mapping and not csv:
        raise InputError(f"--mapping {mapping}: there is no CSV that it could be of: give --csv as well")
    left_out, lost = lost_documents.LeftOut(), None
    if documents:
        if not (authority and purpose):
            missing = [f"--{name}" for name, value in (("authority", authority), ("purpose", purpose)) if not value]
            raise InputError(f"{documents}: lost documents need {' and '.join(missing)}: say who reports them and why")
        batches = lost_documents.read(documents, left_out)
        lost = partial(lost_build.write, batches=batches, authority=authority, purpose=purpose)
    lists: list[Imported] = []
    if ofac:
        lists.append(generic_csv.overridden(ofac_list.read(ofac), defaults))
    if un:
        lists.append(generic_csv.overridden(un_list.read(un), defaults))
    layout = mappings.load(mapping) if mapping else None
    for file in csv or []:
        lists.extend(generic_csv.read(file, defaults, layout))
    if opensanctions:
        lists.append(generic_csv.overridden(opensanctions_list.read(opensanctions), defaults))
    twice = [source for source, count in Counter(read.source for read in lists).items() if count > 1]
    if twice:
        raise InputError([f"source {source}: comes from two files: name the sources apart or join the files" for source in twice])
    opened, difference = refresh(snapshot, lists, lost)
    sources: dict[str, dict[str, Any]] = {
        read.source: {"individuals": read.lookouts.height, "aliases": read.aliases, "skipped": _summary(read.skipped)}
        for read in lists
    }
    held = opened.lost.documents if opened.lost else 0
    skipped = _counted(left_out)
    if as_json:
        facts = {"sources": sources, "snapshot": opened.hash, "lookouts": sum(opened.sources.values())}
        facts |= {"difference": difference.counts(), "changed_fields": difference.changed_fields()}
        _print_json(
            facts
            | ({"lost_documents": {"documents": held, "duplicates": left_out.kept - held, "skipped": skipped}} if lost else {})
        )
        return
    for source, told in sources.items():
        print(f"{source}: {told['individuals']} individuals, {told['aliases']} aliases")
        _print_left_out(told["skipped"])
    if lost:
        print(f"lost documents: {held}, and {left_out.kept - held} rows that repeat one of them")
        _print_left_out(skipped)
    watchlist_entries.print_difference(difference.counts(), difference.changed_fields())
    print(f"snapshot {opened.hash[:12]} holds {sum(opened.sources.values())} lookouts")


@app.command()
def compact(snapshot: SnapshotFolder, as_json: AsJson = False) -> None:
    """Fold lookouts that came or changed since the last import into one index; servers go on meanwhile. Matches stay equal."""
    from watchlists import snapshot as snapshots

    before = snapshots.Snapshot.open(snapshot)
    after = snapshots.compact(snapshot)
    folded, held = before.added.height, sum(after.sources.values())
    if as_json:
        _print_json({"folded": folded, "snapshot": after.hash, "lookouts": held})
    else:
        print(f"folded {folded} lookouts: snapshot {after.hash[:12]} holds {held} lookouts")


@app.command("match")
def match_queries(
    queries: Annotated[
        Path,
        typer.Argument(help="CSV, - for standard input: id, name (or surname, given), dob, nationality, birthplace, document."),
    ],
    snapshot: SnapshotFolder,
    out: OutFile,
    prior: Annotated[float, typer.Option(help="Share of travellers that are on a list, before any evidence.")] = 1e-5,
    explain: Annotated[bool, typer.Option(help="Print each match with its evidence as well.")] = False,
    language: Annotated[Literal["en", "fr"], typer.Option(help="Language of --explain.")] = "en",
    as_json: AsJson = False,
) -> None:
    """Match names of a file against a snapshot: id, entry_id, source, log_odds, probability, evidence."""
    from watchlists import files, prose, score
    from watchlists.snapshot import Snapshot

    opened = Snapshot.open(snapshot)
    spread = score.spread(_probability(prior), opened.sources)
    matched = matches = 0
    with csv_files.Answers(queries, out) as answers, csv_files.opened(queries) as file:
        for found in answers.written(files.match_file(file, str(queries), opened, spread, datetime.now(UTC))):
            matched += found["id"].n_unique()
            matches += found.height
            for row in found.iter_rows(named=True) if explain else ():
                answers.show(f"{row['id']} {row['entry_id']} log-odds {row['log_odds']:.2f} probability {row['probability']:.3g}")
                for told in prose.sentences(orjson.loads(row["evidence"]), language):
                    answers.show(f"  {told}")
    answers.summary({"queries_matched": matched, "matches": matches}, as_json)


@app.command("score")
def score_pairs(
    pairs: Annotated[
        Path, typer.Argument(help="CSV, - for standard input: left_name, right_name, perhaps left_ and right_dob, _country.")
    ],
    out: OutFile,
    prior: Annotated[float, typer.Option(help="Probability that a pair is one person, before any evidence.")] = 0.5,
    as_json: AsJson = False,
) -> None:
    """Score pairs of names: the columns of the file, then log_odds and probability."""
    from watchlists import files

    count = 0
    with csv_files.Answers(pairs, out) as answers, csv_files.opened(pairs) as file:
        for scored in answers.written(files.score_file(file, str(pairs), _probability(prior))):
            count += scored.height
    answers.summary({"pairs": count}, as_json)


@app.command()
def info(snapshot: SnapshotFolder, as_json: AsJson = False) -> None:
    """Show what a snapshot holds, after proving its files."""
    from watchlists.snapshot import Snapshot

    opened = Snapshot.open(snapshot)
    facts = {
        "hash": opened.hash,
        "sources": dict(opened.sources),
        "lookouts": opened.entries.height,
        "names": sum(segment.frames.names.height for segment in opened.segments),
        "documents": sum(segment.frames.documents.height for segment in opened.segments),
        "lost_documents": opened.lost.documents if opened.lost else 0,
    }
    if as_json:
        _print_json(facts)
        return
    for name, value in facts.items():
        print(f"{name}: {', '.join(f'{key} {count}' for key, count in value.items()) if isinstance(value, dict) else value}")


def _summary(skipped: "tuple[Skipped, ...]") -> list[dict[str, Any]]:
    """What was left out, by problem, with a few examples."""
    groups: dict[str, list[Skipped]] = {}
    for skip in skipped:
        groups.setdefault(skip.problem, []).append(skip)
    return [
        {
            "problem": problem,
            "count": len(group),
            "examples": [{"file": skip.file, "line": skip.line, "value": skip.value} for skip in group[:_EXAMPLES]],
        }
        for problem, group in groups.items()
    ]


def _counted(left_out: "LeftOut") -> list[dict[str, Any]]:
    """The same of what is too much to be kept row by row."""
    return [
        {**group, "count": left_out.counts[group["problem"]]}
        for shown in left_out.examples.values()
        for group in _summary(tuple(shown))
    ]


def _print_left_out(groups: list[dict[str, Any]]) -> None:
    for group in groups:
        print(f"  left out {group['count']}: {group['problem']}")
        for example in group["examples"]:
            print(f"    {example['file']}:{example['line']}: {example['value']}")


def _probability(value: float) -> float:
    if not 0.0 < value < 1.0:
        raise InputError(f"--prior {value:g}: is not between 0 and 1: ten travellers per million are 0.00001")
    return value


def _print_json(value: Any) -> None:
    sys.stdout.write(orjson.dumps(value).decode() + "\n")
