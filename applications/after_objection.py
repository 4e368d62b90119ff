"""查实后拟决定: what a check confirmed becomes the reason of a drafted refusal."""

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Staff
from applications import decision, objections
from applications.models import Decision, Objection
from applications.objections import ObjectionRefused
from core import locks


def draft(objection: Objection, *, by: Staff, rule: str, fact: str) -> Decision:
    """Drafts the refusal for a fact that the check confirmed; nothing of who objected is in it.

    Raises ObjectionRefused, DecisionRefused.
    """
    with transaction.atomic():
        application = locks.fresh(objection.publicity.application)
        row = locks.fresh(objection)
        if not row.upheld:
            raise ObjectionRefused(_("核查成立以后才能拟决定。"))
        objections.refuse_naming(application, fact)
        return decision.draft_refusal(application, by=by, confirmed={rule: fact})
