"""检查记录: what two people saw at the door. It finds nobody guilty; nobody at home is an attempt.

The key of a form is made with the form: sent twice it is one visit.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Citizen, Staff
from allocation.models import Lease
from core import audit, clock, locks
from core.notices import Template, tell
from core.refusals import Refusal
from core.workflow import advance
from renewal import violation_states as states
from renewal.models import Inspection, InspectionComment, InspectionVisit, Kind
from renewal.occupancy import planning

Met, Signed, Look = InspectionVisit.Met, InspectionVisit.Signed, InspectionVisit.Look
LOOKED_AT = InspectionVisit.LOOKED_AT

RECORDED = Template(
    "inspection_recorded",
    gettext_lazy("入户检查的记录"),
    gettext_lazy(
        "入户检查的记录写好了，请在「入户检查」里看。有不同意见可以写在下面，会一起保留。"
    ),
)
NOT_MET = Template(
    "inspection_not_met",
    gettext_lazy("上门没有遇到您家的人"),
    gettext_lazy("工作人员上门没有遇到您家的人。这不算违规，会再和您约时间。"),
)


class VisitRefused(Refusal):
    """Not for this person, not now, or not complete."""


@dataclass(frozen=True)
class Told:
    """What is written at the door; ``looks`` says for each kind seen, not_seen or could_not."""

    companion: str
    met: str
    met_name: str = ""
    living: str = ""
    looks: Mapping[str, str] = field(default_factory=dict)
    facts: str = ""
    said: str = ""
    signed: str = ""
    signature: str = ""


def record(inspection: Inspection, *, by: Staff, key: UUID, told: Told) -> InspectionVisit:
    """Keeps one visit; the same key again is the visit that stands there. Raises VisitRefused."""
    with transaction.atomic():
        row = locks.fresh(inspection)
        known = InspectionVisit.objects.filter(key=key, inspection=row, by=by).first()
        if known is not None:
            return known
        if why := why_not_record(row, by):
            raise VisitRefused(why)
        _refuse_incomplete(told, by)
        made = _keep(row, by, key, told)
        if not made.nobody:
            advance(row, states.N_DONE, by=by.user)
        _tell(row, NOT_MET if made.nobody else RECORDED, by)
        return made


def why_not_record(inspection: Inspection, staff: Staff) -> str:
    """Why this person may not write a record now: the household was told, and the day has come."""
    if why := planning.why_not_visit(inspection, staff):
        return why
    if inspection.state == states.N_PLANNED:
        return _("还没有告知住户。请先约时间。")
    if inspection.state != states.N_ANNOUNCED:
        return _("这次检查已经结束，请刷新页面。")
    if inspection.on is not None and clock.today() < inspection.on:
        return _("还没有到约好的日子。要提前，请和住户另约时间。")
    return ""


def comment(visit: InspectionVisit, *, text: str, by: Citizen) -> InspectionComment:
    """The household's own words beside a record. Raises VisitRefused."""
    with transaction.atomic():
        row = locks.fresh(visit)
        if row.nobody:
            raise VisitRefused(_("这次没有遇到您家的人，没有要写意见的记录。"))
        if not text.strip():
            raise VisitRefused(_("请写下您的意见。"), "text")
        made = InspectionComment.objects.create(
            visit=row, channel="online", text=text.strip()[:2000], recorded_at=clock.now(),
            recorded_by=audit.label(by.user)[:80],
        )  # fmt: skip
        audit.record("inspection.commented", by=by.user, thing=row)
        return made


def seen(visit: InspectionVisit) -> list[Kind]:
    """The kinds that were seen."""
    return [kind for kind in LOOKED_AT if visit.looks.get(kind) == Look.SEEN]


def of_lease(lease: Lease) -> list[InspectionVisit]:
    """Every visit to a household, the newest first, with what belongs to it."""
    rows = InspectionVisit.objects.filter(inspection__lease=lease).select_related(
        "inspection", "by__bureau"
    )
    return list(rows.prefetch_related("comments", "photos").order_by("-visited_at", "-pk"))


# -- Parts -----------------------------------------------------------------------------------------


def _refuse_incomplete(told: Told, by: Staff) -> None:
    companion = told.companion.strip()
    if not companion:
        raise VisitRefused(_("入户检查要两个人，请写明同行人。"), "companion")
    if companion == by.name:
        raise VisitRefused(_("同行人要写另一位，不是您自己。"), "companion")
    if told.met not in Met.values:
        raise VisitRefused(_("请选择见到了谁。"), "met")
    if told.met == Met.NOBODY:
        return
    if not told.living.strip():
        raise VisitRefused(_("请写明住着哪些人。"), "living")
    for kind in LOOKED_AT:
        if told.looks.get(kind) not in Look.values:
            raise VisitRefused(_("请逐项选择看到了、没有看到，还是看不了。"), kind)
    if Look.SEEN in told.looks.values() and not told.facts.strip():
        raise VisitRefused(_("看到了的，请写明看到了什么，不写结论。"), "facts")
    if told.signed not in Signed.values:
        raise VisitRefused(_("请选择住户签了名还是不愿签名。"), "signed")
    if told.signed == Signed.SIGNED and not told.signature:
        raise VisitRefused(_("请住户签名，或者选「不愿签名」。"), "signature")


def _keep(row: Inspection, by: Staff, key: UUID, told: Told) -> InspectionVisit:
    met = told.met != Met.NOBODY
    content = {
        "met_name": told.met_name.strip(), "living": told.living.strip(),
        "looks": {kind: told.looks[kind] for kind in LOOKED_AT} if met else {},
        "facts": told.facts.strip(), "said": told.said.strip(), "signed": told.signed,
        "signature": told.signature if told.signed == Signed.SIGNED else "",
    }  # fmt: skip
    attempt = None if met else row.visits.filter(met=Met.NOBODY).count() + 1
    made = InspectionVisit.objects.create(
        key=key, inspection=row, by=by, companion=told.companion.strip()[:60], met=told.met,
        visited_at=clock.now(), attempt=attempt, **(content if met else {}),
    )  # fmt: skip
    audit.record("inspection.visited", by=by.user, thing=made, met=told.met, attempt=attempt)
    return made


def _tell(row: Inspection, template: Template, by: Staff) -> None:
    applicant = row.lease.application.applicant
    tell(applicant.id_index, template, by=by.user, case_no=row.case_no)
