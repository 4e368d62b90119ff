"""还差什么: the page of the draft that asks for what no register knows."""

from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse

from applications import left_over, material_list, promises, submission
from applications.forms import apply as forms
from applications.views import papers
from applications.views.steps import StepView


class LeftStep(StepView):
    """还差什么: a paper, a promise or a paper later; skipped where nothing is left."""

    template_name, form_class = "apply/left.html", forms.LeftForm
    next_page, back_page = "apply_wishes", "apply_known"
    errors: ClassVar[dict[str, str]] = {}

    def post(self, request: HttpRequest, **address: Any) -> HttpResponse:
        keys = [item.key for item in left_over.items(self.application)]
        self.errors = papers.act(request, self.application, keys) or {}  # type: ignore[misc]
        if "do" not in request.POST and not self.errors:
            return super().post(request, **address)
        typed = {name: request.POST[name] for name in request.POST if name.startswith("item_")}
        typed |= {f"item_{key}": "upload" for key in keys if f"files_{key}" in request.FILES}
        arguments = self.form_arguments()
        seen = {"seen": request.POST.get("seen", self.application.version)}
        form = self.form_class(initial=seen | typed, **arguments)
        return self.page(form, status=422 if self.errors else 200)

    def form_arguments(self) -> dict[str, Any]:
        shown = set(self.application.pages.values_list("item", flat=True))
        return {"items": left_over.items(self.application), "shown": shown}

    def initial(self) -> dict[str, Any]:
        chosen = {"promised": "promise", "follows": "later", "given": "upload"}
        return {
            f"item_{line.item.fact}": chosen[line.state]
            for line in material_list.left(self.application)
            if line.state in chosen
        }

    def context(self) -> dict[str, Any]:
        items = left_over.items(self.application)
        named = [(item.key, item.shown_by) for item in items]
        strips = papers.strips(self.application, named, self.errors)
        return {
            "rows": list(zip(items, strips, strict=True)),
            "terms": [(item, promises.parts(item)) for item in items if item.promise],
        }

    def save(self, form: forms.LeftForm) -> None:
        user = self.request.user
        for item in form.items:
            way = form.cleaned_data[f"item_{item.fact}"]
            left_over.choose(self.application, item, way, by=user)
        submission.save_step(self.application, "wishes", by=user, seen=form.cleaned_data["seen"])
