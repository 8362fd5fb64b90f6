"""The WeCom callback and its platform on loopback, as a rig of the conformance suite."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Awaitable, Callable
from typing import ClassVar

import httpx
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC

from bot.channels.inbound import InboundServer
from bot.channels.wecom_app import WecomApp
from bot.channels.wecom_callback import WecomCallback
from bot.channels.wecom_crypt import WecomCrypt
from tests.channels.conformance import PIXEL, Said
from tests.channels.ears import Ears, HandClock
from tests.channels.http_standin import Called, HttpStandIn, Told

TOKEN = "hJqcu3uJ9Tn2gXPmxx2w9kkCkCE2EPYo"
AES_KEY = "6qkdMrq68nTKduznJYO1A37W2oEgpkMUvkttRToqhUt"
CORP = "ww1436e0e65a779aee"
SECRET = "corp-secret-Kz"
PATH = "/wecom/callback"
EASY = WecomCrypt(token=TOKEN, aes_key=AES_KEY, receivers=(CORP, ""))


def sealed(content: bytes) -> bytes:
    """A file as the platform of the robot lays it out: encrypted with the callback's key."""
    key = base64.b64decode(AES_KEY + "=")
    pad = 32 - len(content) % 32
    encryptor = Cipher(AES(key), CBC(key[:16])).encryptor()
    return encryptor.update(content + bytes([pad]) * pad) + encryptor.finalize()


