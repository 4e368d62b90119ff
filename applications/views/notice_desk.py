"""公示: notices, objections to them, and what follows from an objection that holds."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import staff_only
from accounts.middleware import refuse
from accounts.roles import Role
from applications import (
    after_objection,
    filters,
    looks,
    objections,
    permissions,
    posters,
    publicity,
)
from applications.duties import RULES
from applications.forms.review import (
    AnswerForm,
    FactForm,
    RefusalForm,
)
from applications.models import (
    Objection,
)
from applications.views.acting_at_desk import act, attempt
from applications.views.queue import staff_of
from core import clock


@require_GET
@staff_only(Role.STREET, Role.DISTRICT)
def notices(request: HttpRequest) -> HttpResponse:
    """公示: notices that stand now, the objections to them, and their posters."""
    staff, today = staff_of(request), clock.today()
    posted = publicity.visible(today)
    if Role.DISTRICT not in staff.roles:
        posted = posted.filter(application__street_id=staff.bureau_id)
    open_ = objections.open_ones(staff)[:200]
    context = {
        "public_href": reverse("public_notices"),
        "rows": [publicity.row_of(one, today) for one in posted[:200]],
        "objections": [
            (one, filters.left(one.due_on, today), objections.is_held(one)) for one in open_
        ],
        "posters": posters.standing(staff, today),
    }
    return render(request, "review/notices.html", context)


@require_http_methods(["GET", "POST"])
@staff_only(Role.DISTRICT)
def objection(request: HttpRequest, pk: int) -> HttpResponse:
    """核查异议: what was said, and the answer; who said it is shown to the checker alone."""
    staff = staff_of(request)
    made = _objection(pk)
    case = made.publicity.application
    if why := permissions.why_not_free(staff, case):
        return refuse(request, why)
    form = AnswerForm(request.POST or None, choices=_OUTCOMES[made.named])
    if request.method == "POST" and form.is_valid():
        upheld, text = form.cleaned_data["outcome"] == "yes", form.cleaned_data["text"]
        if attempt(form, lambda: publicity.answer(made, by=staff, upheld=upheld, text=text)):
            messages.success(request, _("核查结论已记录。"))
            return redirect("review_refuse", made.pk) if upheld else redirect("review_notices")
    why = publicity.why_not_answer(made, staff)
    looks.note(case, by=request.user, purpose=_("核查异议"))
    context = {
        "made": made,
        "number": objections.grouped(made.number) if made.number else "",
        "case": case,
        "form": form,
        "why_not": why,
        "left": filters.left(made.due_on, clock.today()),
        "may_claim": not objections.why_not_claim(made, staff),
        "reads_contact": objections.may_read_contact(made, staff),
        "mine": objections.is_held(made) and made.claimed_by_id == staff.pk,
        "back_href": reverse("review_notices"),
    }
    return render(request, "review/objection.html", context)


@require_POST
@staff_only(Role.DISTRICT)
def claim_objection(request: HttpRequest, pk: int) -> HttpResponse:
    """认领 an objection: from now on this person checks it."""
    staff, made = staff_of(request), _objection(pk)
    return act(request, lambda: objections.claim(made, by=staff), "review_objection", pk)


@require_POST
@staff_only(Role.DISTRICT)
def release_objection(request: HttpRequest, pk: int) -> HttpResponse:
    """放回 an objection."""
    staff, made = staff_of(request), _objection(pk)
    return act(request, lambda: objections.release(made, by=staff), "review_objection", pk)


@require_http_methods(["GET", "POST"])
@staff_only(Role.DISTRICT)
def refuse_after_objection(request: HttpRequest, pk: int) -> HttpResponse:
    """查实后拟决定: the fact that the check confirmed becomes the reason of the draft.

    A clue that was found true opens the check in the office's own name first, as long as the
    notice stands.
    """
    staff = staff_of(request)
    made = _objection(pk)
    case = made.publicity.application
    if why := permissions.why_not_free(staff, case):
        return refuse(request, why)
    takes_up = not publicity.why_not_take_up(made, made.publicity, case, staff)
    form: Any = FactForm(request.POST or None)
    if not takes_up:
        form = RefusalForm(request.POST or None, rules=list(RULES))
    if request.method == "POST" and form.is_valid():
        if takes_up:
            fact = form.cleaned_data["fact"]
            if attempt(form, lambda: publicity.take_up(made, by=staff, fact=fact)):
                messages.success(request, _("已立案核查，公示暂停计时。"))
                return redirect("review_notices")
        elif attempt(form, lambda: after_objection.draft(made, by=staff, **form.cleaned_data)):
            messages.success(request, _("决定稿已交签发。"))
            return redirect("review_signing")
    looks.note(case, by=request.user, purpose=_("核查异议"))
    context = {
        "made": made, "case": case, "form": form, "takes_up": takes_up,
        "back_href": reverse("review_notices"),
    }  # fmt: skip
    return render(request, "review/refuse.html", context)


def _objection(pk: int) -> Objection:
    rows = Objection.objects.select_related("publicity__application", "claimed_by", "answered_by")
    return get_object_or_404(rows, pk=pk)


_OUTCOMES = {
    True: [
        ("no", gettext_lazy("不成立，继续公示")),
        ("yes", gettext_lazy("成立，拟不符合条件的决定")),
    ],
    False: [
        ("no", gettext_lazy("了解过，不影响")),
        ("yes", gettext_lazy("查实了，由工作人员立案核查")),
    ],
}
