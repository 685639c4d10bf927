"""Evidence in words: both values, the figure, both languages."""

import pytest

from watchlists import prose

FIELDS = (
    *("name", "name_together", "name_unmatched", "name_differs", "dob", "nationality"),
    *("birthplace", "birthplace_country", "document", "document_misread", "later"),
)


def row(field: str, log_odds: float, ours: str | None = "KHALED", theirs: str | None = "KHALID") -> dict[str, object]:
    return {"field": field, "traveller_value": ours, "lookout_value": theirs, "log_odds": log_odds}


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize("log_odds", [4.25, -4.25])
def test_every_row_is_a_sentence_in_both_languages_with_its_figure(field: str, log_odds: float) -> None:
    english, french = (prose.sentence(row(field, log_odds), language) for language in ("en", "fr"))
    assert f"({log_odds:+.1f})." in english
    assert f"({log_odds:+.1f}).".replace(".", ",", 1) in french
    assert english != french
    assert "{" not in english + french


def test_both_values_stand_in_the_sentence() -> None:
    assert prose.sentence(row("name", 4.2), "en") == (
        "KHALED in the traveller's name agrees with KHALID in the listed name (+4.2)."
    )
    assert prose.sentence(row("name_unmatched", -1.2, None, "ABD"), "fr") == (
        "Sans équivalent : rien dans le nom du voyageur, ABD dans le nom inscrit (-1,2)."
    )
