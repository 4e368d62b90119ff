"""代办: who helps me, whom I help; ask, give, agree, take back, and act."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import citizen_only
from applications import acting, household, mandates, submission, tries
from applications.forms.family import CodeForm, HelperForm
from applications.models import Mandate, Member
from applications.views.steps import PAGES
from core.refusals import Refusal
from datashare.queries import Person

_TRIES = 10  # wrong codes in a row


@citizen_only
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """代办: my helpers and those I help, each with what may be done."""
    context = {
        "helpers": mandates.helpers_of(request.user),
        "helped": [(one, mandates.code_for(one)) for one in mandates.helped_by(request.user)],
    }
    return render(request, "my/helpers/index.html", context)


@citizen_only
@require_http_methods(["GET", "POST"])
def add(request: HttpRequest) -> HttpResponse:
    """请人代办: the principal names the helper; it counts at once."""
    form = HelperForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        helper = Person(data["name"], data["id_number"])
        try:
            mandates.give(request.user.as_citizen, helper, by=request.user, scopes=data["scopes"])
        except Refusal as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        else:
            messages.success(request, _("委托已生效。您随时可以收回。"))
            return redirect("my_helpers")
    status = 422 if form.errors else 200
    return render(request, "my/helpers/add.html", {"form": form}, status=status)


@citizen_only
@require_http_methods(["GET", "POST"])
def accept(request: HttpRequest) -> HttpResponse:
    """确认代办: six digits, then who it is and what for, then yes or no."""
    form = CodeForm(request.POST or None)
    mandate = _asked(request, form) if request.method == "POST" and form.is_valid() else None
    if mandate is None:
        status = 422 if form.errors else 200
        return render(request, "my/helpers/accept.html", {"form": form}, status=status)
    if "answer" not in request.POST:
        context = {"mandate": mandate, "code": form.cleaned_data["code"]}
        return render(request, "my/helpers/confirm.html", context)
    try:
        if request.POST["answer"] == "yes":
            mandates.accept(mandate, by=request.user)
            messages.success(request, _("委托已生效。您随时可以收回。"))
        else:
            mandates.revoke(mandate, by=request.user)
            messages.info(request, _("已记下您不同意。对方不能代您办理。"))
    except Refusal as refusal:
        messages.error(request, str(refusal))
    return redirect("my_helpers")


@citizen_only
@require_http_methods(["GET", "POST"])
def end(request: HttpRequest, pk: int) -> HttpResponse:
    """收回委托, or 不再代办: what follows is said first."""
    mandate = _own(request, pk)
    if request.method == "POST":
        mandates.revoke(mandate, by=request.user)
        messages.success(request, _("委托已结束。从现在起对方看不到您的申请。"))
        return redirect("my_helpers")
    mine = mandate.principal_index == request.user.as_citizen.id_index
    effects = [
        _("从现在起不能再代办，也看不到申请和进度。"),
        _("已经办好的事不受影响，记录都留着。"),
    ]
    context = {"mandate": mandate, "mine": mine, "effects": effects}
    return render(request, "my/helpers/end.html", context)


@citizen_only
@require_POST
def act(request: HttpRequest, pk: int) -> HttpResponse:
    """开始代办: from now on these pages are the principal's, as far as the mandate goes."""
    mandate = _own(request, pk)
    try:
        acting.start(request, mandate)
    except Refusal as refusal:
        messages.error(request, str(refusal))
        return redirect("my_helpers")
    if request.POST.get("go") != "apply" or Mandate.Scope.APPLY not in mandate.scopes:
        return redirect("my_home")
    return _to_draft(request, mandate)


@citizen_only
@require_POST
def stop(request: HttpRequest) -> HttpResponse:
    """结束代办: back to one's own pages."""
    acting.stop(request)
    messages.info(request, _("现在是您自己的页面。"))
    return redirect("my_helpers")


def _to_draft(request: HttpRequest, mandate: Mandate) -> HttpResponse:
    """The principal's draft, made if there is none; a case that runs is shown instead."""
    user: Any = request.user
    acting.be(request, mandate)
    if Member.objects.filter(id_index=mandate.principal_index, holding=True).exists():
        return redirect("apply_start")
    draft = household.current_for(user)
    if draft is None:
        person = Person(mandate.principal_name, mandate.principal_number)
        draft = submission.start_draft(by=user, channel="online", person=person)
        declared = {"whom": "relative", "mandate": True}
        draft = submission.save_step(draft, "consent", by=user, declared=declared)
    return redirect(PAGES.get(draft.step, "apply_consent"))


def _own(request: HttpRequest, pk: int) -> Mandate:
    """The mandate, if this citizen is one of its two people; else 404."""
    index = request.user.as_citizen.id_index
    row = Mandate.objects.filter(pk=pk).first()
    if row is None or index not in (row.principal_index, row.helper_index):
        raise Http404
    return row


def _asked(request: HttpRequest, form: CodeForm) -> Mandate | None:
    tried = f"mandate:{request.user.pk}"
    if tries.spent(tried, _TRIES):
        form.add_error("code", _("试的次数太多，请15分钟后再试，或带身份证到窗口办理。"))
        return None
    index = request.user.as_citizen.id_index
    found = mandates.asked_by_code(index, form.cleaned_data["code"])
    if found is None:
        tries.note(tried)
        form.add_error("code", _("没有找到请您确认的代办。请核对6位确认码，并用您本人的账号登录。"))
    return found
