"""张贴: the street records when and where the paper notice went up and came down, with photos."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.access import staff_only
from accounts.middleware import refuse
from accounts.models import Staff
from accounts.roles import Role
from applications import looks, materials, permissions, posters, publicity
from applications.forms.delivery import PhotoForm, PosterForm
from applications.models import Publicity
from applications.views.queue import staff_of
from core.refusals import Refusal


@require_http_methods(["GET", "POST"])
@staff_only(Role.STREET, Role.DISTRICT)
def one(request: HttpRequest, pk: int) -> HttpResponse:
    """One notice: what is recorded of its poster, and the next thing to record."""
    staff = staff_of(request)
    mine = Publicity.objects.filter(application__in=permissions.applications_visible_to(staff))
    posted = get_object_or_404(mine.select_related("application__street", "poster"), pk=pk)
    case = posted.application
    if why := permissions.why_not_free(staff, case):
        return refuse(request, why)
    forms = _forms(request, posted, staff)
    act = request.POST.get("act", "")
    sent = forms.get(act) if request.method == "POST" else None
    if sent is not None and sent.is_valid() and _act(act, sent, posted, staff):
        messages.success(request, _("已记录。"))
        return redirect("review_poster", pk)
    if request.method == "GET":
        looks.note(case, by=request.user, purpose=_("张贴公示"))
    context = {
        "posted": posted,
        "poster": posters.of(posted),
        "case": case,
        "name": publicity.shown_name(case, posted.starts_on),
        "up": list(posters.photos(posted, posters.UP)),
        "down": list(posters.photos(posted, posters.DOWN)),
        "forms": forms,
        "why_not": posters.why_not_touch(posted, staff),
        "back_href": reverse("review_notices"),
    }
    bad = any(form.errors for form in forms.values())
    return render(request, "review/poster.html", context, status=422 if bad else 200)


def _forms(request: HttpRequest, posted: Publicity, staff: Staff) -> dict[str, Any]:
    act = request.POST.get("act", "")
    found: dict[str, Any] = {}

    def bound(name: str) -> dict[str, Any]:
        return {"data": request.POST, "files": request.FILES} if act == name else {}

    if not posters.why_not_put_up(posted, staff):
        found["up"] = PosterForm(**bound("up"), down=False)
    elif not posters.why_not_take_down(posted, staff):
        found["down"] = PosterForm(**bound("down"), down=True)
    poster = posters.of(posted)
    if poster is not None and not posters.why_not_touch(posted, staff):
        for end, there in ((posters.UP, True), (posters.DOWN, poster.taken_down_at is not None)):
            if there and not posters.photos(posted, end).exists():
                name = f"photo-{end}"
                found[name] = PhotoForm(**bound(name), auto_id=f"{name}-%s")
    return found


def _act(act: str, form: Any, posted: Publicity, staff: Staff) -> bool:
    """Records the time first: a photo that is refused does not undo it, it is missing."""
    data = form.cleaned_data
    end = posters.DOWN if act in ("down", "photo-down") else posters.UP
    try:
        if act == "up":
            posters.put_up(posted, by=staff, at=data["at"], place=data["place"])
        elif act == "down":
            posters.take_down(posted, by=staff, at=data["at"])
        if data.get("photo") is not None:
            key = posters.photo_key(posted, end)
            materials.add(posted.application, key, data["photo"].read(), by=staff.user)
    except Refusal as refusal:
        field = "photo" if refusal.field == "files" else refusal.field
        form.add_error(field if field in form.fields else None, str(refusal))
        return False
    return True
