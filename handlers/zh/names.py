"""What things are called in chat: states, categories, urgencies, roles, units of time and place."""

from __future__ import annotations

from domain.reading import Urgency
from domain.ticket import Move, State

STATES: dict[State, str] = {
    State.OPEN: "待认领",
    State.CLAIMED: "处置中",
    State.ESCALATED: "已上报待接",
    State.PAUSED: "挂账",
    State.COUNCIL: "上会",
    State.DONE: "待居民确认",
    State.CONFIRMED: "居民已确认",
    State.UNANSWERED: "无人回应结案",
    State.WITHDRAWN: "已撤回",
    State.MERGED: "已并入",
    State.DISMISSED: "已撤销",
}

MOVES: dict[Move, str] = {
    Move.CLAIM: "认领",
    Move.HELP: "一起办",
    Move.ETA: "约时间",
    Move.ARRIVE: "到场",
    Move.DONE: "办结",
    Move.RELEASE: "退回待认领",
    Move.TRANSFER: "转办",
    Move.PAUSE: "挂账",
    Move.RESUME: "继续",
    Move.ESCALATE: "上报",
    Move.ACCEPT: "接",
    Move.RETURN: "退回",
    Move.COUNCIL: "上会",
    Move.DECIDE: "决定",
    Move.CONFIRM: "确认",
    Move.REOPEN: "重开",
    Move.REOPEN_UNCLAIMED: "重开",
    Move.EXPIRE: "无人回应结案",
    Move.WITHDRAW: "撤回",
    Move.MERGE: "并单",
    Move.SPLIT: "拆单",
    Move.DISMISS: "撤销",
    Move.REVIVE: "恢复",
    Move.CORRECT: "更正",
}

URGENCIES: dict[Urgency, str] = {
    Urgency.EMERGENCY: "紧急",
    Urgency.URGENT: "急",
    Urgency.NORMAL: "一般",
}
MARKS: dict[Urgency, str] = {
    Urgency.EMERGENCY: "🔴",
    Urgency.URGENT: "🟠",
    Urgency.NORMAL: "🔵",
}

BRIEF: dict[str, str] = {
    "water_supply": "供水漏水",
    "drainage_sewage": "下水问题",
    "heating": "暖气问题",
    "electricity": "用电故障",
    "gas": "燃气异味或故障",
    "elevator": "电梯故障",
    "building_repair": "房屋修缮",
    "street_light": "照明不亮",
    "road_parking": "道路停车",
    "sanitation_garbage": "环境卫生",
    "greening": "树木绿化",
    "noise": "噪音扰民",
    "neighbour_dispute": "邻里纠纷",
    "public_security": "治安",
    "fire_safety": "消防隐患",
    "pets_animals": "犬只动物",
    "illegal_construction": "私搭乱建",
    "public_facilities": "公共设施",
    "property_service": "物业服务",
    "social_assistance": "困难救助",
    "elderly_disability": "助老助残",
    "family_planning_health": "计生卫生",
    "legal_mediation": "法律调解",
    "certificates_policy_query": "政策咨询",
    "other": "求助",
}
BRIEF_OUTAGE: dict[str, str] = {
    "water_supply": "停水",
    "heating": "暖气不热",
    "electricity": "停电",
}

CARE: dict[str, str] = {
    "gas": "先关阀开窗，别开关任何电器、别在屋里打电话，人先出来；严重拨 119。",
    "fire_safety": "先离开，不坐电梯，拨 119。",
    "elevator": "别扒门，靠边站稳，按轿厢里的报警铃；有人不舒服拨 120。",
    "electricity": "离开积水和断线，别碰开关；有人触电先断电再拨 120。",
    "water_supply": "能关总阀先关；漏到插座边请先拉电闸，别碰水。",
    "public_security": "先保证自己安全，拨 110。",
    "elderly_disability": "叫不应或摔倒起不来，请先拨 120。",
    "neighbour_dispute": "先保证自己安全，拨 110。",
    "legal_mediation": "先保证自己安全，拨 110。",
    "road_parking": "请大家先绕行，别靠近。",
    "building_repair": "底下先别走人，请绕行。",
    "heating": "能关阀先关阀，插排先拔掉。",
}
CARE_BEFORE_DANGER = ("water_supply", "heating", "road_parking", "building_repair")
"""Categories whose advice is given before it is an emergency; not for outages."""
CARE_OTHER = "先保证自己安全；需要时拨 110、119、120。"

