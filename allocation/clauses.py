"""The clauses of a lease (租赁合同, 令11号 §17), as cards on a page and as paragraphs on paper."""

from dataclasses import dataclass
from datetime import timedelta

from django.utils.translation import gettext as _

from allocation import places
from allocation.models import Lease
from applications import periods
from core import display


@dataclass(frozen=True)
class Clause:
    """One clause; ``key`` ones are explained before the signature (§16)."""

    title: str
    lines: tuple[str, ...]
    key: bool = False


def of(lease: Lease) -> list[Clause]:
    """What §17 requires, in plain words, with this lease's facts; the parties stand beside it."""
    return [
        *_home(lease),
        *_term_and_money(lease),
        *_upkeep(),
        *_return(lease),
        *_liability(),
    ]


def _home(lease: Lease) -> list[Clause]:
    home = lease.home
    return [
        Clause(
            _("房屋和设备"),
            (
                _("%(address)s，%(estate)s，第%(floor)s层，%(area)s。")
                % {
                    "address": places.address(home),
                    "estate": home.estate.address,
                    "floor": home.floor,
                    "area": display.area(home.area),
                },
                _("结构、装修和设备的现状以入住时双方签字的交接清单为准。"),
            ),
        ),
        Clause(
            _("用途"),
            (
                _("只用于承租人和一起申请的家人居住。"),
                _("不得转租、转借、擅自调换，不得改变用途，不得无正当理由连续空置六个月以上。"),
            ),
            key=True,
        ),
    ]


def _term_and_money(lease: Lease) -> list[Clause]:
    last = lease.term.upper - timedelta(days=1)
    return [
        Clause(
            _("租期"),
            (
                _("从%(first)s到%(last)s。")
                % {"first": display.day(lease.term.lower), "last": display.day(last)},
                _("想接着住的，期满%(n)d个月前提出续租；晚了也收，由工作人员联系。")
                % {"n": periods.of("lease_renewal_ask").value},
            ),
        ),
        Clause(
            _("租金和支付"),
            (
                _("每月%(rent)s，每月%(day)d日前付清当月租金。租金怎么算，列在合同首页。")
                % {
                    "rent": display.money(lease.rent_monthly),
                    "day": periods.of("lease_pay_day").value,
                },
                _("租金标准或家里的租金档次变了，另签补充协议，写明从哪个月起。"),
                _("累计六个月不付租金，应当腾退住房；有困难请先联系我们，可以商量分期。"),
            ),
            key=True,
        ),
        Clause(
            _("押金"),
            (
                _("%(deposit)s。住房交还验收后%(n)d日内无息退还；抵扣的，写明每一笔的原因。")
                % {
                    "deposit": display.money(lease.deposit),
                    "n": periods.of("lease_deposit_back").value,
                },
            ),
        ),
    ]


def _upkeep() -> list[Clause]:
    return [
        Clause(
            _("维修"),
            (
                _("房屋和设备的正常维修由出租人负责，因使用不当损坏的由承租人负责。"),
                _("未经出租人同意，不得装修、改动结构和管线。"),
            ),
        ),
        Clause(
            _("物业和水电"),
            (_("物业费和水、电、燃气、通信等使用费用由承租人负担，按各自的收费标准交。"),),
        ),
    ]


def _return(lease: Lease) -> list[Clause]:
    return [
        Clause(
            _("什么时候要交还住房"),
            (
                _("转租、转借、擅自调换的；改变用途的；破坏房屋或擅自装修、拒不恢复原状的；"),
                _("在房屋里从事违法活动的；无正当理由连续空置六个月以上的；"),
                _("租期里买了、继承了或者得到了其他住房，不再符合条件的；没有续租的。"),
                _(
                    "作出决定之前，会先听您说明；决定之后有搬迁期，搬迁期内租金不变，门锁照常使用，签字交还以后才停用。"
                ),
            ),
            key=True,
        ),
    ]


def _liability() -> list[Clause]:
    return [
        Clause(
            _("违约责任"),
            (
                _("一方违约，按实际损失赔偿。出租人不维修、承租人违反用途的，对方可以要求改正。"),
                _("应当交还而不交还的，出租人可以依法申请人民法院处理，不自行断水断电、换锁。"),
            ),
            key=True,
        ),
        Clause(
            _("争议"),
            (_("有争议先协商；协商不成的，可以向房屋所在地人民法院起诉。"),),
        ),
        Clause(
            _("其他"),
            (
                _("每年复核一次资格；家里有人出生、离开或有其他变化，请告诉我们。"),
                _("本合同签订后%(n)d日内备案。签字以后改动内容，只能另签补充协议。")
                % {"n": periods.of("lease_filing").value},
            ),
        ),
    ]
