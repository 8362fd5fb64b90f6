"""The calls of itchat's core that we use, each as one blocking function for a worker thread."""

from __future__ import annotations

import contextlib
import hashlib
import io
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar, cast

from bot.channels.itchat_core import LIMITS, Core, complete_person
from bot.channels.itchat_wire import Json, RawRoom, person, raw_room, word

Result = TypeVar("Result")
_AT_ONCE = 30


class WebError(Exception):
    """A call without a usable answer; the text is a code. `unsent`: it never reached anybody."""

    def __init__(self, code: str, *, unsent: bool = False) -> None:
        self.unsent = unsent
        super().__init__(code)


class Rejected(Exception):
    """The platform does not let this account use web WeChat."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Batch:
    """What came at once: raw messages, and contacts that changed."""

    messages: Sequence[Json]
    contacts: Sequence[Json]


class Web:
    """One log-in (or the attempt at one). Every method blocks; they raise WebError or Rejected."""

    def __init__(self, core: Core, poll: Callable[[Core], str | None]) -> None:
        self._core = core
        self._poll = poll
        self.codes = 0
        """QR codes asked for so far."""

    @property
    def me(self) -> str:
        """The account's id in this log-in."""
        return self._core.storageClass.userName

    @property
    def my_name(self) -> str:
        return self._core.storageClass.nickName

    @property
    def login(self) -> str:
        """A short name for this log-in; a session that is taken up again keeps it."""
        info = self._core.loginInfo
        return hashlib.sha256(f"{info['wxuin']}:{info['wxsid']}".encode()).hexdigest()[:8]

    def close(self) -> None:
        self._core.s.close()

    def new_code(self) -> tuple[str, str]:
        """(id of a QR code, its text)."""
        uuid = _asked(self._core.get_QRuuid)
        if not uuid:
            raise WebError("no_qr_code")
        self.codes += 1
        return uuid, f"https://login.weixin.qq.com/l/{uuid}"

    def check(self, uuid: str) -> str:
        """`408` nobody scanned it, `201` scanned, `200` logged in, anything else: a new code."""
        try:
            return self._core.check_login(uuid)
        except (KeyError, IndexError) as error:
            # No cookie and no key in the answer: this account is not admitted.
            raise Rejected from error
        except Exception as error:
            raise _translated(error) from error

    def enter(self) -> None:
        """Behind the log-in: own name, sync key, contacts."""
        _asked(self._core.web_init)
        with contextlib.suppress(WebError):
            _asked(self._core.show_mobile_login)
        self.contacts()

    def contacts(self) -> None:
        """Contacts and the people of each room, as far as the platform tells them."""
        with contextlib.suppress(WebError):
            _asked(lambda: self._core.get_contact(True))
        ids = [word(room, "UserName") for room in self._core.chatroomList]
        for start in range(0, len(ids), _AT_ONCE):
            with contextlib.suppress(WebError):
                self.ask_rooms(ids[start : start + _AT_ONCE])

    def ask_rooms(self, ids: list[str]) -> None:
        """Have the people of some rooms told again; see `rooms`."""
        _asked(lambda: self._core.update_chatroom(ids))

    def ask_person(self, id: str) -> None:
        """Have a person's name told; see `people`."""
        _asked(lambda: self._core.update_friend(id))

    def rooms(self) -> list[RawRoom]:
        """The rooms known so far."""
        found = (raw_room(room) for room in list(self._core.chatroomList))
        return [room for room in found if room is not None]

    def people(self) -> dict[str, tuple[str, bool]]:
        """Id -> (name, whether it is an official account)."""
        every: Iterable[Json] = [*self._core.memberList, *self._core.mpList]
        return {id: (name, official) for id, name, official in map(person, every)}

    def pulse(self) -> bool | None:
        """Waits for news: True when there are some, None when the session seems to have ended."""
        found = _asked(lambda: self._poll(self._core))
        return None if found is None else found != "0"

    def fetch(self) -> Batch | None:
        """The news, None when the session has ended. A broken answer leaves the sync key alone."""
        info = self._core.loginInfo
        kept = {key: info[key] for key in ("SyncKey", "synckey")}
        try:
            messages, contacts = _asked(self._core.get_msg)
        except WebError:
            info.update(kept)
            raise
        if messages is None:
            return None
        return Batch(messages=messages, contacts=contacts or ())

    def say(self, text: str, to: str) -> Json:
        """The platform's answer to a text."""
        return _asked(lambda: self._core.send_msg(text, to))

    def show(self, picture: bytes, name: str, to: str) -> Json:
        """The platform's answer to a picture; nothing is written to disk."""
        return _asked(lambda: self._core.send_image(name, to, file_=io.BytesIO(picture)))

    def take_back(self, id: str, to: str) -> Json:
        return _asked(lambda: self._core.revoke(id, to))

    def picture(self, id: str) -> bytes:
        """The content of a picture that came in."""
        info = self._core.loginInfo
        params = {"msgid": id, "skey": str(info["skey"])}

        def fetch() -> bytes:
            answer = self._core.s.get(
                f"{info['url']}/webwxgetmsgimg", params=params, timeout=LIMITS
            )
            answer.raise_for_status()
            return answer.content

        return _asked(fetch)

    def saved(self) -> Json:
        """What takes the session up again: plain data with live keys in it."""
        info = {key: value for key, value in self._core.loginInfo.items() if key != "User"}
        return {
            "login": info,
            "cookies": self._core.s.cookies.get_dict(),
            "user": {"UserName": self.me, "NickName": self.my_name},
        }

    def restore(self, saved: Json) -> bool:
        """Take a session up again; False when the file does not hold one."""
        info, cookies, user = (saved.get(key) for key in ("login", "cookies", "user"))
        if not (isinstance(info, dict) and isinstance(cookies, dict) and isinstance(user, dict)):
            return False
        core, login = self._core, cast("dict[str, object]", info)
        if not set(login) >= _NEEDED:
            return False
        me = complete_person(cast("Json", user))
        core.loginInfo = {**login, "User": me}
        core.memberList.append(me)
        core.storageClass.userName = word(me, "UserName")
        core.storageClass.nickName = word(me, "NickName")
        core.s.cookies.update(cast("dict[str, str]", cookies))
        return bool(self.me)

    def forget(self) -> None:
        """Be nobody again, for a new log-in."""
        core = self._core
        core.loginInfo = {}
        core.s.cookies.clear()
        del core.memberList[:]


_NEEDED = {"url", "skey", "wxsid", "wxuin", "deviceid", "SyncKey", "synckey", "logintime"}


def _asked(call: Callable[[], Result]) -> Result:
    try:
        return call()
    except WebError:
        raise
    except Exception as error:
        raise _translated(error) from error


def _translated(error: Exception) -> WebError:
    import requests  # noqa: PLC0415 # comes with itchat, only when the channel runs

    if isinstance(error, requests.exceptions.ConnectTimeout):
        return WebError("unreachable", unsent=True)
    if isinstance(error, requests.exceptions.ConnectionError):
        refused = "NewConnectionError" in repr(error)
        return WebError("unreachable", unsent=refused)
    if isinstance(error, requests.exceptions.Timeout):
        return WebError("timeout")
    return WebError("unexpected_answer")
