"""/office/ops/ and /office/people/: the machine room, and who works where."""

import platform

import django
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.access import staff_only
from accounts.models import Staff
from accounts.roles import Role
from applications.models import Evidence
from core import audit, clock, outbox
from core.models import AuditEntry, OutboxMessage
from office import messages as notice_sheets

_PAGE = 50


@staff_only(Role.SYSTEM, Role.ADMIN)
@require_GET
def ops(request: HttpRequest) -> HttpResponse:
    """运行: what other systems are still to be told, what registers still owe, the chain's root."""
    dead = OutboxMessage.objects.filter(state=OutboxMessage.State.DEAD).order_by("created_at")
    position, root = audit.root()
    context = {
        "moment": clock.now(),
        "outbox": _outbox(),
        "page": Paginator(dead, _PAGE).get_page(request.GET.get("page")),
        "evidence": _evidence(),
        "position": position,
        "root": root,
        "unsealed": AuditEntry.objects.filter(seal=None).count(),
        "may_retry": Role.SYSTEM in request.user.as_staff.roles,
        "versions": [("Python", platform.python_version()), ("Django", django.get_version())],
    }
    return render(request, "office/ops.html", context)


@staff_only(Role.ADMIN, Role.SYSTEM)
@require_GET
def messages_page(request: HttpRequest) -> HttpResponse:
    """通知模板: how every message reads, and what became of those sent by SMS."""
    context = {"sheets": notice_sheets.sheets(), "receipts": notice_sheets.receipts()}
    return render(request, "office/messages.html", context)


@staff_only(Role.SYSTEM)
@require_POST
def retry(request: HttpRequest, pk: int) -> HttpResponse:
    """Brings one dead message back into the queue."""
    message = get_object_or_404(OutboxMessage, pk=pk)
    outbox.retry(message, by=request.user)
    messages.success(request, _("已放回推送队列，几秒后会再发一次。"))
    return redirect("office_ops")


@staff_only(Role.SECURITY)
@require_GET
def people(request: HttpRequest) -> HttpResponse:
    """人员与岗位: who works where and may do what; reading only."""
    rows = Staff.objects.select_related("bureau", "user").order_by("bureau__code", "pk")
    page = Paginator(rows, _PAGE).get_page(request.GET.get("page"))
    return render(request, "office/people.html", {"page": page})


def _outbox() -> list[tuple[str, dict[str, int]]]:
    """Messages by destination and state."""
    found: dict[str, dict[str, int]] = {}
    states = dict.fromkeys(OutboxMessage.State.values, 0)
    rows = OutboxMessage.objects.order_by().values("destination", "state").annotate(n=Count("pk"))
    for row in rows:
        found.setdefault(row["destination"], dict(states))[row["state"]] = row["n"]
    return sorted(found.items())


def _evidence() -> list[tuple[str, int]]:
    """Questions that wait for an answer, by round."""
    waiting = Evidence.objects.filter(
        status__in=[Evidence.Status.PENDING, Evidence.Status.UNAVAILABLE]
    )
    return list(waiting.order_by("round").values_list("round").annotate(n=Count("pk")))
