"""Migrations and tables say the same; a store of a later version is left alone."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import CheckConstraint, inspect

from store.database import Store
from store.errors import StoreUnusable
from store.schema import from_micros, metadata, to_micros


def test_migrations_build_the_tables(store: Store) -> None:
    with store._engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
        for table in metadata.tables.values():
            built = {check["name"] for check in inspect(connection).get_check_constraints(table.name)}
            assert built == {check.name for check in table.constraints if isinstance(check, CheckConstraint)}
            described = inspect(connection).get_foreign_keys(table.name)
            assert len(described) == len(table.foreign_key_constraints)


def test_a_store_of_a_later_version_is_left_alone(reopen: Callable[..., Store], folder: Path) -> None:
    store = reopen()
    with store._engine.connect().execution_options(write=True) as connection, connection.begin():
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    store.close()
    before = (folder / "forepost.db").read_bytes()
    with pytest.raises(StoreUnusable, match="later version"):
        reopen()
    assert (folder / "forepost.db").read_bytes() == before


@given(st.datetimes(datetime(1, 1, 3), datetime(9999, 12, 29), timezones=st.sampled_from([UTC, timezone(timedelta(hours=9))])))
def test_instants_are_exact(at: datetime) -> None:
    assert from_micros(to_micros(at)) == at
