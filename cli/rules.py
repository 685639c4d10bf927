"""`forepost rules`: check a scenario pack before it acts, and read it as sentences."""

from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer

app = typer.Typer(help="Scenario packs.", no_args_is_help=True)

PackFile = Annotated[Path, typer.Argument(help="A scenario pack (YAML).", metavar="PACK")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.callback()
def group() -> None:
    """Scenario packs."""


@app.command()
def check(
    pack: PackFile,
    policy: Annotated[str | None, typer.Option("--policy", help="A policy whose limits apply: ca, a name or a file.")] = None,
    as_json: Json = False,
) -> None:
    """Report every fault of a pack with its line, scenarios that have expired included. Exit 2 when there is one."""
    import json
    import sys

    from rules.check import expiry_faults
    from rules.pack import PackError, load
    from scoring.policy import load as load_policy

    required = load_policy(policy).pnr_purposes_required if policy else False
    try:
        found = load(pack, pnr_purposes_required=required)
    except PackError as error:
        if as_json:
            print(json.dumps({"pack": str(pack), "faults": error.faults}, ensure_ascii=False))
        raise
    today = date.today()
    faults = [
        f"{pack}:{fault.line}: scenario {scenario.id}: {fault.problem}"
        for scenario in found.scenarios
        for fault in expiry_faults(scenario, today)
    ]
    values = {"pack": found.id, "version": found.version, "origin": found.origin, "hash": found.hash}
    if as_json:
        print(json.dumps({**values, "scenarios": len(found.scenarios), "faults": faults}, ensure_ascii=False))
    elif not faults:
        print(f"{found.id} {found.version} ({found.origin}, {found.hash[:12]}): {len(found.scenarios)} scenarios, no fault")
    if faults:
        if not as_json:
            print(*(f"forepost: {fault}" for fault in faults), sep="\n", file=sys.stderr)
        raise typer.Exit(2)


@app.command()
def explain(
    pack: PackFile,
    id: Annotated[str | None, typer.Argument(help="One scenario; without it, all.", metavar="ID")] = None,
    as_json: Json = False,
) -> None:
    """Print scenarios as sentences in English and French, each with its justification."""
    import json
    from difflib import get_close_matches

    from manifests.errors import InputError
    from rules.pack import load

    scenarios = load(pack).scenarios
    ids = [scenario.id for scenario in scenarios]
    if id is not None and id not in ids:
        close = get_close_matches(id, ids, n=1)
        raise InputError(f"{pack}: has no scenario {id}: {f'did you mean {close[0]}?' if close else 'it has ' + ', '.join(ids)}")
    values = [record(scenario) for scenario in scenarios if id in (None, scenario.id)]
    if as_json:
        print(json.dumps(values, ensure_ascii=False))
        return
    for value in values:
        print(f"{value['id']}  ({value['category']}, {value['lane']}, {value['kind']}, weight {value['weight']:g})")
        for language in ("en", "fr"):
            print(f"  {language}  {value['title'][language]}")
            print(f"      {value['sentence'][language]}")
        for name, shown in value["justification"].items():
            print(f"  {name}: {', '.join(shown) if isinstance(shown, list) else shown}")
        print(f"  valid {value['valid_from']} to {value['valid_until']}, purpose {value['purpose']}\n")


def record(scenario: Any) -> dict[str, Any]:
    """A scenario as plain values."""
    from rules.sentence import LANGUAGES, sentence

    why = scenario.justification
    return {
        "id": scenario.id,
        "title": {"en": scenario.title_en, "fr": scenario.title_fr},
        "description": {"en": scenario.description_en, "fr": scenario.description_fr},
        "sentence": {language: sentence(scenario, language) for language in LANGUAGES},
        "category": scenario.category,
        "lane": scenario.lane,
        "kind": scenario.kind,
        "weight": scenario.weight,
        "purpose": scenario.purpose,
        "reads_pnr": scenario.reads_pnr(),
        "features": list(scenario.features()),
        "valid_from": scenario.valid_from.isoformat(),
        "valid_until": scenario.valid_until.isoformat(),
        "justification": {
            "source_class": why.source_class,
            "source": why.source,
            "date": why.date.isoformat(),
            "reliability": why.reliability,
            "necessity": why.necessity,
            "proportionality": why.proportionality,
            "grounds": list(why.grounds),
            "author": why.author,
            "approver": why.approver,
            "rights_reviewer": why.rights_reviewer,
            "review_by": why.review_by.isoformat(),
        },
    }
