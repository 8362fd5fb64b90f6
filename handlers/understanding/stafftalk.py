"""Reads the free talk of people who work on tickets: taken, on the way, working, done, handed on."""

from __future__ import annotations

import re
from datetime import datetime

from domain.command import Act, Command
from handlers.pattern import Pattern
from handlers.understanding.normalise import normalise
from handlers.understanding.staffmodel import StaffModel, load_staff_model
from handlers.understanding.times import find_time
from handlers.zh import lexicon_staff as words
from handlers.zh.lexicon_marks import EVERYBODY


def _compiled(patterns: tuple[str, ...]) -> tuple[Pattern, ...]:
    return tuple(map(Pattern, patterns))


_SMALL_TALK = Pattern(words.SMALL_TALK)
_NOTICE = Pattern(words.NOTICE)
_ROLL_CALL = Pattern(words.ROLL_CALL)
_NOT_DONE = _compiled(words.NOT_DONE)
_NEGATED = Pattern(words.NEGATED)
_DONE = _compiled(words.DONE)
_BACK = Pattern(words.SUPPLY_BACK)
_ESCALATE = _compiled(words.ESCALATE)
_TRANSFER = _compiled(words.TRANSFER)
_ASKED_ALONG = Pattern(words.ASKED_ALONG)
_PAUSE = _compiled(words.PAUSE)
_CLAIM = _compiled(words.CLAIM)
_ARRIVE = _compiled(words.ARRIVE)
_PROGRESS = _compiled(words.PROGRESS)
_ETA_AROUND = Pattern(words.ETA_AROUND)
_QUESTION = Pattern(words.QUESTION)
_DECLINE = Pattern(words.DECLINE)
_RELEASE = Pattern(words.RELEASE)
_THANKING = Pattern(words.THANKING)
_CLAUSES = Pattern(r"[\s,。!;、~]+")
_LONGEST = 300
_SHORTEST = 2


def read_staff(text: str, at: datetime) -> Command | None:
    """What a member says in their own words, as a Command with `certain=False`; None for talk.

    `when` is the time promised; `who` the person called in or handed to.
    """
    normal = normalise(text)
    plain = normal.text
    if not _SHORTEST <= len(plain) <= _LONGEST:
        return None
    who = next((name for name in normal.mentions if name), "")
    act = _handed(plain, who) or staff_act(plain)
    if act is None:
        return None
    when = None if act is Act.DONE else find_time(plain, at)
    if act not in (Act.TRANSFER, Act.CALL_IN):
        who = ""
    elif not who:
        named = _first(_TRANSFER, plain)
        who = (named.groupdict().get("who") or "") if named else ""
    return Command(act=act, when=when, who=who, text=normal.written, certain=False)


def _handed(plain: str, who: str) -> Act | None:
    """Somebody named with an @ is handed the matter, or called in."""
    if not who or who == EVERYBODY or _NOTICE.search(plain):
        return None
    if _first(_ESCALATE, plain):
        return Act.ESCALATE
    if _first(_TRANSFER, plain) or (_first(_NOT_DONE, plain) and _ASKED_ALONG.search(plain)):
        return Act.TRANSFER
    taken = _first(_CLAIM, plain)
    return Act.CALL_IN if _ASKED_ALONG.search(plain) and not taken else None


def staff_act(plain: str) -> Act | None:
    """The act in free talk in judged form; None for small talk, orders, questions and notices.

    Patterns know the acts that have words of their own (上报, 转, 挂账); whether talk takes a
    matter up, tells of progress or ends it is weighed by a model trained on members' talk.
    """
    if _SMALL_TALK.match(plain) or _NOTICE.search(plain) or _ROLL_CALL.search(plain):
        return None
    plain = _without_ifs(plain)
    by_pattern = _by_pattern(plain)
    model = load_staff_model()
    if model is None or by_pattern in _PLAINLY:
        return by_pattern
    return _weighed(plain, by_pattern, model)


