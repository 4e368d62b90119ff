"""The clauses of a lease (租赁合同, 令11号 §17), as cards on a page and as paragraphs on paper."""

from dataclasses import dataclass
from datetime import timedelta

from django.utils import translation
from django.utils.translation import gettext as _

from allocation import facts, leases
from allocation.models import Lease
from applications import letters
from core import display
from core.identity import masking


@dataclass(frozen=True)
class Clause:
    """One clause; ``key`` ones are explained before the signature (§16)."""

    title: str
    lines: tuple[str, ...]
    key: bool = False


def of(lease: Lease) -> list[Clause]:
    """What §17 requires, in plain words, with this lease's facts."""
    home, last = lease.home, lease.term.upper - timedelta(days=1)
    return [
        Clause(
            _("房屋"),
            (
                _("%(address)s，%(estate)s，%(area)s。现有设备见交接清单。")
                % {
                    "address": facts.address(home),
                    "estate": home.estate.address,
                    "area": display.area(home.area),
                },
            ),
        ),
        Clause(
            _("用途"),
            (_("只用于承租人和一起申请的家人居住，不得转租、转借、空置六个月以上或改作他用。"),),
            key=True,
        ),
        Clause(
            _("租期"),
            (
                _("从%(first)s到%(last)s。期满前三个月可以申请续租。")
                % {"first": display.day(lease.term.lower), "last": display.day(last)},
            ),
        ),
        Clause(
            _("租金和支付"),
            (
                _("每月%(rent)s，每月20日前付清当月租金。")
                % {"rent": display.money(lease.rent_monthly)},
                _("累计六个月不付租金，应当腾退住房；有困难请先联系我们，可以商量分期。"),
            ),
            key=True,
        ),
        Clause(
            _("押金"),
            (
                _("%(deposit)s，退房验收后三十日内无息退还。")
                % {"deposit": display.money(lease.deposit)},
            ),
        ),
        Clause(
            _("物业、水电和维修"),
            (
                _("水、电、燃气、通信、物业等使用费用由承租人负担。"),
                _("房屋和设备的正常维修由出租人负责；承租人不得擅自装修、改动结构。"),
            ),
        ),
        Clause(
            _("什么时候要交还住房"),
            (
                _(
                    "不再符合条件、转租转借、无正当理由空置六个月以上、破坏房屋、从事违法活动的，应当交还。"
                ),
                _("作出决定之前，会先听您说明；决定之后有搬迁期，搬迁期内租金不变，门锁照常使用。"),
            ),
            key=True,
        ),
        Clause(
            _("违约责任和争议"),
            (
                _(
                    "一方违约，按实际损失赔偿。有争议先协商，协商不成的，可以向房屋所在地人民法院起诉。"
                ),
            ),
            key=True,
        ),
        Clause(
            _("其他"),
            (_("每年复核一次资格；家里有变化请告诉我们。本合同签订后三十日内备案。"),),
        ),
    ]


def pdf(lease: Lease) -> bytes:
    """The contract as PDF, in Chinese; its digest is printed under the signatures."""
    with translation.override("zh-hans"):
        applicant = lease.application.applicant
        signed = lease.signed_at is not None
        data = {
            "number": lease.number,
            "parties": [
                ["出租人", letters.OFFICE],
                ["承租人", applicant.name],
                ["证件号码", masking.mask_id(applicant.id_number)],
                ["同住家人", _people(lease)],
                ["办件编号", lease.case_no],
            ],
            "clauses": [
                {"title": clause.title, "lines": list(clause.lines)} for clause in of(lease)
            ],
            "signature": [
                ["条款说明", _moment(lease.explained_at, "还没有说明")],
                ["签订时间", _moment(lease.signed_at, "还没有签订")],
            ],
            "signed": applicant.name if signed else "",
            "digest": lease.text_digest if signed else leases.digest(lease),
        }
        return letters.pdf("lease", data, check=letters.check_code(lease.number))


def _people(lease: Lease) -> str:
    others = lease.application.members.filter(excluded=False, is_applicant=False)
    return "、".join(one.name for one in others) or "无"


def _moment(at: object, otherwise: str) -> str:
    return display.day_time(at) if at else otherwise