SKILLS: dict[str, str] = {
    "plumber": "水暖师傅",
    "electrician": "电工师傅",
    "locksmith": "开锁师傅",
    "carpenter": "木工师傅",
    "appliance": "家电师傅",
    "nurse": "护士",
    "carer": "陪护",
    "mediator": "调解员",
    "lawyer": "懂法律的志愿者",
}

ROLES: dict[str, str] = {
    "grid_head": "网格长",
    "police_head": "警长",
    "party_head": "党小组长",
    "info": "信息员",
    "security": "治安联保员",
    "sanitation": "环卫监督员",
    "civil": "民政助理员",
    "family": "计生助理员",
    "mediator": "司法调解员",
    "property": "物业",
    "utility": "公用事业",
    "utility.heat": "供热公司",
    "utility.water": "自来水公司",
    "utility.power": "供电公司",
    "utility.gas": "燃气公司",
    "utility.lift": "电梯维保",
    "volunteer": "志愿者",
    "provider": "服务机构",
    "dept": "市直部门",
    "cobuild": "共建单位",
    "supervisor": "主管",
}

CALLED: dict[str, tuple[str, ...]] = {
    "utility.heat": ("供热", "热力", "暖气公司", "换热站"),
    "utility.water": ("自来水", "供水", "水司"),
    "utility.power": ("供电", "电业", "电力", "电网"),
    "utility.gas": ("燃气", "煤气", "天然气"),
    "utility.lift": ("维保", "电梯公司"),
    "property": ("物业",),
    "police_head": ("民警", "派出所", "警长", "片警"),
    "sanitation": ("环卫",),
    "civil": ("民政",),
    "mediator": ("调解",),
    "info": ("信息员",),
    "grid_head": ("网格长",),
    "security": ("联保", "治安"),
    "dept": ("住建", "城管", "路灯所", "园林"),
}
"""What people write for a handler when they call one in (`23找供热`)."""

OUTAGE = (
    r"停[水电气暖]|[没断无缺](?:有)?[水电气暖]|[水电气](?:又|也|都|全)?[没停断]|一滴不剩|不上水|跳闸|总闸|黑了|全黑|都黑"
    r"|不热|没热|冰凉|拔凉|凉|冰手|没温度|不暖|\d度"
)
"""Words of a trouble that comes from outside the home and so from many homes at once."""
HOME_FAULT = (
    r"漏|露水|滋水|呲|渗|往下滴|滴水|爆|阀|接头|龙头|水表|软管|洗菜盆|堵|返|电表|插座|自家|就我家"
)
"""Words of a fault that one home has for itself."""
ALWAYS_OUTAGE = ("heating",)
"""Cold comes from outside unless something leaks."""

