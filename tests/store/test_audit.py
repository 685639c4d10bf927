"""Whatever is done to the ledger afterwards, `verify` names the first entry that does not hold."""

import pytest

from store.audit import canonical
from store.database import Store
from tests.store.conftest import OFFICER, screening

ENTRIES = 6


@pytest.fixture
def written(store: Store) -> Store:
    for number in range(2):
        store.commit([screening(store, f"r{number}")])
    store.referrals(OFFICER)
    store.referrals(OFFICER)
    assert store.verify() == []
    return store


@pytest.mark.parametrize(
    ("change", "first"),
    [
        ("UPDATE audit_entries SET payload = replace(payload, 'AC-DCS', 'AD-DCS') WHERE seq = 1", 1),
        ("UPDATE audit_entries SET payload = payload || ' ' WHERE seq = 3", 3),
        ("UPDATE audit_entries SET at = at + 1 WHERE seq = 4", 4),
        ("UPDATE audit_entries SET kind = 'nothing' WHERE seq = 2", 2),
        ("UPDATE audit_entries SET hash = replace(hash, substr(hash, 1, 1), 'x') WHERE seq = 5", 5),
        ("UPDATE audit_entries SET hash = '0' WHERE seq = 6", 6),
        ("DELETE FROM audit_entries WHERE seq = 1", 1),
        ("DELETE FROM audit_entries WHERE seq = 4", 4),
        ("DELETE FROM audit_entries WHERE seq = 6", 6),
        ("DELETE FROM audit_entries WHERE seq > 3", 4),
        ("DELETE FROM audit_entries", 1),
        ("UPDATE audit_entries SET seq = CASE seq WHEN 2 THEN -3 WHEN 3 THEN -2 END WHERE seq IN (2, 3)", 2),
        ("UPDATE audit_heads SET seq = 5", 6),
        ("UPDATE audit_heads SET writer = 'other'", 1),
        ("DELETE FROM audit_heads", 1),
    ],
)
def test_a_change_is_found_where_it_begins(written: Store, change: str, first: int) -> None:
    with written._engine.connect().execution_options(write=True) as connection, connection.begin():
        assert connection.exec_driver_sql("SELECT count(*) FROM audit_entries").scalar() == ENTRIES
        connection.exec_driver_sql(change)
        connection.exec_driver_sql("UPDATE audit_entries SET seq = -seq WHERE seq < 0")
    assert written.verify()[0].seq == first


def test_canonical_json_is_one_text_for_one_value() -> None:
    assert canonical({"b": [1, None], "a": "é"}) == '{"a":"é","b":[1,null]}'
    with pytest.raises(ValueError, match="JSON"):
        canonical({"a": float("nan")})
