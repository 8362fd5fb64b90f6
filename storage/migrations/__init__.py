"""The steps from each schema to the next, run by storage/migrate.py through alembic."""
