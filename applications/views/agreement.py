"""Who agrees (我要申请): the applicant's own authorisation, the family's, the guardian's word."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from applications import (
    authority,
    consent,
    guardians,
    household,
    kin,
    mandates,
    promises,
    stand_ins,
    submission,
    verification,
)
from applications.forms import apply as forms
from applications.material_items import GUARDIANSHIP
from applications.models import Consent, Member
from applications.views.steps import StepView
from core import clock
from core.identity import kinship, masking


class ConsentStep(StepView):
    """授权: the applicant agrees; then the household is drawn up from the register."""

    template_name, form_class = "apply/consent.html", forms.ConsentForm
    next_page, back_page = "apply_household", "apply_start"

    def initial(self) -> dict[str, Any]:
        applicant = self.application.applicant
        given = authority.word_of(applicant) == "given"
        return {"agree": given, "phone": applicant.phone or ""}

    def context(self) -> dict[str, Any]:
        applicant, user = self.application.applicant, self.request.user
        asked = mandates.unconfirmed(user)
        return {
            "points": consent.POINTS,
            "text": consent.TEXT,
            "version": consent.VERSION,
            "applicant": applicant,
            "is_self": guardians.is_own(applicant, user),
            "by_code": guardians.needs_principal(applicant, user),
            "code": "" if has_agreed(applicant) else consent.code_for(applicant),
            "mandate_code": mandates.code_for(asked) if asked else "",
            "window_only": _why_not_agree_for(applicant, user),
        }

    def save(self, form: forms.ConsentForm) -> None:
        user, applicant = self.request.user, self.application.applicant
        if why := guardians.why_principal_first(applicant, user):
            raise consent.ConsentRefused(why)
        method = guardians.method_for(applicant, user)
        submission.keep_phone(applicant, form.cleaned_data["phone"], by=user)
        consent.give(applicant, method=method, by=user)
        drawn = household.draw_up(self.application, by=user)
        submission.save_step(self.application, "household", by=user)
        if not drawn.certain:
            messages.warning(
                self.request,
                _("户籍或婚姻登记暂时没有答复。可以先自己填写家人，或者过一会儿再试。"),
            )


class FamilyStep(StepView):
    """家人授权: who has agreed, codes for the others, the guardian's word for the children."""

    template_name, form_class = "apply/family.html", forms.GuardianForm
    next_page, back_page = "apply_known", "apply_household"

    def initial(self) -> dict[str, Any]:
        minors, promised = self._minors(), self._promised_minors()
        return {
            "guardian": bool(minors) and all(has_agreed(one) for one in minors),
            "promise": bool(promised) and all(has_agreed(one) for one in promised),
        }

    def context(self) -> dict[str, Any]:
        people = household.people_of(self.application)
        return {
            "people": [
                standing(one)
                | {
                    "window_only": ""
                    if guardians.may_promise(one, self.request.user)
                    else _why_not_agree_for(one, self.request.user),
                    "stand_in": stand_ins.of_member(one),
                }
                for one in people
            ],
            "has_minors": bool(self._minors()),
            "has_promised": bool(self._promised_minors()),
            "terms": promises.parts(GUARDIANSHIP),
            "elsewhere": self.elsewhere(),
            "waiting": sum(not has_agreed(one) for one in people if _is_adult(one)),
            "join": self.request.build_absolute_uri(reverse("apply_join")),
        }

    def save(self, form: forms.GuardianForm) -> HttpResponse | None:
        user = self.request.user
        if found := self._children_of_spouse():
            messages.info(
                self.request,
                _("您配偶的登记里还有%(n)s位未成年子女，请确认是否一起申请。") % {"n": found},
            )
            return redirect("apply_household")
        if form.cleaned_data["guardian"]:
            for minor in self._minors():
                consent.give(minor, method=Consent.Method.GUARDIAN, by=user)
        if form.cleaned_data["promise"]:
            for minor in self._promised_minors():
                consent.give_on_promise(minor, by=user)
        submission.save_step(self.application, "known", by=user, seen=form.cleaned_data["seen"])
        verification.request_checks(self.application, by=user)
        return None

    def _children_of_spouse(self) -> int:
        """Asked for once the spouse has agreed: children whom the applicant's registers lack."""
        people = household.people_of(self.application)
        spouse = next((one for one in people if one.relation in kinship.SPOUSES), None)
        if spouse is None or not has_agreed(spouse):
            return 0
        return household.draw_children_of(spouse, by=self.request.user)

    def _minors(self) -> list[Member]:
        """Children for whom this person may agree here; others' guardians sign on paper."""
        user, people = self.request.user, household.people_of(self.application)
        return [
            one
            for one in people
            if not (one.is_applicant or _is_adult(one) or _why_not_agree_for(one, user))
            and not guardians.may_promise(one, user)
        ]

    def _promised_minors(self) -> list[Member]:
        """Children of a family that no register here knows: the applicant promises."""
        user = self.request.user
        minors = (one for one in household.people_of(self.application) if not _is_adult(one))
        return [one for one in minors if guardians.may_promise(one, user)]


def _is_adult(member: Member) -> bool:
    return authority.is_adult(member, clock.today())


def _why_not_agree_for(member: Member, user: Any) -> Any:
    """Why nobody here can agree for this minor; empty for adults and where it is possible."""
    if _is_adult(member) or has_agreed(member):
        return ""
    return guardians.why_not_agree_for(member, user)


def has_agreed(member: Member) -> bool:
    """Whether the member's word stands."""
    return authority.word_of(member) == "given"


def standing(member: Member) -> dict[str, Any]:
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
