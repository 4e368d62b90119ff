"""/office/review/: the numbers of the review for leaders and administrators."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts.access import staff_only
from accounts.roles import Role
from office import review_page
from office.figures.figure import Moment


@require_GET
@staff_only(Role.ADMIN, Role.LEADER)
def numbers(request: HttpRequest) -> HttpResponse:
    """审核统计: durations, desks, places, outcomes, streets, months."""
    return render(request, "office/review.html", review_page.page(Moment.now()))
