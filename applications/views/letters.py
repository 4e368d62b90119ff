"""A household's own letters as PDF (决定书), once they have been served."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_GET

from accounts.access import citizen_only
from applications import answers, decision, deliveries
from applications.models import Reconsideration
from applications.views.own import case_of_citizen


@require_GET
@citizen_only
def decision_pdf(request: HttpRequest, case_no: str, pk: int) -> HttpResponse:
    """A served decision of one's own case, with its check code; opening it is noted."""
    served = case_of_citizen(request.user, case_no).decisions.filter(served_at__isnull=False)
    letter = get_object_or_404(served, pk=pk)
    content = decision.pdf(letter)
    deliveries.opened(letter, by=request.user)
    return HttpResponse(content, content_type="application/pdf")


@require_GET
@citizen_only
def answer_pdf(request: HttpRequest, case_no: str, pk: int) -> HttpResponse:
    """The served answer to one's own re-consideration."""
    case = case_of_citizen(request.user, case_no)
    served = Reconsideration.objects.filter(decision__application=case, served_at__isnull=False)
    row = get_object_or_404(served.select_related("decision__application"), pk=pk)
    content = answers.pdf(row)
    deliveries.opened(row, by=request.user)
    return HttpResponse(content, content_type="application/pdf")
