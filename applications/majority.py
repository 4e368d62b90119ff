"""Coming of age (孩子满18岁): found every night, or reported; the new adult agrees in person.

The clock of the case runs on. The family has done nothing and owes nothing for a birthday: what was
answered on the guardian's consent stays good, the desks go on with it, and a pause would only make
the household wait longer. What stops is asking: no register hears of the new adult until that
person has agreed (民法典 §17). The consent is an item to follow with a day (容缺); letting the day
pass ends nothing, the desk is shown the open item and calls.
"""

from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from applications import authority, change_effects, changes, consent, open_changes, periods, states
from applications.change_notices import MAJORITY, MAJORITY_FAMILY
from applications.changes import Kind
from applications.models import Change, Consent, Member
from core import audit, clock, display, locks, notices, workflow
from core.identity import numbers

SYSTEM = audit.System("成年提醒")


def find(today: date) -> int:
    """Every member who is an adult by today on a guardian's consent; returns how many are new."""
    return sum(come_of_age(one, by=SYSTEM) is not None for one in _grown(today))


def come_of_age(member: Member, *, by: Any) -> Change | None:
    """Ends the guardian's word, asks the new adult for their own; None if that was done."""
    with transaction.atomic():
        case = locks.fresh(member.application)
        row = locks.fresh(member)
        if row.excluded or consent.outgrow(row, by=by) is None:
            return None
        born = numbers.parse(row.id_number).birth_date
        change = _change_of(case, row, _birthday(born), by)
        _ask(change, row, by)
        return change


def _change_of(case: Any, member: Member, birthday: date, by: Any) -> Change:
    """The row that somebody reported, or a new one."""
    under_way = open_changes.under_way(case).filter(kind=Kind.MAJORITY, member=member).first()
    if under_way is not None:
        return under_way
    now, told = clock.now(), change_effects.Told(Kind.MAJORITY, birthday, member)
    change = Change.objects.create(
        application=case, kind=Kind.MAJORITY, member=member, subject_index=member.id_index,
        state_since=now, happened_on=birthday, case_state=case.state, reported_at=now,
        effect=change_effects.preview(case, told).to_record(),
        waits_for=open_changes.waits_of(case),
        due_on=periods.of("majority").after(clock.today()),
    )  # fmt: skip
    change.round = changes.round_for(case, change)
    change.save(update_fields=["round"])
    audit.record("change.found", by=by, thing=change, case_no=case.case_no or "",
                 subjects=[member.id_index])  # fmt: skip
    if not change.waits_for:
        workflow.advance(change, states.CHANGE_CHECKING, by=by)
    return change


def _ask(change: Change, member: Member, by: Any) -> None:
    due = display.day(change.due_on or periods.of("majority").after(clock.today()))
    notices.tell(
        member.id_index, MAJORITY, by=by, phone=member.phone or "", due=due,
        code=consent.code_for(member),
    )  # fmt: skip
    applicant = change.application.applicant
    if applicant.pk != member.pk:
        notices.tell(applicant.id_index, MAJORITY_FAMILY, by=by, case_no=change.case_no, due=due)


def _grown(today: date) -> list[Member]:
    """Members with a guardian's consent in force who are adults by the day.

    Numbers are encrypted: the few with such a consent are read, not everybody.
    """
    found: QuerySet[Member] = Member.objects.filter(
        excluded=False,
        application__state__in=(*changes.POSSIBLE,),
        consents__method=Consent.Method.GUARDIAN,
        consents__given_at__isnull=False,
        consents__withdrawn_at=None,
        consents__outgrown_at=None,
    ).exclude(consents__in=consent.ended_with_case())
    rows = found.select_related("application").order_by("pk").iterator(chunk_size=500)
    return [one for one in rows if authority.is_adult(one, today)]


def _birthday(born: date) -> date:
    """The day on which somebody is eighteen; of 29 February the first of March."""
    year = born.year + numbers.ADULT
    try:
        return born.replace(year=year)
    except ValueError:
        return date(year, 3, 1)
