"""The same start without the product: the reader, a connection, one row in one durable commit."""

from __future__ import annotations

import json
import sqlite3
import sys
from pathlib import Path

from handlers.understanding import default_reader


def main(file: str, chatter: int, requests: int) -> None:
    read = default_reader().read
    connection = sqlite3.connect(file, isolation_level=None)
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "cache_size = -8000"):
        connection.execute(f"PRAGMA {pragma}")
    insert = "INSERT INTO inbox VALUES ('bench', ?, '2026-11-24')"
    read("3号楼2单元501厨房水管漏水了，谁来看看", None)
    connection.execute(insert, ("first",))
    print("taken", flush=True)
    from benchmarks.machine import (  # loaded only when needed: start-up stays short
        highest_mb,
        rss_mb,
    )

    if chatter:
        from benchmarks import said  # loaded only when needed: start-up stays short

        for message in said.load(Path(file).parent, chatter, requests):
            if read(message.text, None).is_request:
                connection.execute(insert, (message.key,))
    print(json.dumps({"rss_mb": rss_mb(), "highest_mb": highest_mb()}))


if __name__ == "__main__":
    main(sys.argv[1], *(int(n) for n in (sys.argv[2:] or ("0", "0"))))
