"""The official QQ bot and its platform on loopback, as a rig of the conformance suite."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import ClassVar

import httpx
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from bot.channels.inbound import InboundServer
from bot.channels.qq_official import QQOfficial
from tests.channels.conformance import PIXEL, Said
from tests.channels.ears import Ears, HandClock
from tests.channels.http_standin import Called, HttpStandIn, Told

APP_ID = "11111111"
SECRET = "DG5g3B4j9X2KOErG"
PATH = "/qq/webhook"


class QQRig:
    """QQ on loopback: signed webhooks in, the API with its windows and double numbers out."""

    plays = frozenset(
        {"duplicates", "garbage", "long", "again", "lose_answer", "remove_bot", "refuse"}
    )
    skips: ClassVar[dict[str, str]] = {
        "drop": "the platform calls us: there is no link of ours that could be cut",
        "freeze": "the platform calls us: silence is nothing unusual",
        "wrong_token": "a wrong signature or secret: test_qq_official.py",
        "leave": "the platform does not tell who leaves",
        "a_message_says_who_where_when_and_what": "each message in a group mentions the bot",
    }
    room, other_room = "C9F778FE6ADF9D1D1DBE395BF744A33A", "D0A0000000000000000000000000000B"
    resident, neighbour, other_bot = "E4F4AEA33253A2797FB897C50B81D7ED", "AA11", "BB22"

    def __init__(self) -> None:
        self.clock = HandClock()
        self.ears = Ears()
        self.count = 0
        self.tokens = 0
        self.valid_token = "ACCESS1"
        self.secret = SECRET
        self.used: set[tuple[str, int]] = set()
        self.gone: set[str] = set()
        self.silent = False
        self.muted = False
        self.platform = HttpStandIn(self.answer)
        self.key = Ed25519PrivateKey.from_private_bytes((SECRET * 2).encode())

    async def start(self) -> None:
        await self.platform.__aenter__()
        self.channel = QQOfficial(
            app_id=APP_ID,
            secret=self.secret,
            now=self.clock.now,
            api_url=self.platform.url,
            token_url=f"{self.platform.url}/app/getAppAccessToken",
            deadline=0.3,
            ignore=["BB22"],
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
        if called.path == "/app/getAppAccessToken":
            if called.body != {"appId": APP_ID, "clientSecret": SECRET}:
                return Told(body={"code": 100016, "message": "invalid appid or secret"})
            self.tokens += 1
            self.valid_token = f"ACCESS{self.tokens}"
            return Told(body={"access_token": self.valid_token, "expires_in": "7200"})
        if called.path == "/picture":
            return Told(raw=PIXEL)
        if called.headers["authorization"] != f"QQBot {self.valid_token}":
            return Told(status=401, body={"code": 11244, "message": "token"})
        if called.method == "DELETE":
            return Told(status=200 if called.path.rpartition("/")[2].startswith("out") else 404)
        place = called.path.split("/")[3]
        if place in self.gone:
            return Told(status=400, body={"code": 40054003, "message": "not in group"})
        if self.muted:
            return Told(status=400, body={"code": 40054002, "message": "muted"})
        number = (called.body["msg_id"], called.body["msg_seq"])
        if number in self.used:
            return Told(status=400, body={"code": 40054005, "message": "double"})
        self.used.add(number)
        if self.silent:
            return Told(silent=True)
        return Told(body={"id": f"out{len(self.used)}", "timestamp": 1})

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
        del mentions
        self.count += 1
        place = self.room if room == "" else room
        data: dict[str, object] = {
            "id": f"ROBOT1.0_{self.count}",
            "content": f" {text}",
            "timestamp": self.clock.now().astimezone().isoformat(),
            "author": {"member_openid" if place else "user_openid": sender or self.resident},
        }
        if place:
            data["group_openid"] = place
        if reply_to:
            data["message_reference"] = {"message_id": reply_to}
        if image:
            data["attachments"] = [
                {"content_type": "image/png", "url": f"{self.platform.url}/picture"}
            ]
        kind = "GROUP_AT_MESSAGE_CREATE" if place else "C2C_MESSAGE_CREATE"
        for n in range(times):
            answer = await self.event(kind, data, id=f"e{self.count}.{n}")
            assert (answer.status_code, answer.json()) == (200, {"op": 12})
        return f"ROBOT1.0_{self.count}"

    async def event(self, kind: str, data: object, *, id: str = "e") -> httpx.Response:
        return await self.post(json.dumps({"op": 0, "id": id, "t": kind, "d": data}).encode())

    async def post(
        self,
        body: bytes,
        *,
        stamp: int | None = None,
        signature: str | None = None,
        app: str = APP_ID,
    ) -> httpx.Response:
        when = str(int(self.clock.now().timestamp()) if stamp is None else stamp)
        headers = {
            "X-Bot-Appid": app,
            "X-Signature-Timestamp": when,
            "X-Signature-Ed25519": signature or self.key.sign(when.encode() + body).hex(),
        }
        return await self.client.post(PATH, content=body, headers=headers)

    async def remove_bot(self) -> None:
        self.gone.add(self.room)
        await self.event(
            "GROUP_DEL_ROBOT",
            {"group_openid": self.room, "op_member_openid": "A", "timestamp": 1772442000},
        )

    async def garbage(self) -> None:
        broken: list[object] = [None, [], {}, {"id": 1}, {"id": "x", "author": 7, "timestamp": []}]
        for data in broken:
            for kind in ("GROUP_AT_MESSAGE_CREATE", "C2C_MESSAGE_CREATE", "GROUP_DEL_ROBOT", "NEW"):
                assert (await self.event(kind, data)).status_code == 200
        for body in (b"", b"x", b"[]", b"[" * 9000):
            assert (await self.post(body)).status_code == 400

    async def refuse(self) -> None:
        self.muted = True

    async def lose_answer(self) -> None:
        self.silent = True
        self.platform.answer = lambda c: (
            Told(silent=True) if c.body.get("msg_id") else self.answer(c)
        )

    def sent(self) -> list[Said]:
        if self.muted:
            return []
        found: dict[tuple[str, int], Said] = {}
        for call in self.platform.calls:
            if call.method == "POST" and call.path.endswith("/messages"):
                _, _, kind, place, _ = call.path.split("/")
                found[call.body["msg_id"], call.body["msg_seq"]] = Said(
                    text=call.body["content"],
                    room=place if kind == "groups" else None,
                    person=place if kind == "users" else None,
                )
        return list(found.values())

    def recalled(self) -> list[str]:
        return [c.path.rpartition("/")[2] for c in self.platform.calls if c.method == "DELETE"]


def rigged(work: Callable[[QQRig], Awaitable[None]]) -> None:
    async def whole() -> None:
        rig = QQRig()
        await rig.start()
        try:
            await work(rig)
        finally:
            await rig.stop()

    asyncio.run(asyncio.wait_for(whole(), 20))
