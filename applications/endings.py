"""The end of a case (办件结束): what ends with it, however it came.

Withdrawn, transferred, not accepted, revoked, unanswered: every verb that ends a case calls `end`
inside its transaction, once the case stands in its last state. A refusal only frees: it may still
be re-considered, and what the family agreed to lasts until then.
"""

from typing import Any

from applications import consent, deadlines, review
from applications.models import Application


def end(application: Application, *, by: Any, reason: str) -> None:
    """Frees the people, stops the clock, clears desks and lists, and asks nothing more."""
    free(application, by=by)
    consent.lapse(application)
    review.leave(application, by=by, reason=reason)


def free(application: Application, *, by: Any) -> None:
    """Everybody in it may apply again, and no pause of its clock stands for ever."""
    application.members.filter(holding=True).update(holding=False)
    for pause in application.pauses.filter(ended_at=None):
        deadlines.resume(application, pause.reason, by=by)
