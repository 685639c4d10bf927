"""What the catalogue promises of every feature."""

import polars as pl
import pytest

from features.base import COLUMNS
from features.catalogue import BY_ID, CATALOGUE, Feature
from features.derive import FEATURES
from features.feature import feature


@pytest.mark.parametrize("one", CATALOGUE, ids=lambda one: one.id)
def test_metadata_is_complete(one: Feature) -> None:
    for text in (one.en_label, one.fr_label, one.en_sentence, one.fr_sentence, one.missing, one.source):
        assert text.strip() == text != ""
    assert one.en_sentence.endswith(".")
    assert one.fr_sentence.endswith(".")
    assert one.en_sentence != one.fr_sentence
    assert set(one.inputs) <= set(COLUMNS)


def test_ids_are_unique_and_families_many() -> None:
    assert len(BY_ID) == len(CATALOGUE) >= 25
    assert len({one.family for one in CATALOGUE} - {"traveller"}) >= 8


def test_the_model_sees_no_protected_ground_proxy_name_or_protection_sign() -> None:
    for one in CATALOGUE:
        if one.protected or one.family in {"protection", "traveller"} or one.kind == "code":
            assert not one.model, one.id
        if one.model:
            personal = {"age", "traveller_nationality", "traveller_sex", "document_issuer"}
            of_names = {"party_surname_count", "payer_travels", "party_children_same_surname"}
            assert not (personal | of_names) & set(one.inputs), one.id


def test_history_of_booking_data_is_booking_data() -> None:
    assert (BY_ID["phone_other_bookings_30d"].data, BY_ID["phone_other_bookings_30d"].pnr) == ("history", True)
    assert (BY_ID["document_other_persons_365d"].data, BY_ID["document_other_persons_365d"].pnr) == ("history", False)
    assert (BY_ID["paid_cash"].data, BY_ID["paid_cash"].pnr) == ("PNR", True)
    assert (BY_ID["checked_bags"].data, BY_ID["checked_bags"].pnr) == ("API", False)


def test_a_protected_feature_cannot_be_made_a_model_feature() -> None:
    describe = feature(
        "route", "number", en="x", fr="x", en_sentence="x.", fr_sentence="x.", missing="x", protected="age", model=True
    )
    with pytest.raises(ValueError, match="may not enter the model"):
        describe(lambda age: age)


def test_columns_have_the_kind_they_say() -> None:
    assert {one.id: {"number": pl.Float64(), "flag": pl.Boolean(), "code": pl.String()}[one.kind] for one in CATALOGUE} == {
        name: dtype for name, dtype in FEATURES.items() if name != "traveller"
    }
