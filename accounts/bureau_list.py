"""The bureaus of Yinzhou as they are: 25 streets and towns, five departments, three offices.

Codes of streets and towns are the statistical codes of June 2023. Four of them are run by somebody
else's administration, so an application from there may have to be handed over.
"""

from dataclasses import dataclass

from accounts.roles import BureauKind

_HIGH_TECH = "宁波国家高新区"
_RESORT = "东钱湖旅游度假区"


@dataclass(frozen=True)
class Entry:
    """One bureau: its code, Chinese name, kind and, for a street, who really administers it."""

    code: str
    name: str
    kind: BureauKind
    area_code: str | None = None
    jurisdiction: str = ""


_STREETS = {
    "330212001": "下应街道",
    "330212002": "钟公庙街道",
    "330212004": "梅墟街道",
    "330212005": "中河街道",
    "330212006": "首南街道",
    "330212007": "潘火街道",
    "330212008": "百丈街道",
    "330212009": "东胜街道",
    "330212010": "明楼街道",
    "330212011": "白鹤街道",
    "330212012": "东柳街道",
    "330212013": "东郊街道",
    "330212014": "福明街道",
    "330212015": "新明街道",
    "330212016": "聚贤街道",
    "330212100": "瞻岐镇",
    "330212101": "咸祥镇",
    "330212102": "塘溪镇",
    "330212103": "东钱湖镇",
    "330212104": "东吴镇",
    "330212105": "五乡镇",
    "330212106": "邱隘镇",
    "330212108": "云龙镇",
    "330212109": "横溪镇",
    "330212110": "姜山镇",
}
_ADMINISTERED_BY = {
    "330212004": _HIGH_TECH,
    "330212015": _HIGH_TECH,
    "330212016": _HIGH_TECH,
    "330212103": _RESORT,
}
_DEPARTMENTS = (
    Entry("real_estate", "区不动产登记中心", BureauKind.REAL_ESTATE),
    Entry("civil_affairs", "区民政局", BureauKind.CIVIL_AFFAIRS),
    Entry("human_resources", "区人力资源和社会保障局", BureauKind.HUMAN_RESOURCES),
    Entry("floating_population", "区流动人口服务管理办公室", BureauKind.FLOATING_POPULATION),
    Entry("housing", "区住房和城乡建设局住房保障科", BureauKind.HOUSING),
    Entry("centre", "区住房保障管理中心", BureauKind.CENTRE),
    Entry("operator", "公租房运营公司", BureauKind.OPERATOR),
    Entry("audit", "区住房保障审计组", BureauKind.AUDIT),
)


def entries() -> tuple[Entry, ...]:
    """Every bureau, streets first, in the order of their codes."""
    streets = (
        Entry(code, name, BureauKind.STREET, code, _ADMINISTERED_BY.get(code, ""))
        for code, name in _STREETS.items()
    )
    return (*streets, *_DEPARTMENTS)
