"""Pictures that came in: fetched where they lie, in time, not too large, from no strange place."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import httpx
import pytest

from bot.channels.downloading import LARGEST, download
from bot.channels.wecom_callback import WecomCallback
from bot.channels.wecom_pictures import content
from domain.errors import ChannelError
from domain.events import Message
from tests.channels.ears import HandClock
from tests.channels.http_standin import HttpStandIn, Told
from tests.channels.onebot_rig import OneBotRig, played
from tests.channels.onebot_town import segment
from tests.channels.rig import PIXEL
from tests.channels.wecom_callback_rig import (
    AES_KEY,
    CORP,
    EASY,
    TOKEN,
    CallbackRig,
    rigged,
    sealed,
)

HERE = "127.0.0.1"


def fetched(told: Told, seconds: float = 5.0) -> bytes:
    async def whole() -> bytes:
        async with HttpStandIn(lambda _: told) as place:
            return await download(f"{place.url}/p", beside=HERE, seconds=seconds)

    return asyncio.run(whole())


def test_a_picture_comes_as_it_lies_there() -> None:
    assert fetched(Told(raw=PIXEL)) == PIXEL
    assert len(fetched(Told(raw=b"\x89PNG" + b"0" * (LARGEST - 4)))) == LARGEST


@pytest.mark.parametrize(
    ("told", "why"),
    [
        (Told(raw=b"0" * (LARGEST + 1)), "too large"),
        (Told(raw=PIXEL, headers={"Content-Encoding": "gzip"}), "packed"),
        (Told(status=404), "http_404"),
        (Told(status=302, headers={"Location": "http://127.0.0.1:1/elsewhere"}), "http_302"),
        (Told(hang_up=True), "did not come"),
        (Told(silent=True), "in time"),
    ],
)
def test_what_is_no_picture_in_time_is_an_error_without_its_address(told: Told, why: str) -> None:
    with pytest.raises(ChannelError, match=why) as raised:
        fetched(told, seconds=0.3)
    assert HERE not in str(raised.value)


@pytest.mark.parametrize(
    ("url", "may"),
    [
        ("https://multimedia.nt.qq.com.cn/download?rkey=x", True),
        ("http://gchat.qpic.cn/p", True),
        ("http://127.0.0.1:3000/p", False),
        ("http://localhost/p", False),
        ("http://10.1.2.3/p", False),
        ("http://169.254.169.254/latest/meta-data", False),
        ("http://[::1]/p", False),
        ("http://[::1/p", False),
        ("http://printer.local/p", False),
        ("file:///etc/passwd", False),
        ("/app/.config/QQ/temp/p.png", False),
        ("", False),
    ],
)
def test_no_machine_of_the_own_network_is_called_because_somebody_wrote_its_address(
    url: str, may: bool
) -> None:
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(200, content=PIXEL)

    async def whole() -> bytes:
        return await download(url, transport=httpx.MockTransport(answer))

    if may:
        assert asyncio.run(whole()) == PIXEL
    else:
        with pytest.raises(ChannelError, match="nothing is fetched"):
            asyncio.run(whole())
    assert bool(asked) is may


def onebot_scene(
    url: str, name: str, then: Callable[[OneBotRig, str], Awaitable[None]]
) -> Callable[[OneBotRig], Awaitable[None]]:
    async def scene(rig: OneBotRig) -> None:
        address = f"{rig.server.http_url}{url}" if url.startswith("/") else url
        shown = segment("image", file=name, url=address)
        await rig.server.push(rig.server.town.say([shown]))
        (message,) = await rig.ears.heard(Message)
        await then(rig, message.images[0])

    return scene


def test_an_address_that_ran_out_is_asked_for_again_by_its_name() -> None:
    async def then(rig: OneBotRig, reference: str) -> None:
        rig.server.town.files["A1.png"] = PIXEL
        assert await rig.channel.picture(reference) == PIXEL
        assert rig.server.fetched == ["old.png"]
        assert ("get_image", {"file": "A1.png"}) in rig.server.calls

    played(onebot_scene("/files/old.png", "A1.png", then))


def test_hearing_a_picture_fetches_nothing() -> None:
    async def then(rig: OneBotRig, reference: str) -> None:
        assert reference
        assert rig.server.fetched == []
        assert "get_image" not in [action for action, _ in rig.server.calls]

    played(onebot_scene("/files/A1.png", "A1.png", then))


def test_what_the_implementation_does_not_give_is_an_error() -> None:
    async def then(rig: OneBotRig, reference: str) -> None:
        with pytest.raises(ChannelError, match="retcode_200"):
            await rig.channel.picture(reference)

    played(onebot_scene("/files/A1.png", "A1.png", then))


@pytest.mark.parametrize("told", ["/etc/hostname", "file:///etc/hostname", "base64://!", ""])
def test_a_path_on_the_other_sides_disk_is_never_opened(told: str) -> None:
    async def then(rig: OneBotRig, reference: str) -> None:
        rig.server.town.paths["A1.png"] = told
        with pytest.raises(ChannelError):
            await rig.channel.picture(reference)

    played(onebot_scene("", "A1.png", then))


def test_a_picture_written_where_its_name_belongs_is_not_kept_as_a_name() -> None:
    async def scene(rig: OneBotRig) -> None:
        await rig.server.push(
            rig.server.town.say([segment("image", file="base64://" + "A" * 9000)])
        )
        (message,) = await rig.ears.heard(Message)
        assert message.images == ()

    played(scene)


def test_an_employees_picture_lies_at_an_address_or_under_its_media_id() -> None:
    async def work(rig: CallbackRig) -> None:
        assert await rig.channel.picture(f"{rig.platform.url}/sealed m1") == sealed(PIXEL)
        assert await rig.channel.picture("http://127.0.0.1:1/gone m1") == PIXEL
        rig.token = "T2"
        assert await rig.channel.picture(" m1") == PIXEL, "with a new token"
        with pytest.raises(ChannelError, match="errcode_40007"):
            await rig.channel.picture(" m2")

    rigged(work)


def test_without_the_secret_only_pictures_with_an_address_can_be_fetched() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        found = {"/p": PIXEL, "/s": sealed(PIXEL), "/forged": b"0" * 64}.get(request.url.path)
        return httpx.Response(200, content=found) if found else httpx.Response(404)

    async def whole() -> None:
        channel = WecomCallback(
            token=TOKEN, aes_key=AES_KEY, corp_id=CORP, now=HandClock().now,
            transport=httpx.MockTransport(answer),
        )  # fmt: skip
        assert await channel.picture("https://p.qpic.cn/p m1") == PIXEL
        assert await channel.picture("sealed https://p.qpic.cn/s") == PIXEL
        for reference, why in (
            (" m1", "CALLBACK_SECRET"),
            ("https://p.qpic.cn/gone m1", "http_404"),
            ("sealed https://p.qpic.cn/forged", "sealed"),
        ):
            with pytest.raises(ChannelError, match=why):
                await content(
                    reference, crypt=EASY, app=None, transport=httpx.MockTransport(answer)
                )

    asyncio.run(whole())
