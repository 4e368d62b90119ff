"""受理台: an ID number and a name, then household, registers and likely result on one screen."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import staff_only
from accounts.models import Staff
from accounts.roles import BureauKind, Role
from applications import (
    attestation,
    authority,
    card_reader,
    desk_screen,
    desk_sheets,
    elsewhere,
    guardians,
    household,
    left_over,
    permissions,
    promises,
    receipts,
    signatures,
    states,
    submission,
    verification,
)
from applications.forms.apply import PersonForm
from applications.forms.window import AcceptForm, PersonAtWindow
from applications.models import Application, DeskSheet
from applications.views.at_window import (
    FACE,
    SIGNER,
    OwnHousehold,
    clerk,
    leave_face,
    look,
    of_this_office,
    refuse_own,
)
from core import clock
from core.identity import ciphers
from core.refusals import Refusal
from datashare.queries import Person


@staff_only(Role.WINDOW)
@require_http_methods(["GET", "POST"])
def home(request: HttpRequest) -> HttpResponse:
    """The field for the next person; drafts and parked cases of this office wait below."""
    sheet = _parked_person(request)
    form = PersonAtWindow(request.POST or None, initial=_typed(sheet))
    if request.method == "POST" and form.is_valid():
        try:
            application = _begin(request, form.cleaned_data)
            if sheet is not None:
                desk_sheets.clear(sheet)
            page = "window_desk"
            if guardians.needs_a_name(application.applicant):
                page = "window_guardian"
            return redirect(page, ref=application.ref)
        except Refusal as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
    leave_face(request)
    context = {
        "form": form,
        "sheet": sheet,
        "keys": desk_screen.KEYS["home"],
        **desk_screen.overview(clerk(request)),
    }
    return render(request, "window/home.html", context, status=422 if form.errors else 200)


@staff_only(Role.WINDOW)
@require_GET
def desk(request: HttpRequest, ref: UUID) -> HttpResponse:
    """One household: members and consent, registers, likely result, what is left."""
    application = of_this_office(request, ref)
    look(request, application)
    request.session[FACE] = str(application.ref)
    return render(request, "window/desk.html", _screen(request, application))


@staff_only(Role.WINDOW)
@require_GET
def checks(request: HttpRequest, ref: UUID) -> HttpResponse:
    """Registers and likely result alone, for polling; 286 ends it."""
    application = of_this_office(request, ref)
    look(request, application)
    screen = desk_screen.of(application)
    return render(request, "window/_checks.html", screen, status=286 if screen["finished"] else 200)


@staff_only(Role.WINDOW)
@require_POST
def confirm(request: HttpRequest, ref: UUID) -> HttpResponse:
    """The household as the family states it: in, out with a reason, or one more person."""
    application = of_this_office(request, ref)
    sheet = desk_sheets.sheet_of(application, clerk(request))
    form = PersonForm({**request.POST.dict(), "seen": application.version})
    try:
        if "add" in request.POST:
            if not form.is_valid():
                return _with_errors(request, application, add_form=form)
            household.add(application, form.entry(), by=request.user)
            desk_sheets.forget(sheet, "add")
        else:
            entries = desk_screen.entries_from(application, request.POST)
            submission.confirm_household(application, entries, by=request.user)
            desk_sheets.forget(sheet, "household")
        _ask_registers(request, application)
    except Refusal as refusal:
        messages.error(request, str(refusal))
        if "add" not in request.POST:  # what was ticked and written stays in its boxes
            desk_sheets.keep(sheet, "household", request.POST.dict())
    return redirect("window_desk", ref=ref)


@staff_only(Role.WINDOW)
@require_POST
def give_consent(request: HttpRequest, ref: UUID) -> HttpResponse:
    """A signature on paper, of the adult or of the guardian for a child; or: sign on the screen."""
    application = of_this_office(request, ref)
    wanted = request.POST.get("member", "")
    people = {str(one.pk): one for one in application.members.filter(excluded=False)}
    member = people.get(wanted)
    if member is None:
        raise Http404
    if "on_screen" in request.POST:
        request.session[SIGNER] = member.pk
        request.session[FACE] = str(application.ref)
        return redirect("window_desk", ref=ref)
    try:
        signatures.on_paper(member, by=clerk(request))
        after_consent(request, application)
    except Refusal as refusal:
        messages.error(request, str(refusal))
    return redirect("window_desk", ref=ref)


@staff_only(Role.WINDOW)
@require_POST
def draw_up(request: HttpRequest, ref: UUID) -> HttpResponse:
    """The household from the register, where the applicant agreed elsewhere or it was silent."""
    application = of_this_office(request, ref)
    try:
        after_consent(request, application, again=True)
    except Refusal as refusal:
        messages.error(request, str(refusal))
    return redirect("window_desk", ref=ref)


@staff_only(Role.WINDOW)
@require_POST
def settle_left(request: HttpRequest, ref: UUID) -> HttpResponse:
    """还差什么, after acceptance: promised here, or to follow by a day."""
    application = of_this_office(request, ref)
    try:
        _settle_left(request, application)
    except Refusal as refusal:
        messages.error(request, str(refusal))
    return redirect("window_desk", ref=ref)


@staff_only(Role.WINDOW)
@require_POST
def accept(request: HttpRequest, ref: UUID) -> HttpResponse:
    """受理: the case number, the receipt; missing consents follow later."""
    application = of_this_office(request, ref)
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
        _settle_left(request, application)
        submission.submit(application, by=request.user)
        desk_sheets.done_with(application)
    except Refusal as refusal:
        form.add_error(None, str(refusal))
        return _with_errors(request, application, accept_form=form)
    return redirect("window_desk", ref=ref)


@staff_only(Role.WINDOW)
@require_GET
def authorisation(request: HttpRequest, ref: UUID) -> HttpResponse:
    """The authorisation to print: one page for each adult who has not agreed yet, else for all."""
    application = of_this_office(request, ref)
    adults = [
        one
        for one in household.people_of(application)
        if one.is_applicant or authority.is_adult(one, clock.today())
    ]
    look(request, application)
    content = receipts.authorisation_pdf(application, adults)
    return receipts.as_file(content, f"authorisation-{application.case_no}.pdf")


@staff_only(Role.WINDOW)
@require_GET
def receipt(request: HttpRequest, ref: UUID) -> HttpResponse:
    """The receipt to print."""
    application = of_this_office(request, ref)
    if application.state == states.DRAFT:
        raise Http404
    look(request, application)
    return receipts.as_file(receipts.receipt_pdf(application), f"{application.case_no}.pdf")


@staff_only(Role.WINDOW)
@require_GET
def codes(request: HttpRequest, ref: UUID) -> HttpResponse:
    """授权码单: for adults who are not here and for whom no message can be sent."""
    application = of_this_office(request, ref)
    waiting = [
        one
        for one in (*authority.pending(application), *authority.outgrown(application))
        if authority.is_adult(one, clock.today())
    ]
    if not waiting:
        raise Http404
    look(request, application)
    return receipts.as_file(receipts.codes_pdf(waiting), f"codes-{application.case_no}.pdf")


def after_consent(request: HttpRequest, application: Application, *, again: bool = False) -> None:
    """Once the applicant has agreed: the household if it is not drawn up yet, and the registers."""
    applicant = application.applicant
    if authority.word_of(applicant) != "given":
        return
    again = again and application.state == states.DRAFT
    if again or desk_screen.is_undrawn(application):
        drawn = household.draw_up(application, by=request.user)
        if not drawn.certain:
            messages.warning(request, _("户籍或婚姻登记暂时没有答复，可以先手工添加家人。"))
    _ask_registers(request, application)


# -- Parts -------------------------------------------------------------------------------------


def _begin(request: HttpRequest, data: dict[str, Any]) -> Application:
    """A draft, the applicant's consent on paper, the household, the first questions.

    Somebody whose case waits for a signature, or whose draft a colleague began here, is led back
    to it. Who signs on the second screen is asked about only after that.
    """
    staff, index = clerk(request), ciphers.blind_index(data["id_number"])
    if why := permissions.why_not_serve(staff, index):
        raise OwnHousehold(why)
    if standing := _waits_for_a_signature(staff, index, data["name"]):
        return standing
    application = _draft_here(staff, index, data["name"]) or submission.start_draft(
        by=request.user, channel="window", person=Person(data["name"], data["id_number"])
    )
    refuse_own(request, application)
    applicant = application.applicant
    submission.keep_phone(applicant, data["phone"], by=request.user)
    sheet = desk_sheets.sheet_of(application, staff)
    desk_sheets.call(sheet, data["queue_no"], no_phone=data["no_phone"])
    _attest(request, application, data)
    if data["on_screen"]:
        request.session[SIGNER] = applicant.pk
        return application
    if guardians.needs_a_name(applicant):
        return application  # who the guardian is comes before the signature
    signatures.on_paper(applicant, by=staff)
    after_consent(request, application)
    return application


def _attest(request: HttpRequest, application: Application, data: dict[str, Any]) -> None:
    """The clerk's word for what was typed by hand; a rare character is pointed out."""
    if data["reason"]:
        attestation.attest(
            application.applicant, reason=data["reason"], papers=data["papers"],
            remark=data["remark"], by=clerk(request),
        )  # fmt: skip
    elif rare := card_reader.rare_signs(data["name"]):
        messages.info(
            request,
            _("姓名里有生僻字「%(sign)s」。部门没有查到的，会由人工核对，不影响受理。")
            % {"sign": rare[0]},
        )


