"""The words of the picture that `xiaoge evaluate --picture` draws, in both languages."""

from __future__ import annotations

TITLE = "读得准不准 · How well messages are read"
SUBTITLE = "{source}：{messages} 句，诉求 {requests}，其中紧急 {emergencies}，闲聊 {chatter} · {messages} messages, {requests} requests, {emergencies} of them emergencies, {chatter} of chatter"
BIG = {
    "f1": ("诉求 F1", "requests, F1"),
    "emergency_seen": ("紧急诉求建单或会问", "emergencies captured or asked"),
    "category_accuracy": ("类别准确率", "right category"),
    "false_per_1000_chatter": ("每千句闲聊误建", "false captures per 1,000 of chatter"),
}
SHARES = "各项比例 · Shares"
SHARE_NAMES = {
    "precision": ("诉求准确率", "request precision"),
    "recall": ("诉求召回率", "request recall"),
    "requests_seen": ("诉求建单或会问", "requests captured or asked"),
    "emergency_recall": ("紧急识别为紧急", "emergencies read as such"),
    "emergency_captured": ("紧急直接建单", "emergencies captured"),
    "intent_accuracy": ("意图（七类）", "intent of seven"),
    "category_macro_f1": ("类别宏平均 F1", "category macro F1"),
    "urgency_accuracy": ("轻重", "urgency"),
    "place_exact": ("楼、单元、室全对", "building, unit, room exact"),
}
LEGEND = "橙色：低于 {good:.2f} · orange: below {good:.2f}"
CALIBRATION = "说几成，就是几成吗 · Calibration"
SAID, TRUE = "说的把握 · said", "实际是诉求 · true"
ERROR = "平均误差 · error {error:.3f}"
CATEGORIES = "各类别 F1（条数）· F1 by category (requests)"
CATEGORY_NAMES = {
    "water_supply": "供水漏水",
    "drainage_sewage": "下水排水",
    "heating": "供暖",
    "electricity": "供电",
    "gas": "燃气",
    "elevator": "电梯",
    "building_repair": "房屋修缮",
    "street_light": "路灯楼道灯",
    "road_parking": "道路停车",
    "sanitation_garbage": "垃圾卫生",
    "greening": "绿化",
    "noise": "噪音扰民",
    "neighbour_dispute": "邻里纠纷",
    "public_security": "治安",
    "fire_safety": "消防",
    "pets_animals": "犬只动物",
    "illegal_construction": "私搭乱建",
    "public_facilities": "公共设施",
    "property_service": "物业服务",
    "social_assistance": "救助帮扶",
    "elderly_disability": "助老助残",
    "family_planning_health": "计生卫健",
    "legal_mediation": "法律调解",
    "certificates_policy_query": "证明咨询",
    "other": "其他",
}
FROZEN = "冻结测试集 · frozen part"
