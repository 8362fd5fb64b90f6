"""Words of addresses: buildings, units, floors, rooms, and the spots people name instead."""

from __future__ import annotations

from handlers.zh.lexicon_form import several

NUMERALS = "一二三四五六七八九十百零〇两"
DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2, "幺": 1, "俩": 2}
STEMS = "甲乙丙丁戊己庚辛"
CHARACTERS = ("一", "鿿")
"""The first and the last character that a name is written with."""

BUILDING_WORDS = r"(?:号楼|栋楼?|幢|座|#楼?|号院(?!子)|号(?=门[前里口洞]|家(?!里|长|具|电|务)|隔壁|成栋|底楼|公寓|天台|阳台))"
BLOCK_NAMES = r"(?:(?:[一-鿿]{1,2}楼)(?=\d{1,2}\s?[栋号幢])|(?<![一-鿿])[工高纺公学教东西南北中新老](?=\d{1,2}\s?(?:栋|幢|座|号楼)))"
"""What stands before the number and belongs to it: `博士楼2栋`, `工7栋`."""
UNIT_WORDS = r"(?:单元|门洞)"
NOT_BEFORE_BUILDING = "每整前后共有几好这那盖上第隔"
"""`这栋`, `有三栋`: counting buildings, not naming one."""

NOT_AFTER_ROOM = (
    "块元毛角度个斤米人户年月日点分秒次张平方瓦升公里路条件盒份%折层楼栋岁班级届期页字万千百多"
    "只号线名位本台辆套g克kmlwvapm℃°"
)
"""What follows a number that counts something."""
NOT_AFTER_ROOM_OF_HOUSE = "块元毛角度斤米人户年月分秒楼层栋%折℃°"
"""The same right behind a building or unit, where a number is nearly always a room."""
NOT_BEFORE_ROOM = "第共花卖涨每超过近约达剩才仅收价¥￥:.+*×=尾群了给要付交差欠借值编元到降于出租"
NOT_ROOMS = frozenset(
    several(
        "110 112 114 117 119 120 122 211 315 316 320 365 404 510 512 520 618 666 707 808 818 888 911 985 996 "
        "1010 1111 1212 1314 1818 1919 2008 2010 2012 2014 2015 2016 2017 2018 2019 2020"
    )
)
"""Numbers that stand for something else: emergency calls, sales days, years."""
AFTER_ROOM_INSTEAD = (
    "家店",
    "家公司",
    "家企业",
    "家单位",
    "家商",
    "家银行",
    "家医院",
    "家门店",
    "家超市",
    "医院",
    "胶",
    "国道",
    "省道",
    "公交",
    "不锈钢",
    "错误",
    "寝室",
)

SCORE_WORDS = (
    "比分",
    "赢",
    "输",
    "球",
    "进了",
    "领先",
    "胜",
    "打平",
    "决赛",
    "中超",
    "欧冠",
    "国足",
    "绝杀",
    "比赛",
)
NOT_AFTER_PAIR = (
    "点月号日时比分岁年天个度人块元周级米斤公里楼层栋幢座次口折万千百袋箱片粒颗份杯瓶单道届强名位%"
)
"""`10-12点`, `3-2岁`: what follows a pair of numbers that is no address."""

