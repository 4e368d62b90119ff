"""回避: who must keep away from a round, by household registers and by their own word (protocol 6).

Asked anew at every step: what is declared or found after the roster was fixed counts as well.
"""

from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import Staff, User
from accounts.roles import Role
from allocation import intentions, states
from allocation.models import ExcludedStaff, Round
from applications import conflicts
from applications.models import Application, Kin, Member, NamedPerson, Recusal
from core import audit, locks
from core.workflow import Refusal

MAY_RUN = (Role.ADMIN,)
BY_REGISTER = _("户籍或婚姻登记显示与参加家庭有亲属关系")
BY_WORD = _("本人申报与参加家庭有亲属关系")


class RoundRefused(Refusal):
    """The round cannot do this now, or not by this person."""


@dataclass(frozen=True)
class KeptOut:
    """Somebody who does not run the round; ``reason`` is for the office, the rest is public."""

    staff: Staff
    declared: bool
    reason: str


def households_of(round_: Round) -> QuerySet[Application]:
    """The households of a round: on its roster, or, before there is one, registered for it."""
    if round_.state == states.R_PLANNED:
        return intentions.joined(round_)
    return Application.objects.filter(entries__round=round_)


def exclude(round_: Round, staff: Staff, *, reason: str, by: User) -> Round:
    """Notes that a member of staff declared a relation to an entrant and keeps out (回避)."""
    with transaction.atomic():
        row = locks.fresh(round_)
        if not reason.strip():
            raise RoundRefused(_("请写明回避原因。"), field="reason")
        made = ExcludedStaff.objects.get_or_create(
            round=row, staff=staff, defaults={"reason": reason[:100], "declared": True}
        )[1]
        if made:
            audit.record("round.excluded", by=by, thing=row, staff=staff.audit_label)
        return row


def is_excluded(round_: Round, user: User) -> bool:
    """Whether this person is related to a household of the round and must keep out."""
    staff = user.as_staff
    if staff is None:
        return False
    if round_.excluded_staff.filter(staff=staff).exists():
        return True
    return households_of(round_).filter(pk__in=conflicts.cases_of(staff)).exists()


def why_not_run(round_: Round, user: User) -> str:
    """Why this person may not act on the round; empty if they may."""
    staff = user.as_staff
    if staff is None or not set(MAY_RUN) & set(staff.roles):
        return str(_("摇号由区住房保障管理中心的轮次管理员办理。"))
    if is_excluded(round_, user):
        return str(_("您与一户参加家庭有亲属关系，需要回避，请由同事办理。"))
    return ""


def refuse_unless_may(round_: Round, user: User) -> None:
    """Raises RoundRefused for whoever does not run rounds or must keep out of this one."""
    if why := why_not_run(round_, user):
        raise RoundRefused(why)


def note_related(round_: Round, households: list[Application]) -> None:
    """Writes down, inside freeze and reveal, who is related to a household of the roster."""
    found = [*_by_register(households), *_by_word(households)]
    ExcludedStaff.objects.bulk_create(
        (
            ExcludedStaff(
                round=round_, staff=one.staff, reason=one.reason[:100], declared=one.declared
            )
            for one in found
        ),
        ignore_conflicts=True,  # declared before
    )


def shown(round_: Round) -> list[KeptOut]:
    """Everybody who keeps out: written down at freeze and reveal, or, until then, found since."""
    rows = round_.excluded_staff.select_related("staff__bureau").order_by("pk")
    found = {one.staff_id: KeptOut(one.staff, one.declared, one.reason) for one in rows}
    if round_.state in (states.R_PLANNED, states.R_FROZEN):
        now = households_of(round_)
        for kept in (*_by_register(now), *_by_word(now)):
            found.setdefault(kept.staff.pk, kept)
    return list(found.values())


def _by_register(households: QuerySet[Application] | list[Application]) -> list[KeptOut]:
    related = Staff.objects.filter(_in_households("id_index", households))
    return [KeptOut(one, False, str(BY_REGISTER)) for one in _named(related)]


def _by_word(households: QuerySet[Application] | list[Application]) -> list[KeptOut]:
    kin = Kin.objects.filter(_in_households("person_index", households), ended_at=None)
    said = Recusal.objects.filter(application__in=_keys(households))
    related = Staff.objects.filter(
        Q(pk__in=kin.order_by().values("staff")) | Q(pk__in=said.order_by().values("staff"))
    )
    return [KeptOut(one, True, str(BY_WORD)) for one in _named(related)]


def _named(related: QuerySet[Staff]) -> QuerySet[Staff]:
    return related.select_related("bureau").order_by("pk")


def _in_households(field: str, households: QuerySet[Application] | list[Application]) -> Q:
    """Members of the households, and whom the registers name about them."""
    keys = _keys(households)
    members = Member.objects.filter(application__in=keys).order_by().values("id_index")
    named = NamedPerson.objects.filter(application__in=keys).order_by().values("person_index")
    return Q(**{f"{field}__in": members}) | Q(**{f"{field}__in": named})


def _keys(
    households: QuerySet[Application] | list[Application],
) -> QuerySet[Application] | list[int]:
    if isinstance(households, list):
        return [one.pk for one in households]
    return households.order_by().values("pk")  # type: ignore[return-value]
