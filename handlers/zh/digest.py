"""The words of the supervisor's digest."""

from __future__ import annotations

from domain.ticket import State

HEAD = "【{community} · {month}月{day}日 {weekday} {time}】"
NEEDS = "要您定({n})"
NEED: dict[State, str] = {
    State.ESCALATED: "· #{number} {where}{what}：上报待接，已 {age}。回“{number}接”或“{number}退回 原因”",
    State.COUNCIL: "· #{number} {where}{what}：上会未决。回“{number}决定 …”",
    State.PAUSED: "· #{number} {where}{what}：挂账到期（{note}），延期还是换人？",
}
NO_NOTE = "没写原因"
LATE = "已超时({n})"
LATE_LINE = "· #{number} {where}{what}，超 {over}，在{who}。回“催{number}”"
WITH = {True: "待认领", False: "上一级待接"}
DUE_TODAY = "今天到期({n})：{items}"
DUE_ITEM = "#{number}{what}{time}"
RISING = "苗头：{where}{what} #{number}，24小时{homes}户，疑同一原因，{state}"
YESTERDAY = "昨日：新增{opened}（{channels}，另有{me_too}户并入），办结{closed}，未结{open}"
RATES = "响应{claimed}按时；解决{solved}（重开{reopened}，{unanswered}户未答不计）；满意{satisfied}"
ARRIVAL = "报修→到场：本月中位{median}分钟（{n}件{before}）"
ARRIVAL_BEFORE = "，上月{median}分钟/{n}件"
NO_BEFORE = "，上月无数据"
PRIVATE = "帮扶类{n}件进行中（不列详情）"
SPOKE = "小格昨天群里说话{n}句。{away}"
AWAY = "离线 {since}–{until}，{how}。"
FILLED = "无漏记"
NOT_FILLED = "这段可能有漏，请留意"
NEVER_AWAY = "没有离线。"
WEEK = "本周"
TOP_PLACES = "多发地点：{places}"
LEVELS = "解决在：{levels}"
LEVEL = "{level}级网格{n}"
FOOT = "回“逾期/待认领/#号”看明细"
NONE = "无"
CHANNELS = {"wechaty": "微信", "itchat": "微信", "wechat": "微信", "qq": "QQ", "onebot": "QQ", "sandbox": "沙盒"}  # fmt: skip
STATISTICS = (
    "{span}：受理 {opened} 件，办结 {closed} 件，未结 {open} 件；并入 {me_too} 户；"
    "解决 {solved}（未答 {unanswered} 不计），重开 {reopened} 次。"
)