def _settle_left(request: HttpRequest, application: Application) -> None:
    """What was chosen of the open facts; a fact without a choice stays open and stops nobody."""
    for item in left_over.items(application):
        choice = request.POST.get(f"item_{item.fact}", "")
        if choice == "promise":
            promises.give(application, item, by=request.user)
        elif choice == "later":
            left_over.follow_later(application, item, by=request.user)


def _ask_registers(request: HttpRequest, application: Application) -> None:
    """Asks about who has agreed. The household is known now: never the clerk's own."""
    refuse_own(request, application)
    verification.request_checks(application, by=request.user)


def _waits_for_a_signature(staff: Staff, index: str, name: str) -> Application | None:
    """The case of this street, sent before, in which a member's consent is still missing."""
    sent = permissions.applications_visible_to(staff).filter(street_id=staff.bureau_id)
    rows = sent.filter(members__id_index=index, members__name=name, members__holding=True)
    return next(
        (
            row
            for row in rows
            if row.is_open and (authority.pending(row) or authority.outgrown(row))
        ),
        None,
    )


def _draft_here(staff: Staff, index: str, name: str) -> Application | None:
    """A draft of this person that a colleague, or an employer's list, left in this office."""
    rows = Application.objects.in_state(states.DRAFT).filter(
        channel="window", created_by__staff__bureau=staff.bureau_id,
        members__id_index=index, members__name=name, members__is_applicant=True,
    )  # fmt: skip
    return rows.order_by("-created_at").first()


