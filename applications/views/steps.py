"""The common way of a page of the draft: show, check, save, go on. Works without JavaScript."""

from typing import Any, ClassVar

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views import View

from accounts.access import citizen_only
from applications import acting, elsewhere, household, kept_forms, submission
from applications.models import Application
from core.refusals import Refusal

# where a draft goes on, by the step it is kept at
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
class StepView(View):
    """One page of the draft. A subclass names its form and saves through a verb."""

    keeps_form: ClassVar[bool] = True  # what was typed when the sign-in ran out comes back
    template_name: ClassVar[str]
    form_class: ClassVar[type[Form]]
    next_page: ClassVar[str]
    back_page: ClassVar[str] = ""
    application: Application

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        draft = household.current_for(request.user)
        if draft is None:
            return redirect("apply_start")
        acting.take_up(request, draft)
        self.application = draft
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest, **_address: Any) -> HttpResponse:
        kept = kept_forms.take(request.user, request.path)
        if kept is None:
            return self.page(self.make_form())
        messages.info(request, _("登录过期前填的都在，请核对后再继续。"))
        return self.page(self.make_form(kept))

    def post(self, request: HttpRequest, **_address: Any) -> HttpResponse:
        form = self.make_form(request.POST)
        if not form.is_valid():
            return self.page(form, status=422)
        try:
            return self.save(form) or redirect(self.next_page)
        except submission.ChangedElsewhere as changed:
            messages.warning(request, str(changed))
            return redirect(request.path)
        except Refusal as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
            return self.page(form, status=422)

    def make_form(self, data: Any = None) -> Form:
        initial = {"seen": self.application.version, **self.initial()}
        return self.form_class(data, initial=initial, **self.form_arguments())

    def page(self, form: Form, status: int = 200) -> HttpResponse:
        context = {
            "form": form,
            "application": self.application,
            "back": reverse(self.back_page) if self.back_page else "",
            **self.context(),
        }
        return render(self.request, self.template_name, context, status=status)

    def elsewhere(self) -> list[elsewhere.Elsewhere]:
        """Who of the household already stands in another case, as far as the reader may know."""
        reader = self.request.user.as_citizen.id_index
        return elsewhere.of_household(self.application, reader_index=reader)

    # -- What a page fills in --------------------------------------------------------------

    def initial(self) -> dict[str, Any]:
        return {}

    def form_arguments(self) -> dict[str, Any]:
        return {}

    def context(self) -> dict[str, Any]:
        return {}

    def save(self, form: Any) -> HttpResponse | None:
        """Saves through a verb; None goes on to the next page."""
        raise NotImplementedError
