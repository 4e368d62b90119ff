"""What people do to serve a letter (送达): send it, record its proof, and the last way, announcing.

Each try is a row. A failed one leads to the next: the other address, the window, a visit; when
those have failed, a public announcement (公告送达) by two people. What service brings about is in
``decision``; it happens in the same transaction as the proof.
"""

from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Staff
from accounts.roles import Role
from applications import (
    decision,
    deliveries,
    letters,
    materials,
    periods,
    permissions,
    reconsiderations,
    service_consents,
    states,
)
from applications.deliveries import Channel, Letter, Proof
from applications.models import Application, Delivery
from core import audit, clock, display, locks, notices, workflow
from core.refusals import Refusal

DESKS = (Role.DISTRICT, Role.WINDOW)
SERVES = {
    Channel.POST: (Proof.SIGNED,),
    Channel.WINDOW: (Proof.SIGNED,),
    Channel.VISIT: (Proof.SIGNED, Proof.LEFT),
    Channel.NOTICE: (Proof.ANNOUNCED,),
}
FAILS = {
    Channel.POST: (Proof.RETURNED, Proof.REFUSED),
    Channel.WINDOW: (Proof.REFUSED, Proof.ABSENT),
    Channel.VISIT: (Proof.REFUSED, Proof.ABSENT),
    Channel.NOTICE: (),
}
_NOON = 12  # a proof knows the day, not the hour
_BY_HAND = (Channel.POST, Channel.WINDOW, Channel.VISIT)
_DUE = {
    Channel.POST: "delivery_post", Channel.WINDOW: "delivery_window",
    Channel.VISIT: "delivery_visit",
}  # fmt: skip


class ServingRefused(Refusal):
    """Not ready, on its way already, proven already, or not for this person."""


# -- Sending -----------------------------------------------------------------------------------


def send(
    letter: Letter, *, by: Staff, channel: str, address: str = "", tracking_no: str = ""
) -> Delivery:
    """Hands a letter to the post, lays it ready at the window or takes it to the door.

    By electronic service only where the applicant agrees to it now. Raises ServingRefused.
    """
    with transaction.atomic():
        application, row = _locked(letter)
        if why := why_not_send(row, by, channel):
            raise ServingRefused(why)
        if channel == Channel.ELECTRONIC:
            return _send_electronically(row, by)
        _refuse_no_address(channel, address, tracking_no)
        made = deliveries.start(
            row, channel, by=by, address=address.strip()[:200],
            tracking_no=tracking_no.strip()[:40],
            due_on=periods.of(_DUE[Channel(channel)]).after(clock.today()),
        )  # fmt: skip
        _tell(application, deliveries.ON_ITS_WAY, by, number=row.letter_no,
              way=lambda: Channel(channel).label)  # fmt: skip
        return made


def hand_over(letter: Letter, *, by: Staff, note: str) -> Delivery:
    """The person has come and signed for the letter at the window; another try ends with it."""
    with transaction.atomic():
        application, row = _locked(letter)
        if why := why_not_hand_over(row, by):
            raise ServingRefused(why)
        if not note.strip():
            raise ServingRefused(_("请写明谁领取的、核对了什么证件。"), "note")
        standing = row.deliveries.filter(state__in=deliveries.OPEN).first()
        if standing is None or standing.channel != Channel.WINDOW:
            deliveries.stop_letter(row, by=by.user, reason="handed over")
            standing = deliveries.start(row, Channel.WINDOW, by=by)
        return _prove(application, row, locks.fresh(standing), Proof.SIGNED, by,
                      on=clock.today(), note=note)  # fmt: skip


def record(
    delivery: Delivery, *, by: Staff, proof: str, on: date, note: str = "",
    second: Staff | None = None,
) -> Delivery:  # fmt: skip
    """Records how a try ended: served by its proof, or not reached. Raises ServingRefused.

    ``on`` is the day on which it happened: the periods of the law run from the day after it.
    """
    with transaction.atomic():
        application, row = _locked(delivery.letter)
        standing = locks.fresh(delivery)
        if why := why_not_record(standing, row, by):
            raise ServingRefused(why)
        _refuse_bad_proof(standing, proof, on, note, by, second)
        if second is not None:
            standing.second_by = second
        if proof in SERVES[Channel(standing.channel)]:
            return _prove(application, row, standing, proof, by, on=on, note=note)
        return _fail(application, row, standing, proof, by, on=on, note=note)


def announce(letter: Letter, *, by: Staff, place: str) -> Delivery:
    """Proposes a public announcement, after the other ways have failed. Raises ServingRefused.

    It names the case and that a letter lies ready: neither the result nor a reason.
    """
    with transaction.atomic():
        _application, row = _locked(letter)
        if why := why_not_announce(row, by):
            raise ServingRefused(why)
        if not place.strip():
            raise ServingRefused(_("请写明在哪里公告。"), "place")
        return deliveries.start(
            row, Channel.NOTICE, by=by, address=place.strip()[:200], state=states.DELIVERY_PROPOSED
        )


