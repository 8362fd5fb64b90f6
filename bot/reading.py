"""The reader in use: the packaged one, or what was learned in its place; noticed while running."""

from __future__ import annotations

from dataclasses import replace

import structlog

from bot.config import Config
from bot.learned import Shelf
from domain.errors import LearnedError
from handlers.understanding import Bands, Reader, default_reader
from handlers.understanding.model import Model

log = structlog.get_logger()


def reader_of(config: Config) -> Reader:
    """The reader in use: what was learned, else what came with the program; configured bands."""
    bands = Bands(sure=config.understanding.sure, ask=config.understanding.unsure)
    try:
        learned = Shelf(config.learned_folder).weights()
    except LearnedError as error:
        log.error("reader.learned_refused", remedy=str(error))
        learned = None
    base = replace(default_reader(), bands=bands)
    return base if learned is None else replace(base, scorer=Model(learned).score)


class Fresh:
    """Notices that other weights came into use: a refit, by night or by hand, or a way back."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._shelf = Shelf(config.learned_folder)
        self._read_since = self._shelf.stamp()

    def reader(self) -> Reader | None:
        """The reader from now on; None while nothing changed."""
        stamp = self._shelf.stamp()
        if stamp == self._read_since:
            return None
        self._read_since = stamp
        log.info("reader.changed")
        return reader_of(self._config)
