"""Human eyes on the clean lane (抽查): five in a hundred, drawn by a recorded seed.

Each household has a number, the SHA-256 of seed and lease number; the sample is the households
with the smallest ones: all below five in a hundred of the range, and at least five in a hundred of
the clean ones, rounded up. Anybody who has the seed and the list of leases draws the same. What a
person finds is a word and a reason: where something differs it becomes a question, never an end.
"""

import math
from dataclasses import dataclass
from hashlib import sha256

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import Staff
from applications import permissions
from core import audit, clock, locks
from core.workflow import Refusal, advance
from renewal import states
from renewal.models import Campaign, Recheck, SampleCheck

SHARE = 0.05  # of the clean lane, for human eyes (process.md B5)


class SampleRefused(Refusal):
    """This household of the sample cannot be concluded now."""


@dataclass(frozen=True)
class Redone:
    """The sample drawn once more from the seed, beside the one that is marked."""

    clean: int
    drawn: int
    marked: int
    same: bool


def number_of(seed: str, lease_number: str) -> float:
    """A household's place between 0 and 1, by the campaign's seed."""
    digest = sha256(f"{seed}\0{lease_number}".encode()).digest()
    return int.from_bytes(digest[:8]) / 2**64


def is_drawn(row: Recheck) -> bool:
    """Whether human eyes look at this clean household, as soon as it is clean."""
    if row.campaign is None:
        return False  # one for a renewal is read by the person who decides on it
    return number_of(row.campaign.sample_seed, row.lease.number) < SHARE


def clean(campaign: Campaign) -> QuerySet[Recheck]:
    """The households that the registers alone confirmed, whatever the sample has found since."""
    return campaign.rechecks.filter(lane=states.K_CLEAN)


def top_up(campaign: Campaign) -> int:
    """At the end: at least five in a hundred are drawn, rounded up; returns how many were added."""
    drawn = _drawn(campaign)
    return clean(campaign).filter(pk__in=drawn, sampled=False).update(sampled=True)


def redone(campaign: Campaign) -> Redone:
    """Draws once more by the seed, for whoever doubts (可复算)."""
    drawn = set(_drawn(campaign, at_least=not states.CAMPAIGN[campaign.state].open))
    marked = set(clean(campaign).filter(sampled=True).values_list("pk", flat=True))
    return Redone(clean(campaign).count(), len(drawn), len(marked), drawn == marked)


def _drawn(campaign: Campaign, *, at_least: bool = True) -> list[int]:
    rows = clean(campaign).values_list("pk", "lease__number")
    numbers = sorted((number_of(campaign.sample_seed, number), pk) for pk, number in rows)
    below = sum(1 for number, _pk in numbers if number < SHARE)
    size = max(below, math.ceil(SHARE * len(numbers))) if at_least else below
    return [pk for _number, pk in numbers[:size]]


def why_not_conclude(row: Recheck, staff: Staff | None) -> str:
    """Why this person cannot say what they found; empty if they can."""
    if staff is None or (why := permissions.why_not_free(staff, row.lease.application)):
        return why if staff else str(_("请用工作人员账号办理。"))
    if not row.sampled:
        return str(_("这一户不在抽查名单里。"))
    if SampleCheck.objects.filter(recheck=row).exists():
        return str(_("这一户已经抽查过了，请刷新页面。"))
    return ""


def conclude(row: Recheck, *, by: Staff, verdict: str, note: str) -> SampleCheck:
    """A person has opened the household and says whether the machine was right, with a reason.

    What differs becomes a question that somebody clears up; for the household nothing changes until
    then. Raises SampleRefused.
    """
    with transaction.atomic():
        locks.fresh(row)
        row = Recheck.objects.select_related("lease__application", "campaign").get(pk=row.pk)
        if why := why_not_conclude(row, by):
            raise SampleRefused(why)
        if verdict not in SampleCheck.Verdict.values:
            raise SampleRefused(_("请选择抽查结论。"), field="verdict")
        if verdict == SampleCheck.Verdict.DIFFERS and not note.strip():
            raise SampleRefused(_("请写下哪里有出入、怎么发现的。"), field="note")
        made = SampleCheck.objects.create(
            recheck=row, verdict=verdict, note=note.strip(), by=by, at=clock.now()
        )
        audit.record("recheck.sampled", by=by.user, thing=row, verdict=verdict)
        if verdict == SampleCheck.Verdict.DIFFERS and row.state == states.K_CLEAN:
            advance(row, states.K_QUESTION, by=by.user, reason=str(_("抽查发现有出入")))
            Recheck.objects.filter(pk=row.pk).update(settled_at=None)
    return made
