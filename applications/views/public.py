"""Pages for everybody: public notices, objections to them, and whether a letter is genuine."""

from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access import public
from applications import decision, letters, publicity
from applications.forms.review import CheckCodeForm, ObjectionForm
from applications.models import Publicity
from core import clock, display
from core.refusals import Refusal

PAGE = 30
_NO_INDEX = "noindex, noarchive"


@require_GET
@public
def notices(request: HttpRequest) -> HttpResponse:
    """公示: households found eligible, names masked; gone by itself after the last day."""
    today = clock.today()
    page = Paginator(publicity.visible(today), PAGE).get_page(request.GET.get("page"))
    context = {
        "page_obj": page,
        "rows": [publicity.row_of(one, today) for one in page],
        "days": publicity.days_of_notice(today),
    }
    return _unindexed(render(request, "public_notices/list.html", context))


@require_http_methods(["GET", "POST"])
@public
@never_cache
def object_to(request: HttpRequest, pk: int) -> HttpResponse:
    """提出异议: anybody may say what they know; the household never sees by whom."""
    posted = get_object_or_404(Publicity.objects.select_related("application__street"), pk=pk)
    today = clock.today()
    why = publicity.why_not_object(posted, today=today)
    if why and posted.ends_on < today:
        return _unindexed(render(request, "public_notices/ended.html", {"why": why}, status=410))
    shown = publicity.visible(today).filter(pk=pk).first()
    if shown is None:
        raise Http404
    form = ObjectionForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and _object(form, posted):
        return redirect("public_objected")
    row = publicity.row_of(shown, today)
    context = {
        "form": form,
        "row": row,
        "ends": display.day(posted.ends_on),
        "back_href": reverse("public_notices"),
    }
    return _unindexed(render(request, "public_notices/object.html", context))


@require_GET
@public
def objected(request: HttpRequest) -> HttpResponse:
    """The receipt of an objection; names neither household nor objector."""
    return _unindexed(render(request, "public_notices/objected.html"))


@require_http_methods(["GET", "POST"])
@public
@never_cache
def letter(request: HttpRequest) -> HttpResponse:
    """文书验真: code → kind, date, valid or replaced. No name is shown."""
    form = CheckCodeForm(request.POST or None, initial={"code": request.GET.get("code", "")})
    found: dict[str, Any] | None = None
    if request.method == "POST" and form.is_valid():
        found = _genuine(form.cleaned_data["code"])
        if found is None:
            unknown = _("没有找到这个验证码的文书。请对照文书再看一遍，或拨0574-12345。")
            form.add_error("code", unknown)
    return _unindexed(render(request, "letter/check.html", {"form": form, "found": found}))


def _genuine(code: str) -> dict[str, Any] | None:
    """What may be said of a letter or a receipt with this code; None if we made none."""
    one = decision.by_check_code(code)
    if one is not None:
        return {
            "title": decision.title_of(one),
            "number": one.letter_no,
            "day": display.day_short(one.signed_at),
            "replaced": one.replaced,
        }
    if letters.is_genuine(code):
        number = code.strip().upper().rpartition("-")[0]
        return {"title": _kind_of(number), "number": number, "day": "", "replaced": False}
    return None


def _kind_of(number: str) -> str:
    """What the sheet is, by the shape of its number."""
    if number.startswith("YZ-ZL-"):
        return _("租赁合同")
    return _("摇号结果凭条") if "-T" in number else _("受理回执")


def _object(form: ObjectionForm, posted: Publicity) -> bool:
    try:
        publicity.object_to(posted, **form.cleaned_data)
    except Refusal as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        return False
    return True


def _unindexed(response: HttpResponse) -> HttpResponse:
    response["X-Robots-Tag"] = _NO_INDEX
    return response
