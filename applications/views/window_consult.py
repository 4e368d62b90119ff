"""咨询 (/window/consult/): advice on one page, without a case and without a register.

The answers live in the page alone, as in the self-check whose questions and rules these are; the
printed sheet is set from what the page carries.
"""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import staff_only
from accounts.roles import Role
from applications import consultations, desk_screen, receipts
from applications.forms.selfcheck import QUESTIONS, Filled
from applications.views.at_window import clerk, leave_face
from applications.views.selfcheck import outlook_of
from core import clock
from core.templatetags.ui_forms import first_control

_SENTENCES = {
    "likely": _("您家可能符合条件，可以申请。"),
    "not_yet": _("按您说的情况还差几项，也可以申请，由工作人员核对后答复您。"),
    "ask": _("有的情况要请工作人员看一看，可以申请，由人工核对。"),
}


@staff_only(Role.WINDOW)
@never_cache
@require_http_methods(["GET", "POST"])
def consult(request: HttpRequest) -> HttpResponse:
    """The eight questions on one page; below them the outlook, once all are answered."""
    leave_face(request)
    filled = Filled(request.POST.dict())
    bound = request.method == "POST"
    asked = [_question(filled, place, bound) for place in range(len(QUESTIONS))]
    problems = [problem for one in asked for problem in one["problems"]] if bound else []
    context: dict[str, Any] = {
        "asked": asked,
        "problems": problems,
        "found": None,
        "keys": desk_screen.KEYS["consult"],
    }
    if bound and not problems:
        found = outlook_of(filled)
        context["found"] = found
        context["bring"] = consultations.bring(found["outlook"].assessment.category)
        context["carried"] = filled.carried(-1)
        if "counted" not in request.POST:  # looked at again with other answers it is still one
            consultations.count(
                word=found["outlook"].word, category=found["outlook"].assessment.category,
                by=clerk(request),
            )  # fmt: skip
    context["counted"] = context["found"] is not None or "counted" in request.POST
    return render(request, "window/consult.html", context, status=422 if problems else 200)


@staff_only(Role.WINDOW)
@never_cache
@require_POST
def sheet(request: HttpRequest) -> HttpResponse:
    """The printed sheet of what the page carries; nothing of it is kept."""
    filled = Filled(request.POST.dict())
    if any(_question(filled, place, bound=True)["problems"] for place in range(len(QUESTIONS))):
        return consult(request)
    with translation.override("zh-hans"):
        found = outlook_of(filled)
        facts = {
            "sentence": str(_SENTENCES[found["outlook"].word]),
            "category": found["outlook"].assessment.category,
            "day": clock.today(),
            "lines": [
                [str(one["title"]), f"{one['word']}：{one['sentence']}"] for one in found["lines"]
            ],
        }
    return receipts.as_file(consultations.sheet_pdf(facts, by=clerk(request)), "consultation.pdf")


def _question(filled: Filled, place: int, bound: bool) -> dict[str, Any]:
    """One question with what is wrong in it; income is not asked where aid settles it."""
    asked = filled.asks(place)
    form = filled.form(place, bound=bound and asked)
    return {"form": form, "asked": asked, "problems": _problems(form) if form.is_bound else []}


def _problems(form: forms.Form) -> list[dict[str, str]]:
    general = [{"href": "", "text": str(text)} for text in form.non_field_errors()]
    return general + [
        {"href": f"#{first_control(bound)}", "text": str(text)}
        for bound in form.visible_fields()
        for text in bound.errors
    ]
