"""WeChat by itchat: rooms and people whose ids last for one log-in."""

from __future__ import annotations

from bot.channels.base import Link, Send
from bot.channels.itchat_session import rooms_path
from domain.events import Message, RoomChanged
from domain.outgoing import SendState
from tests.channels.itchat_rig import ItchatRig, played
from tests.channels.webwx_world import BOT, LI, NEWS, OTHER, ROOM, ZHANG


def test_a_room_that_is_not_saved_is_known_as_soon_as_it_speaks() -> None:
    def before(rig: ItchatRig) -> None:
        rig.wx.saved_rooms = {OTHER}
        rig.wx.up()

    async def scene(rig: ItchatRig) -> None:
        await rig.link(Link.UP)
        assert (
            await rig.itchat.send(Send(text="在吗", room="幸福小区一群"))
        ).error == "not_in_room"
        rig.wx.post("有人吗")
        message = await rig.ears.words("有人吗")
        assert (message.room, message.sender_name) == ("幸福小区一群", "3栋201张")
        result = await rig.itchat.send(Send(text="在", room="幸福小区一群"))
        assert result.state is SendState.SENT

    played(scene, before=before)


def test_two_rooms_with_one_name_are_both_left_alone() -> None:
    def before(rig: ItchatRig) -> None:
        rig.wx.topics |= {ROOM: "幸福小区", OTHER: "幸福小区"}
        rig.wx.up()

    async def scene(rig: ItchatRig) -> None:
        await rig.link(Link.UP)
        rig.wx.post("一群")
        rig.wx.post("二群", room=OTHER)
        rooms = {m.room for m in await rig.ears.heard(Message, 2)}
        assert len(rooms) == 2
        assert "幸福小区" not in rooms
        assert list(rig.itchat.health().doubtful_rooms) == ["幸福小区"]
        for room in (*rooms, "幸福小区"):
            result = await rig.itchat.send(Send(text="在吗", room=room))
            assert result.state is SendState.FAILED
        assert (await rig.itchat.send(Send(text="在吗", room="幸福小区"))).error == "room_doubtful"
        assert rig.wx.sent == []

    played(scene, before=before)


def test_a_room_that_takes_the_name_of_a_known_one_gets_nothing_of_it() -> None:
    async def scene(rig: ItchatRig) -> None:
        rig.wx.topics["other-fake"] = "幸福小区一群"
        rig.wx.members["other-fake"] = [BOT, LI]
        rig.wx.post("给我看看工单", sender=LI, room="other-fake")
        rig.wx.post("真的群")
        fake = await rig.ears.words("给我看看工单")
        assert fake.room not in (None, "幸福小区一群")
        assert (await rig.ears.words("真的群")).room == "幸福小区一群"

    played(scene)


def test_a_room_whose_people_are_others_after_a_log_in_is_not_the_same_room() -> None:
    async def scene(rig: ItchatRig) -> None:
        await rig.close()
        rig.wx.end_session()
        rig.wx.names |= {f"x{i}": f"陌生人{i}" for i in range(5)}
        rig.wx.members[ROOM] = [BOT, *(f"x{i}" for i in range(5))]
        rig.run()
        await rig.link(Link.UP)
        assert list(rig.itchat.health().doubtful_rooms) == ["幸福小区一群"]
        result = await rig.itchat.send(Send(text="在吗", room="幸福小区一群"))
        assert (result.state, result.error) == (SendState.FAILED, "room_doubtful")
        await rig.close()
        rooms_path(rig.session).unlink()
        rig.run()
        await rig.link(Link.UP)
        assert list(rig.itchat.health().doubtful_rooms) == []

    played(scene)


def test_a_room_with_a_few_new_people_stays_the_same_room() -> None:
    async def scene(rig: ItchatRig) -> None:
        await rig.close()
        rig.wx.end_session()
        rig.wx.names["new"] = "新邻居"
        rig.wx.members[ROOM] = [BOT, ZHANG, LI, "new"]
        rig.run()
        await rig.link(Link.UP)
        assert list(rig.itchat.health().doubtful_rooms) == []

    played(scene)


def test_a_renamed_room_has_a_new_handle() -> None:
    async def scene(rig: ItchatRig) -> None:
        rig.wx.topics[ROOM] = "幸福小区业主群"
        rig.wx.room_changes(ROOM)
        rig.wx.post("改名了")
        assert (await rig.ears.words("改名了")).room == "幸福小区业主群"
        assert (await rig.itchat.send(Send(text="在", room="幸福小区一群"))).error == "not_in_room"
        assert rig.ears.all(RoomChanged) == []

    played(scene)


def test_who_joins_is_told() -> None:
    async def scene(rig: ItchatRig) -> None:
        rig.wx.names["new"] = "新邻居"
        rig.wx.members[ROOM].append("new")
        rig.wx.room_changes(ROOM)
        (change,) = await rig.ears.heard(RoomChanged)
        assert (change.change, change.whose, change.room) == ("joined", "member", rig.room)

    played(scene)


def test_a_mention_is_a_name_in_the_text() -> None:
    async def scene(rig: ItchatRig) -> None:
        rig.wx.shown[(ROOM, BOT)] = "小格在线"
        rig.wx.room_changes(ROOM)
        said = {
            "@小格\u2005在吗": True,
            "问问@小格在线": True,
            "@小格格 在吗": False,
            "小格": False,
        }
        for text in said:
            rig.wx.post(text)
        heard = await rig.ears.heard(Message, len(said))
        assert {m.text: m.mentions_me for m in heard} == said
        send = Send(text="收到", room=rig.room, mentions=(rig.resident, "old.@id"))
        await rig.itchat.send(send)
        assert rig.wx.sent[0].text == "@3栋201张\u2005收到"

    played(scene)


def test_official_accounts_are_no_residents() -> None:
    async def scene(rig: ItchatRig) -> None:
        rig.wx.post("今日推送", sender=NEWS, room=None)
        assert (await rig.ears.words("今日推送")).from_bot

    played(scene)


def test_a_borrowed_name_does_not_make_anybody_else() -> None:
    async def scene(rig: ItchatRig) -> None:
        rig.wx.shown[(ROOM, LI)] = "3栋201张"
        rig.wx.room_changes(ROOM)
        rig.wx.post("真的", sender=ZHANG)
        rig.wx.post("假的", sender=LI)
        real, false = await rig.ears.heard(Message, 2)
        assert real.sender_name == false.sender_name
        assert real.person != false.person

    played(scene)
