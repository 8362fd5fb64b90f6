"""How addresses are written: the patterns of building, unit, floor and room."""

from __future__ import annotations

import re

from handlers.zh import lexicon_places as places

CN = f"[{places.NUMERALS}]{{1,4}}"
NUM = rf"(?:{places.BLOCK_NAMES}?\d{{1,3}}|{CN}|[a-z]\d{{0,2}}|[{places.STEMS}]\d{{0,2}})"
SMALL = r"(?:\d{1,2}|[一二三四五六七八九十]{1,2}|[a-f甲乙丙丁])"
NOT_AFTER_NUMBER = rf"(?<![\d.a-z{places.NUMERALS}])(?<!\d:)"
NO_ROOM_AFTER = rf"(?!天(?!天)|[\d{places.NOT_AFTER_ROOM}]|[-/:.]\d)"
NO_HOUSE_ROOM_AFTER = rf"(?![\d{places.NOT_AFTER_ROOM_OF_HOUSE}]|[-/:.]\d)"
CN_ROOM = "[一二三四五六七八九][一二三四五六七八九零〇幺]{2,3}(?![楼层年块元个])"

TRIPLE = rf"(?<![\d.a-z\-/:])({NUM})(?:-|[#号]-?)(\d{{1,2}}|[a-f])(?:-|单元?|门|\s)\s?(\d{{3,4}}){NO_ROOM_AFTER}"
PAIR_ROOM = rf"(?<![\d.a-z\-/:])(\d{{1,2}}|[a-z]\d?)-(\d{{3,4}})(?:(?=楼[上下道])|{NO_ROOM_AFTER})"
PAIR_NAMED = r"(?<![\d.a-z\-/:])(\d{1,3}|[a-z]\d?)-(\d{1,2})\s?单元"
PAIR_UNIT = rf"(?:^|(?<=[\s,。!:;在住是我俺家]))(\d{{1,2}})-([1-9]|1[0-2])(?![\d\-./:]|(?!楼[道梯])\s?[{places.NOT_AFTER_PAIR}])"
BUILDING = (
    rf"{NOT_AFTER_NUMBER}(?<![月#\-])({NUM})\s?"
    rf"(?:{places.BUILDING_WORDS}|楼(?=\s?{SMALL}(?:{places.UNIT_WORDS}|门))"
    rf"|(?<=[甲乙丙丁戊]\d)(?:楼|(?=[一二三四五六七八九][楼层]))|号(?=\s?(?:\d{{3,4}}{NO_ROOM_AFTER}|[一二三四五六七八九十底顶\d]{{1,3}}[楼层]|门洞|{SMALL}单元)))"
)
HOUSE = (
    r"(?:[里巷弄坊村](?<!夜里)(?<!家里)(?<!这里)(?<!那里)(?<!屋里)|^|[\s,。!;我俺住]|江边)"
    r"(附?\d{1,3})号(?=的?(?:电表|水表|气表|电闸|门口|门前|门那|屋[里子檐顶]|房子|后[巷门院面]|前面|楼上|楼下|那[一家户排边个]|这[边家户]"
    r"|阿|老[太头爷人]|业主|住|天井|加装|吊脚|公用|线槽|外墙))"
)
HOUSE_OF_WORKS = r"(?:工人村|机务段|车辆段|工务段|供电段|铁路|家属院|新村|宿舍|矿区|厂区)(\d{1,2})楼(?![层道梯盘]|\s?\d{3})"
PAIR_LEVEL = r"(?:^|(?<=[\s,。!:;在住是我俺家]))(\d{1,2})-(\d{1,2})(?:-\d{1,2})?楼"
HIGH_HOUSE = rf"{NOT_AFTER_NUMBER}(\d{{1,2}})楼\s?(\d{{3,4}}){NO_HOUSE_ROOM_AFTER}"
TOWER = r"(?<![a-z\d])(t\d{1,2})(?![a-z\d])"
SEVERAL = (
    rf"{NOT_AFTER_NUMBER}(?<!月)(?<!-)(\d{{1,3}}|{CN})((?:\s?[{places.RANGE_WORDS}{places.LIST_WORDS}]\s?(?:\d{{1,3}}|{CN}))+)\s?"
    r"(?:号楼(?!道|梯)|栋|幢|座)"
)
UNIT = rf"{NOT_AFTER_NUMBER}({SMALL})\s?(?:{places.UNIT_WORDS}|单(?=\s?\d{{3}}|半|的|[\s,。]|$)|门(?=\s?\d{{3,4}}{NO_ROOM_AFTER}))"
FLOOR = rf"{NOT_AFTER_NUMBER}(?<![号\-])(\d{{1,2}}|[一二三四五六七八九十]{{1,3}}|顶|底)(?:楼(?!盘|市)|层(?!层)|f(?![a-z]))"
ROOM_NEXT = rf"[\s,的]?\s?(\d{{3,4}}{NO_HOUSE_ROOM_AFTER}|{CN_ROOM})"
ROOM_NAMED = r"(?<![\d.\-/:a-z#])(\d{3,4})(?:室|房(?!子|东|贷|租))"
ROOM_ALONE = (
    rf"(?<![\d\-/a-z#{re.escape(places.NOT_BEFORE_ROOM)}])(\d{{3,4}}){NO_ROOM_AFTER}(?![a-z])"
)
MIGHT = r"[0-9]|[一二三四五六七八九十甲乙丙丁a-z顶底][号栋幢座楼层单门]"
WEAK = r"^[一二两三四五六七八九十几]$"

UNIT_START = tuple("一二三四五六左右东西电大门楼")
"""What follows a building in letters when it is one, not a number of them: `三座二单元`."""
NOT_BUILDINGS = frozenset(("两", "百", "零"))
"""Numerals that no building is called by."""
ENDS_AS_NAMED = ("号楼", "楼", "号")
"""A building whose words end so has been named, not counted: `三号楼`."""
COUNTED_BLOCK, COUNTED_TOWER = "栋楼", "座"
"""`一栋楼`, `三座`: endings of a number of buildings."""
PART_OF_HOUSE = tuple("下顶上梯道门")
"""`五栋楼下`, `一栋楼梯`: one building after all."""
TEN, HUNDRED = "十", "百"
