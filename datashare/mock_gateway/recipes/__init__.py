"""家庭情形 recipes of families: what is the matter with each household of the city.

Incomes keep clear of every threshold in use (a head and year: 低收入 well under 40,000, 中等偏下
about 51,000, over the limit above 105,000), so that a family stays what its recipe says when the
yearly base moves. Lines exactly on a threshold belong in cast files.
"""

from __future__ import annotations

from collections.abc import Callable

from datashare.mock_gateway.city_maker import Maker
from datashare.mock_gateway.recipes import newcomers, owners, residents, tenants

Recipe = Callable[[Maker], None]

# recipe → how many of a thousand families
RECIPES: dict[Recipe, int] = {
    residents.extreme_poverty: 12,
    residents.low_income_aid: 60,
    residents.newly_aided: 14,
    residents.aid_margin: 55,
    residents.low_income: 130,
    residents.lower_middle: 150,
    residents.lower_middle_with_parent: 20,
    residents.single: 40,
    residents.over_income: 70,
    residents.two_cars: 10,
    residents.shareholder: 10,
    owners.home_within_limit: 40,
    owners.home_over_limit: 55,
    owners.home_outside: 12,
    owners.inherited_share: 10,
    owners.offplan_buyer: 16,
    owners.recent_seller: 14,
    owners.divorced: 26,
    owners.divorced_lately: 10,
    residents.widowed: 22,
    residents.lone_elder: 24,
    residents.orphan: 6,
    residents.disabled: 26,
    residents.student_member: 26,
    residents.student_applicant: 6,
    residents.soldier_absent: 12,
    newcomers.migrant: 16,
    newcomers.migrant_married_elsewhere: 34,
    newcomers.migrant_permit_lapsed: 8,
    newcomers.new_employee: 50,
    tenants.tenant: 60,
    tenants.tenant_aided: 34,
    tenants.tenant_buyer: 6,
    tenants.tenant_will_buy: 6,
    tenants.tenant_dead: 5,
    tenants.tenant_will_die: 5,
    tenants.tenant_over_income: 6,
    tenants.subsidised: 14,
    residents.trader: 20,
}

# what the mock sign-in page says of those whom it suggests
NOTES: dict[str, str] = {
    "low_income_aid": "低保家庭，无房",
    "newly_aided": "新增低保，尚无保障",
    "aid_margin": "低保边缘家庭",
    "lower_middle": "中等偏下收入，无房",
    "low_income": "低收入，无房",
    "offplan_buyer": "已买期房",
    "home_over_limit": "有房且面积超标",
    "over_income": "收入超标",
    "migrant": "外来务工，浙江登记结婚",
    "migrant_married_elsewhere": "外来务工，外省登记结婚",
    "new_employee": "新就业大学生",
    "tenant": "在保租户",
    "lone_elder": "孤寡老人",
    "disabled": "家有重度残疾人",
    "divorced_lately": "两年内离婚",
    "tenant_buyer": "在保租户，已签购房合同",
}
