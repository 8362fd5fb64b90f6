"""The fixed phrases of plain replies: what people type to claim, finish, correct, ask and press."""

from __future__ import annotations

TICKET_NUMBER = (
    r"(?:#\s?)?(?P<number>\d{1,3}|[一二两三四五六七八九十百零]{1,5})(?:-(?P<part>\d{1,2}))?"
    r"\s?(?:号(?:单子?|工单|件|的)?|单|#)?(?:那个|这个|那件|这件|那单|这单|的)?"
)
"""`17` `17号` `#17` `十七号那个` `40-1`."""
STARTS = r"^[#\d一二两三四五六七八九十百]"
"""How a text begins that may have a ticket's number in front."""
NOT_BEHIND_NUMBER = "说家户室房屋通门楼栋幢座单层元块点月日年度斤个"
"""Right behind a number: it counts or names something else than a ticket."""
MAYBE_NUMBERED = (
    r"^.{0,2}[\d一二两三四五六七八九十百零]|[\d一二两三四五六七八九十百零].{0,4}$|\d{6}"
)
"""A command's number stands in front or, with at most `号那个` behind it, at the end."""
MARKED_NUMBER = r"(?:工单|单子)?#?\s?(?P<number>\d{1,3}|[一二两三四五六七八九十百零]{1,5})(?:-(?P<part>\d{1,2}))?(?:号)?(?:那个)?"

_END = r"(?:了|啦|吧|哈|啊|呗|呢|的)?"
_WHO = r"(?P<who>[^\s,。，!！?？]{1,8})"
_NAMES = r"(?!给我|发|告|账|正|起|圈|了|机|运|院|学|业|播|群|弯|让|租)"

