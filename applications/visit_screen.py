"""What a visitor reads before the door, and what others read later (入户核实). Decides nothing.

The list is what a phone may carry out of the office: no more than finds the door and the people
behind it. No income, no register's answer, no whole ID number.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import F, OuterRef, Prefetch, QuerySet, Subquery
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import Staff
from applications import visit_photos, visits
from applications.kin import relation_word
from applications.models import (
    Application,
    Evidence,
    Member,
    ReviewTask,
    Visit,
    VisitOrder,
)
from applications.models.evidence import APPLY
from applications.models.review import Stage
from core import audit, clock, display
from core.identity.masking import mask_id_strong, mask_phone
from core.models import AuditEntry, Contact
from datashare import reading

MOST = 50  # households on one phone; the most urgent first
PURPOSE = "入户核实名单"
_LIVING, _REGISTERED = "residence_permit", "household_register"


@dataclass(frozen=True)
class Household:
    """One household as the list shows it, and as a phone keeps it for the day."""

    ref: str
    case_no: str
    href: str
    due: str
    late: bool
    places: list[tuple[str, str]]  # kind of address and address
    people: list[tuple[str, str, str]]  # name, relation, masked number
    phone: str  # to be called; shown masked
    phone_shown: str
    look_at: list[str]
    attempts: list[str]  # when nobody was at home


@dataclass(frozen=True)
class Seen:
    """A visit as a page of staff shows it; a department learns that and when it took place."""

    at: datetime
    who: str = ""
    word: str = ""
    mark: str = "met"
    differs: str = ""
    rows: list[tuple[str, str]] = field(default_factory=list)
    photos: int = 0
    href: str = ""


def households(staff: Staff) -> list[Household]:
    """The day's list of this person, in a constant number of queries."""
    return _read(visits.to_visit(staff))


def household(application: Application, staff: Staff) -> Household | None:
    """One household as the list shows it; None where it waits for no visit."""
    return next(iter(_read(visits.to_visit(staff).filter(pk=application.pk))), None)


def note_looks(rows: Iterable[Household], *, by: Any) -> int:
    """Records once a day that these households went out on a list; the family sees it."""
    numbers = {one.case_no for one in rows}
    since = clock.local_midnight(clock.today())
    known = AuditEntry.objects.filter(
        verb="looked", at__gte=since, actor_id=by.pk, actor_kind=by.audit_kind,
        purpose__in={PURPOSE, _(PURPOSE)}, case_no__in=numbers,
    )  # fmt: skip
    new = numbers - set(known.values_list("case_no", flat=True))
    subjects = defaultdict(list)
    members = Member.objects.filter(application__case_no__in=new).select_related("application")
    cases: dict[str, Application] = {}
    for one in members if new else ():
        number = one.application.case_no or ""
        cases[number] = one.application
        subjects[number].append(one.id_index)
    for number, case in cases.items():
        audit.looked(case, by=by, purpose=_("入户核实名单"), subjects=subjects[number])
    return len(cases)


def seconds_left() -> int:
    """Until the end of the day, when a phone forgets its list."""
    tomorrow = clock.local_midnight(clock.today() + timedelta(days=1))
    return max(0, int((tomorrow - clock.now()).total_seconds()))


def seen(application: Application, confined: str) -> list[Seen]:
    """The visits of a case, the newest first; of a department ``confined``: the days alone."""
    rows = visits.of_case(application)[::-1]
    if confined:
        return [Seen(one.visited_at) for one in rows]
    pages = list(
        application.pages.filter(item__startswith="visit-").values_list("item", flat=True)
        if rows
        else ()
    )
    return [_seen(one, pages.count(visit_photos.item_of(one))) for one in rows]


def differing(rows: Iterable[Seen]) -> str:
    """What the latest visit that met somebody saw differently; '' if nothing."""
    met = next((one for one in rows if one.word and one.mark != "paused"), None)
    return met.differs if met else ""


# -- Parts -----------------------------------------------------------------------------------------


def _read(cases: QuerySet[Application]) -> list[Household]:
    tasks = ReviewTask.objects.filter(
        application=OuterRef("pk"), stage=Stage.STREET, state__in=visits.OPEN_TASK
    )
    people = Member.objects.filter(excluded=False)
    orders = VisitOrder.objects.filter(done_at=None)
    nobody = Visit.objects.filter(outcome=Visit.Outcome.NOBODY)
    rows = list(
        cases.annotate(task_due=Subquery(tasks.order_by("due_on").values("due_on")[:1]))
        .prefetch_related(
            Prefetch("members", people, to_attr="people"),
            Prefetch("visit_orders", orders, to_attr="wanted"),
            Prefetch("home_visits", nobody, to_attr="missed"),
        )
        .order_by(F("task_due").asc(nulls_first=True), "pk")[:MOST]
    )
    places, contacts = _addresses(rows), _contacts(rows)
    return [_household(one, places[one.pk], contacts) for one in rows]


