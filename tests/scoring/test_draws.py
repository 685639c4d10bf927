from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from manifests.frames import concat
from scoring.draws import draws, inclusion

KEY = b"k" * 32


def draw(make: SimpleNamespace, person: dict[str, Any], flight: dict[str, Any] | None = None, key: bytes = KEY) -> float:
    return float(draws(make.manifest(person, flight=flight), key)[0])


def test_a_known_value(make: SimpleNamespace) -> None:
    """Replay depends on this figure: HMAC-SHA256(key, AC␟872␟FRA␟2026-01-15␞ref␟R0), its first 53 bits."""
    import hashlib
    import hmac

    digest = hmac.new(KEY, b"AC\x1f872\x1fFRA\x1f2026-01-15\x1eref\x1fR0", hashlib.sha256).digest()
    assert draw(make, {"ref": "R0"}) == (int.from_bytes(digest[:8], "big") >> 11) / 2**53


@pytest.mark.parametrize(
    "person", [{"surname": "Another"}, {"dob": None}, {"nationality": "NGA"}, {"sex": "M"}, {"document": {}}, {"role": "crew"}]
)
def test_the_lot_does_not_see_the_person(make: SimpleNamespace, person: dict[str, Any]) -> None:
    assert draw(make, {"ref": "R0", **person}) == draw(make, {"ref": "R0"})


@pytest.mark.parametrize(
    "flight",
    [
        {"carrier": "LH"},
        {"number": "873"},
        {"departure": "MUC"},
        {"departure_time": datetime(2026, 1, 16, 14)},
        {"departure_time": None},
    ],
)
def test_another_flight_is_another_lot(make: SimpleNamespace, flight: dict[str, Any]) -> None:
    assert draw(make, {"ref": "R0"}, flight) != draw(make, {"ref": "R0"})


def test_another_reference_or_key_is_another_lot(make: SimpleNamespace) -> None:
    assert len({draw(make, {"ref": "R0"}), draw(make, {"ref": "R1"}), draw(make, {"ref": "R0"}, key=b"l" * 32)}) == 3


def test_a_delay_is_the_same_lot(make: SimpleNamespace) -> None:
    later = {"departure_time": datetime(2026, 1, 15, 19), "departure_at": datetime(2026, 1, 15, 18, tzinfo=UTC), "arrival": "YUL"}
    assert draw(make, {"ref": "R0"}, later) == draw(make, {"ref": "R0"})


def test_without_references_each_place_has_its_lot_in_any_batch(make: SimpleNamespace) -> None:
    nameless = make.manifest({"ref": None}, {"ref": None}, {"ref": "place\x1f0"})
    alone = draws(nameless, KEY).to_list()
    assert len(set(alone)) == 3
    assert draws(concat([make.manifest({}, flight={"number": "1"}), nameless]), KEY).to_list()[1:] == alone


def test_the_lot_is_even(make: SimpleNamespace) -> None:
    values = draws(make.manifest(*[{} for _ in range(4000)]), KEY).to_numpy()
    shares = np.histogram(values, bins=10, range=(0, 1))[0] / 4000
    assert np.abs(shares - 0.1).max() < 0.02  # four standard deviations
    assert values.min() >= 0
    assert values.max() < 1


@settings(deadline=None)
@given(
    rows=st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1),
    rate=st.floats(0.0005, 0.1),
)
def test_inclusion(rows: list[tuple[bool, bool]], rate: float) -> None:
    eligible, near = (np.array(column) for column in zip(*rows, strict=True))
    chance = inclusion(eligible, near, rate)
    assert (chance[~eligible] == 0).all()
    assert (chance[eligible & ~near] == rate).all()
    assert (chance[eligible & near] == 4 * rate).all()
