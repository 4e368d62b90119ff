"""Drafts on paper (纸质申请表): a code on the sheet brings a window to that very draft."""

import secrets
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import Staff
from applications import permissions, states
from applications.letters import SIGNS
from applications.models import Application, PaperTwin
from applications.submission import open_draft
from core import audit, clock
from core.refusals import Refusal

_LENGTH = 8  # of 30 signs: 6.5e11 codes, and the window tries few


class PaperRefused(Refusal):
    """The code leads to no draft, or this clerk may not take it."""


def code_of(application: Application, *, by: Any) -> str:
    """The code of the draft's sheet, drawn with the first print and the same ever after."""
    with transaction.atomic():
        row = open_draft(application)
        paper, new = PaperTwin.objects.get_or_create(
            application=row, defaults={"code": _draw(), "printed_at": clock.now()}
        )
        if not new:
            paper.printed_at = clock.now()
            paper.save(update_fields=["printed_at"])
        audit.record("paper.printed", by=by, thing=row)
        return paper.code


def by_code(code: str) -> Application | None:
    """The draft whose sheet carries the code, however it is spelled; None if there is none open."""
    bare = "".join(sign for sign in code.upper() if sign in SIGNS)
    paper = PaperTwin.objects.filter(code=bare).select_related("application").first()
    if paper is None or paper.application.state != states.DRAFT:
        return None
    return paper.application


def take_to_window(application: Application, *, by: Staff) -> Application:
    """The clerk goes on with the draft: nothing typed is asked again. Raises PaperRefused.

    Taken once, it stays with that office; the family reads where it is.
    """
    with transaction.atomic():
        row = open_draft(application)
        if why := permissions.why_not_free(by, row):
            raise PaperRefused(why)
        if row.channel == "window":
            if row.created_by.as_staff and row.created_by.as_staff.bureau_id == by.bureau_id:
                return row
            raise PaperRefused(_("这份申请已在另一个窗口办理。"))
        row.channel, row.created_by = "window", by.user
        row.version += 1
        row.save(update_fields=["channel", "created_by", "version"])
        subjects = row.members.values_list("id_index", flat=True)
        audit.record("paper.taken", by=by.user, thing=row, subjects=subjects)
        return row


def at_window(id_index: str) -> Application | None:
    """A draft of this applicant that a window has taken over from the phone."""
    rows = Application.objects.in_state(states.DRAFT).filter(
        channel="window", paper__isnull=False, members__id_index=id_index,
        members__is_applicant=True,
    )  # fmt: skip
    return rows.select_related("created_by__staff__bureau").order_by("-created_at").first()


def _draw() -> str:
    return "".join(secrets.choice(SIGNS) for _place in range(_LENGTH))
