"""The slip (凭条) that a household takes from the kiosk: its result, its choice, a check code."""

from dataclasses import dataclass
from typing import Any

import segno
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from allocation import facts, kiosks, offers, states
from allocation.models import Entrant, Offer
from applications import letters
from core import clock, display


@dataclass(frozen=True)
class Slip:
    """What is printed; no name and no ID number stands on it."""

    ticket: str
    round: str
    home: str
    lines: list[tuple[Any, str]]
    private: str  # the head of the line that no screen in a hall shows
    next: str
    code: str
    address: str
    check: str  # where it is said how anybody checks the draw

    @property
    def qr(self) -> str:
        """The address of the public result as an image for a page."""
        return segno.make(self.address, error="m").svg_data_uri(scale=4, border=0)


def of(entrant: Entrant, *, site: str = "") -> Slip:
    """The slip of a household as things stand now."""
    offer = kiosks.current_offer(entrant)
    seen = offer is not None and offer.state != states.O_UNOPENED
    lines: list[tuple[Any, str]] = [(_("轮次"), entrant.round.title)]
    if offer is not None and seen:
        lines += [
            (_("房源"), facts.address(offer.home)),
            (_("面积"), display.area(offer.home.area)),
            (_("月租"), display.rent(offer.rent_monthly)),
            (_("状态"), _state(offer)),
        ]
        if offer.state in states.OFFER.open_ids:
            lines.append((_("期限"), display.day(offers.last_day(offer))))
    lines.append((_("打印时间"), display.day_time(clock.now())))
    return Slip(
        ticket=entrant.ticket,
        round=entrant.round.code,
        home=offer.home.code if offer is not None and seen else "",
        lines=lines,
        private=_("月租"),
        next=_next(entrant),
        code=letters.check_code(f"{entrant.round.code}-{entrant.ticket}"),
        address=f"{site}{reverse('public_draw', args=[entrant.round.code])}",
        check=f"{site}{reverse('public_draw_check', args=[entrant.round.code])}",
    )


def held(entrant: Entrant, *, site: str = "") -> dict[str, Any]:
    """What the machine may show and print of an opened result while the network is gone."""
    slip = of(entrant, site=site)
    offer = kiosks.current_offer(entrant)
    printed, opened = _("打印时间"), _("打开时间")  # the network was there when it was opened
    chosen = offer is not None and offer.state not in (states.O_UNOPENED, states.O_OPEN)
    return {
        "ticket": slip.ticket,
        "home": slip.home,
        "lines": [
            [str(opened if head == printed else head), str(body), head == slip.private]
            for head, body in slip.lines
        ],
        "code": slip.code,
        "qr": slip.qr,
        "registered": chosen,
    }


def pdf(entrant: Entrant, *, site: str = "") -> bytes:
    """The slip as PDF, in Chinese."""
    with translation.override("zh-hans"):
        slip = of(entrant, site=site)
        data = {
            "number": slip.ticket,
            "home": slip.home,
            "lines": [[str(head), body] for head, body in slip.lines],
            "next": slip.next,
            "address": slip.check,
        }
        return letters.pdf("slip", data, check=slip.code)


def appointment_pdf(entrant: Entrant) -> bytes:
    """The notice of the appointment as PDF, in Chinese; the 摇号码 is not printed."""
    with translation.override("zh-hans"):
        row = entrant.appointment
        data = {
            "number": entrant.ticket,
            "lines": [
                [_("轮次"), entrant.round.title],
                [_("时间"), display.day_time(row.starts_at)],
                [_("地点"), row.place],
                [_("公开事件"), facts.entropy_day(entrant)],
            ],
        }
        code = letters.check_code(f"{entrant.round.code}-{entrant.ticket}")
        return letters.pdf("appointment", data, check=code)


def _state(offer: Offer) -> str:
    """The offer's word; that a cause was named stands with it, which one is nobody's business."""
    words = [str(states.OFFER[offer.state].tag)]
    if hasattr(offer, "cause"):
        words.append(_("理由：%(state)s") % {"state": states.CAUSE[offer.cause.state].tag})
    return " · ".join(words)


def _next(entrant: Entrant) -> str:
    offer = kiosks.current_offer(entrant)
    place = facts.reserve_place(entrant)
    if entrant.round.state == states.R_FROZEN:
        return _("结果要等公开事件之后才有：%(day)s。") % {"day": facts.entropy_day(entrant)}
    if offer is not None and offer.state == states.O_DECLINED and hasattr(offer, "cause"):
        return _(
            "这套房已给下一户。理由由人核实，核实以前不计次数；材料以后在手机上补，或者带到窗口。"
        )
    if offer is not None:
        return {
            states.O_ACCEPTED: _("下一步签约：在手机「我的—签约」上签，或到窗口签。"),
            states.O_DECLINED: _("这套房已给下一户。轮候资格不变，有房源会再通知您。"),
            states.O_LAPSED: _("期限已过，这套房已给下一户。轮候资格不变。"),
        }.get(offer.state, _("请在期限前接受、考虑或放弃；手机上也可以选。离开机器不算放弃。"))
    if place is not None:
        return _("您家是候补第%(n)s位。轮候资格不变，有房源空出会按顺序通知您。") % {"n": place}
    return _("请留意通知。")
