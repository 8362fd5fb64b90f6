"""The sample town: as large as the pilot, whole, invented, and fit for the sample day."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from time import perf_counter

from bot.calendar_file import load_calendar
from bot.config import load_config
from bot.roster import read
from bot.sample import FIRST, TOWN, sample_directory
from domain.grid import ROLES, Directory

ROOT = Path(__file__).parent.parent
CATEGORIES = load_config(ROOT / "config.yaml", {}).categories
DAY_STAFF = {
    "书记邵敏": "supervisor",
    "副主任汪洋": "supervisor",
    "网格长刘春梅": "grid_head",
    "网格长孟凡玲": "grid_head",
    "网格长赵立军": "grid_head",
    "社区民警老崔": "police_head",
    "党小组长于书泉": "party_head",
    "信息员小佟": "info",
    "联保老邢": "security",
    "环卫老鲍": "sanitation",
    "民政小杨": "civil",
    "计生郝姐": "family",
    "调解员隋大姐": "mediator",
    "物业小白": "property",
    "物业老梁": "property",
    "供热小曲": "utility",
    "供热公司微服务": "utility",
    "自来水老焦": "utility",
    "电业小窦": "utility",
    "燃气小齐": "utility",
    "水暖老丁": "volunteer",
    "电工小乔": "volunteer",
    "护士于姐": "volunteer",
    "住建局周科": "dept",
}
HOMES = [
    ("E002", "6"),
    ("E003", "2"),
    ("E002", "9"),
    ("E001", "3"),
    ("E003", "7"),
    ("E001", "6"),
    ("E002", "7"),
    ("E001", "7"),
]


def test_the_town_has_the_size_of_the_pilot() -> None:
    town = sample_directory()
    assert Counter(grid.level for grid in town.grids.values()) == {1: 13, 2: 82, 3: 210}
    assert len(town.communities) == 21
    assert town.communities[FIRST].name == "尚义第一社区"


def test_the_town_is_a_roster_that_nothing_is_wrong_with() -> None:
    read(TOWN, CATEGORIES)


def test_the_town_is_always_the_same_and_quick_to_raise() -> None:
    begin = perf_counter()
    town = sample_directory()
    assert perf_counter() - begin < 0.5, "100 ms on the machine it was set on"
    assert town == sample_directory()


def test_everybody_of_the_sample_day_is_a_bound_member_of_that_role() -> None:
    town = sample_directory()
    for name, role in DAY_STAFF.items():
        for channel in ("wechat", "qq", "sandbox"):
            member = town.member_behind(f"{channel}:{name}")
            assert member is not None, name
            assert member.has_role(role), name


def test_the_rooms_of_the_sample_day_are_there_on_their_channel_and_on_the_sandbox() -> None:
    rooms = sample_directory().rooms
    for channel, name, kind in (
        ("wechat", "文教小区居民群", "residents"),
        ("wechat", "保健院小区居民群", "residents"),
        ("wechat", "进修小区居民群", "residents"),
        ("qq", "保健院小区QQ群", "residents"),
        ("wechat", "尚义第一社区网格工作群", "work"),
    ):
        for handle in (f"{channel}:{name}", f"sandbox:{name}"):
            assert rooms[handle].community == FIRST
            assert rooms[handle].kind == kind


def test_the_buildings_of_the_sample_day_lie_in_third_level_grids() -> None:
    town = sample_directory()
    for at in HOMES:
        parts = town.buildings[at]
        assert all(town.grids[part.grid].level == 3 for part in parts)
        assert all(town.grids[part.grid].community == FIRST for part in parts)


def _covered(town: Directory, community: str) -> set[str]:
    grids = [grid for grid in town.grids.values() if grid.community == community]
    above = {node.key for grid in grids for node in town.chain(grid.key)}
    return {
        post.role for member in town.members.values() for post in member.posts if post.grid in above
    }


def test_every_community_has_all_nine_posts_and_supervisors() -> None:
    town = sample_directory()
    for key in town.communities:
        assert set(ROLES) <= _covered(town, key), key
        assert town.supervisors(key), key
        assert town.work_rooms(key), key


def test_every_name_in_the_town_is_held_by_one_member() -> None:
    """So that `23转李师傅` means one person at least within the first community."""
    town = sample_directory()
    names = Counter(member.name for member in town.members.values())
    assert names.most_common(1)[0][1] == 1
    first = [m for m in town.members.values() if f"wechat:{m.name}" in town.bindings]
    nicknames = Counter(name for member in first for name in member.nicknames)
    assert nicknames.most_common(1)[0][1] == 1


def test_the_shipped_calendar_and_catalogue_fit_the_town() -> None:
    rules = load_config(ROOT / "config.yaml", {}).rules(load_calendar(ROOT / "calendar.yaml"))
    for member in sample_directory().members.values():
        assert set(member.fields) <= set(rules.categories)
