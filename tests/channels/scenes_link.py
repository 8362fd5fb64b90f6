"""Scenarios of the conformance suite: links that break, sends that get lost, a clean end."""

from __future__ import annotations

from datetime import timedelta

from bot.channels.base import Link, Send
from domain.events import Gap, Message
from domain.outgoing import SendState
from tests.channels.rig import Rig, scenario


@scenario("drop", needs=lambda c: c.history != "none")
async def what_was_said_while_the_link_was_down_is_caught_up_once(rig: Rig) -> None:
    await rig.say("断线前")
    before = await rig.ears.words("断线前")

    async def meanwhile() -> None:
        await rig.say("断线中一")
        await rig.say("断线中二")
        await rig.say("断线中三", room=rig.other_room)

    await rig.say("别的群", room=rig.other_room)
    await rig.ears.words("别的群")
    await rig.drop(meanwhile)
    await rig.say("断线后")
    await rig.ears.words("断线后")
    mine = [m.text for m in rig.ears.all(Message) if m.room == rig.room]
    assert mine == ["断线前", "断线中一", "断线中二", "断线后"]
    assert rig.ears.texts.count("断线中三") == 1
    (gap,) = rig.ears.all(Gap)
    assert gap.filled
    assert before.at - timedelta(seconds=1) <= gap.since <= gap.at
    assert rig.channel.health().gaps == 1


@scenario("drop", "overflow", needs=lambda c: c.history == "partial")
async def a_gap_that_history_cannot_fill_is_named(rig: Rig) -> None:
    await rig.say("断线前")
    await rig.ears.words("断线前")
    await rig.overflow()

    async def meanwhile() -> None:
        for i in range(30):
            await rig.say(f"断线中{i}")

    await rig.drop(meanwhile)
    (gap,) = await rig.ears.heard(Gap)
    assert not gap.filled


@scenario("drop", needs=lambda c: c.history == "none")
async def a_gap_without_history_is_named(rig: Rig) -> None:
    async def meanwhile() -> None:
        return None

    await rig.say("断线前")
    await rig.ears.words("断线前")
    await rig.drop(meanwhile)
    (gap,) = await rig.ears.heard(Gap)
    assert not gap.filled


@scenario("freeze")
async def a_silent_link_is_noticed_and_renewed(rig: Rig) -> None:
    await rig.say("之前")
    await rig.ears.words("之前")
    await rig.freeze()
    await rig.say("之后")
    await rig.ears.words("之后")
    assert rig.channel.health().link is Link.UP


@scenario("restart", needs=lambda c: c.history != "none")
async def what_was_said_while_the_process_was_away_is_caught_up(rig: Rig) -> None:
    await rig.say("之前")
    await rig.ears.words("之前")

    async def meanwhile() -> None:
        await rig.say("不在时一")
        await rig.say("不在时二")

    await rig.restart(meanwhile)
    await rig.say("之后")
    await rig.ears.words("之后")
    since_restart = rig.ears.texts[rig.ears.texts.index("不在时一") :]
    assert since_restart == ["不在时一", "不在时二", "之后"]


@scenario("wrong_token")
async def a_wrong_token_is_told_and_healed_without_a_restart(rig: Rig) -> None:
    await rig.wrong_token()
    health = rig.channel.health()
    assert (health.link, health.detail) == (Link.LOGGED_OUT, "wrong_token")
    await rig.right_token()
    await rig.say("回来了")
    await rig.ears.words("回来了")


@scenario("lose_answer", deaf=True)
async def a_send_without_an_answer_may_have_gone_out(rig: Rig) -> None:
    await rig.lose_answer()
    result = await rig.channel.send(Send(text="记下了", room=rig.room))
    assert result.state is SendState.MAYBE_SENT
    assert result.error == "timeout"
    assert [said.text for said in rig.sent()] == ["记下了"]


@scenario("refuse", deaf=True)
async def a_refused_send_has_failed_with_a_code(rig: Rig) -> None:
    await rig.refuse()
    result = await rig.channel.send(Send(text="记下了", room=rig.room))
    assert result.state is SendState.FAILED
    assert result.error == "muted"
    assert rig.sent() == []


@scenario("garbage")
async def what_cannot_be_decoded_takes_nothing_down(rig: Rig) -> None:
    await rig.garbage()
    await rig.say("还在")
    await rig.ears.words("还在")
    assert rig.channel.health().link is Link.UP
    assert not rig.ears.all(Gap)


@scenario("long")
async def a_hundred_thousand_letters_take_nothing_down(rig: Rig) -> None:
    await rig.say("水" * 100_000)
    await rig.say("还在")
    await rig.ears.words("还在")
    assert len(rig.ears.all(Message)[0].text) > 1000
    assert rig.channel.health().link is Link.UP


@scenario()
async def a_closed_channel_has_ended(rig: Rig) -> None:
    await rig.say("之前")
    await rig.ears.words("之前")
    await rig.channel.close()
    assert rig.channel.health().link is Link.DOWN
    await rig.channel.close()


@scenario("again")
async def a_closed_channel_can_begin_again(rig: Rig) -> None:
    await rig.say("之前")
    await rig.ears.words("之前")
    await rig.channel.close()
    await rig.again()
    assert (await rig.channel.send(Send(text="又来了", room=rig.room))).state is SendState.SENT
    await rig.say("之后")
    await rig.ears.words("之后")
    assert rig.ears.texts == ["之前", "之后"]


@scenario(deaf=True)
async def a_rate_and_a_risk_are_given(rig: Rig) -> None:
    rate = rig.channel.capabilities.rate
    assert rate.count > 0
    assert rate.seconds > 0
    assert rate.apart >= 0
