"""Applying on the phone (我要申请): from 为谁办 to 提交; who agrees is in ``agreement``."""

import uuid
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views import View
from django.views.decorators.http import require_GET

from accounts.access import citizen_only
from applications import (
    acting,
    drafts,
    household,
    household_claims,
    kept_forms,
    left_over,
    mandates,
    material_list,
    receipts,
    service_consents,
    submission,
)
from applications.forms import apply as forms
from applications.models import Application, Member
from applications.views.agreement import has_agreed, standing
from applications.views.steps import PAGES, StepView
from core.refusals import Refusal
from datashare.queries import Person


@citizen_only
@require_GET
def start(request: HttpRequest) -> HttpResponse:
    """Where the person stands: a draft to go on with, a case already sent, or a fresh start."""
    index = mandates.index_of(request.user)
    held = Member.objects.filter(id_index=index, holding=True)
    return render(
        request,
        "apply/start.html",
        {
            "draft": (draft := household.current_for(request.user)),
            "resume": reverse(PAGES.get(draft.step, "apply_consent")) if draft else "",
            "held": held.select_related("application").first(),
            "mandate": mandates.acting(request.user),
            "at_window": None if draft else drafts.at_window(index),
        },
    )


@citizen_only
class For(View):
    """为谁办."""

    keeps_form = True

    def get(self, request: HttpRequest) -> HttpResponse:
        kept = kept_forms.take(request.user, request.path)
        return self._page(forms.ForForm(kept) if kept else forms.ForForm())

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
        acting.stop(self.request)
        if data["whom"] != "self":
            person = Person(data["name"], data["id_number"])
            acting.start(self.request, mandates.ask(person, by=user))
        draft = submission.start_draft(by=user, channel="online", person=person)
        declared = {"whom": data["whom"], "mandate": bool(data["mandate"])}
        return submission.save_step(draft, "consent", by=user, declared=declared)

    def _page(self, form: forms.ForForm, status: int = 200) -> HttpResponse:
        helped = mandates.helped_by(self.request.user)
        context = {"form": form, "back": reverse("apply_start"), "helped": helped}
        return render(self.request, "apply/for.html", context, status=status)


class HouseholdStep(StepView):
    """家庭: confirm, exclude with a reason, add."""

    template_name, form_class = "apply/household.html", forms.HouseholdForm
    next_page, back_page = "apply_family", "apply_consent"

    def form_arguments(self) -> dict[str, Any]:
        people = self.application.members.exclude(is_applicant=True).prefetch_related("claims")
        return {"members": list(people)}

    def context(self) -> dict[str, Any]:
        silent = self.application.declared.get("household_certain") is False
        return {
            "applicant": self.application.applicant,
            "silent": silent,
            "elsewhere": self.elsewhere(),
        }

    def save(self, form: forms.HouseholdForm) -> None:
        submission.confirm_household(
            self.application, form.entries(), by=self.request.user, seen=form.cleaned_data["seen"]
        )
        household_claims.note_left_out(self.application, by=self.request.user)


class AddPerson(StepView):
    """家庭: a person the registers did not name."""

    template_name, form_class = "apply/add_person.html", forms.PersonForm
    next_page, back_page = "apply_household", "apply_household"

    def save(self, form: forms.PersonForm) -> None:
        reason = form.cleaned_data["reason"]
        household.add(self.application, form.entry(), by=self.request.user, reason=reason)


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

    def form_arguments(self) -> dict[str, Any]:
        """The applicant alone chooses electronic service, and once."""
        index = self.application.applicant.id_index
        citizen = self.request.user.as_citizen  # type: ignore[union-attr]
        own = citizen is not None and citizen.id_index == index
        return {"own": own and service_consents.in_force(index) is None}

    def context(self) -> dict[str, Any]:
        people = household.people_of(self.application)
        return {
            "service_points": service_consents.POINTS,
            "people": [standing(one) for one in people],
            "waiting": sum(not has_agreed(one) for one in people),
            "missing": submission.why_not_send(self.application, self.request.user),
            "promises": self.application.commitments.all(),
            "later": self.application.supplements.all(),
            "elsewhere": self.elsewhere(),
            "given": [
                line for line in material_list.left(self.application) if line.state == "given"
            ],
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
        if form.cleaned_data.get("electronic"):
            service_consents.give(row.applicant.id_index, by=self.request.user)
        return redirect("apply_done", case_no=row.case_no)


def _sent_before(request: HttpRequest) -> Application | None:
    try:
        ref = uuid.UUID(request.POST.get("ref", ""))
    except ValueError:
        return None
    row = Application.objects.sent().filter(ref=ref).first()
    return row if row is not None and receipts.may_see(request.user, row) else None
