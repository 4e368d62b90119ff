"""受理台: an ID number and a name, then household, registers and likely result on one screen."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import staff_only
from accounts.models import Staff
from accounts.roles import BureauKind, Role
from applications import (
    authority,
    consent,
    desk_screen,
    household,
    permissions,
    receipts,
    states,
    submission,
    verification,
)
from applications.forms.apply import PersonForm
from applications.forms.window import AcceptForm, PersonAtWindow
from applications.models import Application, Consent
from core import audit, clock
from core.identity import ciphers
from core.refusals import Refusal
from datashare.queries import Person

FACE = "window_face"  # which household the second screen of this place shows


class OwnHousehold(Refusal):
    """The case is about the clerk's own household: a colleague takes it (回避)."""


@staff_only(Role.WINDOW)
@require_http_methods(["GET", "POST"])
def home(request: HttpRequest) -> HttpResponse:
    """The field for the next person; drafts of this office wait below."""
    form = PersonAtWindow(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            application = _begin(request, form.cleaned_data)
            return redirect("window_desk", ref=application.ref)
        except Refusal as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
    request.session.pop(FACE, None)
    context = {"form": form, **desk_screen.overview(request.user.as_staff)}
    return render(request, "window/home.html", context, status=422 if form.errors else 200)


@staff_only(Role.WINDOW)
@require_GET
def desk(request: HttpRequest, ref: UUID) -> HttpResponse:
    """One household: members and consent, registers, likely result, what is left."""
    application = _of_this_office(request, ref)
    _look(request, application)
    request.session[FACE] = str(application.ref)
    return render(request, "window/desk.html", _screen(request, application))


@staff_only(Role.WINDOW)
@require_GET
def checks(request: HttpRequest, ref: UUID) -> HttpResponse:
    """Registers and likely result alone, for polling; 286 ends it."""
    application = _of_this_office(request, ref)
    _look(request, application)
    screen = desk_screen.of(application)
    return render(request, "window/_checks.html", screen, status=286 if screen["finished"] else 200)


@staff_only(Role.WINDOW)
@require_POST
def confirm(request: HttpRequest, ref: UUID) -> HttpResponse:
    """The household as the family states it: in, out with a reason, or one more person."""
    application = _of_this_office(request, ref)
    form = PersonForm({**request.POST.dict(), "seen": application.version})
    try:
        if "add" in request.POST:
            if not form.is_valid():
                return _with_errors(request, application, add_form=form)
            household.add(application, form.entry(), by=request.user)
        else:
            entries = desk_screen.entries_from(application, request.POST)
            submission.confirm_household(application, entries, by=request.user)
        _ask_registers(request, application)
    except Refusal as refusal:
        messages.error(request, str(refusal))
    return redirect("window_desk", ref=ref)


@staff_only(Role.WINDOW)
@require_POST
def give_consent(request: HttpRequest, ref: UUID) -> HttpResponse:
    """A signature on paper: of the adult member, or of the guardian for a child."""
    application = _of_this_office(request, ref)
    wanted = request.POST.get("member", "")
    people = {str(one.pk): one for one in application.members.all()}
    member = people.get(wanted)
    if member is None:
        raise Http404
    adult = authority.is_adult(member, clock.today())
    method = Consent.Method.WINDOW if adult else Consent.Method.GUARDIAN
    try:
        consent.give(member, method=method, by=request.user)
        _ask_registers(request, application)
    except Refusal as refusal:
        messages.error(request, str(refusal))
    return redirect("window_desk", ref=ref)


@staff_only(Role.WINDOW)
@require_POST
def accept(request: HttpRequest, ref: UUID) -> HttpResponse:
    """受理: the case number, the receipt; missing consents follow later."""
    application = _of_this_office(request, ref)
    form = AcceptForm(request.POST)
    if not form.is_valid():
        return _with_errors(request, application, accept_form=form)
    data = form.cleaned_data
    rent = data["actual_rent"]
    try:
        if application.state == states.DRAFT:
            submission.save_step(
                application, "check", by=request.user, programme=data["programme"],
                street=data["street"], papers=data["papers"] or 0,
                declared={"actual_rent": None if rent is None else str(rent)},
            )  # fmt: skip
        submission.submit(application, by=request.user)
    except Refusal as refusal:
        form.add_error(None, str(refusal))
        return _with_errors(request, application, accept_form=form)
    return redirect("window_desk", ref=ref)


@staff_only(Role.WINDOW)
@require_GET
def authorisation(request: HttpRequest, ref: UUID) -> HttpResponse:
    """The authorisation to print: one page for each adult who has not agreed yet, else for all."""
    application = _of_this_office(request, ref)
    adults = [
        one
        for one in household.people_of(application)
        if one.is_applicant or authority.is_adult(one, clock.today())
    ]
    _look(request, application)
    content = receipts.authorisation_pdf(application, adults)
    return receipts.as_file(content, f"authorisation-{application.case_no}.pdf")


@staff_only(Role.WINDOW)
@require_GET
def receipt(request: HttpRequest, ref: UUID) -> HttpResponse:
    """The receipt to print."""
    application = _of_this_office(request, ref)
    if application.state == states.DRAFT:
        raise Http404
    _look(request, application)
    return receipts.as_file(receipts.receipt_pdf(application), f"{application.case_no}.pdf")


@staff_only(Role.WINDOW)
@require_GET
def face(request: HttpRequest) -> HttpResponse:
    """对客屏: the household that is being served here, and nobody else's."""
    return render(request, "window/face.html", _face(request))


@staff_only(Role.WINDOW)
@require_GET
def face_state(request: HttpRequest) -> HttpResponse:
    """The same without its frame, for polling."""
    return render(request, "window/_face.html", _face(request))


# -- Parts -------------------------------------------------------------------------------------


def _begin(request: HttpRequest, data: dict[str, Any]) -> Application:
    """A draft, the applicant's paper consent, the household, the first questions.

    Somebody whose case still waits for a signature is led back to that case.
    """
    user, index = request.user, ciphers.blind_index(data["id_number"])
    if why := permissions.why_not_serve(user.as_staff, index):
        raise OwnHousehold(why)
    if standing := _waits_for_a_signature(user.as_staff, index, data["name"]):
        return standing
    application = submission.start_draft(
        by=user, channel="window", person=Person(data["name"], data["id_number"])
    )
    _refuse_own(request, application)
    applicant = application.applicant
    submission.keep_phone(applicant, data["phone"], by=user)
    adult = authority.is_adult(applicant, clock.today())
    method = Consent.Method.WINDOW if adult else Consent.Method.GUARDIAN
    consent.give(applicant, method=method, by=user)
    drawn = household.draw_up(application, by=user)
    if not drawn.certain:
        messages.warning(request, _("户籍或婚姻登记暂时没有答复，可以先手工添加家人。"))
    _ask_registers(request, application)
    return application


def _ask_registers(request: HttpRequest, application: Application) -> None:
    """Asks about who has agreed. The household is known now: never the clerk's own."""
    _refuse_own(request, application)
    verification.request_checks(application, by=request.user)


def _refuse_own(request: HttpRequest, application: Application) -> None:
    if why := permissions.why_not_free(request.user.as_staff, application):
        raise OwnHousehold(why)


def _waits_for_a_signature(staff: Staff, index: str, name: str) -> Application | None:
    """The case of this street, sent before, in which a member's consent is still missing."""
    sent = permissions.applications_visible_to(staff).filter(street_id=staff.bureau_id)
    rows = sent.filter(members__id_index=index, members__name=name, members__holding=True)
    return next((row for row in rows if row.is_open and authority.pending(row)), None)


def _of_this_office(request: HttpRequest, ref: UUID) -> Application:
    """The application of that reference, if this office typed it or its street handles it.

    Else 404; of the clerk's own household 403.
    """
    staff = request.user.as_staff
    typed_here = Q(channel="window", created_by__staff__bureau=staff.bureau_id)
    of_street = Application.objects.sent().filter(street=staff.bureau_id)
    sent_here = Q(channel="online", pk__in=of_street.values("pk"))
    rows = Application.objects.select_related("street", "created_by__staff")
    row = rows.filter(typed_here | sent_here, ref=ref).first()
    if row is None:
        raise Http404
    if why := permissions.why_not_free(staff, row):
        raise PermissionDenied(why)
    return row


def _look(request: HttpRequest, application: Application) -> None:
    indexes = application.members.values_list("id_index", flat=True)
    audit.looked(
        application, by=request.user, purpose=_("窗口受理"), case_no=application.case_no or "",
        subjects=list(indexes),
    )  # fmt: skip


def _screen(request: HttpRequest, application: Application, **forms: Any) -> dict[str, Any]:
    own = request.user.as_staff.bureau
    street = application.street or household.street_of(application)
    if street is None and own.kind == BureauKind.STREET:
        street = own
    accept_form = forms.get("accept_form") or AcceptForm(
        initial={"programme": application.programme, "street": street and street.pk}
    )
    return {
        "application": application,
        "accept_form": accept_form,
        "add_form": forms.get("add_form") or PersonForm(initial={"seen": application.version}),
        "adding": "add_form" in forms,
        "poll": reverse("window_checks", args=[application.ref]),
        **desk_screen.of(application),
    }


def _with_errors(request: HttpRequest, application: Application, **forms: Any) -> HttpResponse:
    screen = _screen(request, application, **forms)
    return render(request, "window/desk.html", screen, status=422)


def _face(request: HttpRequest) -> dict[str, Any]:
    ref = request.session.get(FACE)
    if not ref:
        return {"application": None}
    application = _of_this_office(request, UUID(ref))
    return {"application": application, **desk_screen.face(application)}
