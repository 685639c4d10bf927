"""The database engine: one writing process per SQLite file, durable commits, transactions begun as we mean them."""

import fcntl
import os
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError

from store.errors import StoreUnusable

_MIGRATIONS = Path(__file__).parent / "migrations"


def connect(url: str, read_only: bool) -> tuple[Engine, int | None]:
    """An engine, and the handle that holds the file's lock where this process writes to one. Raises StoreUnusable."""
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise StoreUnusable(f"{url!r}: is not a database URL: write sqlite:///path/to/file.db") from None
    lock = None
    if parsed.get_backend_name() == "sqlite":
        if not parsed.database or parsed.database == ":memory:":
            raise StoreUnusable(f"{url}: a store needs a file: write sqlite:///path/to/file.db")
        path = Path(parsed.database)
        if read_only:
            if not path.is_file():
                raise StoreUnusable(f"{path}: there is no store")
            parsed = parsed.set(database=f"file:{path}").update_query_dict({"mode": "ro", "uri": "true"})
        else:
            lock = _lock(path)
    engine = create_engine(parsed, hide_parameters=True)  # errors quote no values
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _set_pragmas if not read_only else _set_reading_pragmas)
        event.listen(engine, "begin", _begin)
    return engine, lock


def _lock(path: Path) -> int:
    """Hold `<file>.lock` while this process writes: the kernel lets go of it when the process ends, however it ends."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(f"{path}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise StoreUnusable(f"{path}: {error.strerror}: the store's folder must be writable") from None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        holder = os.pread(handle, 20, 0).decode(errors="replace") or "unknown"
        os.close(handle)
        raise StoreUnusable(f"{path}: process {holder} writes to this store: stop it, or use another file") from None
    os.ftruncate(handle, 0)
    os.pwrite(handle, str(os.getpid()).encode(), 0)
    return handle


def _set_pragmas(connection: Any, _: Any) -> None:
    connection.isolation_level = None  # we begin transactions ourselves
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "busy_timeout=5000",
        "secure_delete=ON",  # what is deleted is overwritten
        "temp_store=MEMORY",
        "cache_size=-65536",  # 64 MB
        "wal_autocheckpoint=10000",  # 40 MB: pages that many commits touch are copied back once
    ):
        connection.execute(f"PRAGMA {pragma}")


def _set_reading_pragmas(connection: Any, _: Any) -> None:
    connection.isolation_level = None
    connection.execute("PRAGMA busy_timeout=5000")


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE" if connection.get_execution_options().get("write") else "BEGIN")


def migrate(connection: Connection) -> None:
    """Bring the tables to this version, in the connection's transaction. Raises StoreUnusable for a later version's."""
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, "head")
    except CommandError as error:
        raise StoreUnusable(f"the store was written by a later version: {error}: install that version") from error
