"""/office/sources/: how the registers do, and the catalogue of what they are asked for."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts.access import has_role, staff_only
from accounts.roles import Role
from office import source_pages
from office import sources as health
from office.figures.figure import Moment

_READERS = (Role.ADMIN, Role.LEADER, Role.SYSTEM)


@staff_only(*_READERS)
@require_GET
def sources(request: HttpRequest) -> HttpResponse:
    """部门数据: how each source answered in the last day, and who waits for it."""
    moment = Moment.now()
    context = {"moment": moment.at, "may_list": _may_list(request), **health.page(moment)}
    return render(request, "office/sources.html", context)


@staff_only(*_READERS)
@require_GET
def catalogue(request: HttpRequest) -> HttpResponse:
    """数据目录: every source with its owner, basis and terms."""
    return render(request, "office/source_catalogue.html", source_pages.listing())


@staff_only(*_READERS)
@require_GET
def source(request: HttpRequest, code: str) -> HttpResponse:
    """One source: terms, last day, failures, fields that are read."""
    moment = Moment.now()
    try:
        context = source_pages.one(code, moment)
    except KeyError:
        raise Http404 from None
    context |= {"moment": moment.at, "may_list": _may_list(request)}
    return render(request, "office/source.html", context)


def _may_list(request: HttpRequest) -> bool:
    """Whether the lists of cases behind the counts are open to this person."""
    return has_role(request.user, Role.ADMIN, Role.LEADER)
