"""The table of constants: complete, and rewritten without touching what people wrote."""

from importlib.resources import files

import yaml

from watchlists.kernels import Weights
from watchlists.tables import learn
from watchlists.weights import constants

TEXT = (files("watchlists.tables") / "weights.yaml").read_text()


def test_every_constant_says_what_it_means_and_where_it_comes_from() -> None:
    table = yaml.safe_load(TEXT)
    assert table["version"] >= 1
    for row in table["constants"].values():
        assert row["from"] in ("learned", "judgement", "arithmetic")
        assert row["means"]
        assert row["unit"]
    tables = {"substitution", "insertion", "variant_tokens", "variant_offsets", "variant_others", "variant_costs"}
    assert set(Weights._fields) - tables <= set(table["constants"])


def test_learning_rewrites_the_learned_values_and_nothing_else() -> None:
    assert learn.rewritten(TEXT, constants()) == TEXT
    moved = learn.rewritten(TEXT, {name: value + 1.5 for name, value in constants().items()})
    before, after = (yaml.safe_load(text)["constants"] for text in (TEXT, moved))
    for name, row in before.items():
        shift = 1.5 if row["from"] == "learned" else 0.0
        assert after[name] == row | {"value": row["value"] + shift}
