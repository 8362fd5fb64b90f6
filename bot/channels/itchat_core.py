"""Loads the library itchat, silently, and says in types which parts of it we use.

What it writes to the terminal at import is swallowed, its log (which holds what people write) is
switched off, and each of its requests gets a time limit, because its own have none.
"""
# ruff: noqa: N802, N803, N815, PLC0415  # the library's names; imported only when the channel runs

from __future__ import annotations

import contextlib
import io
import logging
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from typing import Protocol, cast

from bot.channels.itchat_wire import Json

LIMITS = (10.0, 60.0)
"""Seconds to connect, and to wait for the next bytes; the platform holds a poll for about 25."""


class _Jar(Protocol):
    def get_dict(self) -> dict[str, str]: ...
    def update(self, cookies: Mapping[str, str]) -> None: ...
    def clear(self) -> None: ...


class _Session(Protocol):
    cookies: _Jar

    def get(
        self, url: str, *, params: Mapping[str, str], timeout: tuple[float, float]
    ) -> _Response: ...
    def mount(self, prefix: str, adapter: object) -> None: ...
    def close(self) -> None: ...


class _Response(Protocol):
    content: bytes

    def raise_for_status(self) -> None: ...


class _Storage(Protocol):
    userName: str
    nickName: str


class Core(Protocol):
    loginInfo: dict[str, object]
    s: _Session
    uuid: str | None
    storageClass: _Storage
    memberList: list[Json]
    mpList: list[Json]
    chatroomList: list[Json]

    def get_QRuuid(self) -> str | None: ...
    def check_login(self, uuid: str) -> str: ...
    def web_init(self) -> object: ...
    def show_mobile_login(self) -> object: ...
    def get_contact(self, update: bool) -> object: ...
    def get_msg(self) -> tuple[Sequence[Json] | None, Sequence[Json] | None]: ...
    def update_chatroom(self, userName: list[str]) -> object: ...
    def update_friend(self, userName: str) -> object: ...
    def send_msg(self, msg: str, toUserName: str) -> Json: ...
    def send_image(self, fileDir: str, toUserName: str, *, file_: io.BytesIO) -> Json: ...
    def revoke(self, msgId: str, toUserName: str) -> Json: ...


class _Config(Protocol):
    BASE_URL: str


class _Library(Protocol):
    config: _Config
    new_instance: Callable[[], object]
    load_sync_itchat: Callable[[], object]


def load(base_url: str) -> tuple[Core, Callable[[Core], str | None]]:
    """(a fresh core, its poll for news). The address holds for all cores of the process."""
    with contextlib.redirect_stdout(io.StringIO()):
        library = cast("_Library", cast("object", import_module("itchat")))
        poll = import_module("itchat.components.login").sync_check
    logger = logging.getLogger("itchat")
    logger.handlers = [logging.NullHandler()]
    logger.propagate = False
    logger.setLevel(logging.CRITICAL + 1)
    library.config.BASE_URL = base_url.rstrip("/")
    # 1.4.1 has the first, 1.5.0.dev0 the second.
    new = library.new_instance if hasattr(library, "new_instance") else library.load_sync_itchat
    core = cast("Core", new())
    patient = _patient()
    for prefix in ("http://", "https://"):
        core.s.mount(prefix, patient)
    return core, cast("Callable[[Core], str | None]", poll)


def _patient() -> object:
    """A way to send requests that gives each one without a time limit ours."""
    from requests.adapters import HTTPAdapter

    class Patient(HTTPAdapter):
        def send(  # pyright: ignore[reportIncompatibleMethodOverride]  # all is passed on
            self,
            request: object,
            stream: bool = False,
            timeout: object = None,
            **more: object,
        ) -> object:
            whole = cast("Callable[..., object]", super().send)
            return whole(request, stream=stream, timeout=timeout or LIMITS, **more)

    return Patient()


def complete_person(known: Json) -> Json:
    """A person with every field that the library expects, as it keeps people itself."""
    complete = cast("Callable[[Json], object]", import_module("itchat.utils").struct_friend_info)
    templates = import_module("itchat.storage.templates")
    wrap = cast("Callable[[object], Json]", templates.wrap_user_dict)
    return wrap(complete(known))
