"""XML of strangers: no document type, no entity, no deep tree. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from xml.parsers import expat

_DEPTH = 20


class Unreadable(ValueError):
    """A body that is not what it should be; never quotes it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Element:
    """An element that has ended; `path` are the tags from the root to its own."""

    path: tuple[str, ...]
    attributes: Mapping[str, str]
    text: str
    """What stands in it behind its last child."""


def elements(body: bytes) -> list[Element]:
    """The elements in the order in which they end; raises Unreadable."""
    found: list[Element] = []
    path: list[tuple[str, Mapping[str, str]]] = []
    text: list[str] = []

    def refuse(*_: object) -> None:
        raise Unreadable("a document type or entity")

    def start(tag: str, attributes: dict[str, str]) -> None:
        path.append((tag, attributes))
        text.clear()
        if len(path) > _DEPTH:
            raise Unreadable("too deep")

    def end(_: str) -> None:
        tags = tuple(tag for tag, _ in path)
        found.append(Element(path=tags, attributes=path.pop()[1], text="".join(text)))
        text.clear()

    parser = expat.ParserCreate("utf-8")
    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = text.append
    try:
        parser.Parse(body, True)
    except expat.ExpatError as error:
        raise Unreadable("broken XML") from error
    return found
