"""Applying on the phone (我要申请): from 为谁办 to the receipt."""

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views import View
from django.views.decorators.http import require_GET

from accounts.access import citizen_only
from applications import (
    authority,
    consent,
    guardians,
    household,
    kin,
    left_over,
    receipts,
    submission,
    verification,
)
from applications.forms import apply as forms
from applications.models import Application, Consent, Member
from applications.views.own import case_of_citizen
from applications.views.steps import StepView
from core import clock
from core.identity import masking
from core.refusals import Refusal
from datashare.queries import Person

PAGES = {
    "for": "apply_consent",
    "consent": "apply_consent",
    "household": "apply_household",
    "family": "apply_family",
    "known": "apply_known",
    "left": "apply_left",
    "wishes": "apply_wishes",
    "check": "apply_check",
}


@citizen_only
@require_GET
def start(request: HttpRequest) -> HttpResponse:
    """Where the person stands: a draft to go on with, a case already sent, or a fresh start."""
    citizen = request.user.as_citizen
    held = Member.objects.filter(id_index=citizen.id_index, holding=True)
    return render(
        request,
        "apply/start.html",
        {
            "draft": (draft := household.current_for(request.user)),
            "resume": reverse(PAGES.get(draft.step, "apply_consent")) if draft else "",
            "held": held.select_related("application").first(),
        },
    )


@citizen_only
class For(View):
    """为谁办."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._page(forms.ForForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        form = forms.ForForm(request.POST)
        if not form.is_valid():
            return self._page(form, 422)
        try:
            application = self._start(form.cleaned_data)
        except Refusal as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
            return self._page(form, 422)
        return redirect(PAGES.get(application.step, "apply_consent"))

    def _start(self, data: dict[str, Any]) -> Application:
        user, citizen = self.request.user, self.request.user.as_citizen
        person: Any = citizen
        if data["whom"] != "self":
            person = Person(data["name"], data["id_number"])
        draft = submission.start_draft(by=user, channel="online", person=person)
        declared = {"whom": data["whom"], "mandate": bool(data["mandate"])}
        return submission.save_step(draft, "consent", by=user, declared=declared)

    def _page(self, form: forms.ForForm, status: int = 200) -> HttpResponse:
        context = {"form": form, "back": reverse("apply_start")}
        return render(self.request, "apply/for.html", context, status=status)


class ConsentStep(StepView):
    """授权: the applicant agrees; then the household is drawn up from the register."""

    template_name, form_class = "apply/consent.html", forms.ConsentForm
    next_page, back_page = "apply_household", "apply_start"

    def initial(self) -> dict[str, Any]:
        applicant = self.application.applicant
        given = authority.word_of(applicant) == "given"
        return {"agree": given, "phone": applicant.phone or ""}

    def context(self) -> dict[str, Any]:
        applicant = self.application.applicant
        return {
            "points": consent.POINTS,
            "text": consent.TEXT,
            "version": consent.VERSION,
            "applicant": applicant,
            "is_self": applicant.id_index == self.request.user.as_citizen.id_index,
            "window_only": _why_not_agree_for(applicant, self.request.user),
        }

    def save(self, form: forms.ConsentForm) -> None:
        user, applicant = self.request.user, self.application.applicant
        own = applicant.id_index == user.as_citizen.id_index
        if not own and _is_adult(applicant):
            raise consent.ConsentRefused(
                _("授权要由本人做。请本人登录后打开「家人授权」，输入授权码%(code)s。")
                % {"code": consent.code_for(applicant)}
            )
        method = Consent.Method.ONLINE if _is_adult(applicant) else Consent.Method.GUARDIAN
        submission.keep_phone(applicant, form.cleaned_data["phone"], by=user)
        consent.give(applicant, method=method, by=user)
        drawn = household.draw_up(self.application, by=user)
        submission.save_step(self.application, "household", by=user)
        if not drawn.certain:
            messages.warning(
                self.request,
                _("户籍或婚姻登记暂时没有答复。可以先自己填写家人，或者过一会儿再试。"),
            )


class HouseholdStep(StepView):
    """家庭: confirm, exclude with a reason, add."""

    template_name, form_class = "apply/household.html", forms.HouseholdForm
    next_page, back_page = "apply_family", "apply_consent"

    def form_arguments(self) -> dict[str, Any]:
        return {"members": list(self.application.members.exclude(is_applicant=True))}

    def context(self) -> dict[str, Any]:
        return {"applicant": self.application.applicant}

    def save(self, form: forms.HouseholdForm) -> None:
        submission.confirm_household(
            self.application, form.entries(), by=self.request.user, seen=form.cleaned_data["seen"]
        )


class AddPerson(StepView):
    """家庭: a person the registers did not name."""

    template_name, form_class = "apply/add_person.html", forms.PersonForm
    next_page, back_page = "apply_household", "apply_household"

    def save(self, form: forms.PersonForm) -> None:
        household.add(self.application, form.entry(), by=self.request.user)


class FamilyStep(StepView):
    """家人授权: who has agreed, codes for the others, the guardian's word for the children."""

    template_name, form_class = "apply/family.html", forms.GuardianForm
    next_page, back_page = "apply_known", "apply_household"

    def initial(self) -> dict[str, Any]:
        minors = self._minors()
        return {"guardian": bool(minors) and all(_given(one) for one in minors)}

    def context(self) -> dict[str, Any]:
        people = household.people_of(self.application)
        return {
            "people": [
                _standing(one) | {"window_only": _why_not_agree_for(one, self.request.user)}
                for one in people
            ],
            "has_minors": bool(self._minors()),
            "waiting": sum(not _given(one) for one in people if _is_adult(one)),
            "join": self.request.build_absolute_uri(reverse("apply_join")),
        }

    def save(self, form: forms.GuardianForm) -> None:
        user = self.request.user
        if form.cleaned_data["guardian"]:
            for minor in self._minors():
                consent.give(minor, method=Consent.Method.GUARDIAN, by=user)
        submission.save_step(self.application, "known", by=user, seen=form.cleaned_data["seen"])
        verification.request_checks(self.application, by=user)

    def _minors(self) -> list[Member]:
        """Children for whom this person may agree here; others' guardians sign on paper."""
        user, people = self.request.user, household.people_of(self.application)
        return [
            one
            for one in people
            if not (one.is_applicant or _is_adult(one) or _why_not_agree_for(one, user))
        ]