def _parked_person(request: HttpRequest) -> DeskSheet | None:
    """The sheet of somebody who was parked before anything was asked."""
    wanted = request.POST.get("sheet") or request.GET.get("sheet") or ""
    if not (wanted.isascii() and wanted.isdigit() and len(wanted) < 18):
        return None
    rows = desk_sheets.parked(clerk(request)).filter(application=None)
    return rows.filter(pk=wanted).first()


def _typed(sheet: DeskSheet | None, form: str = "person") -> dict[str, str]:
    return sheet.typed.get(form, {}) if sheet is not None else {}


def _screen(request: HttpRequest, application: Application, **forms: Any) -> dict[str, Any]:
    staff = clerk(request)
    sheet = desk_sheets.sheet_of(application, staff)
    street = application.street or household.street_of(application)
    if street is None and staff.bureau.kind == BureauKind.STREET:
        street = staff.bureau
    accept_form = forms.get("accept_form") or AcceptForm(
        initial={
            "programme": application.programme,
            "street": street and street.pk,
            **_typed(sheet, "accept"),
        }
    )
    add_form = forms.get("add_form") or PersonForm(
        initial={**_typed(sheet, "add"), "seen": application.version}
    )
    return {
        "application": application,
        "accept_form": accept_form,
        "add_form": add_form,
        "adding": "add_form" in forms or bool(_typed(sheet, "add")),
        "sheet": sheet,
        "keys": desk_screen.KEYS["desk" if application.state == states.DRAFT else "done"],
        "other_district": street if street is not None and street.flagged_jurisdiction else None,
        "signer": request.session.get(SIGNER),
        "signed_url": _signed_url(application),
        "told": attestation.told(application),
        "guardian": guardians.named(application),
        "standing_elsewhere": elsewhere.of_household(application),
        **desk_screen.of(application, typed=sheet.typed),
    }


def _signed_url(application: Application) -> str:
    """Where the desk asks whether somebody has signed on the second screen meanwhile."""
    if not (authority.pending(application) or desk_screen.is_undrawn(application)):
        return ""
    seen = desk_screen.consent_token(application)
    return f"{reverse('window_signed', args=[application.ref])}?seen={seen}"


def _with_errors(request: HttpRequest, application: Application, **forms: Any) -> HttpResponse:
    screen = _screen(request, application, **forms)
    return render(request, "window/desk.html", screen, status=422)