def _household(case: Any, places: list[tuple[str, str]], contacts: dict[str, Contact]) -> Household:
    applicant = next((one for one in case.people if one.is_applicant), None)
    contact = contacts.get(applicant.id_index) if applicant else None
    known = applicant.phone or "" if applicant else ""
    phone = known if contact is None or contact.phone is None else contact.phone
    if contact is not None and contact.address:
        places = [(_("联系地址"), contact.address), *places]
    due: date | None = case.task_due
    return Household(
        ref=str(case.ref),
        case_no=case.case_no or "",
        href=reverse("visit_form", args=[case.ref]),
        due=_("%(due)s前") % {"due": display.day_short(due)} if due else _("已安排上门"),
        late=due is not None and due < clock.today(),
        places=places,
        people=[
            (one.name, str(relation_word(one.relation)), mask_id_strong(one.id_number))
            for one in case.people
        ],
        phone=phone,
        phone_shown=mask_phone(phone) if phone else "",
        look_at=_look_at(case),
        attempts=[display.day_time(one.visited_at) for one in case.missed],
    )


def _look_at(case: Any) -> list[str]:
    """What to look at: what somebody ordered, then what the family declared of its home."""
    told = [str(one.reason) for one in case.wanted]
    told.append(_("申报%(n)d人：是不是都住在这里") % {"n": len(case.people)})
    if rent := case.declared.get("actual_rent"):
        told.append(_("申报房租%(rent)s：看租约，问房东") % {"rent": display.rent(rent)})
    else:
        told.append(_("没有申报房租：房子是谁的，付不付房租"))
    return told


def _addresses(cases: list[Any]) -> dict[int, list[tuple[str, str]]]:
    """Where the applicant lives by the permit, and is registered by the household register."""
    words = {_LIVING: _("居住登记地址"), _REGISTERED: _("户籍地址")}
    rows = Evidence.objects.filter(
        application__in=[one.pk for one in cases], source__in=words, round=APPLY,
        status=Evidence.Status.FOUND, member__is_applicant=True,
    ).select_related("member")  # fmt: skip
    found: dict[int, dict[str, str]] = defaultdict(dict)
    for one in rows.order_by("fetched_at"):
        records = reading.read(
            one.source, one.member.id_number, one.rows, name=one.member.name
        ).records
        for place in (getattr(each, "address", "") for each in records):
            if place:
                found[one.application_id][one.source] = place
    return defaultdict(
        list,
        {
            pk: [(words[source], told[source]) for source in words if source in told]
            for pk, told in found.items()
        },
    )


def _contacts(cases: list[Any]) -> dict[str, Contact]:
    indexes = [one.id_index for case in cases for one in case.people if one.is_applicant]
    return {one.person_index: one for one in Contact.objects.filter(person_index__in=indexes)}


def _seen(one: Visit, photos: int) -> Seen:
    return Seen(
        at=one.visited_at,
        who=display.listed([one.by.name, one.companion]),
        word=str(one.get_outcome_display()),
        mark={"as_declared": "met", "differs": "unknown", "nobody": "paused"}[one.outcome],
        differs=one.differs,
        rows=[(label, str(value)) for label, value in _facts(one) if value not in ("", None)],
        photos=photos,
        href=reverse("visit_done", args=[one.key]),
    )


def _facts(one: Visit) -> list[tuple[str, Any]]:
    if one.nobody:
        return [
            (_("上门次数"), _("第%(n)d次没有遇到人") % {"n": one.attempt}),
            (_("备注"), one.remarks),
        ]
    return [
        (_("见到的人"), display.listed(filter(None, [one.get_met_display(), one.met_name]))),
        (_("是不是住在这里"), one.get_lived_in_display()),
        (_("住着几个人"), one.persons),
        (_("看到的面积"), display.area(one.area) if one.area is not None else ""),
        (_("问到的房租"), display.rent(one.rent) if one.rent is not None else ""),
        (_("房屋状况"), one.get_condition_display()),
        (_("备注"), one.remarks),
        (_("签名"), _("见到的人已签名") if one.signature else ""),
    ]
