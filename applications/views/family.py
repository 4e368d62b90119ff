"""家人授权: another adult signs in as themselves and decides about their own data."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views import View

from accounts.access import citizen_only
from applications import consent, mandates, tries
from applications.forms.apply import JoinForm
from applications.models import Consent, Member
from core.identity import masking
from core.refusals import Refusal

_TRIES = 10  # wrong codes in a row


@citizen_only
class Join(View):
    """First the six digits, then what is asked of whom and for how long, then yes or no."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._ask_code(JoinForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        form = JoinForm(request.POST)
        if not form.is_valid():
            return self._ask_code(form, 422)
        member = self._member(form)
        if member is None:
            return self._ask_code(form, 422)
        if "answer" in request.POST:
            return self._decide(member, request.POST["answer"])
        context = {
            "member": member,
            "applicant": masking.mask_name(member.application.applicant.name),
            "employer": _employer_of(member),
            "code": form.cleaned_data["code"],
            "points": consent.POINTS,
            "text": consent.TEXT,
            "version": consent.VERSION,
        }
        return render(request, "apply/join.html", context)

    def _member(self, form: JoinForm) -> Member | None:
        tried = f"join:{self.request.user.pk}"
        if tries.spent(tried, _TRIES):
            form.add_error("code", _("试的次数太多，请15分钟后再试，或带身份证到窗口办理。"))
            return None
        citizen = self.request.user.as_citizen
        member = consent.member_by_code(citizen.id_index, form.cleaned_data["code"])
        if member is None:
            tries.note(tried)
            form.add_error(
                "code", _("没有找到写了您的申请。请核对6位授权码，并用您本人的账号登录。")
            )
        return member

    def _decide(self, member: Member, answer: str) -> HttpResponse:
        try:
            if answer == "yes":
                consent.give(member, method=Consent.Method.ONLINE, by=self.request.user)
                messages.success(self.request, _("已同意。谢谢您，现在不用您再办理。"))
            else:
                consent.refuse(member, by=self.request.user)
                messages.info(
                    self.request,
                    _("已记下您不同意。我们不会查询您的信息。改了主意，再输一次授权码就行。"),
                )
        except Refusal as refusal:
            messages.error(self.request, str(refusal))
            return redirect("my_home")
        if member.is_applicant and any(
            one.given_at is None for one in mandates.helpers_of(self.request.user)
        ):
            return redirect("my_helper_accept")  # who typed it for them still waits for a yes
        return redirect("my_home")

    def _ask_code(self, form: JoinForm, status: int = 200) -> HttpResponse:
        return render(self.request, "apply/join_code.html", {"form": form}, status=status)


def _employer_of(member: Member) -> str:
    """The employer that drafted this person's own application; empty for a relative's."""
    entry = getattr(member.application, "employer_entry", None)
    return entry.list.employer if entry is not None and member.is_applicant else ""
