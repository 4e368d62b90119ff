"""/demo/: the tour's page and its small forms. Wired only where settings.DEMO is true."""

from collections.abc import Callable

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts import demo, sessions
from accounts.access import public
from allocation import kiosks
from core import audit
from core.refusals import Refusal
from office import tour
from office.figures.figure import Moment

_VISIT = "tour_visit"  # what the visitor types at the kiosk


@public
@require_GET
def page(request: HttpRequest) -> HttpResponse:
    """十分钟看懂."""
    _only_in_the_demo()
    moment = Moment.now()
    context = {
        "received_cases": f"{settings.PORTAL_URL.rstrip('/')}/cases/",
        "steps": tour.steps(moment),
        "strip": tour.strip(),
        "moment": moment.at,
        "visit": request.session.get(_VISIT),
    }
    return render(request, "demo/tour.html", context)


@public
@require_POST
def enter(request: HttpRequest, situation: str) -> HttpResponse:
    """Signs in as somebody in this situation and goes to the page that shows it."""
    _only_in_the_demo()
    try:
        key, path = tour.enter(situation)
    except Refusal as refusal:
        messages.warning(request, str(refusal))
        return redirect("tour")
    user = demo.user_of(key)
    sessions.begin(request, user, alone=False)
    audit.record("signed_in", by=user, way="demo")
    return redirect(path)


@public
@require_POST
def move_clock(request: HttpRequest) -> HttpResponse:
    """拨快时钟."""
    jump = request.POST.get("jump", "")
    done = _("时钟已回到真实时间。") if jump == "reset" else _("时钟已拨快，到期的事几秒内办理。")
    return _act(request, lambda: tour.move_clock(jump), done)


@public
@require_POST
def department(request: HttpRequest) -> HttpResponse:
    """让部门停机 and 恢复."""
    to = request.POST.get("to", "")
    done = _("不动产已停机，现在去提交一份申请看看。") if to == "down" else _("部门已恢复答复。")
    return _act(request, lambda: tour.department(to), done)


@public
@require_POST
def reports(request: HttpRequest) -> HttpResponse:
    """让核对报告现在出具."""
    done = _("在途的核对报告都已出具，几秒后到办件里。")
    return _act(request, tour.hurry_reports, done)


@public
@require_POST
def kiosk(request: HttpRequest) -> HttpResponse:
    """Lets this browser be a kiosk and says what one household would type there."""
    _only_in_the_demo()
    answer = HttpResponseRedirect(f"{reverse('tour')}#kiosk")
    try:
        visit = tour.kiosk_visit()
        kiosks.pair(answer, visit.token)
    except Refusal as refusal:
        messages.warning(request, str(refusal))
        return redirect("tour")
    request.session[_VISIT] = {"number": visit.number, "code": visit.code}
    return answer


def _act(request: HttpRequest, verb: Callable[[], object], done: str) -> HttpResponse:
    _only_in_the_demo()
    try:
        verb()
    except Refusal as refusal:
        messages.warning(request, str(refusal))
    else:
        messages.success(request, done)
    return redirect("tour")


def _only_in_the_demo() -> None:
    if not settings.DEMO:
        raise Http404
