"""没送到的消息: the list, why in plain words, and the four ways to mend one.

The same pages stand under /operator/ for the operating company and under /office/ for the centre.
"""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access import staff_only
from accounts.roles import Role
from allocation import dead_letters, facts, handover
from allocation.forms_movein import CorrectForm, ReasonForm
from allocation.models import Push
from applications import looks
from core import outbox
from core.models import AuditEntry, OutboxMessage
from core.refusals import Refusal

_PAGE = 50
_VERBS = {"outbox.retried": gettext_lazy("再发一次"), "outbox.given_up": gettext_lazy("不再推送")}
_READERS = (Role.OPERATOR, Role.ADMIN, Role.SYSTEM)


@require_GET
@staff_only(*_READERS)
def listed(request: HttpRequest) -> HttpResponse:
    """Every message that needs a person, and how many wait behind one."""
    page = Paginator(dead_letters.dead(), _PAGE).get_page(request.GET.get("page"))
    given_up = dead_letters.pushes().filter(message__state=OutboxMessage.State.GIVEN_UP)
    context = {
        "page": page,
        "rows": [_row(one) for one in page.object_list],
        "given_up": [_row(one) for one in given_up.order_by("-pk")[:20]],
        "waiting": OutboxMessage.objects.filter(
            destination__in=handover.PUSHES, state=OutboxMessage.State.PENDING
        ).count(),
    }
    return render(request, "allocation/operator/letters.html", context)


@require_http_methods(["GET", "POST"])
@staff_only(*_READERS)
def letter(request: HttpRequest, pk: int) -> HttpResponse:
    """One message: send again, set right and send, or give up with a reason."""
    push = get_object_or_404(dead_letters.pushes(), pk=pk)
    what = request.POST.get("do", "")
    correct = CorrectForm(request.POST if what == "correct" else None, lease=push.lease)
    reason = ReasonForm(request.POST if what == "give_up" else None)
    if request.method == "POST" and _do(request, push, what, correct, reason):
        return redirect("operator_letters")
    if request.method == "GET":
        looks.note(push.lease.application, by=request.user, purpose=_("处理没送到的消息"))
    message = push.message
    context = {
        **_row(push),
        "message": message,
        "correct": correct if push.kind in handover.WHOLE.values() else None,
        "reason": reason,
        "repairable": message.state == OutboxMessage.State.DEAD,
        "behind": _behind(message),
        "history": _history(push),
    }
    status = 422 if correct.errors or reason.errors else 200
    return render(request, "allocation/operator/letter.html", context, status=status)


# -- Parts ---------------------------------------------------------------------------------------


def _do(
    request: HttpRequest, push: Push, what: str, correct: CorrectForm, reason: ReasonForm
) -> bool:
    user: Any = request.user
    if what == "resend":
        dead_letters.resend(push, by=user)
        messages.success(request, _("已放回队列，马上再发。"))
        return True
    if what == "correct" and correct.is_valid():
        return _try(
            correct, lambda: dead_letters.correct(push, by=user, **correct.told())
        ) and _said(request, _("已更正，换一条新消息发送。"))
    if what == "give_up" and reason.is_valid():
        words = reason.cleaned_data["reason"]
        return _try(reason, lambda: dead_letters.give_up(push, by=user, reason=words)) and _said(
            request, _("不再推送，原因已记录。每天的对账还会核对这一户。")
        )
    return False


def _try(form: Form, act: Callable[[], Any]) -> bool:
    try:
        act()
    except Refusal as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        return False
    return True


def _said(request: HttpRequest, sentence: str) -> bool:
    messages.success(request, sentence)
    return True


def _row(push: Push) -> dict[str, Any]:
    return {
        "push": push,
        "kind": dead_letters.KINDS[push.kind],
        "to": dead_letters.RECEIVERS[push.message.destination],
        "address": facts.address(push.lease.home),
        "why": dead_letters.why(push.message),
    }


def _behind(message: OutboxMessage) -> int:
    rows = OutboxMessage.objects.filter(
        destination=message.destination, case_no=message.case_no, pk__gt=message.pk
    )
    return rows.filter(state=OutboxMessage.State.PENDING).count() if message.case_no else 0


def _history(push: Push) -> list[tuple[str, AuditEntry]]:
    rows = AuditEntry.objects.filter(
        thing_type=outbox.OutboxMessage._meta.label_lower, thing_id=str(push.message_id)
    )
    return [(str(_VERBS[one.verb]), one) for one in rows.order_by("pk") if one.verb in _VERBS]
