"""Why a link to a OneBot implementation ended, as a code for people."""

from __future__ import annotations

import asyncio

from bot.channels.onebot_hearing import LoggedOut
from bot.channels.onebot_socket import Closed, Refused
from bot.channels.onebot_watch import Silent

FOR_A_PERSON = ("wrong_token", "wrong_account")
"""Nothing comes of trying again before somebody has changed something."""


def why_refused(error: Refused) -> str:
    """The link was never there."""
    return "wrong_token" if error.status in (401, 403) else f"refused_{error.status}"


def why_ended(task: asyncio.Task[None]) -> str:
    """The link stood, and the task that ended first says how it ended."""
    match task.exception():
        case LoggedOut(code=code):
            return code
        case Silent():
            return "heartbeat_lost"
        case Closed(code=code):
            return f"closed_{code}"
        case None:
            return "ended"
        case error:
            return f"broken_{type(error).__name__}"
