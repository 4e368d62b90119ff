"""/audit/: the auditor's face. Reads only; nothing here changes a record."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.access import staff_only
from accounts.roles import Role
from applications import look_deferrals
from core import audit, clock
from core.models import AuditEntry

_PAGE = 50
_VERBS = 40  # kinds of act offered as filters


class _Counted(Paginator):
    """Counts at most a thousand rows: the log only grows."""

    MOST = 1000

    @property
    def count(self) -> int:  # type: ignore[override]
        if not hasattr(self, "_counted"):
            self._counted = self.object_list[: self.MOST].count()  # type: ignore[attr-defined]
        return self._counted


@dataclass(frozen=True)
class _Row:
    """One entry and its place in the chain; None until it is sealed."""

    entry: AuditEntry
    position: int | None
    detail: list[tuple[str, str]]

    @classmethod
    def of(cls, entry: AuditEntry) -> "_Row":
        seal = getattr(entry, "seal", None)
        return cls(entry, seal.position if seal else None, _told(entry.detail))


@staff_only(Role.AUDITOR)
@require_GET
def entries(request: HttpRequest) -> HttpResponse:
    """The log, newest first, by kind of act, case and person."""
    position, root = audit.root()
    page = _Counted(_chosen(request), _PAGE).get_page(request.GET.get("page"))
    page.object_list = [_Row.of(entry) for entry in page.object_list]
    context = {
        "moment": clock.now(),
        "position": position,
        "root": root,
        "unsealed": AuditEntry.objects.filter(seal=None).count(),
        "page": page,
        "verbs": _verbs(),
        "asked": {name: request.GET.get(name, "").strip() for name in ("verb", "case", "actor")},
    }
    return render(request, "audit/entries.html", context)


@staff_only(Role.AUDITOR)
@require_GET
def looks(request: HttpRequest) -> HttpResponse:
    """Who looked at a case, when, and for what purpose."""
    case_no = request.GET.get("case", "").strip()
    rows = AuditEntry.objects.none()
    if case_no:
        rows = AuditEntry.objects.filter(case_no=case_no, verb="looked").order_by("-at", "-id")
    page = Paginator(rows, _PAGE).get_page(request.GET.get("page"))
    deferrals = list(look_deferrals.listed().approved_ones().filter(case_no=case_no))
    marked = [(one, look_deferrals.covering(deferrals, case_no, one.actor, one.at)) for one in page]
    context = {"case_no": case_no, "page": page, "marked": marked}
    return render(request, "audit/looks.html", context)


@staff_only(Role.AUDITOR)
@require_POST
def verify(request: HttpRequest) -> HttpResponse:
    """Walks the chain and says whether it holds, or where it is broken first."""
    broken = audit.verify()
    if broken is None:
        position, _root = audit.root()
        messages.success(
            request, _("已核对到第%(n)s条，每一条都与封存时一致。") % {"n": f"{position:,}"}
        )
    else:
        messages.error(
            request,
            _("第%(position)s条与封存时不一致（记录%(entry)s）。请保留现场，通知安全管理员。")
            % {"position": broken.position, "entry": broken.entry_id},
        )
    return redirect("audit")


def _chosen(request: HttpRequest) -> QuerySet[AuditEntry]:
    rows = AuditEntry.objects.select_related("seal").order_by("-id")
    filters: dict[str, Any] = {
        "verb": request.GET.get("verb", "").strip(),
        "case_no": request.GET.get("case", "").strip(),
        "actor__icontains": request.GET.get("actor", "").strip(),
    }
    return rows.filter(**{name: value for name, value in filters.items() if value})


def _told(detail: dict[str, Any]) -> list[tuple[str, str]]:
    """What an entry says besides, without what is empty."""
    return [
        (name, " ".join(map(str, value)) if isinstance(value, list) else str(value))
        for name, value in sorted(detail.items())
        if value not in ("", None, [], {})
    ]


def _verbs() -> list[str]:
    return list(
        AuditEntry.objects.order_by("verb").values_list("verb", flat=True).distinct()[:_VERBS]
    )
