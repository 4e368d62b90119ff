"""A household's own letters as PDF (决定书)."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_GET

from accounts.access import citizen_only
from applications import decision
from applications.views.own import case_of_citizen


@require_GET
@citizen_only
def decision_pdf(request: HttpRequest, case_no: str, pk: int) -> HttpResponse:
    """A served decision of one's own case, with its check code."""
    served = case_of_citizen(request.user, case_no).decisions.filter(served_at__isnull=False)
    letter = get_object_or_404(served, pk=pk)
    return HttpResponse(decision.pdf(letter), content_type="application/pdf")
