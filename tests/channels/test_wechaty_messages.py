"""WeChat by wechaty: the pitfalls of messages, names and sends, shown not to be ours."""

from __future__ import annotations

import asyncio

import pytest
from grpclib.const import Status

from bot.channels.base import Send
from domain.errors import ChannelError
from domain.events import Gap, Message, RoomChanged
from domain.outgoing import SendState
from tests.channels.conformance import PIXEL
from tests.channels.wechaty_rig import WechatyRig, played
from tests.channels.wechaty_world import (
    BOT,
    DIRTY,
    IMAGE,
    JOIN,
    LI,
    MESSAGE,
    ROOM,
    TOPIC,
    ZHANG,
)


def test_a_message_that_cannot_be_read_is_named_and_the_room_goes_on() -> None:
    async def scene(rig: WechatyRig) -> None:
        rig.gateway.tell(MESSAGE, {"messageId": "gone"})
        await rig.say("之后")
        await rig.ears.words("之后")
        assert rig.gateway.calls.count("MessagePayload") == 4
        assert [gap.filled for gap in rig.ears.all(Gap)] == [False]
        assert rig.channel.health().gaps == 1

    played(scene)


def test_a_message_that_could_not_be_read_is_read_when_it_is_announced_again() -> None:
    async def scene(rig: WechatyRig) -> None:
        rig.gateway.tell(MESSAGE, {"messageId": "late"})
        await rig.ears.heard(Gap)
        rig.gateway.post("迟到的", id="late")
        await rig.ears.words("迟到的")

    played(scene)


def test_a_slow_message_is_not_overtaken() -> None:
    async def scene(rig: WechatyRig) -> None:
        rig.gateway.fails_once += ["MessagePayload", "MessagePayload"]
        for i in range(200):
            await rig.say(str(i))
        await rig.ears.heard(Message, 200)
        assert rig.ears.texts == [str(i) for i in range(200)]
        assert not rig.ears.all(Gap)

    played(scene)


def test_new_names_are_used_at_once() -> None:
    async def scene(rig: WechatyRig) -> None:
        await rig.say("一")
        first = await rig.ears.words("一")
        assert (first.room_name, first.sender_name) == ("幸福小区一群", "3栋201张")
        rig.world.topics[ROOM] = "幸福小区业主群"
        rig.gateway.tell(TOPIC, {"roomId": ROOM, "newTopic": "幸福小区业主群", "oldTopic": "x"})
        rig.world.aliases[(ROOM, ZHANG)] = "3栋201张大妈"
        rig.gateway.tell(DIRTY, {"payloadType": 4, "payloadId": f"{ZHANG}@@@{ROOM}"})
        await rig.say("二")
        second = await rig.ears.words("二")
        assert (second.room_name, second.sender_name) == ("幸福小区业主群", "3栋201张大妈")

    played(scene)


def test_names_that_nobody_announced_are_asked_again_after_a_while() -> None:
    async def scene(rig: WechatyRig) -> None:
        await rig.say("一")
        await rig.ears.words("一")
        rig.world.aliases[(ROOM, ZHANG)] = "老张"
        await rig.say("二")
        assert (await rig.ears.words("二")).sender_name == "3栋201张"
        rig.clock.advance(301)
        await rig.say("三")
        assert (await rig.ears.words("三")).sender_name == "老张"

    played(scene)


def test_names_that_cannot_be_had_take_no_message_down() -> None:
    async def scene(rig: WechatyRig) -> None:
        for call in ("RoomPayload", "RoomMemberPayload", "ContactPayload"):
            rig.gateway.fails[call] = (Status.INTERNAL, "x")
        await rig.say("没有名字")
        message = await rig.ears.words("没有名字")
        assert (message.sender_name, message.room_name) == (ZHANG, "")

    played(scene)


def test_words_without_an_id_in_the_answer_are_sent_all_the_same() -> None:
    async def scene(rig: WechatyRig) -> None:
        rig.gateway.tells_ids = False
        result = await rig.channel.send(Send(text="收到", room=ROOM, mentions=(ZHANG,)))
        assert (result.state, result.remote_id) == (SendState.SENT, None)
        (sent,) = rig.world.sent
        assert sent.text == "@3栋201张\u2005收到"
        assert sent.mentions == (ZHANG,)

    played(scene)


def test_an_own_message_is_heard_only_when_it_was_typed_on_the_phone() -> None:
    async def scene(rig: WechatyRig) -> None:
        await rig.channel.send(Send(text="收到", room=ROOM, images=(PIXEL,)))
        await rig.channel.send(Send(text="好的", person=ZHANG))
        rig.gateway.post("收到", sender=BOT)
        (message,) = await rig.ears.heard(Message)
        assert (message.text, message.from_self) == ("收到", True)

    played(scene)


