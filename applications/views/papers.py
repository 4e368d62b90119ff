"""Papers on pages: thumbnails in a plain form; single actions and parts for the script."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts.access import SIGNED_IN, declare
from accounts.roles import Role
from applications import material_permissions, materials, paper_parts, permissions, visit_photos
from applications.forms.papers import AnswersForm
from applications.models import Application, Material, MaterialPage, Supplement
from applications.papers import darkroom, store
from core import clock
from core.models import AuditEntry
from core.refusals import Refusal

_SHEET = timedelta(minutes=10)
_ACTS = ("turn", "back", "on", "remove", "replace")


@dataclass
class Strip:
    """One item with its pages, as a form shows it."""

    application: Application
    key: str
    title: str
    error: str = ""
    pages: list[MaterialPage] = field(default_factory=list)

    @property
    def name(self) -> str:
        """The name of its file field."""
        return f"files_{self.key}"

    @property
    def address(self) -> str:
        """Where the script sends single actions."""
        return reverse("paper_strip", args=[self.application.ref, self.key])

    @property
    def limit(self) -> str:
        """The greatest size of a file, in megabytes."""
        return darkroom.megabytes(settings.PAPER_MOST_BYTES)

    @property
    def parts_address(self) -> str:
        return reverse("paper_begin", args=[self.application.ref, self.key])


def strips(
    application: Application, items: Iterable[tuple[str, str]], errors: dict[str, str] | None = None
) -> list[Strip]:
    """A strip for each item, given as key and title."""
    return [strip(application, key, title, errors) for key, title in items]


def strip(
    application: Application, key: str, title: str, errors: dict[str, str] | None = None
) -> Strip:
    """The strip of one item."""
    found = list(materials.pages_of(application, key))
    return Strip(application, key, title, (errors or {}).get(key, ""), found)


def act(
    request: HttpRequest, application: Application, keys: Iterable[str]
) -> dict[str, str] | None:
    """Takes attached files in and does what a page's button says; refusals by item.

    None where the form carries neither: it is about something else.
    """
    verb, _colon, target = request.POST.get("do", "").partition(":")
    errors: dict[str, str] = {}
    for key in keys:
        page = None
        if verb == "replace":
            page = application.pages.filter(pk=_number(target), item=key).first()
        sent = request.FILES.getlist(f"files_{key}")
        _take(request, application, key, sent, page, errors)
        if (verb, target) == ("add", key) and not sent:
            errors[key] = _("请先选照片或文件。")
    if verb in _ACTS and verb != "replace":
        _turn_or_move(request, application, verb, _number(target), errors)
    return errors if verb or request.FILES else None


def _take(
    request: HttpRequest,
    application: Application,
    key: str,
    sent: list[Any],
    page: MaterialPage | None,
    errors: dict[str, str],
) -> None:
    """Each file on its own: the good ones stay where one is refused."""
    for one in sent:
        try:
            darkroom.refuse_size(one.size)
            materials.add(application, key, one.read(), by=request.user, instead_of=page)
            page = None
        except Refusal as refusal:
            errors[key] = str(refusal)


def _turn_or_move(
    request: HttpRequest, application: Application, verb: str, pk: int, errors: dict[str, str]
) -> None:
    page = application.pages.filter(pk=pk).first()
    if page is None:
        return  # removed in another tab: there is nothing left to do
    try:
        if verb == "remove":
            materials.remove(page, by=request.user)
        elif verb == "turn":
            materials.turn(page, by=request.user)
        else:
            materials.move(page, by=request.user, forward=verb == "on")
    except Refusal as refusal:
        errors[page.item] = str(refusal)


def answering(
    form_class: type[AnswersForm],
    request: HttpRequest,
    application: Application,
    items: list[Supplement],
) -> tuple[AnswersForm, dict[str, str]]:
    """The form of 补正 and 补交 with its strips. Bound only where it is to be handed in.

    A press on a page's button, or a file that was refused, shows the page again with what was
    typed.
    """
    errors: dict[str, str] = {}
    if request.method == "POST":
        if material_permissions.hands_in(request.user, application):
            errors = act(request, application, [one.item for one in items]) or {}
        shown = set(application.pages.values_list("item", flat=True))
        if "do" not in request.POST and not errors:
            return form_class(request.POST, items=items, shown=shown), errors
    typed = {name: request.POST[name] for name in request.POST if name.startswith("item_")}
    return form_class(items=items, initial=typed), errors


def rows(
    form: AnswersForm,
    application: Application,
    items: list[Supplement],
    user: Any,
    errors: dict[str, str],
) -> list[tuple[Any, Strip | None]]:
    """Each box with its strip; who does not handle the case writes words only."""
    mine = material_permissions.hands_in(user, application)
    return [
        (
            form[f"item_{one.pk}"],
            strip(application, one.item, one.text, errors) if mine else None,
        )
        for one in items
    ]


# -- For the script ------------------------------------------------------------------------------


@require_POST
@declare(SIGNED_IN)
def strip_alone(request: HttpRequest, ref: UUID, item: str) -> HttpResponse:
    """One action on one item; answers with its strip alone."""
    application = _case(request, ref)
    errors = act(request, application, [item]) or {}
    one = strip(application, item, request.POST.get("title", "")[:200], errors)
    status = 422 if errors else 200
    return render(request, "papers/_strip.html", {"strip": one}, status=status)


@require_POST
@declare(SIGNED_IN)
def begin(request: HttpRequest, ref: UUID, item: str) -> JsonResponse:
    """Announces a file by size and digest; answers where to go on."""
    application = _case(request, ref)
    try:
        told = json.loads(request.body)
        row = paper_parts.begin(
            application, item, by=request.user, size=int(told["size"]), digest=str(told["digest"])
        )
    except Refusal as refusal:
        return JsonResponse({"sentence": str(refusal)}, status=422)
    except (ValueError, KeyError, TypeError, OverflowError):
        return JsonResponse({"sentence": _("这个文件没有传完整，请再传一次。")}, status=400)
    return JsonResponse(_standing(row))


@require_POST
@declare(SIGNED_IN)
def part(request: HttpRequest, pk: int) -> JsonResponse:
    """The next part, as the body; 409 tells where the file really stands."""
    row = _half(request, pk)
    try:
        offset = int(request.headers.get("X-Offset", ""))
        row = paper_parts.take(row, by=request.user, offset=offset, content=request.body)
    except paper_parts.WrongOffset as wrong:
        return JsonResponse({"received": wrong.at}, status=409)
    except Refusal as refusal:
        return JsonResponse({"sentence": str(refusal)}, status=422)
    except ValueError:
        return JsonResponse({"sentence": _("这个文件没有传完整，请再传一次。")}, status=400)
    return JsonResponse(_standing(row))


@require_POST
@declare(SIGNED_IN)
def finish(request: HttpRequest, pk: int) -> JsonResponse:
    """Puts the parts together; what cannot be taken is said in a sentence."""
    row = _half(request, pk)
    try:
        return JsonResponse(_standing(paper_parts.finish(row, by=request.user)))
    except paper_parts.WrongOffset as wrong:
        return JsonResponse({"received": wrong.at}, status=409)
    except Refusal as refusal:
        return JsonResponse({"sentence": str(refusal)}, status=422)


@never_cache
@require_GET
@declare(SIGNED_IN)
def picture(request: HttpRequest, pk: int) -> HttpResponse:
    """One page with the viewer's watermark. A member of staff's look is recorded."""
    page = get_object_or_404(MaterialPage.objects.select_related("application", "material"), pk=pk)
    small = "small" in request.GET
    purpose = _purpose(request, page, small)
    try:
        content = materials.picture(page, by=request.user, small=small, purpose=purpose)
    except store.PaperGone as gone:
        raise Http404 from gone
    response = HttpResponse(content, content_type="image/jpeg")
    response["Content-Disposition"] = f'inline; filename="page-{page.pk}.jpg"'
    response["Cache-Control"] = "private, no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response


def case_at_hand(user: Any, ref: UUID) -> Application:
    """The case of that reference, if this person hands papers in for it; else 404."""
    rows = Application.objects.select_related("street", "created_by")
    row = rows.filter(ref=ref).first()
    if row is None or not _handles(user, row):
        raise Http404
    return row


def _handles(user: Any, row: Application) -> bool:
    if user.as_citizen is not None:
        return material_permissions.hands_in(user, row)
    staff = user.as_staff
    if staff is not None and visit_photos.takes(staff, row):
        return True
    if staff is None or Role.WINDOW not in staff.roles or permissions.why_not_free(staff, row):
        return False
    return permissions.window_cases_of(staff).filter(pk=row.pk).exists()


def _case(request: HttpRequest, ref: UUID) -> Application:
    return case_at_hand(request.user, ref)


def _half(request: HttpRequest, pk: int) -> Material:
    row = get_object_or_404(Material.objects.select_related("application"), pk=pk)
    if not _handles(request.user, row.application):
        raise Http404
    return row


def _standing(row: Material) -> dict[str, Any]:
    done = row.state != Material.State.HALF
    return {
        "part": reverse("paper_part", args=[row.pk]),
        "finish": reverse("paper_finish", args=[row.pk]),
        "received": row.size if done else row.received,
        "size": row.size,
        "done": done,
        "step": paper_parts.PART,
    }


def _purpose(request: HttpRequest, page: MaterialPage, small: bool) -> str:
    """Why this person may look; 404 for everybody else. Empty: not recorded, it is their own."""
    user = request.user
    if user.as_citizen is not None:  # type: ignore[union-attr]
        if not material_permissions.may_see_as_family(user, page):
            raise Http404
        return ""
    staff = user.as_staff  # type: ignore[union-attr]
    if staff is None or not material_permissions.may_see_as_staff(staff, page):
        raise Http404
    if page.material.state == Material.State.QUARANTINED:
        raise Http404  # nobody at a desk opens what no scanner has seen yet
    if not small:
        return _("查看材料原件")
    # a sheet of thumbnails is recorded by the page that shows it, once
    return "" if _looked_lately(user, page.application) else _("查看材料")


def _looked_lately(user: Any, case: Application) -> bool:
    since = clock.now() - _SHEET
    looks = AuditEntry.objects.filter(verb="looked", actor_id=user.pk, at__gte=since)
    return looks.filter(actor_kind=user.audit_kind, case_no=case.case_no or "").exists()


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 18 else 0
