"""Mandates (代办委托): one recorded permission that serves every later page.

A helper asks and the principal, signed in as themselves, confirms with six digits; or the principal
names the helper at once; or a clerk has the paper on the table. It can be taken back at any moment
by either of the two, and from then on the helper sees nothing more (民法典 §165, §173).

A mandate never carries a consent in another adult's name, unless it is of the listed kinds
(Mandate.LISTED_FOR_CONSENT) that a clerk has seen.
"""

import hmac
from collections.abc import Iterable
from datetime import date
from hashlib import sha256
from typing import Any, Protocol

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from applications import notices_family, periods, permissions, privacy
from applications.models import Mandate, Member
from core import audit, clock, locks, notices
from core.identity import ciphers, masking, numbers
from core.refusals import Refusal

USUAL = (Mandate.Scope.APPLY, Mandate.Scope.FOLLOW)
_AT_WINDOW = (Mandate.Evidence.PAPER, Mandate.Evidence.NOTARISED, Mandate.Evidence.GUARDIAN)


class MandateRefused(Refusal):
    """The mandate cannot be asked for, given or ended like this."""


class Named(Protocol):
    """A person with name and ID number: a citizen, or somebody typed in."""

    name: str
    id_number: str


# -- Verbs -------------------------------------------------------------------------------------


def ask(principal: Named, *, by: Any, phone: str = "") -> Mandate:
    """The signed-in helper asks to act for somebody; asked again, it is the same request.

    Raises MandateRefused.
    """
    helper = by.as_citizen
    with transaction.atomic():
        standing = _standing(principal, helper)
        if standing is not None:
            return standing
        made = _write(principal, helper, scopes=USUAL)
        notices.tell(
            made.principal_index, notices_family.MANDATE_ASKED, by=by, phone=phone,
            helper=masking.mask_name(helper.name), code=code_for(made),
        )  # fmt: skip
        _record("mandate.asked", made, by)
        return made


def give(
    principal: Named,
    helper: Named,
    *,
    by: Any,
    evidence: str = Mandate.Evidence.SELF,
    scopes: Iterable[str] = USUAL,
    note: str = "",
    until: date | None = None,
) -> Mandate:
    """A mandate in force at once: by the principal signed in, or by a clerk who saw the paper.

    What stood between the two is replaced. Raises MandateRefused.
    """
    wanted = sorted(set(scopes))
    with transaction.atomic():
        standing = _standing(principal, helper)
        if why := _why_not_give(principal, wanted, evidence, by):
            raise MandateRefused(why)
        if getattr(by, "as_staff", None) is not None:
            both = (ciphers.blind_index(one.id_number) for one in (principal, helper))
            _refuse_own(by.as_staff, *both)
        last = periods.of("mandate").after(clock.today())
        if until is not None and not clock.today() <= until <= last:
            raise MandateRefused(_("委托最长一年，从今天算起。"), "until")
        if standing is not None:
            _end(standing, Mandate.Ended.REPLACED)
        made = _write(principal, helper, scopes=wanted, evidence=evidence, until=until or last)
        made.evidence_note = note.strip()[:400]
        return _into_force(made, by)


def accept(mandate: Mandate, *, by: Any) -> Mandate:
    """The principal, signed in as themselves, agrees to what the helper asked for."""
    with transaction.atomic():
        row = locks.fresh(mandate)
        _refuse_stranger(row, by)
        if row.ended_at is not None:
            raise MandateRefused(_("这份委托已经结束，请对方重新发起。"))
        if row.given_at is not None:
            return row
        row.evidence = Mandate.Evidence.SELF
        return _into_force(row, by)


def revoke(mandate: Mandate, *, by: Any) -> Mandate:
    """Ends the mandate at once: the principal's, the helper's or, on paper, a clerk's act.

    Ended before, it stays as it is. Raises MandateRefused for anybody else.
    """
    with transaction.atomic():
        row = locks.fresh(mandate)
        if row.ended_at is not None:
            return row
        mine = _index(by)
        if mine not in (row.principal_index, row.helper_index):
            if by.as_staff is None:
                raise MandateRefused(_("这份委托不是您的。"))
            _refuse_own(by.as_staff, row.principal_index, row.helper_index)
        asked = row.given_at is None
        because = Mandate.Ended.DECLINED if asked else Mandate.Ended.REVOKED
        _end(row, Mandate.Ended.LEFT if mine == row.helper_index else because)
        for index, other in _both(row):
            if index != mine:
                notices.tell(index, notices_family.MANDATE_ENDED, by=by, name=other)
        _record("mandate.ended", row, by, because=row.ended_because)
        return row


