"""The long soak: a town of 50 rooms talks to the whole product while everything goes wrong.

    python -m benchmarks.soak [--messages 100000] [--seed 1]

Prints how far it is and the most memory that the product took in each tenth, at the end whether
that was flat (the rule: tests/soak/verdict.py) and one JSON object: what was done, what came of it,
and every problem by name; 1 when there is one. The seed, printed first, plays the same day again. The short
one is `tests/test_soak.py`.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

from tests.soak.play import Progress, soak
from tests.soak.verdict import memory_of

MESSAGES = 100_000


def main() -> int:
    """Play one soak; 1 when something went wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=MESSAGES)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    print(f"seed {given.seed}, {given.messages:,} messages", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        found = asyncio.run(soak(Path(folder), messages=given.messages, seed=given.seed, told=_say))
    print(f"memory: {memory_of(found)}")
    print(json.dumps(asdict(found), ensure_ascii=False, indent=1))
    return 1 if found.problems else 0


def _say(progress: Progress) -> None:
    rate = progress.messages / progress.seconds
    print(
        f"{progress.messages:>8,} messages  {progress.seconds:6.0f} s  {rate:5.0f}/s  "
        f"{progress.rss_mb:.1f} MB",
        flush=True,
    )


if __name__ == "__main__":
    sys.exit(main())