class KnownStep(StepView):
    """已有信息: what the registers answered so far, each line with 免提交 or 有异议."""

    template_name, form_class = "apply/known.html", forms.StepForm
    next_page, back_page = "apply_left", "apply_family"

    def context(self) -> dict[str, Any]:
        return receipts.found(self.application, reader=self.request.user) | {
            "poll": reverse("apply_known_rows")
        }

    def save(self, form: forms.StepForm) -> HttpResponse | None:
        submission.save_step(
            self.application, "left", by=self.request.user, seen=form.cleaned_data["seen"]
        )
        return None if left_over.items(self.application) else redirect("apply_wishes")


class LeftStep(StepView):
    """还差什么: promise or send later; skipped where nothing is left."""

    template_name, form_class = "apply/left.html", forms.LeftForm
    next_page, back_page = "apply_wishes", "apply_known"

    def form_arguments(self) -> dict[str, Any]:
        return {"items": left_over.items(self.application)}

    def initial(self) -> dict[str, Any]:
        promised = set(self.application.commitments.values_list("fact", flat=True))
        return {f"item_{fact}": "promise" for fact in promised}

    def context(self) -> dict[str, Any]:
        days = left_over.CHECK_WORKDAYS
        return {
            "consequences": [
                _("批准后%(days)s个工作日内我们会核实。") % {"days": days},
                _("如不属实，资格会被撤销并可能记入信用记录；作出决定前，会先听您说明。"),
            ]
        }

    def save(self, form: forms.LeftForm) -> None:
        user = self.request.user
        for item in form.items:
            if form.cleaned_data[f"item_{item.fact}"] == "promise":
                submission.promise(self.application, item.fact, str(item.promise), by=user)
            else:
                left_over.follow_later(self.application, item, by=user)
        submission.save_step(self.application, "wishes", by=user, seen=form.cleaned_data["seen"])


class WishesStep(StepView):
    """意愿: home or subsidy, the street, needs."""

    template_name, form_class = "apply/wishes.html", forms.WishesForm
    next_page, back_page = "apply_check", "apply_known"

    def initial(self) -> dict[str, Any]:
        row = self.application
        street = row.street or household.street_of(row)
        return {
            "programme": row.programme,
            "street": street.pk if street else None,
            "actual_rent": row.declared.get("actual_rent"),
            "needs": [key for key, value in row.wishes.items() if value is True],
        }

    def context(self) -> dict[str, Any]:
        return {"preview": self.application.assessments.first()}

    def save(self, form: forms.WishesForm) -> None:
        data = form.cleaned_data
        rent = data["actual_rent"]
        submission.save_step(
            self.application,
            "check",
            by=self.request.user,
            seen=data["seen"],
            programme=data["programme"],
            street=data["street"],
            declared={"actual_rent": None if rent is None else str(rent)},
            wishes={need: need in data["needs"] for need in ("needs_accessible", "low_floor")},
        )


