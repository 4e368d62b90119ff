"""房源 in the office and at the operating company: the list, a building, one home and its steps."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.access import citizen_only, has_role, kiosk_only, staff_only
from accounts.models import Staff
from accounts.roles import Role
from allocation import (
    buildings,
    holds,
    home_list,
    homes,
    inspections,
    kiosks,
    mine,
    pictures,
    retirements,
    states,
)
from allocation.home_forms import HoldForm, InspectForm, PictureForm, ProlongForm, ReasonForm
from allocation.models import Estate, Home, HomeHold, HomePicture, Retirement
from applications.papers import store
from core import clock
from core.refusals import Refusal

_SHOWN = 20
_OTHER_NAMES = {"files": "file"}  # as the darkroom calls the field


@dataclass(frozen=True)
class Face:
    """Whose pages these are; the operating company reads no reasons and no names."""

    home: str
    step: str
    back: str
    may_read_all: bool


OFFICE = Face("office_home", "office_home_step", "office_homes", True)
COMPANY = Face("operator_home", "operator_home_step", "operator_homes", False)


@staff_only(Role.ADMIN, Role.LEADER)
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """房源清单: facets with counts, counts by state, pages by key."""
    found = home_list.of(request.GET)
    context = {
        "found": found,
        "rows": homes.rows_of(found.homes),
        "q": request.GET.get("q", ""),
        "clear_href": request.path if request.GET else "",
        "due": holds.to_look_after(clock.today())[:_SHOWN],
        "today": clock.today(),
        "to_confirm": _to_confirm(),
        "may_act": has_role(request.user, Role.ADMIN),
    }
    return render(request, "allocation/homes/index.html", context)


@staff_only(Role.ADMIN, Role.LEADER)
@require_GET
def building(request: HttpRequest, estate: str, building: str) -> HttpResponse:
    """楼栋图: floors × homes of one building."""
    row = get_object_or_404(Estate, code=estate)
    shown = buildings.of(row, building, href=_address_in(OFFICE))
    if not shown:
        raise Http404
    context = {
        "estate": row,
        "building": shown[0],
        "legend": buildings.legend(shown),
        "others": [name for name, _n in buildings.names_of(row) if name != building],
    }
    return render(request, "allocation/homes/building.html", context)


@staff_only(Role.ADMIN, Role.LEADER)
@require_GET
def home(request: HttpRequest, code: str) -> HttpResponse:
    """One home in the office: facts, past, pictures, what may follow."""
    return _page(request, _home(code), OFFICE)


@staff_only(Role.OPERATOR)
@require_GET
def company_home(request: HttpRequest, code: str) -> HttpResponse:
    """One home at the operating company: facts, repair, inspection, release; no person."""
    return _page(request, _home(code), COMPANY)


@staff_only(Role.ADMIN)
@require_POST
def step(request: HttpRequest, code: str, step: str) -> HttpResponse:
    """One step of a home, in the office."""
    return _act(request, _home(code), step, OFFICE)


@staff_only(Role.OPERATOR)
@require_POST
def company_step(request: HttpRequest, code: str, step: str) -> HttpResponse:
    """One step of a home, at the operating company; the verbs know which are its own."""
    return _act(request, _home(code), step, COMPANY)


# -- Pictures --------------------------------------------------------------------------------


@staff_only(Role.ADMIN, Role.LEADER, Role.OPERATOR)
@require_GET
def picture(request: HttpRequest, pk: int) -> HttpResponse:
    """A plan or photo, for the office."""
    return _as_jpeg(get_object_or_404(HomePicture, pk=pk))


@citizen_only
@require_GET
def my_picture(request: HttpRequest, pk: int) -> HttpResponse:
    """A plan or photo of the home that the household was offered, once opened, or rents."""
    offer, lease = mine.offer(request.user), mine.lease(request.user)
    opened = offer if offer is not None and offer.state != states.O_UNOPENED else None
    theirs = [row.home for row in (opened, lease) if row is not None]
    return _as_jpeg(_of_one(theirs, pk))


@kiosk_only
@require_GET
def kiosk_picture(request: HttpRequest, pk: int) -> HttpResponse:
    """A plan or photo of the home of the household at the machine, once its result is open."""
    entrant = kiosks.entrant_of(request)
    offer = kiosks.current_offer(entrant) if entrant else None
    shown = offer is not None and offer.state != states.O_UNOPENED
    return _as_jpeg(_of_one([offer.home] if offer is not None and shown else [], pk))


def _of_one(theirs: list[Home], pk: int) -> HomePicture:
    for home in theirs:
        for one in pictures.pictures_of(home):
            if one.pk == pk:
                return one
    raise Http404


def _as_jpeg(row: HomePicture) -> HttpResponse:
    try:
        answer = HttpResponse(pictures.content_of(row), content_type="image/jpeg")
    except store.PaperGone as error:
        raise Http404 from error
    answer["Cache-Control"] = "private, max-age=300"
    return answer


# -- Steps -----------------------------------------------------------------------------------

Act = Callable[[Home, Staff, Any, HttpRequest], str]


def _inspect(home: Home, by: Staff, form: Any, request: HttpRequest) -> str:
    data = form.cleaned_data
    made = inspections.inspect(home, by=by, passed=data["passed"], remarks=data["remarks"])
    if made.fit:
        return _("验收合格，已记录。现在可以放行。")
    return _("验收不合格，已记录。改好以后再验收一次。")


def _release(home: Home, by: Staff, form: Any, request: HttpRequest) -> str:
    inspections.release(home, by=by)
    return _("已放行，这套房可以配租。")


def _repair(home: Home, by: Staff, form: Any, request: HttpRequest) -> str:
    holds.hold(home, by=by, kind=HomeHold.Kind.REPAIR, **form.cleaned_data)
    return _("已转维修，结束以前不会列入摇号。")


def _hold(home: Home, by: Staff, form: Any, request: HttpRequest) -> str:
    holds.hold(home, by=by, kind=HomeHold.Kind.HOLD, **form.cleaned_data)
    return _("已保留，结束以前不会列入摇号。")


def _prolong(home: Home, by: Staff, form: Any, request: HttpRequest) -> str:
    holds.prolong(_standing(home), by=by, **form.cleaned_data)
    return _("已延长。")


def _object(home: Home, by: Staff, form: Any, request: HttpRequest) -> str:
    holds.object_to_end(_standing(home), by=by, reason=form.cleaned_data["reason"])
    return _("已记下，到期不会自动放回。")


def _end(home: Home, by: Staff, form: Any, request: HttpRequest) -> str:
    holds.end(_standing(home), by=by, reason=form.cleaned_data["reason"])
    return _("已放回，这套房可以配租。")


def _retire(home: Home, by: Staff, form: Any, request: HttpRequest) -> str:
    made = retirements.propose(home, by=by, reason=form.cleaned_data["reason"])
    if made.outcome == Retirement.Outcome.RETIRED:
        return _("这套房已退出使用。")
    return _("已提出，请另一位同事确认。")


def _confirm(home: Home, by: Staff, form: Any, request: HttpRequest) -> str:
    retirements.confirm(_proposal(home), by=by)
    return _("这套房已退出使用。")


def _withdraw(home: Home, by: Staff, form: Any, request: HttpRequest) -> str:
    retirements.withdraw(_proposal(home), by=by)
    return _("已撤回，这套房的状态不变。")


def _add_picture(home: Home, by: Staff, form: Any, request: HttpRequest) -> str:
    data = dict(form.cleaned_data)
    pictures.add(home, data.pop("file").read(), by=by, **data)
    return _("图片已收下，摇到这套房的家庭可以看到。")


def _remove_picture(home: Home, by: Staff, form: Any, request: HttpRequest) -> str:
    pk = request.POST.get("picture", "")
    number = int(pk) if pk.isascii() and pk.isdigit() and len(pk) < 18 else 0
    if (row := pictures.hanging(home).filter(pk=number).first()) is not None:
        pictures.remove(row, by=by)
    return _("图片已删去。")


_FORMS: dict[str, Any] = {
    "inspect": InspectForm,
    "repair": HoldForm,
    "hold": HoldForm,
    "prolong": ProlongForm,
    "object": ReasonForm,
    "end": ReasonForm,
    "retire": ReasonForm,
    "picture": PictureForm,
}
_STEPS: dict[str, Act] = {
    "inspect": _inspect,
    "release": _release,
    "repair": _repair,
    "hold": _hold,
    "prolong": _prolong,
    "object": _object,
    "end": _end,
    "retire": _retire,
    "confirm-retire": _confirm,
    "withdraw-retire": _withdraw,
    "picture": _add_picture,
    "remove-picture": _remove_picture,
}


def _act(request: HttpRequest, row: Home, step: str, face: Face) -> HttpResponse:
    act = _STEPS.get(step)
    if act is None:
        raise Http404
    forms = _forms(request, step)
    form = forms.get(step)
    if form is not None and not form.is_valid():
        return _page(request, row, face, forms, status=422)
    try:
        messages.success(request, act(row, request.user.as_staff, form, request))
    except Refusal as refusal:
        if form is None:
            messages.error(request, str(refusal))
        else:
            field = _OTHER_NAMES.get(refusal.field or "", refusal.field)
            field = field if field in form.fields else None
            form.add_error(field, str(refusal))
            return _page(request, _home(row.code), face, forms, status=422)
    return redirect(face.home, code=row.code)


# -- Parts -----------------------------------------------------------------------------------


def _forms(request: HttpRequest | None = None, step: str = "") -> dict[str, Any]:
    """The forms of the page; only the one that was sent is filled."""
    made = {}
    for name, kind in _FORMS.items():
        sent = request is not None and name == step
        data = (request.POST, request.FILES) if sent and request else (None, None)
        made[name] = kind(*data, prefix=name)
    return made


def _page(
    request: HttpRequest,
    row: Home,
    face: Face,
    forms: dict[str, Any] | None = None,
    status: int = 200,
) -> HttpResponse:
    forms = forms or _forms()
    staff = request.user.as_staff
    hold = homes.hold_of(row)
    context = {
        "home": row,
        "face": face,
        "base_step": face.step,
        "state": states.HOME[row.state],
        "line": homes.line_of(row, hold),
        "facts": homes.facts_of(row),
        "next": homes.next_of(row),
        "hold": hold,
        "overdue": hold is not None and hold.until < clock.today(),
        "planned": homes.planned_in(row),
        "inspection": inspections.latest(row),
        "inspections": _inspections(row),
        "can": _can(row, staff, hold),
        "why_not_release": inspections.why_not_release(row, staff),
        "retirement": retirements.standing(row),
        "pictures": list(pictures.hanging(row)),
        "may_hang": not pictures.why_not(staff),
        "history": homes.history_of(row) if face.may_read_all else [],
        "forms": forms,
        "sent": next((form for form in forms.values() if form.is_bound), None),
    }
    return render(request, "allocation/homes/home.html", context, status=status)


def _can(row: Home, staff: Staff, hold: HomeHold | None) -> dict[str, bool]:
    """Which steps this person is offered; each verb asks again."""
    of_hold = hold is not None and not holds.why_not_change(hold, staff)
    is_hold = hold is not None and hold.kind == HomeHold.Kind.HOLD
    proposal = retirements.standing(row)
    return {
        "inspect": not inspections.why_not_inspect(row, staff),
        "release": not inspections.why_not_release(row, staff),
        "repair": not holds.why_not_hold(row, HomeHold.Kind.REPAIR, staff),
        "hold": not holds.why_not_hold(row, HomeHold.Kind.HOLD, staff),
        "prolong": of_hold,
        "object": of_hold and is_hold and hold is not None and hold.objected_at is None,
        "end": hold is not None and not holds.why_not_end(hold, staff),
        "retire": not retirements.why_not_propose(row, staff),
        "confirm": proposal is not None and not retirements.why_not_confirm(proposal, staff),
        "withdraw": proposal is not None and has_role(staff.user, Role.ADMIN),
    }


def _inspections(row: Home) -> list[dict[str, Any]]:
    return [
        {"row": one, "failing": [inspections.ITEMS.get(key, key) for key in one.failing]}
        for one in row.inspections.select_related("by__bureau")[:_SHOWN]
    ]


def _home(code: str) -> Home:
    return get_object_or_404(Home.objects.select_related("estate__street"), code=code)


def _standing(row: Home) -> HomeHold:
    found = homes.hold_of(row)
    if found is None:
        raise holds.HoldRefused(_("已经结束，不能再改。"))
    return found


def _proposal(row: Home) -> Retirement:
    found = retirements.standing(row)
    if found is None:
        raise retirements.RetirementRefused(_("这件事已经有了结果。"))
    return found


def _to_confirm() -> list[Retirement]:
    rows = Retirement.objects.filter(outcome=Retirement.Outcome.OPEN)
    return list(rows.select_related("home", "proposed_by")[:_SHOWN])


def _address_in(face: Face) -> Callable[[Home], str]:
    return lambda home: reverse(face.home, args=[home.code])
