"""The door: `xiaoge …`, or `python -m bot …`. A refusal is one line and exit code 2."""

from __future__ import annotations

import os
import sys

from bot.commands import app
from bot.commands.printing import complain
from domain.errors import XiaogeError

REFUSED = 2
INTERRUPTED = 130


def main() -> None:
    """Run the command that was typed."""
    try:
        app()
    except XiaogeError as error:
        complain(error)
        sys.exit(REFUSED)
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    except BrokenPipeError:  # `xiaoge … | head`: whoever read us has had enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)


if __name__ == "__main__":
    main()
