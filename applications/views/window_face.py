"""对客屏: what the household in front of the window reads, confirms and signs; nobody else's."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts.access import staff_only
from accounts.roles import Role
from applications import authority, consent, desk_screen, signatures
from applications.forms.window import SignForm
from applications.models import Application, Member
from applications.views.at_window import FACE, SIGNER, clerk, of_this_office
from applications.views.window import after_consent
from core import clock
from core.refusals import Refusal


@staff_only(Role.WINDOW)
@never_cache
@require_GET
def face(request: HttpRequest) -> HttpResponse:
    """The household that is being served here, and who is asked to sign."""
    return render(request, "window/face.html", _face(request))


@staff_only(Role.WINDOW)
@never_cache
@require_GET
def face_state(request: HttpRequest) -> HttpResponse:
    """The same without its frame, for polling; 204 while nothing has changed.

    A signature that is being drawn is thus never wiped by the next poll.
    """
    context = _face(request)
    if request.GET.get("seen") == context["token"]:
        return HttpResponse(status=204)
    return render(request, "window/_face.html", context)


@staff_only(Role.WINDOW)
@require_POST
def sign(request: HttpRequest) -> HttpResponse:
    """The signature of the member who was asked, with the digest of the words on the screen."""
    application = _served(request)
    form = SignForm(request.POST)
    member = _signer(request, application)
    if application is None or member is None:
        messages.warning(request, _("现在没有要您签字的内容。"))
        return redirect("window_face")
    if not form.is_valid():
        return render(request, "window/face.html", _face(request, form), status=422)
    if form.cleaned_data["member"] != member.pk:
        messages.warning(request, _("请再看一遍后签字。"))
        return redirect("window_face")
    minor = not authority.is_adult(member, clock.today())
    try:
        signatures.sign(
            member, form.cleaned_data["signature"], words=form.cleaned_data["words"],
            by=clerk(request), as_guardian=minor,
        )  # fmt: skip
        request.session.pop(SIGNER, None)
        after_consent(request, application)
    except Refusal as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        return render(request, "window/face.html", _face(request, form), status=422)
    return redirect("window_face")


@staff_only(Role.WINDOW)
@require_GET
def signed(request: HttpRequest, ref: UUID) -> HttpResponse:
    """Tells the desk that a consent came in; 204 until then, 286 once nobody is waited for."""
    application = of_this_office(request, ref)
    if request.GET.get("seen") == desk_screen.consent_token(application):
        return HttpResponse(status=204)
    answer = HttpResponse(status=286)
    answer["HX-Trigger"] = "window-signed"
    return answer


def _served(request: HttpRequest) -> Application | None:
    ref = request.session.get(FACE)
    return of_this_office(request, UUID(ref)) if ref else None


def _signer(request: HttpRequest, application: Application | None) -> Member | None:
    """The member who was asked to sign and whose own word is still missing."""
    wanted = request.session.get(SIGNER)
    if application is None or not wanted:
        return None
    member = application.members.filter(pk=wanted, excluded=False).first()
    return member if member is not None and authority.still_to_agree(member) else None


def _face(request: HttpRequest, form: SignForm | None = None) -> dict[str, Any]:
    application = _served(request)
    if application is None:
        return {"application": None, "token": "idle", "poll": _poll("idle")}
    member = _signer(request, application)
    token = desk_screen.consent_token(application, member.pk if member else "")
    if member is not None and form is None:
        form = SignForm(initial={"words": consent.text_digest(), "member": member.pk})
    if member is not None and not authority.is_adult(member, clock.today()):
        form.fields["signature"].label = _("监护人签名（为%(name)s）") % {"name": member.name}  # type: ignore[union-attr]
    return {
        "application": application,
        "signer": member,
        "sign_form": form if member is not None else None,
        "token": token,
        "poll": _poll(token),
        **desk_screen.face(application),
    }


def _poll(token: str) -> str:
    return f"{reverse('window_face_state')}?seen={token}"
