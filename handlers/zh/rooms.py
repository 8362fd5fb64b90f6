"""How rooms and people are named in groups, for a town made up from a transcript."""

from __future__ import annotations

WORK_ROOM = "工作群"
COMMUNITY = "本社区"
NOT_OF_THE_NAME = (
    r"(?:QQ|qq|微信|[Vv]信)?(?:居民|业主|邻里|邻居|住户|通知|交流|互助|家园|大家庭|便民|服务)*"
    r"[一二三四五六七八九十0-9]*(?:QQ|qq|微信)?(?:大?群)?[一二三四五六七八九十0-9]*(?:[（(].*?[)）])?$"
)
_UTILITIES = {
    "utility.heat": ("供热", "热力", "暖"),
    "utility.water": ("水",),
    "utility.power": ("电",),
    "utility.gas": ("燃气", "煤气", "天然气"),
    "utility.lift": ("梯", "维保"),
}
_SKILLS = {
    "plumber": ("水暖", "水工", "管道", "水电"),
    "electrician": ("电工", "水电"),
    "nurse": ("护士",),
    "locksmith": ("开锁",),
    "carer": ("陪护", "护工"),
    "mediator": ("调解",),
    "lawyer": ("律师",),
}


def utility_of(name: str) -> str:
    """`供热小曲` works for `utility.heat`; a name that tells nothing stays `utility`."""
    return next((k for k, words in _UTILITIES.items() if any(w in name for w in words)), "utility")


def skills_of(name: str) -> tuple[str, ...]:
    """`水暖老丁` is a plumber."""
    return tuple(k for k, words in _SKILLS.items() if any(w in name for w in words))
