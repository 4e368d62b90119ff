"""Two things that every page of a citizen needs: for whom it is, and that nothing typed is lost."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from applications import acting, kept_forms
from core import audit, clock


class FamilyMiddleware:
    """代办 and 留住的填写. Before the door: a kept form is of who is no longer signed in."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        kept_forms.remember_writer(request, response)
        return response

    def process_view(
        self, request: HttpRequest, view: Any, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        """None lets the request through; an answer stops it here."""
        if kept_forms.keep(request):
            target = urlencode({"next": request.path})
            return HttpResponseRedirect(f"{reverse('accounts:citizen_sign_in')}?{target}")
        return self._act(request)

    def _act(self, request: HttpRequest) -> HttpResponse | None:
        """Says for whom this request is; refuses what the mandate does not carry."""
        if acting.SESSION not in request.session or not request.user.is_authenticated:
            return None
        match = request.resolver_match
        page = (match.url_name or "") if match else ""
        mandate = acting.current(request)
        if mandate is None:
            acting.stop(request)
            messages.info(request, _("代办委托已经结束，现在是您自己的页面。"))
            return None
        theirs = acting.scope_of(page) is not None
        request.acting_banner = (mandate, theirs)  # type: ignore[attr-defined]
        if not theirs:
            return None
        if not acting.may_open(mandate, page, clock.today()):
            context = {"mandate": mandate}
            return render(request, "my/helpers/not_in_mandate.html", context, status=403)
        acting.be(request, mandate)
        # a sheet of thumbnails is recorded by the page that shows it, once
        if (
            request.method == "GET"
            and match
            and acting.is_file(page)
            and "small" not in request.GET
        ):
            audit.looked(
                mandate, by=request.user, purpose=_("代办查看"),
                case_no=str(match.kwargs.get("case_no", "")), subjects=[mandate.principal_index],
            )  # fmt: skip
        return None
