"""Places: as written, canonical for comparing, resolved against the roster, never invented."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.grid import Building, Community, Directory, Estate, Grid, Landmark, Room
from domain.reading import NOWHERE, Place
from handlers.understanding import buildings_in, canonical, find_place, normalise, resolve
from handlers.zh.lexicon_places import SPOTS


def place_of(text: str) -> Place:
    return find_place(normalise(text))


@pytest.mark.parametrize(
    ("text", "building", "unit", "room"),
    [
        ("3-2-501 漏水", "3", "2", "501"),
        ("6-3 501", "6", "3", "501"),
        ("3#2单602", "3", "2", "602"),
        ("1-2-301", "1", "2", "301"),
        ("十五号楼的灯坏了", "十五", None, None),
        ("二号楼二单元四零一 渗水", "二", "二", "四零一"),
        ("2单元0302没电", None, "2", "0302"),
        ("Ａ座1403", "A", None, "1403"),
        ("3栋1502 停水", "3", None, "1502"),
        ("5-1 全单元都凉", "5", "1", None),
        ("11-2-601 随时在家", "11", "2", "601"),
        ("三单元也不热", None, "三", None),
        ("味儿就在402门口", None, None, "402"),
        ("15幢楼下有人吵架", "15", None, None),
        ("T1电梯停在27楼", "T1", None, None),
    ],
)
def test_an_address_is_read_as_written(
    text: str, building: str | None, unit: str | None, room: str | None
) -> None:
    place = place_of(text)
    assert (place.building, place.unit, place.room) == (building, unit, room)


@pytest.mark.parametrize(
    "text",
    [
        "10-12点停水",
        "昨晚3-2赢了",
        "11-23号开会",
        "一共501块钱",
        "坐6路车还是3路车",
        "打120还是110",
        "2026年的事",
        "就这一栋楼没电",
        "一共三栋都没水",
        "3-2岁的孩子能上吗",
        "尾号6027的车挪一下",
        "电话13800000000",
        "孩子上三年二班",
        "[图片]",
        "",
    ],
)
def test_prices_times_scores_and_numbers_are_no_address(text: str) -> None:
    place = place_of(text)
    assert (place.building, place.unit, place.room) == (None, None, None)


@pytest.mark.parametrize(
    ("text", "landmark"),
    [
        ("老保健院后院那根杆子歪了", "老保健院后院"),
        ("群力街药店门口主管冻裂", "群力街药店门口"),
        ("东门的灯不亮", "东门"),
        ("北门垃圾站都堆成山了", "北门"),
        ("楼道里一股味儿", None),
    ],
)
def test_a_landmark_is_the_shortest_phrase_that_finds_it(text: str, landmark: str | None) -> None:
    found = place_of(text).landmark
    assert found == landmark or (found is not None and found.startswith(landmark or " "))


def test_written_and_plain_numbers_compare_equal() -> None:
    written = Place(building="十五", unit="二", floor="六", room="四零一")
    assert canonical(written) == Place(building="15", unit="2", floor="6", room="401")
    assert canonical(Place(building="a", room="0302")) == Place(building="A", room="302")
    assert canonical(NOWHERE) == NOWHERE


def test_a_list_or_a_range_names_every_building_and_the_first_is_the_place() -> None:
    assert buildings_in(normalise("1-3号楼停水")) == ("1", "2", "3")
    assert buildings_in(normalise("保健院5、6号楼好几户不热")) == ("5", "6")
    assert place_of("1到3号楼都影响").building == "1"
    assert buildings_in(normalise("今天真冷")) == ()


@given(
    st.text(max_size=200)
    | st.text(alphabet="0123456789-#号楼单元栋座十二三室层 月点块", max_size=60)
)
def test_every_part_of_a_place_stands_in_the_text(text: str) -> None:
    normal = normalise(text)
    place = find_place(normal)
    for part in (place.building, place.unit, place.floor, place.room, place.landmark):
        assert part is None or (part and part in normal.written)
    assert canonical(canonical(place)) == canonical(place)


TOWN = Directory(
    town="t",
    communities={"c1": Community(key="c1", name="启智一社区", grid="g0")},
    grids={g: Grid(key=g, name=g, level=3, community="c1") for g in ("g0", "g1", "g2", "g3")},
    estates={
        "bjy": Estate(
            key="bjy", name="保健院小区", community="c1", grid="g0", nicknames=("老保健院",)
        ),
        "jx": Estate(key="jx", name="进修小区", community="c1", grid="g0"),
    },
    buildings={
        ("bjy", "3"): (
            Building(estate="bjy", number="3", grid="g1", units=("1", "2")),
            Building(estate="bjy", number="3", grid="g2", units=("3",)),
        ),
        ("bjy", "6"): (Building(estate="bjy", number="6", grid="g1"),),
        ("jx", "7"): (Building(estate="jx", number="7", grid="g3"),),
    },
    landmarks=(Landmark(name="群力街药店", grid="g3", nicknames=("药店",)),),
)
HOME = Room(handle="wechat:r", name="保健院群", community="c1", estate="bjy")
COMMON = Room(handle="wechat:c", name="社区群", community="c1")


@pytest.mark.parametrize(
    ("text", "room", "estate", "grid", "certain"),
    [
        ("3-2-501 漏水", HOME, "bjy", "g1", True),
        ("三号楼三单元没电", HOME, "bjy", "g2", True),
        ("3号楼停水", HOME, "bjy", "g0", False),
        ("进修7号楼停水", HOME, "jx", "g3", True),
        ("老保健院6号楼不热", COMMON, "bjy", "g1", True),
        ("7号楼停水", COMMON, "jx", "g3", True),
        ("99号楼停水", HOME, "bjy", "g0", False),
        ("药店门口跑水", COMMON, None, "g3", True),
        ("停水了", HOME, "bjy", "g0", False),
        ("停水了", COMMON, None, None, False),
    ],
)
def test_a_place_finds_its_estate_and_grid(
    text: str, room: Room, estate: str | None, grid: str | None, certain: bool
) -> None:
    normal = normalise(text)
    found = resolve(find_place(normal), normal.text, TOWN, room)
    assert (found.place.estate, found.grid, found.certain) == (estate, grid, certain)


@pytest.mark.parametrize("spot", [*SPOTS, "东门", "东南门", "大门"])
def test_every_spot_of_the_lexicon_is_seen(spot: str) -> None:
    place = place_of(f"灯坏了 老槐{spot} 没人修")
    assert place.landmark is not None
    assert place.landmark.startswith("老槐")
