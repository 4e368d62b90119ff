"""Consent (授权): who has agreed to be asked about, and by which words.

Beyond names and relations no register is asked about a person before that person has agreed. The
text is versioned; a consent keeps the digest of the very words that were shown.
"""

from hashlib import sha256
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from applications import (
    authority,
    consent_waits,
    deadlines,
    guardians,
    mandates,
    notices_family,
    promises,
    states,
    verification,
)
from applications.authority import in_force, is_adult, pending, word_of
from applications.joining import code_for, member_by_code
from applications.material_items import GUARDIANSHIP
from applications.models import Application, Consent, Member, Pause
from core import audit, clock, locks, notices
from core.refusals import Refusal
from datashare import authorities
from datashare.models import GivenConsent

VERSION = "2026-01"

# Each point stands on its own line of the consent card and on the printed authorisation.
POINTS = (
    (
        _("查什么"),
        _(
            "身份和户籍、婚姻、低保和特困、残疾、住房和购房合同、社保和公积金、车辆、企业登记、收入核对。"
        ),
    ),
    (
        _("向谁查"),
        _("公安、民政、卫健、残联、自然资源、住建、税务、人社、公积金、市场监管、教育部门。"),
    ),
    (_("做什么用"), _("只用于审核这次住房保障申请，以及保障期间每年一次的复核。")),
    (_("多长时间"), _("到这次申请办结为止；享受保障的，到保障结束为止。")),
    (_("可以撤回"), _("您可以随时撤回授权；撤回后不再查询，申请改由人工办理。")),
)
TEXT = _("我同意鄞州区住房和城乡建设局为审核住房保障申请，按上面写的内容向有关部门查询我的信息。")


class ConsentRefused(Refusal):
    """The consent cannot be recorded like this."""


def text_digest() -> str:
    """The digest of the words in force, in Chinese whatever the page's language."""
    with translation.override("zh-hans"):
        words = "\n".join([VERSION, *(f"{head}：{body}" for head, body in POINTS), str(TEXT)])
    return sha256(words.encode()).hexdigest()


# -- Verbs -------------------------------------------------------------------------------------


def give(member: Member, *, method: str, by: Any) -> Consent:
    """Records that the member agrees. A second consent in force is the first one again.

    A minor's comes from the guardian (民法典 §27), online only where the register names the child
    as the signed-in person's. Raises ConsentRefused.
    """
    with transaction.atomic():
        application = member.application = locks.fresh(member.application)
        _refuse_ended(application, member)
        current = in_force(member)
        if current is not None and current.given_at and not current.outgrown_at:
            return current
        _refuse_wrong_signer(member, method, by)
        _end(current, GivenConsent.Because.REPLACED)
        row = _record(member, method, by, given=True)
        audit.record(
            "consent.given", by=by, thing=member, case_no=application.case_no or "",
            subjects=[member.id_index], method=method, text=VERSION,
        )  # fmt: skip
        settle(application, by=by)
        return row


def give_on_promise(member: Member, *, by: Any) -> Consent:
    """The applicant promises to be the child's guardian, and agrees for it (告知承诺).

    For a child of whom no register here can know; the promise is checked after approval. Raises
    ConsentRefused.
    """
    with transaction.atomic():
        locks.fresh(member.application)
        if not guardians.may_promise(member, by):
            raise ConsentRefused(guardians.CHILD_AT_WINDOW)
        promises.give(member.application, GUARDIANSHIP, by=by, member=member)
        return give(member, method=Consent.Method.GUARDIAN, by=by)


def refuse(member: Member, *, method: str = Consent.Method.ONLINE, by: Any) -> Consent:
    """Records that the member does not agree: no register is asked, a person takes it up."""
    with transaction.atomic():
        application = locks.fresh(member.application)
        _refuse_ended(application, member)
        current = in_force(member)
        if current is not None and current.refused_at:
            return current
        _end(current, GivenConsent.Because.WITHDRAWN)
        row = _record(member, method, by, given=False)
        audit.record(
            "consent.refused", by=by, thing=member, case_no=application.case_no or "",
            subjects=[member.id_index],
        )  # fmt: skip
        settle(application, by=by)
        _tell_refused(application, by)
        return row


def withdraw(member: Member, *, by: Any) -> Consent:
    """Ends the member's consent: from now on nothing is asked. Raises ConsentRefused."""
    with transaction.atomic():
        application = locks.fresh(member.application)
        current = in_force(member)
        if current is None or not current.given_at:
            raise ConsentRefused(_("没有可以撤回的授权。"))
        _end(current, GivenConsent.Because.WITHDRAWN)
        audit.record(
            "consent.withdrawn", by=by, thing=member, case_no=application.case_no or "",
            subjects=[member.id_index],
        )  # fmt: skip
        settle(application, by=by)
        return current


def lapse(application: Application) -> None:
    """The end of the case, or of the housing it brought, ends what was agreed to for it.

    As the consent's words say; called by every verb that ends one.
    """
    given = Consent.objects.filter(member__application=application, given_at__isnull=False)
    digests = given.filter(withdrawn_at=None).values_list("digest", flat=True)
    authorities.end(list(digests), because=GivenConsent.Because.CASE_ENDED)
    consent_waits.settle(application)