def confirm_announcement(delivery: Delivery, *, by: Staff) -> Delivery:
    """The second person confirms it: its days run from now. Raises ServingRefused."""
    with transaction.atomic():
        _locked(delivery.letter)
        standing = locks.fresh(delivery)
        if why := why_not_confirm(standing, by):
            raise ServingRefused(why)
        standing.second_by, standing.sent_at = by, clock.now()
        standing.due_on = periods.of("delivery_notice").after(clock.today())
        standing.save(update_fields=["second_by", "sent_at", "due_on"])
        return workflow.advance(standing, states.DELIVERY_SENT, by=by.user)


# -- Why not -----------------------------------------------------------------------------------


def why_not_touch(letter: Letter, staff: Staff) -> str:
    """Why this person has nothing to do with serving this letter."""
    application = deliveries.application_of(letter)
    if not set(DESKS) & set(staff.roles):
        return _("您的岗位不办理这一步。需要的话，请联系本单位的系统管理员。")
    if Role.DISTRICT not in staff.roles:
        mine = permissions.window_cases_of(staff).filter(pk=application.pk)
        if not mine.exists():
            return _("这个办件由别的窗口办理。")
    return permissions.why_not_free(staff, application)


def why_not_send(letter: Letter, staff: Staff, channel: str = Channel.POST) -> str:
    """Why this person may not send the letter this way now."""
    if why := _why_not_ready(letter) or why_not_touch(letter, staff):
        return why
    if Role.DISTRICT not in staff.roles:
        return _("寄送由区住房保障管理中心办理；本人来领取的，请记录窗口领取。")
    if letter.deliveries.filter(state__in=deliveries.OPEN).exists():
        return _("这份文书正在送达，先记录结果，再换别的办法。")
    if channel == Channel.ELECTRONIC and not _agrees(letter):
        return _("本人没有确认电子送达，请用纸质方式。")
    if channel not in (*_BY_HAND, Channel.ELECTRONIC):
        return _("请选择一种送达方式。")
    return ""


def why_not_hand_over(letter: Letter, staff: Staff) -> str:
    """Why the letter cannot be handed over at this window now."""
    return _why_not_ready(letter) or why_not_touch(letter, staff)


def why_not_record(delivery: Delivery, letter: Letter, staff: Staff) -> str:
    """Why the outcome of this try cannot be recorded by this person."""
    if delivery.state == states.DELIVERY_PROPOSED:
        return _("公告还没有经另一位同事确认。")
    if delivery.state != states.DELIVERY_SENT:
        return _("这次送达的结果已经记录：%(word)s。") % {
            "word": delivery.STATES[delivery.state].tag
        }
    if why := _why_not_ready(letter) or why_not_touch(letter, staff):
        return why
    if Role.DISTRICT not in staff.roles and delivery.channel != Channel.WINDOW:
        return _("寄送由区住房保障管理中心办理；本人来领取的，请记录窗口领取。")
    return ""


def why_not_announce(letter: Letter, staff: Staff) -> str:
    """Why the letter cannot be announced: it is the last way, after others have failed."""
    if why := why_not_send(letter, staff):
        return why
    failed = letter.deliveries.filter(state=states.DELIVERY_FAILED).exclude(channel=Channel.NOTICE)
    least = periods.of("delivery_ways").value
    if failed.count() < least:
        return _("公告是最后的办法：至少要先用别的办法送过%(n)d次。") % {"n": least}
    return ""


def why_not_confirm(delivery: Delivery, staff: Staff) -> str:
    """Why this person cannot confirm the announcement."""
    if delivery.state != states.DELIVERY_PROPOSED:
        return _("这份公告现在不用确认。")
    if why := _why_not_ready(delivery.letter) or why_not_touch(delivery.letter, staff):
        return why
    if Role.DISTRICT not in staff.roles:
        return _("公告由区住房保障管理中心的两位同事办理。")
    if delivery.sent_by_id == staff.pk:
        return _("提出公告的人不能自己确认，请由另一位同事确认。")
    return ""


def ways_left(letter: Letter, staff: Staff) -> list[tuple[str, Any]]:
    """The ways in which this person may send the letter now: value and word."""
    ways = (Channel.ELECTRONIC, *_BY_HAND)
    return [(one.value, one.label) for one in ways if not why_not_send(letter, staff, one)]


def proofs_for(delivery: Delivery) -> list[tuple[str, Any]]:
    """How this try may have ended: value and word; an announcement ends on its day alone."""
    channel = Channel(delivery.channel)
    if channel == Channel.NOTICE and delivery.due_on and clock.today() <= delivery.due_on:
        return []
    return [(one.value, one.label) for one in (*SERVES[channel], *FAILS[channel])]


def photo_key(delivery: Delivery) -> str:
    """Under which item the photos of a try lie among the case's papers."""
    return f"{materials.OFFICE}delivery-{delivery.pk}"