SPOTS = several(
    "广场 花园 公园 游园 地下车库 车库 地库 车棚 电动车棚 充电棚 菜市场 菜市 早市 夜市 市场 超市 商场 药店 "
    "学校 幼儿园 小学 中学 校门 路口 胡同口 巷子口 巷口 弄堂口 桥头 桥洞 天桥 小桥 凉亭 亭子 食堂 饭堂 "
    "游乐场 球场 篮球场 羽毛球场 羽毛球馆 乒乓球台 停车场 大堂 电梯厅 电梯口 架空层 天台 楼顶 顶层 平台 泵房 "
    "水泵房 配电房 配电室 锅炉房 换热站 垃圾站 垃圾房 垃圾池 垃圾点 公厕 厕所 快递柜 丰巢 驿站 滑梯 沙坑 河边 "
    "湖边 江边 海边 池塘 水塘 人工湖 喷泉 草坪 斜坡 坡道 坡口 台阶 步道 围墙 院墙 山墙 大墙 工地 加油站 公交站 "
    "车站 站台 地铁口 地铁站 诊所 卫生所 卫生院 保健院 保健站 医院 门卫 门卫室 岗亭 保安亭 传达室 收发室 物业办公室 居委会 "
    "活动室 活动中心 棋牌室 老年活动室 健身角 健身器材 健身广场 小广场 花坛 花池 绿化带 小树林 树林 后山 山坡 "
    "变电箱 变压器 配电箱 理发店 小卖部 便利店 水果店 早餐店 饭店 饺子馆 面馆 烧烤店 修车铺 小卖铺 粮站 粮油店 "
    "澡堂 浴池 浴室 银行 邮局 影院 电影院 图书馆 文化宫 戏台 祠堂 牌坊 牌楼 教堂 庙口 老井 水井 晒场 稻场 "
    "操场 宿舍 水房 锅炉 煤场 铁道口 铁路桥 高架桥 立交桥 红绿灯 十字路口 丁字路口 三岔口 转盘 环岛 出口 入口 "
    "西北角 东北角 西南角 东南角 南侧 北侧 东侧 西侧 后院 前院 后身 鱼摊 菜摊 修鞋摊 煎饼摊 水果摊 报刊亭 彩票站 "
    "消防通道 连廊 走廊 天井 窨井 大石梯 石梯 江堤 河堤 大坝 坝子 码头 大排档 美食街 步行街 商业街 底商 会所 游泳池"
)
"""Nouns that end the name of a spot."""
GATES = r"[东南西北前后正侧大小院校边角][东南西北]?门(?!窗|诊|票|把|锁|槛|禁|牌)"
"""`东门`, `后门`, `大门`: gates."""
GATE = "门"
GATE_FIRST = "东南西北前后正侧大小院校边角"
ROADS = "街道路巷同"
STREETS = r"[一-鿿]{2,4}(?:大街|大道|胡同|街|路|巷)(?![上边口过由]?(?:人|况|灯|费|障))"
BESIDE = several(
    "门口 门前 门外 门里 后院 后身 后面 后边 后头 后墙 前面 前边 前头 旁边 旁 边上 边儿 边 对面 对过 楼下 楼上 外面 里面 里头 "
    "入口 出口 拐角 拐弯处 转角 墙根 墙外 墙边 西侧 东侧 南侧 北侧 东头 西头 南头 北头 东边 西边 南边 北边 南面 北面 "
    "底下 下面 顶上 顶 坡道 坡 台阶 斜坡 路口 口 那边 那旮旯 那嘎达 广场 围挡 围墙 步道"
)
"""What may follow a spot and still belong to it."""
NOT_IN_NAME = several(
    "的 了 在 从 到 有 是 我 你 他 她 咱 俺 们 这 那 个 去 来 把 被 给 让 叫 和 跟 就 又 也 都 还 才 刚 "
    "今 明 昨 天 早 晚 上 下 几 谁 哪 请 问 看 见 说 听 往 向 过 着 没 不 很 每 吧 啊 呢 吗 呀 哈 嘛 嗰 喺 额 "
    "想 要 能 找 住 停 放 出 进 走 路 经 位 现 已 因 将 为 于 与 及 至 并 等 各 条 根 台 辆 只 隔 壁 整 堵 搁 打 送 修"
)
"""Characters that end the search for the beginning of a name."""
SPOTLESS = frozenset(
    (
        "出口",
        "入口",
        "厕所",
        "走廊",
        "顶层",
        "医院",
        "学校",
        "小学",
        "中学",
        "银行",
        "宿舍",
        "饭店",
        "超市",
        "市场",
        "商场",
    )
)
"""Spots that name no place unless something stands before or behind them."""
ELSEWHERE = (
    "医院",
    "酒店",
    "宾馆",
    "大学",
    "公司",
    "单位",
    "老家",
    "省城",
    "外地",
    "电影",
    "高铁",
    "火车",
)
"""An address right behind one of these is not in the estate."""
RANGE_WORDS = "-~到至"
LIST_WORDS = "、,，和跟及与 "
ESTATE_WORDS = ("小区", "家属院", "家属楼", "花园", "新村", "家园", "公寓", "社区", "院")
"""Endings of estate names that people leave out."""
