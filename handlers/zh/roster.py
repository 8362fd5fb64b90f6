"""The roster's words: sheet names, column headers, values as written, and every complaint."""

from __future__ import annotations

from handlers.zh.names import ROLES

SHEETS: dict[str, str] = {
    "town": "镇",
    "communities": "社区",
    "grids": "网格",
    "estates": "小区",
    "buildings": "楼栋",
    "landmarks": "地标",
    "rooms": "群",
    "members": "成员",
}
NOTES_SHEET = "说明"

HEADERS: dict[str, dict[str, str]] = {
    "town": {"key": "编号", "name": "名称"},
    "communities": {"key": "编号", "name": "名称", "grid": "所在网格", "duty": "值班电话"},
    "grids": {
        "key": "编号",
        "name": "名称",
        "level": "级别",
        "parent": "上级网格",
        "community": "社区",
        "kind": "类型",
    },
    "estates": {
        "key": "编号",
        "name": "名称",
        "community": "社区",
        "grid": "所在网格",
        "nicknames": "俗称",
    },
    "buildings": {"estate": "小区", "number": "楼号", "units": "单元", "grid": "所在网格"},
    "landmarks": {"name": "名称", "estate": "小区", "grid": "所在网格", "nicknames": "俗称"},
    "rooms": {
        "handle": "群标识",
        "name": "名称",
        "community": "社区",
        "kind": "类型",
        "estate": "小区",
        "grid": "所在网格",
        "allowed": "启用",
    },
    "members": {
        "key": "编号",
        "name": "姓名",
        "posts": "岗位",
        "skills": "特长",
        "fields": "分管类别",
        "deputy": "AB岗",
        "nicknames": "群里称呼",
        "daily_cap": "每日派单上限",
        "email": "邮箱",
    },
}

EXPLAINED: dict[str, dict[str, str]] = {
    "town": {"key": "短名，小写字母数字，与 config.yaml 的 town.key 一致", "name": "镇的名称"},
    "communities": {
        "key": "社区编号，不重复，如 C01",
        "name": "社区名称",
        "grid": "社区所在的网格编号；主管挂在它或它的上级",
        "duty": "没人接时告诉居民打的电话，可空",
    },
    "grids": {
        "key": "网格编号，不重复，如 G3-001",
        "name": "网格名称",
        "level": "1、2、3…；比上级网格正好大 1",
        "parent": "上级网格编号；一级网格空着",
        "community": "所属社区编号，可空",
        "kind": "居住、驻区单位、市场、楼宇、街路",
    },
    "estates": {
        "key": "小区编号，不重复，如 E001",
        "name": "小区名称",
        "community": "社区编号",
        "grid": "网格编号：楼栋表里没写的楼归它",
        "nicknames": "居民怎么叫它，多个用；隔开",
    },
    "buildings": {
        "estate": "小区编号",
        "number": "楼号，只写号，如 6",
        "units": "单元，如 1-3,5；空 = 整栋。请用文本格式，免得变成日期",
        "grid": "三级网格编号",
    },
    "landmarks": {
        "name": "地标名称，如 小广场",
        "estate": "小区编号，可空",
        "grid": "网格编号",
        "nicknames": "别的叫法，多个用；隔开",
    },
    "rooms": {
        "handle": "通道:群号，如 onebot:123456",
        "name": "群名",
        "community": "社区编号",
        "kind": "居民群 或 工作群",
        "estate": "小区编号，可空",
        "grid": "网格编号，可空",
        "allowed": "是 = 在这个群里服务；否 = 一句话不说",
    },
    "members": {
        "key": "成员编号，不重复，如 M001",
        "name": "姓名",
        "posts": "岗位@网格编号，多个用；隔开，如 网格长@G3-001；志愿者@G1-01",
        "skills": "特长，多个用；隔开",
        "fields": "分管的类别 (config.yaml 里的键)，空 = 全部",
        "deputy": "AB 岗：他不在时由谁替，写成员编号",
        "nicknames": "群里怎么叫他，多个用；隔开",
        "daily_cap": "志愿者一天最多派几单，0 或空 = 不限",
        "email": "群和私聊都不通时写到这里，如 zhou@example.cn，可空",
    },
}

ROLE_NAMES: dict[str, str] = ROLES
SKILL_NAMES: dict[str, str] = {
    "plumber": "水暖",
    "electrician": "电工",
    "locksmith": "开锁",
    "carpenter": "木工",
    "appliance": "家电",
    "driver": "司机",
    "nurse": "护理",
    "carer": "陪护",
    "teacher": "辅导",
    "lawyer": "法律",
    "mediator": "调解",
    "it": "教手机",
    "haircut": "理发",
    "patrol": "巡逻",
    "snow": "扫雪",
}
GRID_KINDS: dict[str, str] = {
    "residential": "居住",
    "unit": "驻区单位",
    "market": "市场",
    "building": "楼宇",
    "street": "街路",
}
ROOM_KINDS: dict[str, str] = {"residents": "居民群", "work": "工作群"}
YES, NO = "是", "否"
SEPARATORS = "；;、，,\n"
"""What may stand between several values of one cell; the first one is written."""
LIST_COMMA = "、"
RANGE_MARKS = "-－—–~～至到"

