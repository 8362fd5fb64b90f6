"""What the commands of the terminal print: headings of tables, and words beside what was said."""

from __future__ import annotations

from domain.outgoing import SendState

TICKETS = ("编号", "类别", "轻重", "状态", "地点", "户数", "负责", "期限", "报于")
HISTORY = ("时间", "谁", "动作", "状态", "备注")
MESSAGES = ("时间", "来由", "原话")
KINDS = {
    "opened": "报事",
    "more": "补充",
    "me_too": "同样",
    "staff": "办理",
    "recalled": "已撤回",
}
OUTBOX = ("编号", "状态", "发给", "事件", "何时", "试过", "原因", "内容")
SEND_STATES = {
    SendState.QUEUED: "排队",
    SendState.SENDING: "发送中",
    SendState.SENT: "已发",
    SendState.MAYBE_SENT: "可能已发",
    SendState.FAILED: "没发出",
    SendState.MERGED: "已合并",
    SendState.DROPPED: "已作废",
}
ROOMS = ("群", "标识", "服务", "为什么")
SERVED = {True: "是", False: "否"}
LEVELS = {"error": "错误", "warning": "警告", "note": "提示", "fine": "正常"}
CHECK = ("", "哪里", "说明")
DAYS = ("日期", "星期", "上班", "说明")
WORKS = {True: "上班", False: "休息"}
DAY_OFF, MADE_UP, WEEKEND, PLAIN = "放假", "调休上班", "周末", ""
COUNTS = ("", "数量")
SHEETS_CHANGED = ("表", "新增", "改动", "删除")
COMMUNITIES = ("编号", "社区", "网格", "群", "成员", "主管")
MEMBERS = ("编号", "姓名", "岗位", "已绑定")
SAID = ("时间", "哪里", "小格说")
CODE = "{name} 的绑定码：{code}（{until} 前有效，只能用一次）。请本人私聊小格发送这六位数字。"

BOT = "小格"
TOWN_LINE = "{town} · {community}"
CHAT, SPEAKS, LIST = "群里", "小格在做什么", "工单"
ALONE = "私聊→{name}"
TO_BOT = "{name}→小格"
CHANGED = "#{number} {where}{what}：{state}{who}"
OPENED = "#{number} {where}{what} {urgency}"
BY = "（{who}）"
WOULD_SAY = "（试运行，不发）{where}：{text}"
DAY_OVER = "示例的一天过完了。可以接着打字，Ctrl-C 停。"
RISKY = (
    "{channel} 是非官方通道：违反平台的规则，账号可能被限制、封停，登录可能说断就断。"
    "您已写 accept_risk: true，后果由启用的人承担。"
)
HOW_TO_TYPE = "可以打字：`群名 姓名: 话`，`@姓名: 话` 是私聊小格，直接打字是用上一个群。Ctrl-C 停。"
ME = "我"
NO_SUCH_ROOM = "没有这个群：{name}。有：{rooms}"
CLOCK = "{weekday} {time}"
TICKETS_BRIEF = ("编号", "什么", "地点", "状态", "负责", "户")
SUMMARY = "这一天：{messages} 句话，{tickets} 件事，小格说了 {said} 句（群里 {public} 句）。"
REPLAYED = (
    "编号", "类别", "轻重", "状态", "地点", "户数", "报事", "并入", "认领", "办完", "确认",
)  # fmt: skip
IMPORTED = "已导入。"
NOT_IMPORTED = "只是核对，没有导入。"
EVERY = "全部"

COMMA = "、"
LEARNT = ("", "之前", "之后", "差", "")
FIGURES = {
    "precision": "诉求准确率",
    "recall": "诉求召回率",
    "f1": "诉求 F1",
    "emergency_recall": "紧急识别为紧急",
    "emergency_captured": "紧急直接建单",
    "emergency_seen": "紧急建单或会问",
    "false_quiet": "通知广告致谢误建",
    "false_per_1000_chatter": "每千句闲聊误建",
    "category_accuracy": "类别准确率",
    "local": "本地样本读对（留出）",
}
WORSE = "变差"
LEARNT_FROM = (
    "本地样本 {examples} 条。前面各项在冻结测试集上测，最后一项由没见过那条样本的权重来读。"
)
LEARNT_TAKEN = "各项都在余量之内，已启用（{id}）。要退回：xiaoge learn --rollback"
LEARNT_DRY = "各项都在余量之内；这次只是试算，什么也没换。"
LEARNT_REFUSED = "没有启用：{what}变差，超过 config.yaml 里 learning 的余量。样本仍保留。"
NOTHING_LEARNT = "还没有本地样本：更正（这不是报修、改成…、建／不是、并到、拆开）会留下样本。"
REFITS = ("编号", "时间", "样本", "诉求 F1", "紧急识别", "", "变差的")
TAKEN = {True: "用过", False: "没用"}
IN_USE = "在用"
EXAMPLES = ("样本来自", "条数")
CORRECTIONS = {
    "capture": "建／不是",
    "dismiss": "这不是报修",
    "category": "改类别",
    "urgency": "改轻重",
    "merge": "合并",
    "split": "拆开",
    "revive": "恢复",
}
PACKAGED_IN_USE = "现在用的是随程序来的权重。"
ROLLED_BACK = "已退回 {id}。"
ROLLED_BACK_TO_PACKAGED = "已退回随程序来的权重。"
