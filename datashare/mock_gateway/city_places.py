"""鄞州地名与人名 streets of Yinzhou (real), and invented names of people and firms.

Streets and towns by the statistical code of 2023. Nothing here decides anything: it only makes an
invented city read like a real one.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

DISTRICT = "330212"


@dataclass(frozen=True, slots=True)
class Street:
    """镇街 a street or town of the district, with roads or villages where people live."""

    code: str
    name: str
    places: tuple[str, ...]
    share: int  # how many of a hundred or so households live here


def _streets(*rows: tuple[str, str, str, int]) -> tuple[Street, ...]:
    return tuple(
        Street(f"{DISTRICT}{code}", name, tuple(places.split()), share)
        for code, name, places, share in rows
    )


STREETS: tuple[Street, ...] = _streets(
    ("001", "下应街道", "湖下路 启明路 东兴路", 6),
    ("002", "钟公庙街道", "四明中路 泰安中路 天童南路", 8),
    ("004", "梅墟街道", "梅墟路 江南路 菁华路", 4),
    ("005", "中河街道", "四明东路 钱湖北路 嵩江东路", 8),
    ("006", "首南街道", "首南中路 学士路 泰康中路", 7),
    ("007", "潘火街道", "诚信路 宁横路 金谷路", 8),
    ("008", "百丈街道", "百丈路 彩虹南路 箕漕街", 5),
    ("009", "东胜街道", "王隘路 中山东路 曙光路", 5),
    ("010", "明楼街道", "民安路 惊驾路 曙光北路", 5),
    ("011", "白鹤街道", "兴宁路 甬港南路 丹凤路", 5),
    ("012", "东柳街道", "百丈东路 中兴路 东柳街", 5),
    ("013", "东郊街道", "宁穿路 沧海路 四季云顶路", 4),
    ("014", "福明街道", "福明路 海晏北路 碧波路", 5),
    ("015", "新明街道", "新晖路 院士路 江南路", 2),
    ("016", "聚贤街道", "聚贤路 光华路 杨木碶路", 2),
    ("100", "瞻岐镇", "东城村 西城村 合岙村", 2),
    ("101", "咸祥镇", "咸祥中路 里蔡村 球山村", 2),
    ("102", "塘溪镇", "塘溪村 童村 上城村", 1),
    ("103", "东钱湖镇", "陶公村 韩岭村 安石路", 3),
    ("104", "东吴镇", "东村 天童村 平塘村", 2),
    ("105", "五乡镇", "宝幢村 明堂路 爱民路", 4),
    ("106", "邱隘镇", "盛莫路 回龙村 人民路", 5),
    ("108", "云龙镇", "云龙南路 石桥村 陈黄村", 3),
    ("109", "横溪镇", "凤凰路 金峨村 大岙村", 2),
    ("110", "姜山镇", "人民南路 明辉路 茅山村", 6),
)
BY_CODE = {street.code: street for street in STREETS}
OTHER_AREAS = {"330203": "海曙区", "330205": "江北区", "330282": "慈溪市"}

SURNAMES = "王陈张李徐周胡林俞沈吴朱杨郑叶史孙方钱邵毛邬包忻竺励葛乐应董谢何洪严柴翁龚戴范柳童屠虞"
# names of the Yi, written with a dot between family and given name
LONG_NAMES = ("吉克·阿木", "阿苏·尔哈", "沙马·木呷", "吉木·阿依", "曲比·伍果", "阿候·拉则")
# given names by generation (decade of birth) and sex: characters that were usual then
GIVEN = {
    ("old", "1"): ("国 建 志 阿 德 永 根 福 永 生 祥 荣", "民 华 强 根 生 康 明 法 裕 兴 良 昌"),
    ("old", "2"): ("秀 玉 阿 美 凤 月 桂 彩 素 翠 亚 惠", "英 珍 娣 仙 琴 芬 菊 娥 琴 妹 君 芳"),
    ("mid", "1"): ("海 建 伟 志 晓 立 永 国 文 俊 军 凯", "波 峰 军 明 东 斌 平 杰 勇 辉 忠 达"),
    ("mid", "2"): ("丽 晓 海 雪 亚 红 小 静 美 春 婷 燕", "娜 燕 红 芳 琴 萍 君 飞 敏 丹 霞 蓉"),
    ("new", "1"): ("子 浩 宇 俊 一 梓 博 思 家 泽 嘉 天", "轩 然 辰 宇 豪 涵 文 翰 鸣 睿 诚 阳"),
    ("new", "2"): ("梓 欣 雨 思 诗 一 可 佳 若 语 嘉 乐", "涵 怡 桐 妍 彤 琪 萱 诺 宁 琳 婷 瑶"),
}
FIRM_WORDS = [
    "甬新",
    "东港",
    "明州",
    "海晨",
    "三江",
    "月湖",
    "鄞江",
    "甬江",
    "天一",
    "宏泰",
    "四明",
    "宁东",
    "联丰",
    "恒诚",
    "百川",
    "华茂源",
]
TRADES = [
    "电器",
    "服饰",
    "模具",
    "物流",
    "紧固件",
    "汽车零部件",
    "物业服务",
    "餐饮管理",
    "环境服务",
    "纺织",
    "机械",
    "电子科技",
]
SCHOOLS = [
    "宁波大学",
    "浙江万里学院",
    "宁波财经学院",
    "浙江工业大学",
    "宁波工程学院",
    "浙江工商职业技术学院",
    "宁波职业技术学院",
]
MAJORS = [
    "机械工程",
    "会计学",
    "护理",
    "计算机科学与技术",
    "电子商务",
    "物流管理",
    "土木工程",
    "英语",
]
ETHNIC_HAN = "01"
HOMETOWNS = ("普利街道", "关索街道", "永宁镇", "岗乌镇", "上关镇")
USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def pick_street(rng: random.Random) -> Street:
    """A street, more often a populous one."""
    return rng.choices(STREETS, weights=[street.share for street in STREETS])[0]


def address_in(rng: random.Random, street: Street) -> str:
    """An address on one of the street's roads or in one of its villages."""
    place = rng.choice(street.places)
    number = rng.randrange(1, 480)
    inner = f"{rng.randrange(1, 40)}幢{rng.randrange(1, 19)}0{rng.randrange(1, 5)}室"
    text = f"浙江省宁波市鄞州区{street.name}{place}"
    return f"{text}{number}号" if place.endswith("村") else f"{text}{number}号{inner}"


def given_name(rng: random.Random, sex: str, born: int) -> str:
    """A given name of one or two characters that suits sex and year of birth."""
    generation = "old" if born < 1970 else "mid" if born < 2000 else "new"
    first, second = (part.split() for part in GIVEN[generation, sex])
    return rng.choice(second) if rng.random() < 0.18 else rng.choice(first) + rng.choice(second)


def firm_name(rng: random.Random) -> str:
    """A firm that does not exist."""
    return f"宁波{rng.choice(FIRM_WORDS)}{rng.choice(TRADES)}有限公司"


def uscc(rng: random.Random) -> str:
    """统一社会信用代码 with a right check character (GB 32100-2015)."""
    body = f"91{DISTRICT}MA" + "".join(rng.choice(USCC_ALPHABET) for _ in range(7))
    total = sum(USCC_ALPHABET.index(c) * pow(3, i, 31) for i, c in enumerate(body))
    return body + USCC_ALPHABET[(31 - total % 31) % 31]
