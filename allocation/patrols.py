"""Patrol visits (巡查): who was there, when, what was seen. A record for people; nothing follows
by itself, and nobody's access or lease depends on it."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import Staff
from allocation.models import Home, PatrolVisit
from core import audit, clock
from core.refusals import Refusal

Seen = PatrolVisit.Seen


class PatrolRefused(Refusal):
    """The record is not complete."""


def record(
    home: Home, *, by: Staff, seen: str, text: str, at: datetime | None = None
) -> PatrolVisit:
    """Keeps one visit. Raises PatrolRefused."""
    moment = at or clock.now()
    if seen not in Seen.values:
        raise PatrolRefused(_("请选择看到了什么。"), "seen")
    if seen in (Seen.DEFECT, Seen.SAFETY) and not text.strip():
        raise PatrolRefused(_("请写明看到了什么。"), "text")
    if moment > clock.now():
        raise PatrolRefused(_("巡查时间还没有到，请核对。"), "at")
    with transaction.atomic():
        made = PatrolVisit.objects.create(
            home=home, by=by, visited_at=moment, seen=seen, text=text.strip()[:1000]
        )
        audit.record("patrol.recorded", by=by.user, thing=made, home=home.code, seen=seen)
        return made
