"""What people say in the soak: residents talk, report and confirm, members answer what is asked."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from domain.ticket import Move
from tests.channels.onebot_server import OneBotServer
from tests.channels.onebot_town import Frame, segment, text
from tests.soak import town
from tests.soak.truth import Reply, Request, Truth, key_of

REQUEST = 0.05
"""The chance that a message is a request."""
CONFIRMS = 0.9
"""The chance that a reporter who is asked answers, so that matters come to an end as in life."""
QUIET = len(town.ESTATES) - 1
"""An estate in which nobody reports anything: its group may lose chatter."""


class Talk:
    """Frames of a day, and what is true of them."""

    def __init__(self, server: OneBotServer, truth: Truth, random: Random) -> None:
        self._server, self._truth, self._random = server, truth, random
        self._agenda: dict[int, list[Callable[[], Frame]]] = {}
        """Number of a message -> what members say then."""
        self._read = 0
        self.unanswered: set[int] = set()
        """Message ids of the product's words whose answer was lost: it cannot know a quote of them."""

    def something(self) -> Frame:
        """A request now and then, else chatter."""
        if self._random.random() < REQUEST:
            return self._request()
        estate = self._random.randrange(len(town.ESTATES))
        sender = 40_000 + estate * 100 + self._random.randrange(20)
        return self.say(self._random.choice(town.CHATTER), town.room_of(estate), str(sender))

    def _request(self) -> Frame:
        while True:
            estate = self._random.randrange(QUIET)
            door = (self._random.randrange(1, 1000), self._random.randrange(1, 7))
            if self._truth.free(estate, door[0]):
                break
        place = f"{door[0]}号楼{door[1]}单元{self._random.randrange(1, 7)}0{estate % 4 + 1} "
        sender = str(100_000 + len(self._truth.requests))
        words = place + self._random.choice(town.TROUBLES)
        frame = self.say(words, town.room_of(estate), sender)
        self._truth.asked(Request(estate=estate, door=door, reporter=sender, message=key_of(frame)))
        return frame

    def say(self, words: str, room: str, sender: str, quoting: int | None = None) -> Frame:
        """A message as the peer will deliver it; `quoting`: a message id."""
        self._truth.said += 1
        self._server.town.people.setdefault(sender, f"户{sender}")
        quote = [segment("reply", id=str(quoting))] if quoting else []
        return self._server.town.say([*quote, text(words)], sender=sender, room=room)

    def hear(self, at: int) -> None:
        """People read what was sent up to message `at`, and answer a while later."""
        sent = self._server.town.sent
        for frame in sent[self._read :]:
            asked = list(self._truth.announced(frame))
            clear = len(asked) == 1 and frame["message_id"] not in self.unanswered
            for request in asked:
                self._promise(request, at, frame["message_id"] if clear else None)
            done = self._truth.confirming(frame)
            if done is not None and self._random.random() < CONFIRMS:
                self._will_confirm(done, at + self._random.randrange(5, 60))
        self._read = len(sent)

    def _promise(self, request: Request, at: int, asking: int | None) -> None:
        """A claim, by quote where that is clear, and a word when it is done."""
        claim_at = at + self._random.randrange(5, 60)
        done_at = claim_at + self._random.randrange(70, 150)
        quoting = asking if self._random.random() < 0.5 else None
        self._agenda.setdefault(claim_at, []).append(
            lambda: self._answer(request, Move.CLAIM, town.CLAIMS, quoting)
        )
        self._agenda.setdefault(done_at, []).append(
            lambda: self._answer(request, Move.DONE, town.FINISHED, None)
        )

    def _will_confirm(self, request: Request, at: int) -> None:
        def confirmed() -> Frame:
            self._truth.count("confirmed")
            room = town.room_of(request.estate)
            frame = self.say(self._random.choice(town.FINE), room, request.reporter)
            request.replies.append(Reply(move=Move.CONFIRM, message=key_of(frame)))
            return frame

        self._agenda.setdefault(at, []).append(confirmed)

    def _answer(
        self, request: Request, move: Move, phrases: tuple[str, ...], quoting: int | None
    ) -> Frame:
        work, home = town.work_room_of(request.estate), town.room_of(request.estate)
        room = work if quoting or self._random.random() < 0.5 else home
        words = self._random.choice(phrases)
        said = words if quoting else f"{request.number}{words}"
        self._truth.count("by_quote" if quoting else "by_number")
        frame = self.say(said, room, town.head_of(request.estate), quoting)
        request.replies.append(Reply(move=move, message=key_of(frame)))
        return frame

    def answers(self, at: int) -> list[Frame]:
        """What members say after message `at`."""
        return [answer() for answer in self._agenda.pop(at, ())]

    def busy(self, at: int) -> bool:
        """Whether somebody still means to answer."""
        return any(later >= at for later in self._agenda)
