"""Scenarios of the conformance suite: what people say, and what the bot answers."""

from __future__ import annotations

import pytest

from bot.channels.base import Link, Send, Showing
from domain.errors import ChannelError
from domain.events import Message, Recalled, RoomChanged
from domain.outgoing import SendState
from handlers.zh.placeholders import PLACEHOLDERS
from tests.channels.rig import PIXEL, Rig, Said, scenario


@scenario()
async def messages_arrive_once_and_in_order(rig: Rig) -> None:
    wanted: list[str] = []
    for i in range(40):
        room = rig.room if i % 3 else rig.other_room
        await rig.say(f"第{i}条", room=room)
        wanted.append(f"第{i}条")
    heard = await rig.ears.heard(Message, 40)
    for room in (rig.room, rig.other_room):
        mine = [m.text for m in heard if m.room == room]
        assert mine == [
            t for i, t in enumerate(wanted) if (rig.room if i % 3 else rig.other_room) == room
        ]
    assert len({message.key for message in heard}) == 40


@scenario()
async def a_message_says_who_where_when_and_what(rig: Rig) -> None:
    id = await rig.say("3号楼停水了", sender=rig.resident)
    message = await rig.ears.words("3号楼停水了")
    assert (message.id, message.room, message.sender) == (id, rig.room, rig.resident)
    assert (message.channel, message.account) == (rig.channel.name, rig.channel.account)
    assert message.sender_name
    assert message.at.tzinfo is not None
    flags = (message.from_self, message.from_bot, message.mentions_me, message.forwarded)
    assert not any(flags)
    assert message.id_scope == rig.channel.capabilities.id_scope
    health = rig.channel.health()
    assert health.link is Link.UP
    assert health.last_event_at is not None


@scenario("duplicates")
async def what_is_delivered_twice_arrives_once(rig: Rig) -> None:
    await rig.say("电梯坏了", times=3)
    await rig.say("完")
    await rig.ears.words("完")
    assert rig.ears.texts == ["电梯坏了", "完"]


@scenario()
async def the_same_words_said_twice_arrive_twice(rig: Rig) -> None:
    await rig.say("在吗")
    await rig.say("在吗")
    heard = await rig.ears.heard(Message, 2)
    assert heard[0].id != heard[1].id


@scenario()
async def own_messages_are_flagged(rig: Rig) -> None:
    await rig.say("记下了", sender=rig.channel.account)
    assert (await rig.ears.words("记下了")).from_self


@scenario()
async def other_bots_are_flagged(rig: Rig) -> None:
    await rig.say("今日天气", sender=rig.other_bot)
    message = await rig.ears.words("今日天气")
    assert message.from_bot
    assert not message.from_self


@scenario(needs=lambda c: c.can_mention)
async def a_mention_of_the_bot_is_told_from_one_of_a_neighbour(rig: Rig) -> None:
    await rig.say("在吗", mentions=(rig.channel.account,))
    await rig.say("帮个忙", mentions=(rig.neighbour,))
    me, other = await rig.ears.heard(Message, 2)
    assert me.mentions_me
    assert "在吗" in me.text
    assert not other.mentions_me
    assert other.mentions == (rig.neighbour,)


@scenario(needs=lambda c: c.receive_all)
async def a_quote_names_the_message_it_answers(rig: Rig) -> None:
    first = await rig.say("楼道灯不亮")
    await rig.say("我家门口也是", sender=rig.neighbour, reply_to=first)
    assert (await rig.ears.words("我家门口也是")).reply_to == first


@scenario()
async def a_quote_of_own_words_names_what_was_sent(rig: Rig) -> None:
    result = await rig.channel.send(Send(text="记下了 #1", room=rig.room))
    assert result.state is SendState.SENT
    assert result.remote_id is not None
    await rig.say("谢谢", reply_to=result.remote_id)
    assert (await rig.ears.words("谢谢")).reply_to == result.remote_id