UNITS = {"building": "号楼", "unit": "单元", "floor": "层", "room": ""}
TODAY, TOMORROW, YESTERDAY = "今天", "明天", "昨天"
MONTH_DAY = "{month}月{day}日"
MINUTES, HOURS, DAYS = "{n} 分钟", "{n} 小时", "{n} 天"
LEFT, OVER = "还剩 {span}", "超时 {span}"
HOMES = "（现 {n} 户）"
DUE = "，{when}到期"
DUE_BEFORE = "请在{when}前办好。"
PLACE_MISSING = "地点待补，"
NOBODY = "待定"
CAPTURE_YES, CAPTURE_NO = r"建(?:[吧单\s,.!]|$)|是报修", r"不是|不建|不用建"
"""How an answer to `要建单吗` begins, whatever follows."""
FIND_LEAK = "查漏水源头"
ANOTHER_ONE = (
    r"另一|另外[一那]|不是(?:一个|一根|一盏|一处|同一)|两(?:个|根|盏|处)(?:灯|杆|地方|回事|码事)"
)
"""A member says that what was mended is not what the resident speaks of."""
STILL_SO = r"不热|不暖|不亮|不通|不好使|不管用|不行|没用|没好|没修好|没亮|没热|还(?:是|在|没|有点)|又(?:不|没|漏|堵|停|凉|黑|响)|凉的|冰凉|拔凉"
"""In words that sound like an end: it is not over."""
RESTORED_BY = r"恢复|来水|来电|来暖|供上|热上|送上"
HELD_BY, HELD_BY_NOBODY = "在 {who} 手里", "还没有人接"
ON_DUTY = "值班人员"
SEARCHING = "正在找{skill}。"
TOLD = "已转{who}。"
TOLD_SOMEBODY = "已转网格办理。"
HINT_CALL_IN = "，或“{number}找{who}”"
SAID = "原话：{text}。"
WITH_PHOTO = "有照片。"
TROUBLES = {
    "scan_qr": "要扫码登录",
    "scan_confirm": "已扫码，等手机上确认",
    "waiting_for_login": "等待登录",
    "logged_out": "被登出",
    "account_rejected": "账号被平台拒绝",
    "wrong_token": "令牌不对",
    "wrong_account": "登录的不是这个账号",
    "wrong_password": "密码不对",
    "wrong_key": "机器人的 key 不对",
    "unreachable": "连不上",
    "heartbeat_lost": "没有心跳",
    "account_offline": "账号不在线",
    "not_started": "没有启动",
    "address_taken": "监听的端口被别的程序占了",
    "breaker_open": "连续发送超时",
    "risk_control": "平台风控",
}
"""Codes of what keeps a channel from working, in words."""
REPORTED_BY = "，反映人{name}"
REPORTER = "反映人"
CHOICE = "#{number} {what}"
OR = "还是 "
COMMA = "、"
CHOICE_END = "？回号数就行。"
STAND_IN = "，{who}替班"
HANDED = "，已转 {count} 件"
WEEKDAYS = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")
SOMEBODY = "有人"
OLDER, YOUNGER = "老", "小"
"""`老张`, `小王`: what stands before a surname among colleagues."""
TEACHER_ENDINGS = ("师傅", "哥", "姐", "叔", "姨", "大姐", "主任", "书记", "科", "老师", "经理")
SENTENCE = "{text}。"
ANSWERED_LATER = ("联系您", "过去", "上门", "明天", "问一下", "问问", "稍等", "汇报")
"""Words of an answer that promises one rather than being it."""
THIS_YEAR, THIS_MONTH, THIS_WEEK = "今年", "本月", "本周"
ALL_ROOMS = "各群"
COMMA_WIDE = "，"
WORK_WORDS = (
    r"[我咱们]?(?:去|来|到|看|查|修|报|联系|通知|安排|处理|解决|拉|清|叫|打电话|打了|派|调|换|约|上门|私聊|私信|马上|这就|收到"
    r"|师傅|维保|抢修|人手|明天|今天|下午|晚点|在办|跟进|核实|测|送)"
)
"""Words that say something is being done about it."""
ASKING = r"[?？]$|吗$|呢$|几楼|哪栋|哪个单元|几号楼|发一下|门牌"
"""A member who asks has not taken it up yet."""
ASKS_HERE = "拿不准的话去掉姓名、电话、门牌后，由本机的语言模型帮着判断是不是报修。"
ASKS_ELSEWHERE = "拿不准的话去掉姓名、电话、门牌后，会发给 {host} 的语言模型帮着判断是不是报修。"