_PLAINLY = frozenset({Act.ESCALATE, Act.RELEASE, Act.DECLINE, Act.PAUSE, Act.TRANSFER})
_SURE, _AGREED, _SILENT = 0.7, 0.3, 0.6


def _weighed(plain: str, by_pattern: Act | None, model: StaffModel) -> Act | None:
    """What the model says, with the patterns' finer acts and their veto on a false end."""
    shares = model.score(plain)
    done = shares["done"]
    unfinished = _first(_NOT_DONE, plain) is not None
    if by_pattern is Act.DONE and _BACK.search(plain):
        return Act.DONE
    if not unfinished and done >= (_AGREED if by_pattern is Act.DONE else _SURE):
        return Act.DONE
    if max(shares["none"], shares["ask"]) >= _SILENT:
        return None
    if by_pattern in (Act.ARRIVE, Act.ETA, Act.NOT_DONE):
        return by_pattern
    if shares["claim"] >= shares["progress"]:
        return Act.CLAIM if shares["claim"] >= _AGREED or by_pattern is Act.CLAIM else None
    return Act.CLAIM if by_pattern is Act.CLAIM and shares["claim"] >= _AGREED else Act.PROGRESS


def _by_pattern(plain: str) -> Act | None:
    """The act that patterns see."""
    if _first(_ESCALATE, plain):
        return Act.ESCALATE
    not_done = _first(_NOT_DONE, plain)
    if not not_done and (_is_done(plain) or is_answer(plain)):
        return Act.DONE
    if _RELEASE.search(plain):
        return Act.RELEASE
    rest = _DECLINE.sub(" ", plain)
    if rest != plain and not _first(_CLAIM, rest) and not find_time_words(rest):
        return Act.DECLINE
    if _first(_PAUSE, plain):
        return Act.PAUSE
    return _on_it(plain, not_done=bool(not_done))


def _without_ifs(plain: str) -> str:
    """The text without clauses such as `还不热的再喊我`; the text itself when nothing else is left."""
    if not any(word in plain for word in words.LATER):
        return plain
    parts = [p for p in _CLAUSES.split(plain) if not any(word in p for word in words.LATER)]
    return " ".join(parts) or plain


def _on_it(plain: str, *, not_done: bool) -> Act | None:
    """Claim, arrival, progress or a promised time, in the order that says most."""
    if _first(_TRANSFER, plain) and not _first(_CLAIM, plain):
        return Act.TRANSFER
    if _first(_ARRIVE, plain) and not _QUESTION.search(plain):
        return Act.ARRIVE
    if _first(_CLAIM, plain):
        return Act.CLAIM
    if _QUESTION.search(plain) or _THANKING.search(plain):
        return None
    if find_time_words(plain) and _ETA_AROUND.search(plain) and not _first(_PROGRESS, plain):
        return Act.ETA
    if _first(_PROGRESS, plain):
        return Act.PROGRESS
    return Act.NOT_DONE if not_done else None


_ANY_DAY = datetime(2026, 1, 1, 12, 0).astimezone()


def find_time_words(plain: str) -> bool:
    """Whether a time is named at all."""
    return find_time(plain, _ANY_DAY) is not None


def _is_done(plain: str) -> bool:
    """Whether some clause says that it is over, for real and not in the future."""
    for clause in _CLAUSES.split(plain):
        if not clause or any(word in clause for word in words.UNREAL):
            continue
        if _first(_DONE, clause) and not _NEGATED.search(clause):
            return True
    return False


def is_answer(plain: str) -> bool:
    """Whether it answers a question of papers: which, where, when."""
    cues = sum(word in plain for word in words.ANSWER_CUES)
    return cues >= words.ANSWER_AT_LEAST and not any(word in plain for word in words.ANSWER_NOT)


def _first(patterns: tuple[Pattern, ...], text: str) -> re.Match[str] | None:
    return next((found for p in patterns if (found := p.search(text))), None)