def test_words_out_and_a_picture_not_is_no_reason_to_repeat_the_words() -> None:
    async def scene(rig: WechatyRig) -> None:
        rig.gateway.fails["MessageSendFile"] = (Status.UNKNOWN, "no")
        result = await rig.channel.send(Send(text="看图", room=ROOM, images=(PIXEL,)))
        assert (result.state, result.error) == (SendState.MAYBE_SENT, "picture_failed")
        alone = await rig.channel.send(Send(text="", room=ROOM, images=(PIXEL,)))
        assert (alone.state, alone.error) == (SendState.FAILED, "refused")

    played(scene)


def test_a_link_cut_while_sending_is_maybe_sent() -> None:
    async def scene(rig: WechatyRig) -> None:
        rig.gateway.loses.add("MessageSendText")
        sending = asyncio.create_task(rig.channel.send(Send(text="收到", room=ROOM)))
        while not rig.world.sent:
            await asyncio.sleep(0)
        rig.gateway.cable.break_off()
        result = await sending
        assert (result.state, result.error) == (SendState.MAYBE_SENT, "connection_lost")

    played(scene)


def test_a_mention_is_known_by_the_name_where_the_puppet_tells_no_ids() -> None:
    async def scene(rig: WechatyRig) -> None:
        rig.world.aliases[(ROOM, BOT)] = "小格在线"
        said = {
            "@小格\u2005在吗": True,
            "你好 @小格在线\u2005": True,
            "问一下@小格": True,
            "@小格 在吗": True,
            "@小格格在吗": False,
            "小格在吗": False,
            "@张大妈\u2005在吗": False,
        }
        for text in said:
            rig.gateway.post(text)
        heard = await rig.ears.heard(Message, len(said))
        assert {m.text: m.mentions_me for m in heard} == said

    played(scene)


@pytest.mark.parametrize("milliseconds", [True, False])
def test_seconds_and_milliseconds_are_told_apart(milliseconds: bool) -> None:
    async def scene(rig: WechatyRig) -> None:
        rig.gateway.milliseconds = milliseconds
        await rig.say("几点了")
        assert (await rig.ears.words("几点了")).at == rig.clock.now()

    played(scene)


def test_no_time_at_all_is_now() -> None:
    async def scene(rig: WechatyRig) -> None:
        rig.gateway.post("没有时间", at=0)
        assert (await rig.ears.words("没有时间")).at == rig.clock.now()

    played(scene)


@pytest.mark.parametrize("size", [10, 20_000, 300_000])
def test_pictures_of_any_size_can_be_fetched(size: int) -> None:
    async def scene(rig: WechatyRig) -> None:
        content = PIXEL + bytes(size)
        rig.gateway.post("", sort=IMAGE, file=content)
        (message,) = await rig.ears.heard(Message)
        (reference,) = message.images
        assert await rig.wechaty.picture(reference) == content
        rig.gateway.fails["MessageFile"] = (Status.UNKNOWN, "gone")
        with pytest.raises(ChannelError, match="cannot be fetched"):
            await rig.wechaty.picture(reference)

    played(scene)


def test_official_accounts_are_no_residents() -> None:
    async def scene(rig: WechatyRig) -> None:
        rig.world.official.add(LI)
        rig.gateway.post("今日推送", sender=LI, room="")
        assert (await rig.ears.words("今日推送")).from_bot

    played(scene)


def test_who_joins_is_told_and_coming_back_to_a_room_opens_it_again() -> None:
    async def scene(rig: WechatyRig) -> None:
        await rig.remove_bot()
        await rig.ears.heard(RoomChanged)
        told = {"roomId": ROOM, "inviteeIdList": [LI, BOT], "inviterId": ZHANG, "timestamp": 2}
        rig.gateway.tell(JOIN, told)
        found = await rig.ears.heard(RoomChanged, 3)
        assert [(c.person, c.change, c.whose) for c in found[1:]] == [
            (LI, "joined", "member"),
            (BOT, "joined", "self"),
        ]
        assert (await rig.channel.send(Send(text="又来了", room=ROOM))).state is SendState.SENT

    played(scene)


def test_a_borrowed_name_does_not_make_anybody_else() -> None:
    async def scene(rig: WechatyRig) -> None:
        rig.world.aliases[(ROOM, LI)] = "3栋201张"
        rig.gateway.post("真的", sender=ZHANG)
        rig.gateway.post("假的", sender=LI)
        real, false = await rig.ears.heard(Message, 2)
        assert real.sender_name == false.sender_name
        assert real.person != false.person

    played(scene)
