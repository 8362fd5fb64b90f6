"""Every error of the house, on one page. The message says what is wrong, where, and what to do.

XiaogeError
├── ConfigError        a file or setting that cannot be used
├── RosterError        a roster with problems; `problems` lists them all
├── IllegalMove        a move the lifecycle does not know
├── Conflict           somebody else was faster: run again from recall
├── StoreError         the database cannot be used
├── LearnedError       learned weights that cannot be used
├── TranscriptError    a transcript that cannot be replayed
└── ChannelError       a channel that cannot be used
    └── SendUnknown    a send whose outcome nobody knows: never repeat it blindly
"""

from __future__ import annotations


class XiaogeError(Exception):
    """Anything the product refuses with an explanation for a person."""


class ConfigError(XiaogeError):
    """A file or setting that cannot be used: file, line, key and remedy are in the message."""


class RosterError(XiaogeError):
    """A roster that cannot be imported; nothing of it was."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        super().__init__("\n".join(problems))


class IllegalMove(XiaogeError):
    """A move that the lifecycle does not allow; nothing changed."""


class Conflict(XiaogeError):
    """The facts changed while deciding: recall and decide again."""


class StoreError(XiaogeError):
    """The database cannot be used; the message says what to do about it."""


class LearnedError(XiaogeError):
    """Weights fitted with corrections cannot be used; those that came with the program are."""


class TranscriptError(XiaogeError):
    """A transcript with a line that cannot be read."""


class ChannelError(XiaogeError):
    """A channel that cannot start or refused an action for good."""


class SendUnknown(ChannelError):
    """A send timed out: it may or may not have gone out."""
