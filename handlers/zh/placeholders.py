"""What stands in a text for what is no text, and what platforms say when they refuse."""

from __future__ import annotations

from collections.abc import Mapping

PLACEHOLDERS: Mapping[str, str] = {
    "image": "[图片]",
    "sticker": "[动画表情]",
    "face": "[表情]",
    "voice": "[语音]",
    "video": "[视频]",
    "file": "[文件]",
    "location": "[位置]",
    "contact": "[名片]",
    "link": "[链接]",
    "music": "[分享]",
    "forward": "[聊天记录]",
    "red_packet": "[红包]",
    "other": "[收到一条新消息]",
}
"""Kind of thing -> what a reader sees in its place; the understanding knows the same words."""

NEIGHBOUR = "邻居"
COLLEAGUE = "同事"
"""What a speaker is called where the platform tells no name: a resident, a member of staff."""

EVERYONE = "全体成员"
"""The name behind an @ that calls all people of a room."""

REFUSALS: tuple[tuple[str, str], ...] = (
    ("禁言", "muted"),
    ("muted", "muted"),
    ("不在群", "not_in_room"),
    ("不是群成员", "not_in_room"),
    ("被移出", "not_in_room"),
    ("群不存在", "not_in_room"),
    ("not in group", "not_in_room"),
    ("不是好友", "not_a_friend"),
    ("非好友", "not_a_friend"),
    ("添加好友", "not_a_friend"),
    ("频繁", "rate_limited"),
    ("too many", "rate_limited"),
    ("rate limit", "rate_limited"),
    ("风控", "risk_control"),
    ("违规", "risk_control"),
    ("超时", "timeout"),
    ("timeout", "timeout"),
    ("timed out", "timeout"),
)
"""Words in a platform's refusal -> the short code for logs and the outbox; the first hit wins."""
