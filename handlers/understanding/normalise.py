"""Makes chat text plain: one form of each character, quotes and mentions set aside, length capped."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from handlers.understanding.patterns import neighbours, possible
from handlers.zh.lexicon_marks import CALLED, PLACEHOLDERS, QUOTE_WORDS, VOICE_LENGTH
from handlers.zh.lexicon_script import SIMPLIFIED, TRADITIONAL

LONGEST = 400
"""Characters that are judged: the head and the tail of a longer message."""
_HEAD = 300
_LONGEST_RAW = 4000


@dataclass(frozen=True, kw_only=True, slots=True)
class Normal:
    """A message made plain.

    `text` is what is judged; `written` has the same length and the writer's own (perhaps
    traditional) characters, so that a span found in one can be cut from the other. `quoted` is
    the part somebody else said. `media` are kinds (`image`, `voice`, …) in order, `stickers` the
    names in brackets and emoji, `mentions` the names behind an @.
    """

    text: str
    written: str
    quoted: str = ""
    mentions: tuple[str, ...] = ()
    stickers: tuple[str, ...] = ()
    media: tuple[str, ...] = ()
    pairs: tuple[str, ...] = ()
    """The `neighbours` of `text`, for a quick look before a slow one."""
    possible: int = 0
    """The patterns that are `possible` in `text`."""

    @property
    def images(self) -> int:
        """How many pictures came with it."""
        return self.media.count("image")

    @property
    def empty(self) -> bool:
        """Whether no word is left: only pictures, stickers, mentions or a quote."""
        return not self.text


def _characters() -> dict[int, str | None]:
    table: dict[int, str | None] = {c: chr(c - 0xFEE0) for c in range(0xFF01, 0xFF5F)}
    for first, last in (
        (0x200B, 0x200F),
        (0x202A, 0x202E),
        (0x2060, 0x206F),
        (0xFE00, 0xFE0F),
        (0xE0000, 0xE007F),
        (0x0000, 0x0008),
        (0x000E, 0x001F),
        (0x007F, 0x009F),
    ):
        table.update(dict.fromkeys(range(first, last + 1)))
    table.update(dict.fromkeys((0x00AD, 0x061C, 0x180E, 0xFEFF, 0x20E3)))
    table.update(dict.fromkeys((0x00A0, 0x1680, 0x202F, 0x205F, 0x3000, 0x000B, 0x000C), " "))
    table.update(dict.fromkeys(range(0x2000, 0x200B), " "))
    table.update(dict.fromkeys((0x2028, 0x2029, 0x0085), "\n"))
    table[0x000D] = None
    table.update(_numbers())
    table.update(dict.fromkeys((0x2013, 0x2014, 0x2010, 0x2011, 0x2012, 0x2212, 0xFE63), "-"))
    table[0xFF5E] = table[0x301C] = "~"
    table.update({0x3010: "【", 0x3011: "】", 0x2018: "'", 0x2019: "'", 0x300C: "「", 0x300D: "」"})
    return table


def _numbers() -> dict[int, str | None]:
    """Digits and letters in every disguise: circled, mathematical, Arabic-Indic, superscript."""
    found: dict[int, str | None] = {}
    ranges = ((0xB2, 0xBA), (0x660, 0x66A), (0x6F0, 0x6FA), (0x966, 0x970), (0x2070, 0x208A))
    wide = ((0x2460, 0x24EA), (0x2776, 0x2794), (0x1D400, 0x1D800), (0x1F100, 0x1F10B))
    for first, last in (*ranges, *wide, (0x3220, 0x322A), (0x3280, 0x328A), (0x2160, 0x2180)):
        for code in range(first, last):
            plain = unicodedata.normalize("NFKC", chr(code))
            value = unicodedata.numeric(chr(code), None)
            if value is not None and value == int(value) and not plain.isalpha():
                found[code] = str(int(value))
            elif plain != chr(code) and plain.isascii():
                found[code] = plain.strip("().,")
    found.update({0x24EA: "0", 0x24FF: "0"})
    return found


_PLAIN = _characters()
_SIMPLE = {ord(a): b for a, b in zip(TRADITIONAL, SIMPLIFIED, strict=True)}
_TRADITIONAL = re.compile(f"[{TRADITIONAL}]")

_QUOTE = re.compile(
    r"^\s*「([^\n]{0,40}?[:：][\s\S]*?)」\s*(?:\n\s*)?(?:[-—_]\s?){3,}\s*\n?([\s\S]*)$"
)
_QUOTE_CLOSE = re.compile(r"^\s*「([^「」\n]{1,30}[:：][^「」]*)」\s*([\s\S]*)$")
_QUOTE_BRACKET = re.compile(
    r"[\[【](?:" + "|".join(QUOTE_WORDS) + r")[\s:：]*([^\]】]{0,400})[\]】]\s*"
)
_BRACKET = re.compile(r"\[([^\[\]\n]{1,12})\]")
_VOICE_LENGTH = re.compile(VOICE_LENGTH)
_MENTION = re.compile(r"@([^\s@,，。:：]{1,24})([\s,，:：]|$)")
_MENTION_TIGHT = re.compile(r"@(" + "|".join(CALLED) + ")")
_EMOJI = re.compile(
    "[\U0001f000-\U0001f0ff\U0001f10c-\U0001faff\u2600-\u27bf\u2b00-\u2bff\u231a-\u23ff\u25aa-\u25fe"
    "\u2190-\u21ff\u3030\u303d\ue000-\uf8ff]"
)
_SPACES = re.compile(r"[ \t]{2,}")
_LINES = re.compile(r"\s*\n\s*")
_LONG_RUN = re.compile(r"(.)\1\1\1\1\1+")


@lru_cache(maxsize=8)
def normalise(raw: str) -> Normal:
    """The plain form of any text; never raises, and its work does not grow past 4,000 characters.

    The last few are remembered: reading, command and place each ask for the same message.
    """
    if len(raw) > _LONGEST_RAW:
        raw = raw[: _LONGEST_RAW - 1000] + raw[-1000:]
    text = raw.translate(_PLAIN)
    quoted = ""
    if "「" in text or "[" in text or "【" in text:
        text, quoted = _split_quote(text)
    mentions: tuple[str, ...] = ()
    if "@" in text:
        text, mentions = _split_mentions(text)
    media: tuple[str, ...] = ()
    stickers: tuple[str, ...] = ()
    if "[" in text:
        text, media, stickers = _split_brackets(text)
    if not text.isascii() and _EMOJI.search(text):
        stickers += tuple(_EMOJI.findall(text))
        text = _EMOJI.sub(" ", text)
    text = _tidy(text)
    judged = (text.translate(_SIMPLE) if _TRADITIONAL.search(text) else text).lower()
    pairs = neighbours(judged)
    return Normal(
        text=judged,
        written=text,
        quoted=quoted and quoted.translate(_SIMPLE)[:LONGEST],
        mentions=mentions,
        stickers=stickers[:40],
        media=media[:40],
        pairs=pairs,
        possible=possible(judged, pairs),
    )


def _tidy(text: str) -> str:
    """One space at most in a row, no more than five of a kind, cut to the longest judged."""
    if "\n" in text:
        text = _LINES.sub("\n", text)
    if "  " in text or "\t" in text:
        text = _SPACES.sub(" ", text)
    if _LONG_RUN.search(text):
        text = _LONG_RUN.sub(r"\1\1\1\1\1", text)
    text = text.strip()
    if len(text) > LONGEST:
        text = text[:_HEAD] + text[_HEAD - LONGEST :]
    if len(text.lower()) != len(text):
        text = "".join(c for c in text if len(c.lower()) == 1)
    return text


def _split_quote(text: str) -> tuple[str, str]:
    """(what the sender says, what somebody else said); empty when nothing is quoted."""
    if "「" in text and (found := _QUOTE.match(text) or _QUOTE_CLOSE.match(text)):
        return found[2], found[1]
    if found := _QUOTE_BRACKET.search(text):
        return text[: found.start()] + text[found.end() :], found[1]
    return text, ""


def _split_mentions(text: str) -> tuple[str, tuple[str, ...]]:
    """The text without its @-mentions, and the names called."""
    names: list[str] = []

    def forget(found: re.Match[str]) -> str:
        whole = found[1]
        if tight := _MENTION_TIGHT.match("@" + whole):
            names.append(whole if len(whole) <= len(tight[1]) + 4 else tight[1])
            return " " if len(whole) <= len(tight[1]) + 4 else whole[len(tight[1]) :] + " "
        if len(whole) > 10 and not found[2]:
            return whole
        names.append(whole)
        return " "

    return _MENTION.sub(forget, text), tuple(names)


def _split_brackets(text: str) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
    """The text without `[…]` marks, the media they stand for, and the stickers."""
    media: list[str] = []
    stickers: list[str] = []

    def forget(found: re.Match[str]) -> str:
        name = _VOICE_LENGTH.sub("", found[1]) or found[1]
        if kind := PLACEHOLDERS.get(name):
            media.append(kind)
            return " "
        if len(name) <= 6 and not any(c.isdigit() for c in name):
            stickers.append(name)
            return " "
        return found[0]

    return _BRACKET.sub(forget, text), tuple(media), tuple(stickers)
