"""The addresses of web WeChat, and what its server answers at each."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

from tests.channels.webwx_world import BOT, UIN, Json, Login, Sent, World

Answer = tuple[int, str | bytes, Mapping[str, str]]


class Calls:
    """One answer for each address of the platform."""

    def __init__(self, wx: World) -> None:
        self._wx = wx

    def answer(self, path: str, query: Mapping[str, str], body: bytes) -> Answer | None:
        name = path.rpartition("/")[2]
        wx = self._wx
        with wx.news:
            wx.calls.append(name)
            status = wx.fails.get(name, 200)
        if status != 200:
            return status, "no", {}
        found: Callable[[Mapping[str, str], bytes], str | Answer] | None
        if (found := getattr(self, f"_{name}", None)) is None:
            return 404, "no", {}
        answer = found(query, body)
        if name in wx.loses:
            wx.hold(lambda: False)
            return None
        return answer if isinstance(answer, tuple) else (200, answer, {})

    def _jslogin(self, _q: Mapping[str, str], _b: bytes) -> str:
        code = f"code{next(self._wx.numbers)}"
        return f'window.QRLogin.code = 200; window.QRLogin.uuid = "{code}";'

    def _login(self, _q: Mapping[str, str], _b: bytes) -> str:
        if self._wx.scans and (status := self._wx.scans.pop(0)) != "200":
            return f"window.code={status};"
        to = f"{self._wx.url}/cgi-bin/mmwebwx-bin/webwxnewloginpage?ticket=t"
        return f'window.code=200;\nwindow.redirect_uri="{to}";'

    def _webwxnewloginpage(self, _q: Mapping[str, str], _b: bytes) -> Answer:
        if self._wx.rejects:
            return 200, "<error><ret>1203</ret><message>no</message></error>", {}
        with self._wx.news:
            self._wx.login = login = Login(number=self._wx.login.number + 1)
        keys = f"<skey>@key{login.number}</skey><pass_ticket>p</pass_ticket>"
        keys += f"<wxsid>{login.sid}</wxsid><wxuin>{UIN}</wxuin>"
        cookies = f"wxsid={login.sid}; wxuin={UIN}; webwx_data_ticket=t"
        return 200, f"<error><ret>0</ret>{keys}</error>", {"Set-Cookie": cookies}

    def _webwxinit(self, _q: Mapping[str, str], _b: bytes) -> str:
        return self._json({"User": self._wx.person(BOT), "InviteStartCount": 0, "ContactList": []})

    def _webwxstatusnotify(self, _q: Mapping[str, str], _b: bytes) -> str:
        return self._json({})

    def _webwxgetcontact(self, _q: Mapping[str, str], _b: bytes) -> str:
        people = [self._wx.person(who) for who in sorted(self._wx.friends | self._wx.official)]
        rooms = [self._wx.room(room, whole=False) for room in sorted(self._wx.saved_rooms)]
        return self._json({"Seq": 0, "MemberList": people + rooms})

    def _webwxbatchgetcontact(self, _q: Mapping[str, str], body: bytes) -> str:
        wanted = [str(entry["UserName"]) for entry in json.loads(body)["List"]]
        ids = {self._wx.login.id(who): who for who in self._wx.everybody()}
        names = [ids[id] for id in wanted if id in ids]
        every = [self._wx.room(n) if n in self._wx.topics else self._wx.person(n) for n in names]
        return self._json({"Count": len(every), "ContactList": every})

    def _synccheck(self, query: Mapping[str, str], _b: bytes) -> str:
        login, wx = self._wx.login, self._wx
        if query["sid"] != login.sid or not login.alive:
            return 'window.synccheck={retcode:"1101",selector:"0"}'
        at = int(query["synckey"].partition("_")[2])
        wx.hold(lambda: wx.nags or not login.alive or len(login.messages) > at)
        if not login.alive:
            return 'window.synccheck={retcode:"1101",selector:"0"}'
        more = wx.nags or len(login.messages) > at
        return f'window.synccheck={{retcode:"0",selector:"{2 if more else 0}"}}'

    def _webwxsync(self, query: Mapping[str, str], body: bytes) -> str:
        login = self._wx.login
        if query["sid"] != login.sid or not login.alive:
            return self._json({}, ret=1101)
        at = json.loads(body)["SyncKey"]["List"][0]["Val"]
        with self._wx.news:
            messages = [message for message in login.messages[at:] if message]
            contacts = [contact for place, contact in login.contacts if place >= at]
            key = self._key(len(login.messages))
            broken, self._wx.breaks_sync = self._wx.breaks_sync, False
        if broken:
            return json.dumps({"BaseResponse": {"Ret": 0}, "SyncKey": key})
        return self._json(
            {"AddMsgList": messages, "ModContactList": contacts, "SyncCheckKey": key}, key=key
        )

    def _webwxsendmsg(self, _q: Mapping[str, str], body: bytes) -> str:
        message = json.loads(body)["Msg"]
        return self._sent("webwxsendmsg", message["ToUserName"], text=message["Content"])

    def _webwxuploadmedia(self, _q: Mapping[str, str], body: bytes) -> str:
        media = f"media{next(self._wx.numbers)}"
        self._wx.uploads[media] = len(body)
        return self._json({"MediaId": media})

    def _webwxsendmsgimg(self, _q: Mapping[str, str], body: bytes) -> str:
        message = json.loads(body)["Msg"]
        size = self._wx.uploads[message["MediaId"]]
        return self._sent("webwxsendmsgimg", message["ToUserName"], picture=size)

    def _sent(self, call: str, to: str, *, text: str = "", picture: int = 0) -> str:
        if to not in {self._wx.login.id(who) for who in self._wx.everybody()}:
            return self._json({}, ret=-2)
        if ret := self._wx.rets.get(call):
            return self._json({}, ret=ret)
        id = str(next(self._wx.numbers))
        with self._wx.news:
            self._wx.sent.append(Sent(id=id, to=to, text=text, picture=picture))
        return self._json({"MsgID": id, "LocalID": "1"})

    def _webwxgetmsgimg(self, query: Mapping[str, str], _b: bytes) -> Answer:
        picture = self._wx.pictures.get(query["msgid"], b"")
        return (200, picture, {}) if picture else (404, b"", {})

    def _webwxrevokemsg(self, _q: Mapping[str, str], body: bytes) -> str:
        id = str(json.loads(body)["SvrMsgId"])
        known = any(sent.id == id for sent in self._wx.sent)
        if known:
            self._wx.recalled.append(id)
        return self._json({}, ret=0 if known else -1)

    def _webwxlogout(self, _q: Mapping[str, str], _b: bytes) -> str:
        self._wx.end_session()
        return ""

    def _key(self, at: int) -> Json:
        return {"Count": 1, "List": [{"Key": 1, "Val": at}]}

    def _json(self, more: Json, *, ret: int = 0, key: Json | None = None) -> str:
        base: Json = {"BaseResponse": {"Ret": ret, "ErrMsg": ""}}
        base["SyncKey"] = self._key(0) if key is None else key
        return json.dumps({**base, **more}, ensure_ascii=False)
