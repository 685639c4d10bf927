"""Alembic's scripts: one per version of the schema. `store.database.open` runs them."""
