"""Pages of the citizens' sign-in."""

from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import citizen_sign_in, landing, portal, staff_sign_in
from accounts.access import public
from core.models import Contact
from core.preferences import bring
from core.refusals import Refusal


@public
@never_cache
@require_GET
def sign_in(request: HttpRequest) -> HttpResponse:
    """Says what happens next; the button leads to the province's page."""
    wanted = landing.local(request.GET.get("next"))
    if request.user.is_authenticated and request.user.as_citizen:
        return redirect(wanted or "/my/")
    start_at = reverse("accounts:citizen_start")
    start_at += f"?{urlencode({'next': wanted})}" if wanted else ""
    return render(request, "accounts/citizen_sign_in.html", {"start_at": start_at})


@public
@never_cache
@require_GET
def start(request: HttpRequest) -> HttpResponse:
    """Off to the province's page, with a state that only this browser knows."""
    wanted = landing.local(request.GET.get("next"))
    response = HttpResponseRedirect(citizen_sign_in.begin(request, wanted=wanted))
    # the portal may know which of our sites sends somebody, but not from which page
    response.headers["Referrer-Policy"] = "origin"
    return response


@public
@never_cache
@csrf_exempt  # the portal may post the ticket; the state takes the place of the token
@require_http_methods(["GET", "POST"])
def callback(request: HttpRequest) -> HttpResponse:
    """The portal's answer: a ticket, and where the citizen was going."""
    if request.method == "POST":
        return _as_get(request)
    try:
        citizen, path = citizen_sign_in.finish(
            request, ticket=request.GET.get("ticket", ""), returned=request.GET.get("sp", "")
        )
    except Refusal as refusal:
        return _refused(request, refusal)
    response = HttpResponseRedirect(path)
    if contact := Contact.objects.filter(person_index=citizen.id_index).first():
        bring(request, response, language=contact.language, size=contact.text_size)
    return response


@public
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """Ends the session, whoever's it is."""
    for_staff = request.user.is_authenticated and request.user.is_staff_member
    staff_sign_in.leave(request)
    return redirect("accounts:staff_sign_in" if for_staff else "accounts:signed_out")


@public
@require_GET
def signed_out(request: HttpRequest) -> HttpResponse:
    """Confirms that nobody is signed in on this device any more."""
    if request.user.is_authenticated:
        logout(request)
    return render(request, "accounts/signed_out.html")


def _as_get(request: HttpRequest) -> HttpResponse:
    """A post from another site comes without our cookie; the browser brings it on a redirect."""
    query = request.GET.copy()
    for name in ("ticket", "sp"):
        query[name] = request.POST.get(name, query.get(name, ""))
    response = HttpResponseRedirect(f"{reverse('accounts:citizen_callback')}?{query.urlencode()}")
    response.status_code = 303
    return response


def _refused(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    upgrade = portal.upgrade_page() if isinstance(refusal, portal.LevelTooLow) else ""
    page = {"sentence": str(refusal), "upgrade": upgrade}
    status = 503 if isinstance(refusal, portal.PortalSilent) else 403
    return render(request, "accounts/citizen_refused.html", page, status=status)
