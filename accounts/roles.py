"""What a member of staff may be, and the kinds of bureau that work on a case."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Role(TextChoices):
    """岗位: what a member of staff is trusted to do; one person may hold several."""

    WINDOW = "window", _("窗口受理")
    STREET = "street", _("镇街初审")
    REVIEWER = "reviewer", _("部门审核")
    DISTRICT = "district", _("区级复审")
    ADMIN = "admin", _("业务管理")
    LEADER = "leader", _("领导查看")
    OPERATOR = "operator", _("运营服务")
    AUDITOR = "auditor", _("审计管理员")
    SYSTEM = "system", _("系统管理员")
    SECURITY = "security", _("安全管理员")
    ATTENDANT = "attendant", _("现场值守")


# 三员分立 (GB/T 22239-2019): system, security and audit administration are three people, and none
# of the three decides on a case. The database holds the same rule as a constraint.
GUARDIANS = (Role.SYSTEM, Role.SECURITY, Role.AUDITOR)


class BureauKind(TextChoices):
    """单位类别: which part of the joint review, or of the service, a bureau does."""

    STREET = "street", _("镇街")
    REAL_ESTATE = "real_estate", _("不动产登记")
    CIVIL_AFFAIRS = "civil_affairs", _("民政")
    HUMAN_RESOURCES = "human_resources", _("人力社保")
    FLOATING_POPULATION = "floating_population", _("流动人口服务")
    HOUSING = "housing", _("住房保障科")
    CENTRE = "centre", _("住房保障管理中心")
    OPERATOR = "operator", _("运营公司")
    AUDIT = "audit", _("审计")
