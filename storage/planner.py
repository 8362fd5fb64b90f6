"""Tells SQLite's planner what a full town looks like, so that an empty one gets the right plans.

Without statistics SQLite takes any one column of a key to be selective and reads a table by its
town, which is all of it. Running ANALYZE later puts real figures in place of these.
"""

from __future__ import annotations

from sqlalchemy import Connection, inspect

_ROWS = 1_000_000
_VALUES = {"town": 1, "live": 2, "state": 5, "community": 30, "number": 900, "priority": 5}
"""Different values that a column has, in a town; any other has very many."""


def expect_a_town(connection: Connection) -> None:
    """Write the statistics of a large town; other databases than SQLite count by themselves."""
    if connection.dialect.name != "sqlite":
        return
    connection.exec_driver_sql("ANALYZE sqlite_schema")
    connection.exec_driver_sql("DELETE FROM sqlite_stat1")
    for table in inspect(connection).get_table_names():
        for _, index, _, origin, _ in connection.exec_driver_sql(
            f'PRAGMA index_list("{table}")'
        ).all():
            columns = connection.exec_driver_sql(f'PRAGMA index_info("{index}")').all()
            # A table without row ids is its own primary key.
            name = table if origin == "pk" and _is_keyed(connection, table) else index
            connection.exec_driver_sql(
                "INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES (?, ?, ?)",
                (table, name, _statistic([column[2] for column in columns])),
            )


def _statistic(columns: list[str]) -> str:
    """Rows of the index, then rows that share its first column, its first two and so on."""
    share = _ROWS
    found = [share]
    for column in columns:
        share = max(1, share // _VALUES.get(column, _ROWS))
        found.append(share)
    return " ".join(map(str, found))


def _is_keyed(connection: Connection, table: str) -> bool:
    found = connection.exec_driver_sql(
        "SELECT sql FROM sqlite_master WHERE type = 'table' AND name = ?", (table,)
    ).scalar_one()
    return "WITHOUT ROWID" in str(found)
