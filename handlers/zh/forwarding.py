"""How a forwarded message looks as text, in WeChat, WeCom and QQ."""

from __future__ import annotations

HEADS: tuple[str, ...] = (
    r"[\[【](?:聊天记录|合并转发|转发消息|合并消息|转发的聊天记录)[\]】]",
    r"(?:群聊|[^\n:：]{1,24})的聊天记录",
    r"-{2,}\s*(?:聊天记录|转发消息)\s*-{2,}",
)
"""The first line above a merged forward."""

BY_HAND: tuple[str, ...] = (
    r"[\[【]?(?:转发|转个|转一下|转|帮转)[\]】]?\s*[:：,，]?\s*(?:一下|个)?\s*",
)
"""What a person writes before words that are somebody else's; a name and a colon must follow."""

NOT_NAMES = frozenset(
    {
        "地址",
        "位置",
        "地点",
        "时间",
        "电话",
        "联系电话",
        "手机",
        "姓名",
        "内容",
        "问题",
        "事项",
        "类别",
        "备注",
        "说明",
        "原因",
        "注意",
        "通知",
        "诉求",
        "情况",
        "楼号",
        "房号",
        "小区",
        "http",
        "https",
    }
)
"""Words before a colon that are a form's labels and nobody's name."""