def lapse_for(member: Member) -> None:
    """Who has left the household is asked about no longer on what was agreed to for it."""
    given = member.consents.filter(given_at__isnull=False, withdrawn_at=None)
    digests = given.values_list("digest", flat=True)
    authorities.end(list(digests), because=GivenConsent.Because.CASE_ENDED)


def ended_with_case() -> QuerySet[Any, Any]:
    """Keys of every consent that has ended with its case or the housing it brought."""
    return lapsed(Consent.objects.all())


def lapsed(rows: QuerySet[Consent]) -> QuerySet[Any, Any]:
    """Those of them that ended with their case or the housing: there is nothing to withdraw."""
    ended = GivenConsent.objects.filter(ends_at__isnull=False).values("digest")
    return rows.filter(digest__in=ended).values("pk")


def settle(application: Application, *, by: Any) -> None:
    """After a consent changed in a case that is under way: the clock, and who may be asked now."""
    for member in application.members.prefetch_related("consents"):
        if word_of(member) in ("refused", "withdrawn"):
            verification.forget(member)
    consent_waits.settle(application)
    if application.state == states.DRAFT or not application.is_open:
        return
    if pending(application) and application.decided_at is None:
        deadlines.pause(application, Pause.Reason.CONSENT, by=by)
    else:
        deadlines.resume(application, Pause.Reason.CONSENT, by=by)
    verification.request_checks(application, round=verification.APPLY, by=by)


def outgrow(member: Member, *, by: Any) -> Consent | None:
    """The guardian's consent ends with the child's majority (民法典 §17); None if there is none.

    It keeps what was asked on it, and is the basis of no further question.
    """
    with transaction.atomic():
        application = locks.fresh(member.application)
        current = in_force(member)
        if current is None or current.outgrown_at or not current.given_at:
            return None
        if current.method != Consent.Method.GUARDIAN or not is_adult(member, clock.today()):
            return None
        current.outgrown_at = clock.now()
        current.save(update_fields=["outgrown_at"])
        audit.record(
            "consent.outgrown", by=by, thing=member, case_no=application.case_no or "",
            subjects=[member.id_index],
        )  # fmt: skip
        return current


def _refuse_ended(application: Application, member: Member) -> None:
    """The page was opened a moment ago: since then the case may have ended, or the member left."""
    if not authority.still_asks(application):
        raise ConsentRefused(_("这份申请已经结束。"))
    if not application.members.filter(pk=member.pk, excluded=False).exists():
        raise ConsentRefused(_("这位家人不在这份申请里，不用授权。"))


def _refuse_wrong_signer(member: Member, method: str, by: Any) -> None:
    adult = is_adult(member, clock.today())
    if adult and method == Consent.Method.GUARDIAN:
        raise ConsentRefused(_("成年家人要由本人授权。"))
    if adult and method == Consent.Method.MANDATE and not mandates.may_consent_for(member, by):
        raise ConsentRefused(_("您的委托没有包括代为同意查询。授权要由本人做。"))
    if adult and method == Consent.Method.STAND_IN and getattr(by, "as_staff", None) is None:
        raise ConsentRefused(_("代签要由工作人员看过证明后记录。"))
    if not adult and method != Consent.Method.GUARDIAN:
        raise ConsentRefused(_("未成年人由监护人代为授权。"))
    if not adult and (why := guardians.why_not_agree_for(member, by)):
        raise ConsentRefused(why)


def _tell_refused(application: Application, by: Any) -> None:
    if application.state == states.DRAFT:
        return  # the page of the draft says so
    applicant = application.applicant
    notices.tell(
        applicant.id_index, notices_family.CONSENT_REFUSED, by=by, case_no=application.case_no or ""
    )


def _end(current: Consent | None, because: str) -> None:
    """Nobody is asked on it any more, not even by a worker that looked a moment ago."""
    if current is not None:
        authorities.end([current.digest], because=because)
        current.withdrawn_at = clock.now()
        current.save(update_fields=["withdrawn_at"])


def _record(member: Member, method: str, by: Any, *, given: bool) -> Consent:
    now = clock.now()
    seed = f"{member.id_index}\0{member.application.ref}\0{text_digest()}\0{now.isoformat()}"
    row = Consent.objects.create(
        member=member,
        method=method,
        text_version=VERSION,
        text_digest=text_digest(),
        digest=sha256(seed.encode()).hexdigest(),
        given_at=now if given else None,
        refused_at=None if given else now,
        recorded_by=audit.label(by)[:80],
    )
    if given:
        authorities.register(
            row.digest, member.id_index, case_no=authority.asked_as(member.application)
        )
    return row


__all__ = [
    "POINTS",
    "TEXT",
    "VERSION",
    "ConsentRefused",
    "code_for",
    "give",
    "lapse",
    "lapsed",
    "member_by_code",
    "refuse",
    "settle",
    "text_digest",
    "withdraw",
]
