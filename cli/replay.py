"""forepost replay: screen a stored screening once more and compare."""

import sys
from typing import Annotated

import typer


def replay(
    screening: Annotated[
        list[str] | None,
        typer.Argument(help="Screening ids, or references of travellers; none: the latest ones.", metavar="[ID…]"),
    ] = None,
    latest: Annotated[int, typer.Option(help="How many of the latest to replay when no id is given.", min=1)] = 10,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Replay screenings from what the store and the kept artefacts hold; exit 1 when one differs on the same build.

    The store may be in use by a server. On another build the largest difference is reported.
    """
    import orjson

    from manifests.errors import InputError
    from referrals.replay import replay as replay_screening
    from service import settings
    from store import database
    from store.errors import NotFound
    from store.records import parse_reference

    state = settings.load().state
    results = []
    with database.open(f"sqlite:///{state / 'forepost.db'}", state / "keys.json", read_only=True) as store:
        for given in screening or store.screening_ids(latest):
            parsed = parse_reference(given)
            try:
                results.append(replay_screening(store, state / "artefacts", parsed[0] if parsed else given))
            except NotFound:
                raise InputError(
                    f"screening {given}: there is none in {state}; `forepost referrals list` names references"
                ) from None
    if json:
        rows = [
            {
                "screening": one.screening_id,
                "travellers": one.travellers,
                "exact": one.exact,
                "differing": one.differing,
                "largest_difference": one.largest,
                "same_build": one.same_build,
            }
            for one in results
        ]
        sys.stdout.buffer.write(orjson.dumps(rows, option=orjson.OPT_INDENT_2) + b"\n")
    else:
        for one in results:
            verdict = "exact" if one.exact else f"differs in {', '.join(one.differing)}, by {one.largest} at most"
            print(f"{one.screening_id}  {one.travellers} travellers  {verdict}{'' if one.same_build else '  (another build)'}")
    if any(not one.exact and one.same_build for one in results):
        sys.exit(1)
