"""How chat programs write quotes, pictures, stickers and mentions: the marks around the words."""

from __future__ import annotations

PLACEHOLDERS = {
    "图片": "image",
    "照片": "image",
    "Image": "image",
    "Photo": "image",
    "视频": "video",
    "Video": "video",
    "短视频": "video",
    "语音": "voice",
    "Voice": "voice",
    "位置": "location",
    "地图": "location",
    "文件": "file",
    "File": "file",
    "红包": "red_packet",
    "转账": "red_packet",
    "链接": "link",
    "分享": "link",
    "Link": "link",
    "小程序": "link",
    "聊天记录": "link",
    "名片": "link",
    "动画表情": "sticker",
    "表情": "sticker",
    "Sticker": "sticker",
    "表情包": "sticker",
    "动态表情": "sticker",
    "收到一条新消息": "sticker",
}
"""What stands between brackets for something that is not text -> the kind of thing it is."""

VOICE_LENGTH = r"[\s\d\"'″”秒s:]+$"
"""`语音 5秒`: how long a voice message is, behind its placeholder."""

QUOTE_WORDS = ("引用", "回复", "Quote", "Reply")
"""`[引用 老王：…]`: words that open a quote in brackets."""

EVERYBODY = "所有人"
CALLED = (
    EVERYBODY,
    "全体成员",
    "物业",
    "群主",
    "社区",
    "网格员",
    "网格长",
    "管理员",
    "居委会",
    "居委",
    "村委",
    "小格",
    "客服",
    "管家",
)
"""Who is called with an @ even when no space follows the name."""

RELAYED = ("老王", "转发", "群友")
CHAIN_MARKS = ("#接龙", "# 接龙", "接龙:", "【接龙】")
"""How a sign-up list begins."""
