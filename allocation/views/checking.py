"""怎么核对: the four steps by which anybody recomputes a draw, and what each check means."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from accounts.access import public
from allocation import explained, rounds
from allocation.models import Reveal, Round


@public
@require_GET
def check(request: HttpRequest, code: str = "") -> HttpResponse:
    """How to check a draw; with a round's own files and digests where one is named."""
    row = get_object_or_404(Round, code=code) if code else None
    context: dict[str, Any] = {
        "round": row,
        "files": list(rounds.files(row)) if row else [],
        "reveal": Reveal.objects.filter(round=row).first() if row else None,
        "steps": [
            (step, [explained.CHECKS[name] for name in step.checks]) for step in explained.STEPS
        ],
        "total": len(explained.CHECKS),
        "dimensions": explained.DIMENSIONS.values(),
    }
    return render(request, "public/draws/check.html", context)
