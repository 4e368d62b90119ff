"""/review/messages/ (工作消息): what a member of staff should know in time."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import staff_only
from accounts.roles import Role
from applications import staff_notices
from applications.views.queue import REVIEWERS, staff_of
from core import clock

TOLD = (*REVIEWERS, Role.ADMIN, Role.LEADER, Role.OPERATOR)
_PAGE = 50


@require_http_methods(["GET", "POST"])
@staff_only(*TOLD)
def listed(request: HttpRequest) -> HttpResponse:
    """The messages, the newest first; a POST marks all of them as read."""
    staff = staff_of(request)
    if request.method == "POST":
        staff_notices.read_all(staff)
        return redirect("review_messages")
    rows = Paginator(staff_notices.of(staff), _PAGE).get_page(request.GET.get("page"))
    context = {
        "page_obj": rows,
        "rows": [staff_notices.shown(one) for one in rows],
        "unread": staff_notices.unread(staff),
        "back_href": reverse("review_queue") if set(REVIEWERS) & set(staff.roles) else "",
    }
    return render(request, "review/messages.html", context)


@require_POST
@staff_only(*TOLD)
def one(request: HttpRequest, pk: int) -> HttpResponse:
    """Marks one message as read and goes to what it is about."""
    notice = get_object_or_404(staff_notices.of(staff_of(request)), pk=pk)
    if notice.read_at is None:
        notice.read_at = clock.now()
        notice.save(update_fields=["read_at"])
    return redirect(staff_notices.shown(notice).href)