class CheckStep(StepView):
    """核对、签名并提交."""

    template_name, form_class = "apply/check.html", forms.SignForm
    next_page, back_page = "apply_done", "apply_wishes"

    def context(self) -> dict[str, Any]:
        people = household.people_of(self.application)
        return {
            "people": [_standing(one) for one in people],
            "waiting": sum(not _given(one) for one in people),
            "missing": submission.why_not_ready(self.application),
            "promises": self.application.commitments.all(),
            "later": self.application.supplements.all(),
        }

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """A second click on 提交 reaches the case that the first one made."""
        sent = _sent_before(request)
        if sent is not None:
            return redirect("apply_done", case_no=sent.case_no)
        return super().dispatch(request, *args, **kwargs)

    def save(self, form: forms.SignForm) -> HttpResponse:
        if form.cleaned_data["seen"] != self.application.version:
            raise submission.ChangedElsewhere(
                _("这份申请刚才在另一个页面或设备上改过。已为您显示最新内容，请核对后再提交。")
            )
        signature = form.cleaned_data["signature"]
        row = submission.submit(self.application, by=self.request.user, signature=signature)
        return redirect("apply_done", case_no=row.case_no)


@citizen_only
@require_GET
def known_rows(request: HttpRequest) -> HttpResponse:
    """The list of 已有信息 alone, for polling; 286 ends it."""
    draft = household.current_for(request.user)
    if draft is None:
        return HttpResponse(status=286)
    found = receipts.found(draft, reader=request.user) | {"poll": reverse("apply_known_rows")}
    return render(request, "apply/_found.html", found, status=286 if found["finished"] else 200)


@citizen_only
class Dispute(View):
    """有异议: one line of what a register said is wrong."""

    def get(self, request: HttpRequest, evidence_id: int) -> HttpResponse:
        return self._page(forms.DisputeForm(), evidence_id)

    def post(self, request: HttpRequest, evidence_id: int) -> HttpResponse:
        form = forms.DisputeForm(request.POST)
        row = receipts.own_evidence(request.user, evidence_id)
        if not form.is_valid():
            return self._page(form, evidence_id, 422)
        verification.dispute(row, reason=form.cleaned_data["reason"], by=request.user)
        messages.success(request, _("已记下您的异议，会请登记部门核实。"))
        return redirect(_back_from(row.application))

    def _page(self, form: forms.DisputeForm, evidence_id: int, status: int = 200) -> HttpResponse:
        row = receipts.own_evidence(self.request.user, evidence_id)
        context = {"form": form, "line": receipts.line(row), "back": _back_from(row.application)}
        return render(self.request, "apply/dispute.html", context, status=status)


@citizen_only
@require_GET
def done(request: HttpRequest, case_no: str) -> HttpResponse:
    """回执: the plate, the promised day, what was found so far."""
    application = case_of_citizen(request.user, case_no)
    waiting = authority.pending(application)
    context = receipts.found(application, reader=request.user) | {
        "application": application,
        "sentence": receipts.sentence(application, waiting),
        "waiting": [_standing(one) for one in waiting],
        "poll": reverse("apply_done_rows", args=[case_no]),
    }
    return render(request, "apply/done.html", context)


@citizen_only
@require_GET
def done_rows(request: HttpRequest, case_no: str) -> HttpResponse:
    """What was found so far, for polling; 286 ends it."""
    application = case_of_citizen(request.user, case_no)
    found = receipts.found(application, reader=request.user) | {
        "poll": reverse("apply_done_rows", args=[case_no])
    }
    return render(request, "apply/_found.html", found, status=286 if found["finished"] else 200)


@citizen_only
@require_GET
def receipt(request: HttpRequest, case_no: str) -> HttpResponse:
    """The receipt as PDF."""
    application = case_of_citizen(request.user, case_no)
    return receipts.as_file(receipts.receipt_pdf(application), f"{case_no}.pdf")


def _sent_before(request: HttpRequest) -> Application | None:
    try:
        ref = uuid.UUID(request.POST.get("ref", ""))
    except ValueError:
        return None
    row = Application.objects.sent().filter(ref=ref).first()
    return row if row is not None and receipts.may_see(request.user, row) else None


def _back_from(application: Application) -> str:
    if application.submitted_at:
        return reverse("my_case", args=[application.case_no])
    return reverse("apply_known")


def _is_adult(member: Member) -> bool:
    return authority.is_adult(member, clock.today())


def _why_not_agree_for(member: Member, user: Any) -> Any:
    """Why nobody here can agree for this minor; empty for adults and where it is possible."""
    if _is_adult(member) or _given(member):
        return ""
    return guardians.why_not_agree_for(member, user)


def _given(member: Member) -> bool:
    return authority.word_of(member) == "given"


def _standing(member: Member) -> dict[str, Any]:
    """A member as the family page lists them."""
    adult = _is_adult(member)
    word = authority.word_of(member)
    return {
        "member": member,
        "relation": kin.relation_word(member.relation),
        "masked": masking.mask_id(member.id_number),
        "adult": adult,
        "word": word,
        "code": consent.code_for(member) if adult and word == "none" else "",
    }
