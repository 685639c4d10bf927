"""`forepost features`: what the indicators are, where each comes from and what it must not be used for."""

from typing import Annotated, Any

import typer

app = typer.Typer(help="The catalogue of features.", no_args_is_help=True)

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.callback()
def group() -> None:
    """The catalogue of features."""


@app.command("list")
def list_features(as_json: Json = False) -> None:
    """List every feature with its family, its origin and whether it may enter the model."""
    import json

    from features.catalogue import CATALOGUE

    if as_json:
        print(json.dumps([record(feature) for feature in CATALOGUE], ensure_ascii=False))
        return
    width = max(len(feature.id) for feature in CATALOGUE)
    for feature in CATALOGUE:
        model = "model" if feature.model else "-"
        print(f"{feature.id:{width}}  {feature.family:10}  {feature.data:7}  {feature.kind:6}  {model:5}  {feature.en_label}")
    print(f"{len(CATALOGUE)} features in {len({feature.family for feature in CATALOGUE})} families")


@app.command()
def explain(id: Annotated[str, typer.Argument(help="A feature of the list.")], as_json: Json = False) -> None:
    """Say what one feature means, in English and French."""
    import json
    from difflib import get_close_matches

    from features.catalogue import BY_ID
    from manifests.errors import InputError

    if id not in BY_ID:
        close = get_close_matches(id, BY_ID, n=1)
        hint = f"did you mean {close[0]}?" if close else "`forepost features list` shows all"
        raise InputError(f"{id} is not a feature: {hint}")
    values = record(BY_ID[id])
    if as_json:
        print(json.dumps(values, ensure_ascii=False))
        return
    width = max(len(name) for name in values)
    for name, value in values.items():
        shown = ", ".join(value) if isinstance(value, list) and name == "inputs" else value
        print(f"{name:{width}}  {'-' if shown in (None, '') else shown}")


def record(feature: Any) -> dict[str, Any]:
    """A feature's metadata as plain values."""
    return {
        "id": feature.id,
        "family": feature.family,
        "kind": feature.kind,
        "en_label": feature.en_label,
        "fr_label": feature.fr_label,
        "en_sentence": feature.en_sentence,
        "fr_sentence": feature.fr_sentence,
        "inputs": list(feature.inputs),
        "data": feature.data,
        "pnr": feature.pnr,
        "unit": feature.unit,
        "range": list(feature.range),
        "missing": feature.missing,
        "source": feature.source,
        "protected": feature.protected,
        "model": feature.model,
    }