@scenario()
async def a_picture_has_a_reference_and_a_placeholder(rig: Rig) -> None:
    await rig.say("就这里漏", image=True)
    (message,) = await rig.ears.heard(Message)
    assert message.images
    assert PLACEHOLDERS["image"] in message.text
    if getattr(rig, "captions", True):
        # Where a picture is a message of its own (WeChat), a rig says `captions = False`.
        assert "就这里漏" in message.text


@scenario(needs=lambda c: c.image_in)
async def a_picture_that_came_can_be_fetched_and_one_that_is_gone_cannot(rig: Rig) -> None:
    assert isinstance(rig.channel, Showing)
    await rig.say("就这里漏", image=True)
    (message,) = await rig.ears.heard(Message)
    (reference,) = message.images
    assert (await rig.channel.picture(reference)).startswith(b"\x89PNG")
    with pytest.raises(ChannelError):
        await rig.channel.picture("404")


@scenario(needs=lambda c: c.sees_recall)
async def a_recall_names_the_message_taken_back(rig: Rig) -> None:
    id = await rig.say("说错了")
    message = await rig.ears.words("说错了")
    await rig.recall(id)
    (recalled,) = await rig.ears.heard(Recalled)
    assert recalled.message == message.key


@scenario("leave")
async def a_member_who_leaves_is_named(rig: Rig) -> None:
    await rig.leave(rig.neighbour)
    (change,) = await rig.ears.heard(RoomChanged)
    assert (change.person, change.change, change.whose) == (rig.neighbour, "left", "member")
    assert change.room == rig.room


@scenario("remove_bot")
async def being_removed_from_a_room_is_told_and_sending_there_fails(rig: Rig) -> None:
    await rig.remove_bot()
    (change,) = await rig.ears.heard(RoomChanged)
    assert (change.change, change.whose, change.room) == ("left", "self", rig.room)
    result = await rig.channel.send(Send(text="在吗", room=rig.room))
    assert result.state is SendState.FAILED
    assert result.error == "not_in_room"


@scenario(needs=lambda c: c.can_private)
async def private_words_have_no_room_and_can_be_answered(rig: Rig) -> None:
    await rig.say("绑定 1234", room=None)
    message = await rig.ears.words("绑定 1234")
    assert message.room is None
    assert message.private
    result = await rig.channel.send(Send(text="好了", person=message.sender))
    assert result.state is SendState.SENT
    assert rig.sent() == [Said(text="好了", person=rig.resident)]


@scenario(deaf=True)
async def words_go_out_once_to_the_right_room(rig: Rig) -> None:
    result = await rig.channel.send(Send(text="记下了 [1], 谢谢", room=rig.other_room))
    assert result.state is SendState.SENT
    assert rig.sent() == [Said(text="记下了 [1], 谢谢", room=rig.other_room)]


@scenario(needs=lambda c: c.can_mention)
async def an_answer_carries_mention_and_quote(rig: Rig) -> None:
    id = await rig.say("灯坏了")
    await rig.ears.words("灯坏了")
    send = Send(text="马上来", room=rig.room, mentions=(rig.resident,), reply_to=id)
    assert (await rig.channel.send(send)).state is SendState.SENT
    (said,) = rig.sent()
    assert said.mentions == (rig.resident,)
    assert said.reply_to == id
    assert said.text == "马上来"


@scenario(needs=lambda c: c.image_out, deaf=True)
async def a_picture_goes_out(rig: Rig) -> None:
    result = await rig.channel.send(Send(text="看图", room=rig.room, images=(PIXEL,)))
    assert result.state is SendState.SENT
    assert rig.sent() == [Said(text="看图", room=rig.room, images=1)]


@scenario(needs=lambda c: c.can_recall)
async def own_words_can_be_taken_back(rig: Rig) -> None:
    result = await rig.channel.send(Send(text="错了", room=rig.room))
    assert result.remote_id is not None
    assert await rig.channel.recall(result.remote_id, rig.room)
    assert rig.recalled() == [result.remote_id]
    assert not await rig.channel.recall("501:99999999:1", rig.room)