WITH_NUMBER: tuple[tuple[str, str], ...] = (
    ("accept", r"接(?:了|下|收|单)?"),
    ("claim", r"(?:我|俺|咱)?(?:们)?(?:马上|现在|这就)?(?:去|来|接|认领|领|过去|去看看|来看看|去瞅瞅|来弄|来办|去办|包|负责|来处理|去处理|管)(?:一趟|一下)?(?P<rest>[\s,].{0,40})?"),
    ("claim", r"(?:我|俺)(?:去|过去|来)?(?:看看|瞅瞅|瞧瞧|看一眼|瞅一眼)" + _END),
    ("decline", r"(?:我|俺)?(?:今天)?(?:去不了|来不了|没空|没时间|走不开|去不成|不去|不接)" + _END),
    ("arrive", r"(?:我|俺)?(?:们)?(?:已经?)?(?:到|到了|到场|到场了|到现场了?|在现场了?|到位了?|到门口了|到楼下了)"),
    ("not_done", r"(?:还)?(?:没好|没修好|没弄好|没解决|没修|没处理|没动静|没完|没办|不行|没好使|没亮|没热|没来水|还是不行|还是没好|还没好呢|没好呢|还漏|还堵)(?:呢|啊)?"),
    ("done", r"(?:已经?|都)?(?:好了|修好了?|弄好了?|办好了?|整好了?|搞定了?|完事了?|办完了?|修完了?|办结|结了|完成了?|解决了?|处理完了?|处理好了?|搞掂|弄完了|行了|妥了|通了|换好了)(?:哈|啊|啦)?"),
    ("release", r"(?:放|放回|放弃|不要了|我不去了|我去不了了|让给别人|重新派|释放)"),
    ("return", r"(?:退回|退|不接)(?:[\s,:]*(?P<reason>.{1,60}))?"),
    ("transfer", r"(?:转交给|转给|转|交给|派给|让)" + _NAMES + _WHO + r"(?:去|办|处理|看看)?(?:[\s,](?P<text>.{0,40}))?"),
    ("call_in", r"(?:找|叫|联系|通知)(?P<who>供热|热力|供热公司|自来水|供水|水务|水司|供电|电业|电力|电网|燃气|煤气|天然气|电梯|维保|物业|城管|消防|派出所|环卫|园林|路灯所|通信|排水)(?:公司|的|那边|站)?(?:[\s,](?P<text>.{0,40}))?"),
    ("pause", r"(?:挂账|挂起|暂停|先挂着|缓一缓)(?:[\s,]*(?P<reason>.{1,60}))?"),
    ("pause", r"(?P<reason>(?:等件|等配件|等料|等材料|等天气|等审批|等钱|等资金|等施工|等化冻|缺件|缺料|没配件|等厂家)(?:呢|中)?.{0,40})"),
    ("resume", r"(?:继续|恢复|接着办|件到了|配件到了|料到了|取消挂账)"),
    ("escalate", r"(?:上报|报上级|往上报|报上去|报上面)(?:[\s,:]*(?P<reason>.{1,60}))?"),
    ("council", r"(?:上会|开会|开会研究|上会研究|议一议)(?:[\s,:]*(?P<reason>.{1,60}))?"),
    ("decide", r"决定[\s,:]*(?P<text>.{1,200})"),
    ("decide", r"(?P<text>自办|协调单位|购买服务)"),
    ("merge", r"(?:并到|并入|并进|合并到|合到|归到|并)\s?#?(?P<into>\d{1,3}|[一二三四五六七八九十百]{1,5})(?:号|里|去)?"),
    ("merge", r"(?:和|跟|与)\s?#?(?P<into>\d{1,3})(?:号)?(?:是)?(?:一个|一件|一回|同一个?|同一件)(?:事儿?)?"),
    ("split", r"(?:拆开|拆分|拆了|分开|拆单|拆)"),
    ("set_urgency", r"(?:改成|改为|改|是|算)(?P<urgency>紧急|特急|急|加急|一般|普通|不急)(?:的|件)?"),
    ("set_urgency", r"(?P<urgency>加急|紧急|特急|不急)"),
    ("set_place", r"(?:改到|地址改成|地址改到|地址是|位置是|位置改到|在|地方是)\s?(?P<place>.{2,24})"),
    ("set_category", r"(?:改成|改为|是|归|类别改成|算)\s?(?P<category>[^\s]{2,8}?)(?:的|问题|类)?"),
    ("dismiss", r"(?:这个?)?(?:不是报修|不是诉求|不算|作废|误报|删了|删除|不是事|不是报事)(?:的)?"),
    ("where", r"(?:到哪了|到哪儿了|到哪步了|咋样了|怎么样了|啥情况|进展|进度|有信了?吗?|办到哪了|弄到哪了|修没修|什么进展|有进展吗)[?？]?"),
    ("progress", r"(?:进展|进度)[\s,:]+(?P<text>.{1,80})"),
    ("detail", r"(?:详情|明细|是啥|是什么|啥事|看看)"),
    ("urge", r"(?:催|催一下|催催|催办|加快|快点)"),
    ("withdraw", r"(?:撤回|不用了|取消|撤了|不用来了|不用管了|撤)"),
    ("undo", r"(?:撤销|恢复原样|改回去|反悔)"),
    ("satisfied", r"(?:很|挺|非常|特别|基本)?满意(?:的)?"),
    ("unsatisfied", r"(?:很|非常|太)?不(?:太)?满意"),
    ("confirm", r"(?:确认|已确认|确认好了|可以结了|结案吧)"),
    ("reopen", r"(?:重开|再开|重新开|又坏了|又漏了|又堵了|又不亮了|又不热了|又停了)"),
    ("build", r"(?:建|建单|是报修|建吧)"),
    ("not_build", r"(?:不是|不建|不用建)"),
)  # fmt: skip
"""(act, pattern) tried in order against what follows a number, or against the whole text."""

BARE_ONLY_WITH_NUMBER = frozenset(
    ("set_category", "detail", "set_place", "where", "urge", "set_urgency", "progress")
)
"""Acts whose words say too little alone: they need a number, a quote, or the product's name."""

BEFORE_NUMBER: tuple[tuple[str, str], ...] = (
    ("urge", r"(?:催|催一下|催催|催办)"),
    ("withdraw", r"(?:撤回|撤销上报|取消)"),
    ("detail", r"(?:详情|看|查|查一下|明细)"),
    ("merge_into", r"(?:并到|并入|并进|合并到|归到)"),
    ("claim", r"(?:我去|我接|认领|接|我来)"),
    ("escalate", r"(?:上报)"),
    ("split", r"(?:拆开|拆)"),
    ("return", r"(?:退回)"),
    ("undo", r"(?:撤销)"),
    ("done", r"(?:办结|完成)"),
    ("mute", r"(?:静音)"),
)
"""Acts that come before a number: `催17`, `撤回17`."""