PROBLEMS: dict[str, str] = {
    "not_found": "{file}：找不到，请检查路径。",
    "not_xlsx": "{file}：不是 xlsx 文件（可能损坏了）。请用 Excel 或 WPS 另存为“Excel 工作簿 (*.xlsx)”。",
    "old_or_encrypted": "{file}：加了密码，或者是旧的 xls 格式。请去掉密码，另存为“Excel 工作簿 (*.xlsx)”。",
    "too_large": "{file}：展开后超过 {limit} MB，不像名册。请删掉多余的内容再试。",
    "wrong_type": "{file}：只认 xlsx 文件，或者装着 CSV 的文件夹。",
    "encoding": "{file}：编码认不出来。请另存为 UTF-8 的 CSV。",
    "bad_csv": "{file}：不是能读的 CSV（{why}）。请用 Excel 或 WPS 另存为 CSV UTF-8。",
    "no_sheets": "{file}：里面没有名册的表。请用 `xiaoge roster template` 生成模板来填。",
    "unknown_sheet": "{where}：不认识的表{hint}。请改名或删掉。",
    "double_sheet": "{where}：同一张表出现了两次。请留一份。",
    "missing_sheet": "缺少表“{name}”。请从模板里补上，没有内容也要留表头。",
    "empty_sheet": "{where}：是空的。{remedy}。",
    "no_header": "{where}：第 1 行应当是表头：{headers}。",
    "unknown_header": "{where}：不认识的表头“{value}”{hint}。请改正或删掉这一列。",
    "double_header": "{where}：表头“{value}”出现了两次。请留一列。",
    "missing_header": "{where}：缺少表头“{value}”。请补上这一列。",
    "formula": "{where}：是公式（{value}）。请复制后“选择性粘贴 → 数值”。",
    "merged": "{where}：有合并单元格 {value}。请取消合并，每行都填上。",
    "date_cell": "{where}：变成了日期或时间（{value}）。请把这列设为文本格式后重填，如 1-3。",
    "error_cell": "{where}：是错误值 {value}。请重填。",
    "beyond_header": "{where}：这格（{value}）在表头之外。请补表头或删掉。",
    "too_many_rows": "{where}：超过 {limit} 行。请检查是不是整列都填了东西。",
    "required": "{where}：不能空着。{remedy}。",
    "bad_key": "{where}：“{value}”不能当编号。请用字母、数字、中文、- _ . ，不带空格和符号。",
    "too_long": "{where}：太长了（{value} 字）。请缩短到 {limit} 字以内。",
    "control_character": "{where}：含有看不见的控制字符。请重新输入。",
    "duplicate": "{where}：“{value}”与第 {first} 行重复。请改掉一个或删掉一行。",
    "unknown_grid": "{where}：没有编号为“{value}”的网格{hint}。请改正，或在“网格”表里加上。",
    "unknown_community": "{where}：没有编号为“{value}”的社区{hint}。请改正，或在“社区”表里加上。",
    "unknown_estate": "{where}：没有编号为“{value}”的小区{hint}。请改正，或在“小区”表里加上。",
    "unknown_member": "{where}：没有编号为“{value}”的成员{hint}。请改正，或在“成员”表里加上。",
    "unknown_role": "{where}：不认识的岗位“{value}”{hint}。",
    "unknown_skill": "{where}：不认识的特长“{value}”{hint}。",
    "unknown_field": "{where}：没有“{value}”这个类别{hint}。请用 config.yaml 里 categories 的键。",
    "unknown_value": "{where}：“{value}”不在可选范围内。可写：{choices}。",
    "bad_post": "{where}：“{value}”写法不对。请写成 岗位@网格编号，如 网格长@G3-001。",
    "not_a_number": "{where}：“{value}”不是 {low} 到 {high} 的整数。",
    "bad_units": "{where}：“{value}”不是单元。请写成 1-3,5 这样。",
    "overlap": "{where}：{value} 已在第 {first} 行归了 {grid}。一个单元只能归一个网格。",
    "own_deputy": "{where}：AB 岗不能是本人。请换一个人。",
    "cycle": "{where}：上级网格绕成了圈：{value}。请改正其中一个上级。",
    "root_level": "{where}：没有上级的网格应当是 1 级，这里写的是 {value}。请补上级或改级别。",
    "level_gap": "{where}：级别 {value} 与上级 {parent}（{parent_level} 级）接不上，应当是 {expected}。",
    "first_level_parent": "{where}：1 级网格不能有上级。请清空上级或改级别。",
    "bad_email": "{where}：“{value}”不是邮箱地址。请写成 zhou@example.cn 这样，或空着。",
    "bad_handle": "{where}：“{value}”不是群标识。请写成 通道:群号，如 onebot:123456。",
    "one_row": "{where}：只能有一行。请删掉多余的行。",
}
REMEDY_EMPTY = "至少要有一行"
HINT = "（是不是“{near}”？）"
HINT_CHOICES = "（可写：{choices}）"
WHERE_CELL = "{sheet} 第 {row} 行“{column}”"
WHERE_ROW = "{sheet} 第 {row} 行"
WHERE_SHEET = "{sheet}"
WHOLE_BUILDING = "整栋"
UNITS_OF = "{units} 单元"
NOTES: tuple[str, ...] = (
    "每张表第 1 行是表头，别改；从第 2 行起填。鼠标停在表头上有说明。",
    "编号自己定，只要不重复；别的表用编号来指它。",
    "先填 网格、社区，再填 小区、楼栋、群、成员。",
    "绑定账号不在名册里：成员在私聊里用一次性的绑定码自己绑。",
    "导入前用 `xiaoge roster import 文件 --dry-run` 看看会变什么；有一处错就什么都不导入。",
)
ADDED, CHANGED, REMOVED = "新增", "修改", "删除"
