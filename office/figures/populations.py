"""The kinds of rows that figures count, and how each is listed."""

from collections.abc import Iterable
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from allocation.models import Lease, Round
from applications import registers, states
from applications.models import Application, Member, Supplement
from applications.models.application import Channel
from core.identity.masking import mask_name
from datashare.models import Call
from office.figures.figure import Line, Population
from renewal.models import ExitCase, Outreach


def _masked(ids: Iterable[int]) -> dict[int, str]:
    """Applicants' masked names by application."""
    people = Member.objects.filter(application_id__in=ids, is_applicant=True)
    return {one.application_id: mask_name(one.name) for one in people.only("application", "name")}


def sheet(case_no: str) -> str:
    """The address of a case's sheet."""
    return reverse("office_case", args=[case_no]) if case_no else ""


def of_applications(rows: list[Application]) -> list[Line]:
    names = _masked(one.pk for one in rows)
    return [
        Line(
            case_no=one.case_no or "",
            who=names.get(one.pk, ""),
            state=one.STATES[one.state],
            street=one.street.name if one.street else "",
            since=one.submitted_at,
            note=str(one.get_channel_display()),
            href=sheet(one.case_no or ""),
        )
        for one in rows
    ]


def of_leases(rows: list[Lease]) -> list[Line]:
    names = _masked(one.application_id for one in rows)
    return [
        _tenancy(one, one.STATES[one.state], one.signed_at, names, sheet(one.case_no))
        for one in rows
    ]


def of_exits(rows: list[ExitCase]) -> list[Line]:
    names = _masked(one.lease.application_id for one in rows)
    return [
        _tenancy(
            one.lease, one.STATES[one.state], one.opened_at, names,
            reverse("office_exit", args=[one.pk]),
        )
        for one in rows
    ]  # fmt: skip


def _tenancy(lease: Lease, state: Any, since: Any, names: dict[int, str], href: str) -> Line:
    street = lease.application.street
    return Line(
        case_no=lease.case_no,
        who=names.get(lease.application_id, ""),
        state=state,
        street=street.name if street else "",
        since=since,
        note=lease.home.code,
        href=href,
    )


def of_calls(rows: list[Call]) -> list[Line]:
    return [
        Line(
            case_no=one.case_no,
            who=one.by,
            state=None,
            street="",
            since=one.started_at,
            note=gettext("%(source)s：%(outcome)s，%(rows)s条")
            % {
                "source": registers.name_of(one.source),
                "outcome": one.get_outcome_display(),
                "rows": one.row_count,
            },
        )
        for one in rows
    ]


def of_outreach(rows: list[Outreach]) -> list[Line]:
    return [
        Line(
            case_no="",
            who=mask_name(one.name),
            state=one.STATES[one.state],
            street=one.street.name if one.street else "",
            since=one.found_on,
            href="" if one.forgotten_at else reverse("outreach_one", args=[one.pk]),
        )
        for one in rows
    ]


def of_rounds(rows: list[Round]) -> list[Line]:
    return [
        Line(
            case_no=one.code,
            who=one.title,
            state=one.STATES[one.state],
            street="",
            since=one.state_since,
            href=f"/public/draws/{one.code}/",
        )
        for one in rows
    ]


STEP_WORDS = {
    "consent": _("授权"),
    "household": pgettext_lazy("step", "家庭"),
    "family": _("家人授权"),
    "known": _("已有信息"),
    "left": _("还差什么"),
    "wishes": _("意愿"),
    "check": _("核对"),
}


def of_drafts(rows: list[Application]) -> list[Line]:
    """Drafts without a name, a number or a street: nobody has applied for anything yet."""
    return [
        Line(
            case_no="",
            who="",
            state=one.STATES[one.state],
            street="",
            since=one.created_at,
            note=gettext("停在「%(step)s」") % {"step": STEP_WORDS.get(one.step, one.step)},
        )
        for one in rows
    ]


def of_supplements(rows: list[Supplement]) -> list[Line]:
    """Papers that families were asked for; what they are about stays in the case."""
    names = _masked(one.application_id for one in rows)
    return [
        Line(
            case_no=one.application.case_no or "",
            who=names.get(one.application_id, ""),
            state=one.application.STATES[one.application.state],
            street=one.application.street.name if one.application.street else "",
            since=one.due_on,
            note=gettext("已交") if one.received_at else gettext("未交"),
            href=sheet(one.application.case_no or ""),
        )
        for one in rows
    ]


DRAFTS = Population(
    "drafts", _("份"),
    lambda: Application.objects.in_state(states.DRAFT).filter(channel=Channel.ONLINE),
    ("-created_at", "-pk"), of_drafts,
)  # fmt: skip
SUPPLEMENTS = Population(
    "supplements", _("份"),
    lambda: Supplement.objects.exclude(application__state=states.DRAFT).select_related(
        "application__street"
    ),
    ("-due_on", "-pk"), of_supplements, "application__street__code",
)  # fmt: skip
APPLICATIONS = Population(
    "applications", _("件"),
    lambda: Application.objects.sent().select_related("street"),
    ("-submitted_at", "-pk"), of_applications, "street__code",
)  # fmt: skip
LEASES = Population(
    "leases", _("户"),
    lambda: Lease.objects.select_related("application__street", "home"),
    ("-signed_at", "-pk"), of_leases, "application__street__code",
)  # fmt: skip
EXITS = Population(
    "exits", _("户"),
    lambda: ExitCase.objects.select_related("lease__application__street", "lease__home"),
    ("opened_at", "pk"), of_exits, "lease__application__street__code",
)  # fmt: skip
CALLS = Population(
    "calls",
    pgettext_lazy("enquiries", "次"),
    lambda: Call.objects.all(),
    ("-started_at", "-pk"),
    of_calls,
    month="started_at",
)
OUTREACH = Population(
    "outreach", _("户"),
    lambda: Outreach.objects.select_related("street"),
    ("found_on", "pk"), of_outreach, "street__code",
)  # fmt: skip
ROUNDS = Population("rounds", _("轮"), lambda: Round.objects.all(), ("pk",), of_rounds)