class CallbackRig:
    """WeCom on loopback: it calls us encrypted and signed; robot answers and app words come back."""

    plays = frozenset({"duplicates", "garbage", "long", "lose_answer"})
    skips: ClassVar[dict[str, str]] = {
        "drop": "the platform calls us: there is no link of ours that could be cut",
        "freeze": "the platform calls us: silence is nothing unusual",
        "wrong_token": "a wrong signature is refused: test_wecom_callback.py",
        "again": "the addresses for answers end with the process",
        "refuse": "WeCom mutes no robot",
        "leave": "the platform does not tell who leaves",
        "remove_bot": "the platform does not tell that the robot was removed",
        "a_message_says_who_where_when_and_what": "each message in a group mentions the robot",
        "a_quote_of_own_words_names_what_was_sent": "an answer has no id that could be quoted",
        "own_words_can_be_taken_back": "private words only: test_wecom_callback.py",
    }
    room, other_room = "wrkSFfCgAA", "wrkSFfCgBB"
    resident, neighbour, other_bot = "zhao", "qian", "robot9"

    def __init__(self, *, app: bool = True) -> None:
        self.clock = HandClock()
        self.ears = Ears()
        self.app = app
        self.count = 0
        self.platform = HttpStandIn(self.answer)
        self.token = "T1"
        self.urls: dict[str, str | None] = {}
        self.silent = False

    async def start(self) -> None:
        await self.platform.__aenter__()
        app = WecomApp(
            corp_id=CORP,
            secret=SECRET,
            agent_id=7,
            now=self.clock.now,
            api_url=self.platform.url,
            deadline=0.3,
        )
        self.channel = WecomCallback(
            token=TOKEN,
            aes_key=AES_KEY,
            corp_id=CORP,
            now=self.clock.now,
            path=PATH,
            app=app if self.app else None,
            deadline=0.3,
            ignore=[self.other_bot],
        )
        self.server = InboundServer(host="127.0.0.1", port=0, doors=self.channel.doors)
        await self.server.start()
        self.client = httpx.AsyncClient(base_url=f"http://127.0.0.1:{self.server.port}")
        await self.again()
        for room in (self.room, self.other_room):
            await self.say("(先说一句)", room=room)
        self.ears.events.clear()

    async def again(self) -> None:
        self.running = asyncio.create_task(self.channel.run(self.ears))
        await asyncio.sleep(0)

    async def stop(self) -> None:
        await self.client.aclose()
        await self.server.close()
        await self.channel.close()
        await asyncio.wait_for(self.running, 5)
        await self.platform.__aexit__()

    def answer(self, called: Called) -> Told:
        if called.path == "/cgi-bin/gettoken":
            good = called.query == {"corpid": CORP, "corpsecret": SECRET}
            body = {"errcode": 0, "access_token": self.token, "expires_in": 7200}
            return Told(body=body if good else {"errcode": 40001})
        if called.path == "/sealed":
            return Told(raw=sealed(PIXEL))
        if self.silent:
            return Told(silent=True)
        if called.path == "/answer":
            return Told(body={"errcode": 0})
        if called.query.get("access_token") != self.token:
            return Told(body={"errcode": 42001})
        if called.path == "/cgi-bin/media/get":
            known = called.query["media_id"] == "m1"
            return Told(raw=PIXEL) if known else Told(body={"errcode": 40007})
        return Told(body={"errcode": 0, "msgid": f"out{len(self.platform.calls)}"})

    async def say(
        self,
        text: str,
        *,
        sender: str | None = None,
        room: str | None = "",
        mentions: tuple[str, ...] = (),
        reply_to: str | None = None,
        image: bool = False,
        times: int = 1,
    ) -> str:
        del mentions, reply_to
        self.count += 1
        place = self.room if room == "" else room
        body: dict[str, object] = {
            "msgid": f"M{self.count}",
            "aibotid": "AIB",
            "chattype": "group" if place else "single",
            "from": {"userid": sender or self.resident},
            "response_url": f"{self.platform.url}/answer?response_code=R{self.count}",
            "msgtype": "text",
            "text": {"content": text},
        }
        if place:
            body["chatid"] = place
            self.urls[f"R{self.count}"] = place
        if image:
            body["msgtype"] = "mixed"
            body["mixed"] = {
                "msg_item": [
                    {"msgtype": "text", "text": {"content": text}},
                    {"msgtype": "image", "image": {"url": f"{self.platform.url}/sealed"}},
                ]
            }
        for n in range(times):
            answer = await self.call(json.dumps(body).encode(), nonce=f"{self.count}{n}")
            assert answer.status_code == 200
        return f"M{self.count}"

    async def call(
        self,
        plain: bytes,
        *,
        nonce: str = "11",
        stamp: int | None = None,
        receiver: str = "",
        xml: bool = False,
        signature: str | None = None,
    ) -> httpx.Response:
        when = str(int(self.clock.now().timestamp()) if stamp is None else stamp)
        sealed = EASY.seal(plain, receiver=receiver)
        query = {
            "timestamp": when,
            "nonce": nonce,
            "msg_signature": signature or EASY.signature(when, nonce, sealed),
        }
        body = json.dumps({"encrypt": sealed}).encode()
        if xml:
            body = f"<xml><ToUserName>{CORP}</ToUserName><Encrypt>{sealed}</Encrypt></xml>".encode()
        return await self.client.post(PATH, params=query, content=body)

    async def lose_answer(self) -> None:
        self.silent = True

    async def garbage(self) -> None:
        for n, plain in enumerate((b"", b"no", b"[]", b'{"msgtype":"text"}', b"<xml/>", b"\xff")):
            assert (await self.call(plain, nonce=f"9{n}")).status_code == 200
        for body in (b"", b"x", b"<xml>", b'{"encrypt": 7}'):
            assert (await self.client.post(PATH, content=body)).status_code in (400, 403)

    def sent(self) -> list[Said]:
        found: list[Said] = []
        for call in self.platform.calls:
            if call.path == "/answer":
                room = self.urls.get(call.query["response_code"])
                person = None if room else self.resident
                found.append(Said(text=call.body["markdown"]["content"], room=room, person=person))
            elif call.path == "/cgi-bin/message/send":
                found.append(Said(text=call.body["text"]["content"], person=call.body["touser"]))
        return found


def rigged(work: Callable[[CallbackRig], Awaitable[None]], *, app: bool = True) -> None:
    async def whole() -> None:
        rig = CallbackRig(app=app)
        await rig.start()
        try:
            await work(rig)
        finally:
            await rig.stop()

    asyncio.run(asyncio.wait_for(whole(), 20))