ALONE: tuple[tuple[str, str], ...] = (
    ("my_work", r"(?:我的活儿?|我的工单|我的单子?|我手上的?|我的任务)"),
    ("today", r"(?:今天|今日|今天的活儿?|今日待办|今天到期)"),
    ("overdue", r"(?:逾期|超时|超期|逾期的|已超时)"),
    ("unclaimed", r"(?:待认领|没人接的?|未认领|待接)"),
    ("digest", r"(?:日报|今日日报|晨报|发日报)"),
    ("weekly", r"(?:周报|本周周报|发周报)"),
    ("statistics", r"(?:服务)?统计(?:[\s,]*(?P<text>今年|去年|本月|上月|本周|上周|今天|本季度|\d{4}年?))?"),
    ("statistics", r"服务统计(?:[\s,]*(?P<text>.{0,12}))?"),
    ("help", r"(?:帮助|help|怎么用|咋用|使用说明|命令|你会啥|你能干啥|\?|？)"),
    ("relay", r"(?:代报|代为上报|帮报)(?:一个|一下|个)?(?:[\s,:]+)?(?P<text>[\s\S]{2,400})"),
    ("visit", r"走访(?:记录)?[\s,:]+(?P<text>[\s\S]{2,400})"),
    ("leave", r"(?:我)?(?:要|得)?请假(?:[\s,]*(?P<text>.{0,40}))?"),
    ("back", r"(?:销假|我回来了|我上班了|休完了|假休完了)"),
    ("mute", r"(?:静音|闭嘴|别说话)(?:[\s,]*(?P<text>.{0,16}))?"),
    ("unmute", r"(?:取消静音|解除静音|可以说话了|恢复说话)"),
    ("room_on", r"(?:加群|开群|启用本群|服务本群)"),
    ("room_off", r"(?:停群|停用本群|退出服务)"),
    ("erase", r"(?:请)?(?:删除|清除|删掉)我的?(?:所有|全部)?(?:信息|记录|数据|资料)"),
    ("dismiss", r"(?:这|这个|那|那个)?(?:不是报修|不是诉求|不算报修)(?:的)?(?:啊|呀|哈)?"),
    ("bind", r"(?:绑定|认证)[\s,:]*(?P<code>\d{6})"),
    ("bind", r"(?P<code>\d{6})"),
    ("withdraw", r"(?:不用了|不用来了|不用管了|撤回|取消吧|不用派人了)(?:谢谢|哈|啊)?"),
    ("undo", r"撤销"),
    ("back", r"我的假取消"),
)  # fmt: skip
"""(act, pattern) for the whole text, no number."""

ADDRESSED: tuple[tuple[str, str], ...] = (
    ("my_cases", r"(?:看看?|查查?|问问?)?我的(?:事儿?|信息|报修|诉求|单子)(?:呢|咋样了|到哪了)?"),
    ("opt_out", r"(?:以后)?(?:别|不要|不许|不准)(?:再)?(?:记|看|管|理|监控|盯|读)(?:我|俺)(?:了|的话|说话|的消息)?"),
    ("opt_in", r"(?:可以|能|继续|重新|恢复)?(?:记|看)我(?:吧|了)?(?:的话)?"),
    ("who_are_you", r"(?:你(?:是|到底是)?(?:谁|啥|干啥的|干嘛的|什么|哪个|机器人吗?|真人吗?|人吗?|人还是机器人?)(?:啊|呀)?|自我介绍)[?？]?"),
    ("what_kept", r"你?(?:都)?(?:记|存|收集|保存)(?:了)?(?:啥|什么|些啥|些什么|哪些)(?:东西|信息|内容)?(?:了)?(?:啊|呀)?[?？]?"),
    ("help", r"(?:你)?(?:会|能)(?:干|做)?(?:啥|什么|些啥)[?？]?"),
)  # fmt: skip
"""Phrases that count when the product is called by its name (or in a private chat)."""
UNADDRESSED_TOO = frozenset(("my_cases",))
OPT_OUT_PLAIN = r"(?:小格)?别记我"