def photos_of(delivery: Delivery) -> list[Any]:
    """The photos of a try, as pages."""
    return list(materials.pages_of(delivery.application, photo_key(delivery)))


def _why_not_ready(letter: Letter) -> str:
    if letter.served_at is not None:
        return _("这份文书已经送达。")
    return "" if deliveries.is_ready(letter) else _("签发之后才能送达；作废的不再送达。")


def _agrees(letter: Letter) -> bool:
    index = deliveries.application_of(letter).applicant.id_index
    return service_consents.in_force(index) is not None


# -- Parts -------------------------------------------------------------------------------------


def _locked(letter: Letter) -> tuple[Application, Any]:
    """The case first, then the letter: the same order in every verb."""
    application = locks.fresh(deliveries.application_of(letter))
    return application, locks.fresh(letter)


def _refuse_no_address(channel: str, address: str, tracking_no: str) -> None:
    if channel in (Channel.POST, Channel.VISIT) and not address.strip():
        raise ServingRefused(_("请写明送到哪个地址。"), "address")
    if channel == Channel.POST and not tracking_no.strip():
        raise ServingRefused(_("请填写邮件号码，回执凭它查。"), "tracking_no")


def _refuse_bad_proof(
    delivery: Delivery, proof: str, on: date, note: str, by: Staff, second: Staff | None
) -> None:
    if proof not in dict(proofs_for(delivery)):
        if delivery.channel == Channel.NOTICE and delivery.due_on:
            raise ServingRefused(
                _("公告到%(due)s期满，在那之前不算送达。") % {"due": display.day(delivery.due_on)}
            )
        raise ServingRefused(_("请选择这次送达的结果。"), "proof")
    sent = delivery.sent_at.astimezone(clock.LOCAL).date()
    if not sent <= on <= clock.today():
        raise ServingRefused(
            _("日期应当在%(sent)s到今天之间。") % {"sent": display.day(sent)}, "on"
        )
    if not note.strip():
        raise ServingRefused(_("请写明是谁签收的，或者为什么没送到。"), "note")
    if proof == Proof.LEFT:
        _refuse_left_alone(delivery, by, second)


def _refuse_left_alone(delivery: Delivery, by: Staff, second: Staff | None) -> None:
    """留置: with a photo, and somebody else who stood by."""
    if second is None or second.pk in (by.pk, delivery.sent_by_id):
        raise ServingRefused(_("留置送达要有另一位同事在场见证。"), "second")
    if not photos_of(delivery):
        raise ServingRefused(_("留置送达要有现场照片。"), "photo")


def _send_electronically(letter: Letter, by: Staff) -> Delivery:
    made = deliveries.by_consent(letter, by=by)
    assert made is not None  # refused above where nobody agreed
    _serve(deliveries.application_of(letter), letter, by, clock.now())
    return made


def _prove(
    application: Application, letter: Letter, delivery: Delivery, proof: str, by: Staff, *,
    on: date, note: str,
) -> Delivery:  # fmt: skip
    _write(delivery, proof, by, on, note)
    row = workflow.advance(delivery, states.DELIVERY_SERVED, by=by.user)
    _serve(application, letter, by, _moment(on, delivery.sent_at))
    return row


def _fail(
    application: Application, letter: Letter, delivery: Delivery, proof: str, by: Staff, *,
    on: date, note: str,
) -> Delivery:  # fmt: skip
    _write(delivery, proof, by, on, note)
    row = workflow.advance(delivery, states.DELIVERY_FAILED, by=by.user)
    _tell(application, deliveries.NOT_REACHED, by, number=letter.letter_no,
          office_phone=letters.PHONE)  # fmt: skip
    return row


def _write(delivery: Delivery, proof: str, by: Staff, on: date, note: str) -> None:
    delivery.proof, delivery.proved_on, delivery.note = proof, on, note.strip()[:2000]
    delivery.recorded_by, delivery.recorded_at = by, clock.now()
    delivery.save(
        update_fields=["proof", "proved_on", "note", "recorded_by", "recorded_at", "second_by"]
    )
    audit.record(
        "delivery.recorded", by=by.user, thing=delivery, proof=proof, on=on,
        attempt=delivery.attempt,
    )  # fmt: skip


def _moment(on: date, sent_at: datetime) -> datetime:
    """The moment of service on a day; never before the letter left, never after now."""
    if on == clock.today():
        return clock.now()
    return max(clock.local_midnight(on) + timedelta(hours=_NOON), sent_at)


def _serve(application: Application, letter: Letter, by: Staff, at: datetime) -> None:
    if isinstance(letter, decision.Decision):
        decision.take_effect(letter, application, by=by, at=at)
    else:
        reconsiderations.answer_served(letter, application, by=by, at=at)


def _tell(application: Application, template: notices.Template, by: Staff, **words: Any) -> None:
    applicant = application.applicant
    notices.tell(
        applicant.id_index, template, by=by.user, case_no=application.case_no or "",
        phone=applicant.phone or "", **words,
    )  # fmt: skip
