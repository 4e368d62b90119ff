"""Pages of the staff's sign-in: password, six digits, and the first binding of the latter."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts import landing, second_factor, staff_sign_in
from accounts.access import public
from accounts.forms import CodeForm, PasswordForm
from accounts.models import User
from core.refusals import Refusal


@public
@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """Name and password."""
    if request.user.is_authenticated and request.user.is_staff_member:
        return redirect(_onward(request, request.user))
    form = PasswordForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            user = staff_sign_in.give_password(request, **form.cleaned_data)
        except Refusal as refusal:
            form.add_error(refusal.field, str(refusal))
        else:
            return redirect(_next_step(request, user))
    return _page(request, "accounts/staff_sign_in.html", {"form": form})


@public
@never_cache
@require_http_methods(["GET", "POST"])
def code(request: HttpRequest) -> HttpResponse:
    """The six digits."""
    try:
        user = staff_sign_in.awaited(request)
    except staff_sign_in.NothingPending:
        return redirect("accounts:staff_sign_in")
    if not second_factor.enrolled(user):
        return redirect(_step(request, "accounts:staff_enrol"))
    return _code_page(request, staff_sign_in.give_code, "accounts/staff_code.html", {})


@public
@never_cache
@require_http_methods(["GET", "POST"])
def enrol(request: HttpRequest) -> HttpResponse:
    """The first sign-in: bind an authenticator before anything else."""
    try:
        user = staff_sign_in.awaited(request)
    except staff_sign_in.NothingPending:
        return redirect("accounts:staff_sign_in")
    if second_factor.enrolled(user):
        return redirect(_step(request, "accounts:staff_code"))
    secret = staff_sign_in.new_secret(request)
    shown = {
        "picture": second_factor.enrolment_picture(user, secret),
        "secret": " ".join(secret[at : at + 4] for at in range(0, len(secret), 4)),
    }
    return _code_page(request, staff_sign_in.enrol, "accounts/staff_enrol.html", shown)


def locked(
    request: HttpRequest, original: HttpResponse | None = None, credentials: dict | None = None
) -> HttpResponse:
    """What axes shows instead of an answer while an account is locked (settings)."""
    minutes = int(settings.AXES_COOLOFF_TIME.total_seconds() // 60)
    return render(request, "accounts/staff_locked.html", {"minutes": minutes}, status=429)


def _code_page(request: HttpRequest, verb, template: str, shown: dict) -> HttpResponse:
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            user = verb(request, code=form.cleaned_data["code"])
        except staff_sign_in.NothingPending:
            return redirect("accounts:staff_sign_in")
        except Refusal as refusal:
            form.add_error(refusal.field, str(refusal))
        else:
            return redirect(_onward(request, user))
    return _page(request, template, {"form": form, **shown})


def _page(request: HttpRequest, template: str, context: dict) -> HttpResponse:
    form = context["form"]
    return render(request, template, context, status=422 if form.errors else 200)


def _next_step(request: HttpRequest, user: User) -> str:
    name = "staff_code" if second_factor.enrolled(user) else "staff_enrol"
    return _step(request, f"accounts:{name}")


def _step(request: HttpRequest, name: str) -> str:
    wanted = landing.local(request.GET.get("next"))
    return reverse(name) + (f"?{urlencode({'next': wanted})}" if wanted else "")


def _onward(request: HttpRequest, user) -> str:
    return landing.local(request.GET.get("next")) or landing.home(user)