CATEGORIES: dict[str, str] = {
    "供水": "water_supply", "水": "water_supply", "漏水": "water_supply", "水管": "water_supply", "自来水": "water_supply",
    "停水": "water_supply", "上水": "water_supply", "下水": "drainage_sewage", "下水道": "drainage_sewage",
    "排水": "drainage_sewage", "堵": "drainage_sewage", "返水": "drainage_sewage", "污水": "drainage_sewage",
    "暖气": "heating", "供暖": "heating", "供热": "heating", "地热": "heating", "地暖": "heating", "电": "electricity",
    "停电": "electricity", "电路": "electricity", "供电": "electricity", "用电": "electricity", "燃气": "gas",
    "煤气": "gas", "天然气": "gas", "气": "gas", "电梯": "elevator", "梯": "elevator", "房屋": "building_repair",
    "房屋修缮": "building_repair", "外墙": "building_repair", "屋顶": "building_repair", "门窗": "building_repair",
    "修缮": "building_repair", "单元门": "building_repair", "路灯": "street_light", "楼道灯": "street_light",
    "灯": "street_light", "照明": "street_light", "道路": "road_parking", "停车": "road_parking", "井盖": "road_parking",
    "挪车": "road_parking", "路": "road_parking", "结冰": "road_parking", "垃圾": "sanitation_garbage",
    "卫生": "sanitation_garbage", "环卫": "sanitation_garbage", "保洁": "sanitation_garbage", "清雪": "sanitation_garbage",
    "环境卫生": "sanitation_garbage", "绿化": "greening", "树": "greening", "树木": "greening", "噪音": "noise",
    "噪声": "noise", "扰民": "noise", "油烟": "noise", "纠纷": "neighbour_dispute", "邻里": "neighbour_dispute",
    "邻里纠纷": "neighbour_dispute", "矛盾": "neighbour_dispute", "治安": "public_security", "报警": "public_security",
    "走失": "public_security", "盗窃": "public_security", "诈骗": "public_security", "门禁": "public_security",
    "监控": "public_security", "消防": "fire_safety", "飞线": "fire_safety", "火灾": "fire_safety", "狗": "pets_animals",
    "宠物": "pets_animals", "动物": "pets_animals", "犬只": "pets_animals", "违建": "illegal_construction",
    "私搭乱建": "illegal_construction", "私建": "illegal_construction", "设施": "public_facilities",
    "公共设施": "public_facilities", "健身器材": "public_facilities", "充电桩": "public_facilities",
    "物业": "property_service", "物业费": "property_service", "物业服务": "property_service", "救助": "social_assistance",
    "低保": "social_assistance", "困难": "social_assistance", "助学": "social_assistance", "困难救助": "social_assistance",
    "助老": "elderly_disability", "助残": "elderly_disability", "养老": "elderly_disability", "老人": "elderly_disability",
    "助老助残": "elderly_disability", "计生": "family_planning_health", "卫生健康": "family_planning_health",
    "疫苗": "family_planning_health", "防疫": "family_planning_health", "法律": "legal_mediation", "欠薪": "legal_mediation",
    "调解": "legal_mediation", "法律援助": "legal_mediation", "婚姻": "legal_mediation", "证明": "certificates_policy_query",
    "政策": "certificates_policy_query", "咨询": "certificates_policy_query", "办证": "certificates_policy_query",
    "社保": "certificates_policy_query", "医保": "certificates_policy_query", "其他": "other", "其它": "other",
    "失物": "other", "开锁": "other", "家政": "other",
}  # fmt: skip
"""What people call a category -> its key."""
URGENCIES = {
    "紧急": "emergency", "特急": "emergency", "急": "urgent", "加急": "urgent",
    "一般": "normal", "普通": "normal", "不急": "normal",
}  # fmt: skip

STAND_IN = r"(?P<who>[^\s,，。\d]{1,6}?)(?:替|顶|代|帮)(?:我|班|一下)?"
UNTIL = r"(?:到|至|直到)(?P<until>.{1,12})"
ETA_WORDS = r"(?:我|俺|咱)?(?:大概|大约|估计|争取|最快|得|还得|再|要)?\s?{time}\s?(?:左右|之前|以前|前|内|以内|后|吧)?(?:再|能|就|准)?(?:到|过去|过来|上门|来|去|修|弄|办|处理|去修|过去修|来修|到家|到位|完事|能到|恢复|好)?(?:吧|哈|啊)?"
POLITE = ("谢谢", "麻烦", "请", "您好", "你好", "在吗")
CALLS = r"^(?:@?\s?(?:{names})(?:同学|你好|在吗|啊|呀)?)[\s,:、!。]*"

SOON = r"(?:快|就快|即将|眼看|(?<!主)要)(?:要|就)?(?:修|弄|办|整|换|装|通|清|处理|解决|疏通|收拾|搞|干|完|好)|等会|一会|待会|等下|稍后|马上就|就要|才能|争取|明天|明早|回头|改天|下午就|晚上就"
"""It will be done; it is not done."""
