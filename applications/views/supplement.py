"""补交: what the family may bring in place of a register that stays silent."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from accounts.access import citizen_only
from applications import inquiry_answers
from applications.models import Supplement
from applications.views.own import case_of_citizen
from core import display
from core.refusals import Refusal


class BringForm(forms.Form):
    """补交: one box for each paper; each may come on its own."""

    def __init__(self, *args: object, items: list[Supplement], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        for one in items:
            self.fields[f"item_{one.pk}"] = forms.CharField(
                label=one.text,
                required=False,
                max_length=2000,
                widget=forms.Textarea({"rows": 3}),
                help_text=gettext_lazy("写上证件或证明的编号、日期和主要内容；原件在手边就可以。"),
            )

    def answers(self) -> dict[int, str]:
        """Text by key of the supplement."""
        return {int(name.partition("_")[2]): text for name, text in self.cleaned_data.items()}


@require_http_methods(["GET", "POST"])
@citizen_only
def bring(request: HttpRequest, case_no: str) -> HttpResponse:
    """请补交: what may follow, until when, and that it falls away if the register answers."""
    application = case_of_citizen(request.user, case_no)
    items = list(inquiry_answers.open_supplements(application))
    form = BringForm(request.POST or None, items=items)
    if request.method == "POST" and form.is_valid():
        try:
            inquiry_answers.bring(application, by=request.user, answers=form.answers())  # type: ignore[arg-type]
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("已收到。现在不用您办理。"))
            return redirect("my_case", case_no)
    context = {
        "form": form,
        "items": items,
        "due": display.day(min(one.due_on for one in items)) if items else "",
        "back_href": reverse("my_case", args=[case_no]),
    }
    return render(request, "my/bring.html", context)
