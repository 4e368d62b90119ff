"""Acting for somebody (代办): which mandate this browser uses, and what each page needs of it.

A page of the draft, or one in SCOPE_OF_PAGE, is the principal's while acting; every other page
stays the helper's own, and the banner says so. Above all 谁查过我的数据, a consent and the draw do.
"""

from datetime import date
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from applications import mandates
from applications.models import Mandate
from core import audit, clock
from core.identity import masking
from core.refusals import Refusal

SESSION = "acting_for"
_APPLY, _FOLLOW = Mandate.Scope.APPLY, Mandate.Scope.FOLLOW

SCOPE_OF_PAGE: dict[str, str] = {
    **dict.fromkeys(
        (
            "my_correct", "my_bring", "my_withdraw", "my_reconsider", "my_family", "my_papers",
            "my_promise", "my_change", "my_change_one", "paper_strip", "paper_begin", "paper_part",
            "paper_finish", "paper_picture",
        ),
        _APPLY,
    ),
    **dict.fromkeys(
        (
            "apply_done", "apply_done_rows", "apply_receipt", "my_home", "my_case", "my_why",
            "my_notices", "my_decision_pdf", "my_acceptance_letter",
        ),
        _FOLLOW,
    ),
}  # fmt: skip
# of the pages of applying, these are about the one who is signed in
_OWN = frozenset({"apply_for", "apply_join"})
# pages whose opening is recorded as a look at the principal's file
FILES = frozenset(
    {
        "my_case", "my_why", "my_decision_pdf", "my_acceptance_letter", "my_family", "my_papers",
        "my_promise", "my_change_one", "paper_picture", "apply_done", "apply_receipt",
    }
)  # fmt: skip
# pages of the apps above, all of them about the principal's file; admitted when they are ready
_ADMITTED: dict[str, str] = {}
# what opens before the principal has confirmed: how to confirm, and the sheet for the window
_WHILE_ASKED = frozenset({"apply_start", "apply_consent", "apply_paper"})


class NotActing(Refusal):
    """The mandate is not this citizen's to use, or has ended."""


def start(request: HttpRequest, mandate: Mandate) -> None:
    """From now on the pages of this browser are the principal's, as far as the mandate goes.

    Raises NotActing.
    """
    citizen = request.user.as_citizen  # type: ignore[union-attr]
    if citizen is None or mandate.helper_index != citizen.id_index or not _stands(mandate):
        raise NotActing(_("这份委托已经结束，或者不是您的。"))
    request.session[SESSION] = mandate.pk
    audit.record(
        "mandate.used", by=request.user, thing=mandate, purpose="代办",
        subjects=[mandate.principal_index],
    )  # fmt: skip


def take_up(request: HttpRequest, application: Any) -> None:
    """Somebody's draft was opened without saying so: from here on it is said and written down."""
    user: Any = request.user
    if mandates.acting(user) or application.applicant.id_index == user.as_citizen.id_index:
        return
    index = application.applicant.id_index
    row = next((one for one in mandates.helped_by(user) if one.principal_index == index), None)
    if row is not None:
        start(request, row)
        be(request, row)


def be(request: HttpRequest, mandate: Mandate) -> None:
    """This request is made for the principal, and the logs call it so."""
    user: Any = request.user
    user.acting, user.acts_for = mandate, label_of(mandate)
    request.acting_banner = (mandate, True)  # type: ignore[attr-defined]


def stop(request: HttpRequest) -> None:
    """Back to one's own pages."""
    request.session.pop(SESSION, None)


def current(request: HttpRequest) -> Mandate | None:
    """The mandate this browser uses, read anew with each request: revoked is over at once."""
    citizen = request.user.as_citizen if request.user.is_authenticated else None
    key = request.session.get(SESSION)
    row = Mandate.objects.filter(pk=key).first() if key else None
    if citizen is None or row is None or row.helper_index != citizen.id_index:
        return None
    return row if _stands(row) else None


def may_open(mandate: Mandate, page: str, today: date) -> bool:
    """Whether this page, by its name, opens under the mandate."""
    if mandate.given_at is None:
        return page in _WHILE_ASKED
    scope = scope_of(page)
    return scope is not None and mandates.allows(mandate, scope, today)


def admit(*pages: str, scope: str = _APPLY) -> None:
    """Lets pages of an app above, by their names, be opened under a mandate of this scope."""
    _ADMITTED.update(dict.fromkeys(pages, scope))


def is_file(page: str) -> bool:
    """Whether opening this page is a look at the principal's file."""
    return page in FILES or page in _ADMITTED


def scope_of(page: str) -> str | None:
    """What a page, by its name, needs of a mandate; None for one that stays the helper's own."""
    if page in _ADMITTED:
        return _ADMITTED[page]
    if page in SCOPE_OF_PAGE or page in _OWN:
        return SCOPE_OF_PAGE.get(page)
    return _APPLY if page.startswith("apply_") else None


def _stands(mandate: Mandate) -> bool:
    return mandate.ended_at is None and mandate.until >= clock.today()


def label_of(mandate: Mandate) -> str:
    """The principal as logs name them: masked."""
    return masking.mask_name(mandate.principal_name)
