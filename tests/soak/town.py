"""The town of the soak: 45 estates with a group each, 5 work rooms, bound members, plain sentences."""

from __future__ import annotations

from domain.grid import Community, Directory, Estate, Grid, Member, Post, Room

CHANNEL, ACCOUNT = "onebot", "10001"
COMMUNITIES = ("东风", "红旗", "和平", "光明", "团结")
GARDENS = "春夏秋冬梅兰竹菊松"
ESTATES = tuple(f"{community}{garden}苑" for community in COMMUNITIES for garden in GARDENS)
TROUBLES = (
    "厨房水管漏水了，麻烦来修一下",
    "卫生间马桶堵了，麻烦来看看",
    "下水道堵了，请来人疏通一下",
    "厨房水龙头坏了，关不上，请来修一下",
    "入户门锁坏了，麻烦来修一下",
    "阳台窗户关不上了，请来修一下",
)
"""Of one household each: two of them at different doors are two tickets."""
CHATTER = (
    "早上好各位邻居",
    "今天天气真不错",
    "晚上一起跳广场舞呀",
    "谁家团购了鸡蛋",
    "孩子们放学了真热闹",
    "周末去赶集不",
    "[图片]",
    "哈哈哈哈",
    "刚看了场电影，挺好看的",
    "祝大家周末愉快",
)
CLAIMS = ("我去", "我去看看", "我马上去")
FINISHED = ("好了", "修好了", "弄好了")
FINE = ("好了", "好了，谢谢", "修好了，谢谢")


def room_of(estate: int) -> str:
    """The group of an estate, as QQ numbers it."""
    return str(9000 + estate)


def work_room_of(estate: int) -> str:
    """The work room of an estate's community."""
    return str(9900 + estate // len(GARDENS))


def head_of(estate: int) -> str:
    """The account of the member who answers for an estate."""
    return str(8000 + estate)


ROOMS = {room_of(n): f"{name}居民群" for n, name in enumerate(ESTATES)} | {
    str(9900 + n): f"{name}工作群" for n, name in enumerate(COMMUNITIES)
}


def directory(town: str) -> Directory:
    """Everybody and everything, as the store keeps it."""
    grids = {"G1": Grid(key="G1", name="一级网格", level=1)}
    members: dict[str, Member] = {"town": _member("town", "镇长老关", "grid_head", "G1")}
    for n, name in enumerate(COMMUNITIES):
        key = f"G2-{n}"
        grids[key] = Grid(key=key, name=key, level=2, parent="G1", community=f"c{n}")
        members |= {
            f"info-{n}": _member(f"info-{n}", f"{name}信息员", "info", key),
            f"boss-{n}": _member(f"boss-{n}", f"{name}主任", "supervisor", key),
        }
    for n, name in enumerate(ESTATES):
        key, community = f"G3-{n}", n // len(GARDENS)
        grids[key] = Grid(
            key=key, name=key, level=3, parent=f"G2-{community}", community=f"c{community}"
        )
        members[f"head-{n}"] = _member(f"head-{n}", f"{name}网格长", "grid_head", key)
    return Directory(
        town=town,
        town_name="启明镇",
        communities={
            f"c{n}": Community(key=f"c{n}", name=f"{name}社区", grid=f"G2-{n}", duty="0475-0000000")
            for n, name in enumerate(COMMUNITIES)
        },
        grids=grids,
        estates={
            name: Estate(key=name, name=name, community=f"c{n // len(GARDENS)}", grid=f"G3-{n}")
            for n, name in enumerate(ESTATES)
        },
        rooms={room.handle: room for room in _rooms()},
        members=members,
        bindings={f"{CHANNEL}:{head_of(n)}": f"head-{n}" for n in range(len(ESTATES))},
    )


def _rooms() -> list[Room]:
    residents = [
        Room(
            handle=f"{CHANNEL}:{room_of(n)}",
            name=f"{name}居民群",
            community=f"c{n // len(GARDENS)}",
            estate=name,
        )
        for n, name in enumerate(ESTATES)
    ]
    work = [
        Room(handle=f"{CHANNEL}:{9900 + n}", name=f"{name}工作群", community=f"c{n}", kind="work")
        for n, name in enumerate(COMMUNITIES)
    ]
    return residents + work


def _member(key: str, name: str, role: str, grid: str) -> Member:
    return Member(key=key, name=name, posts=(Post(role=role, grid=grid),))