def expire_due(today: date) -> int:
    """Ends the mandates whose last day has passed; returns how many."""
    late = Mandate.objects.standing().filter(until__lt=today).values_list("pk", flat=True)
    return sum(_expire(pk, today) for pk in late)


# -- Questions ---------------------------------------------------------------------------------


def acting(user: Any) -> Mandate | None:
    """The mandate under which this request is made; set by the middleware, None for oneself."""
    found: Mandate | None = getattr(user, "acting", None)
    return found


def unconfirmed(user: Any) -> Mandate | None:
    """The mandate of this request, while the principal has not said yes to it."""
    mandate = acting(user)
    return mandate if mandate and mandate.given_at is None else None


def index_of(user: Any) -> str:
    """Whose pages these are: the principal's while acting, else the citizen's own."""
    mandate = acting(user)
    return mandate.principal_index if mandate else user.as_citizen.id_index


def is_in_force(mandate: Mandate, today: date) -> bool:
    """Whether it was given, has not ended and its last day has not passed."""
    return mandate.given_at is not None and mandate.ended_at is None and mandate.until >= today


def allows(mandate: Mandate, scope: str, today: date) -> bool:
    """Whether the mandate in force carries this scope."""
    return is_in_force(mandate, today) and scope in mandate.scopes


def may_consent_for(member: Member, user: Any) -> bool:
    """Whether this account agrees in the member's name, on a listed paper that a clerk has seen."""
    index = _index(user)
    rows = Mandate.objects.standing().filter(
        principal_index=member.id_index, helper_index=index, evidence__in=Mandate.LISTED_FOR_CONSENT
    )
    today = clock.today()
    return bool(index) and any(allows(one, Mandate.Scope.CONSENT, today) for one in rows)


def helped_by(user: Any) -> list[Mandate]:
    """Whom this citizen helps, or has asked to help."""
    rows = Mandate.objects.standing().filter(helper_index=user.as_citizen.id_index)
    return list(rows.filter(until__gte=clock.today()))


def helpers_of(user: Any) -> list[Mandate]:
    """Who helps this citizen, or has asked to."""
    rows = Mandate.objects.standing().filter(principal_index=user.as_citizen.id_index)
    return list(rows.filter(until__gte=clock.today()))


def closed_to(user: Any) -> set[str]:
    """People for whom this citizen once acted and may no longer."""
    rows = Mandate.objects.filter(helper_index=_index(user))
    standing = rows.filter(ended_at=None, until__gte=clock.today())
    ever = set(rows.values_list("principal_index", flat=True))
    return ever - set(standing.values_list("principal_index", flat=True))


def why_not_send(applicant: Member, by: Any) -> Any:
    """Why this account may not send the person's application; '' if it may.

    Who was asked for a mandate must have it; who had one must still have it.
    """
    rows = Mandate.objects.filter(principal_index=applicant.id_index, helper_index=_index(by))
    if _index(by) == applicant.id_index or not rows.exists():
        return ""
    today = clock.today()
    if any(allows(one, Mandate.Scope.APPLY, today) for one in rows.filter(ended_at=None)):
        return ""
    if rows.filter(ended_at=None, given_at=None).exists():
        return _("要等本人确认代办。")
    return _("代办委托已经结束，请本人自己提交，或重新委托。")


def code_for(mandate: Mandate) -> str:
    """Six digits that bring the principal, signed in as themselves, to the request."""
    message = f"mandate\0{mandate.pk}\0{mandate.principal_index}".encode()
    digest = hmac.new(settings.SECRET_KEY.encode(), message, sha256).digest()
    return f"{int.from_bytes(digest[:8]) % 1_000_000:06d}"


def asked_by_code(principal_index: str, code: str) -> Mandate | None:
    """The request to this person whose code was typed; None if there is none."""
    rows = Mandate.objects.standing().filter(principal_index=principal_index, given_at=None)
    typed = code.encode()  # compare_digest takes no text beyond ASCII
    return next((one for one in rows if hmac.compare_digest(code_for(one).encode(), typed)), None)


# -- Parts -------------------------------------------------------------------------------------


