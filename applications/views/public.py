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
from applications import (
    acceptance_letters,
    decision,
    letters,
    objections,
    periods,
    public_limits,
    publicity,
    reconsiderations,
)
from applications.forms.review import CheckCodeForm, NumberForm, ObjectionForm
from applications.letters import PHONE
from applications.models import Objection, Publicity
from core import clock, display
from core.refusals import Refusal

PAGE = 30
_NO_INDEX = "noindex, noarchive"
_CLOSED_TO_ROBOTS = ("/public/notices/", "/my/", "/apply/", "/letter/", "/review/", "/window/",
                     "/office/", "/operator/", "/audit/", "/kiosk/", "/api/")  # fmt: skip


@require_GET
@public
@never_cache
def notices(request: HttpRequest) -> HttpResponse:
    """公示: households found eligible, names masked; gone by itself after the last day."""
    if public_limits.spent(request, "notice_views"):
        return _too_often(request)
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
    if public_limits.spent(request, "notice_views"):
        return _too_often(request)
    posted = get_object_or_404(Publicity.objects.select_related("application__street"), pk=pk)
    today = clock.today()
    why = publicity.why_not_object(posted, today=today)
    if why and posted.ends_on < today:
        return _unindexed(render(request, "public_notices/ended.html", {"why": why}, status=410))
    shown = publicity.visible(today).filter(pk=pk).first()
    if shown is None:
        raise Http404
    form = ObjectionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if public_limits.spent(request, "objection_most"):
            return _too_often(request)
        made = _object(form, posted)
        if made is not None:
            request.session["objection"] = made.number
            return redirect("public_objected")
    row = publicity.row_of(shown, today)
    context = {
        "form": form,
        "row": row,
        "ends": display.day(posted.ends_on),
        "workdays": periods.of("objection").value,
        "back_href": reverse("public_notices"),
    }
    return _unindexed(render(request, "public_notices/object.html", context))


@require_GET
@public
@never_cache
def objected(request: HttpRequest) -> HttpResponse:
    """The receipt of an objection, with its number; names neither household nor objector."""
    made = objections.by_number(request.session.get("objection") or "")
    due = made.due_on if made and made.due_on else periods.of("objection").after(clock.today())
    context = {
        "due": due,
        "number": objections.grouped(made.number) if made and made.number else "",
        "named": made is None or made.named,
    }
    return _unindexed(render(request, "public_notices/objected.html", context))


@require_http_methods(["GET", "POST"])
@public
@never_cache
def follow(request: HttpRequest) -> HttpResponse:
    """查异议的结果 by its number: what follows, nothing about the household."""
    form = NumberForm(request.POST or None)
    made = None
    if request.method == "POST" and form.is_valid():
        if public_limits.spent(request, "notice_views"):
            return _too_often(request)
        made = objections.by_number(form.cleaned_data["number"])
        if made is None:
            form.add_error(
                "number", _("没有找到这个查询号，请再核对一次，或拨%(phone)s。") % {"phone": PHONE}
            )
    context = {
        "form": form,
        "made": made,
        "result": objections.result_of(made) if made else "",
        "back_href": reverse("public_notices"),
    }
    return _unindexed(render(request, "public_notices/follow.html", context))


@require_GET
@public
def robots(request: HttpRequest) -> HttpResponse:
    """robots.txt: nothing about people is for search engines."""
    lines = ["User-agent: *", *(f"Disallow: {one}" for one in _CLOSED_TO_ROBOTS), ""]
    return HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")


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
            unknown = _("没有找到这个验证码的文书。请对照文书再看一遍，或拨%(phone)s。") % {
                "phone": PHONE
            }
            form.add_error("code", unknown)
    return _unindexed(render(request, "letter/check.html", {"form": form, "found": found}))


def _genuine(code: str) -> dict[str, Any] | None:
    """What may be said of a letter or a receipt with this code; None if we made none."""
    answered = reconsiderations.answer_by_check_code(code)
    if answered is not None:
        return {
            "title": _("复核决定书"),
            "number": answered.letter_no,
            "day": display.day_short(answered.answered_at),
            "replaced": False,
        }
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
        if (notice := acceptance_letters.by_number(number)) is not None:
            return {
                "title": notice.get_kind_display(),
                "number": notice.number,
                "day": display.day_short(notice.issued_at),
                "replaced": acceptance_letters.is_replaced(notice),
            }
        return {"title": _kind_of(number), "number": number, "day": "", "replaced": False}
    return None


def _kind_of(number: str) -> str:
    """What the sheet is, by the shape of its number."""
    if number.startswith("YZ-ZL-"):
        return _("租赁合同")
    return _("摇号结果凭条") if "-T" in number else _("受理回执")


def _object(form: ObjectionForm, posted: Publicity) -> Objection | None:
    try:
        return publicity.object_to(posted, **form.cleaned_data)
    except Refusal as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        return None


def _too_often(request: HttpRequest) -> HttpResponse:
    """请过一会儿再来: kind, with the phone as the other way."""
    response = render(request, "public_notices/too_often.html", status=429)
    response["Retry-After"] = "900"
    return _unindexed(response)


def _unindexed(response: HttpResponse) -> HttpResponse:
    response["X-Robots-Tag"] = _NO_INDEX
    return response