def _standing(principal: Named, helper: Named) -> Mandate | None:
    """What stands between the two, locked; past its last day it is ended first."""
    pair = [ciphers.blind_index(one.id_number) for one in (principal, helper)]
    if pair[0] == pair[1]:
        raise MandateRefused(_("这是您自己的身份证号，自己办理不用委托。"), "id_number")
    locks.advisory("mandate", *pair)
    row = Mandate.objects.standing().filter(principal_index=pair[0], helper_index=pair[1]).first()
    if row is not None and row.until < clock.today():
        _end(row, Mandate.Ended.EXPIRED)
        return None
    return row


def _write(
    principal: Named,
    helper: Named,
    *,
    scopes: Iterable[str],
    evidence: str = "",
    until: date | None = None,
) -> Mandate:
    return Mandate.objects.create(
        principal_name=principal.name.strip(),
        principal_number=numbers.parse(principal.id_number).text,
        helper_index=ciphers.blind_index(helper.id_number),
        helper_name=helper.name.strip(),
        scopes=list(scopes),
        evidence=evidence,
        asked_at=clock.now(),
        until=until or periods.of("mandate").after(clock.today()),
    )


def _into_force(row: Mandate, by: Any) -> Mandate:
    row.given_at, row.given_by = clock.now(), audit.label(by)[:80]
    row.save()
    for index, other in _both(row):
        if index != _index(by):
            notices.tell(index, notices_family.MANDATE_GIVEN, by=by, name=other)
    _record("mandate.given", row, by, evidence=row.evidence, scopes=row.scopes, until=row.until)
    return row


def _why_not_give(principal: Named, scopes: list[str], evidence: str, by: Any) -> Any:
    if not scopes:
        return _("请选择委托对方办哪些事。")
    listed = evidence in Mandate.LISTED_FOR_CONSENT
    if Mandate.Scope.CONSENT in scopes and not listed:
        return _("代为同意查询，要有公证的委托书或监护证明，请到窗口办理。")
    if getattr(by, "as_staff", None) is not None:
        return "" if evidence in _AT_WINDOW else _("请选择查验了哪一种委托证明。")
    if evidence == Mandate.Evidence.REGISTER:
        return "" if _is_registered_parent(principal, by) else _GUARDIAN_AT_WINDOW
    own = ciphers.blind_index(principal.id_number) == _index(by)
    return "" if own and evidence == Mandate.Evidence.SELF else _("委托要由本人确认。")


_GUARDIAN_AT_WINDOW = _("户籍登记没有写明您是这位未成年人的父母，请带监护证明到窗口办理。")


def _is_registered_parent(principal: Named, by: Any) -> bool:
    index = ciphers.blind_index(principal.id_number)
    wards = privacy.wards_of(by)
    return any(one.id_index == index and one.origin == "register" for one in wards)


def _refuse_own(clerk: Any, *indexes: str) -> None:
    """回避: a clerk records and ends no mandate of their own household."""
    for index in indexes:
        if why := permissions.why_not_serve(clerk, index):
            raise MandateRefused(why)


def _refuse_stranger(row: Mandate, by: Any) -> None:
    if _index(by) != row.principal_index:
        raise MandateRefused(_("委托要由本人确认。"))


def _expire(mandate_id: int, today: date) -> bool:
    with transaction.atomic():
        row = locks.fresh(Mandate.objects.get(pk=mandate_id))
        if row.ended_at is not None or row.until >= today:
            return False
        _end(row, Mandate.Ended.EXPIRED)
        _record("mandate.ended", row, audit.System("mandates"), because=row.ended_because)
        return True


def _end(row: Mandate, because: str) -> None:
    row.ended_at, row.ended_because = clock.now(), because
    row.save(update_fields=["ended_at", "ended_because"])


def _both(row: Mandate) -> list[tuple[str, str]]:
    """Each of the two with the other's masked name."""
    principal, helper = map(masking.mask_name, (row.principal_name, row.helper_name))
    return [(row.principal_index, helper), (row.helper_index, principal)]


def _index(user: Any) -> str:
    citizen = getattr(user, "as_citizen", None)
    return citizen.id_index if citizen else ""


def _record(verb: str, row: Mandate, by: Any, **detail: Any) -> None:
    subjects = [row.principal_index, row.helper_index]
    audit.record(verb, by=by, thing=row, subjects=subjects, purpose="代办", **detail)
