"""Endpoints for cases, the queue and the register calls."""

from typing import Any

import django_filters
from django.db.models import Prefetch, QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_view
from rest_framework import mixins, status, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import staff_only_rule
from accounts.models import Bureau, Staff
from accounts.roles import Role
from applications import conflicts, filters, permissions, queue_counts, review
from applications.api.base import Page, RefusalsAreConflicts, RefusalSerializer, staff_of
from applications.api.queue_page import QueuePage
from applications.api.serializers import (
    CallSerializer,
    CaseDetailSerializer,
    CaseSerializer,
    OpinionSerializer,
    TaskSerializer,
)
from applications.models import Application, Member, ReviewTask
from applications.views.queue import cube_of
from core import audit, clock
from datashare.models import Call

READERS = (
    Role.WINDOW, Role.STREET, Role.REVIEWER, Role.DISTRICT, Role.ADMIN, Role.LEADER, Role.AUDITOR,
)  # fmt: skip
REVIEWERS = (Role.STREET, Role.REVIEWER, Role.DISTRICT)

_SIGN_IN = OpenApiResponse(RefusalSerializer, "Nobody is signed in.")
_FORBIDDEN = OpenApiResponse(RefusalSerializer, "Not open to this role, or a conflict of interest.")
_MISSING = OpenApiResponse(RefusalSerializer, "There is none, or it is not this person's to see.")
_CONFLICT = OpenApiResponse(RefusalSerializer, "Refused; nothing was changed.")
_BAD = OpenApiResponse(description="A filter or a field is not understood; named in the body.")
READ = {401: _SIGN_IN, 403: _FORBIDDEN}


class CasePage(Page):
    """The newest cases first."""

    ordering = ("-created_at", "-pk")


def counts_for(staff: Staff, request: Request) -> dict[str, Any]:
    """The counts of the page, for the desks that the person may see."""
    tasks = permissions.tasks_to_work(staff).filter(state__in=filters.OPEN_STATES)
    bureau = None if set(permissions.SEE_ALL) & set(staff.roles) else staff.bureau_id
    foreign = False
    if code := request.query_params.get("bureau"):
        asked = Bureau.objects.get(code=code).pk  # the filter has refused an unknown one
        foreign = bureau not in (None, asked)  # another desk's numbers are not theirs to read
        bureau = asked
        tasks = tasks.filter(bureau_id=asked)
    chosen = {name: request.query_params.get(name, "") for name in queue_counts.FACETS}
    cube = queue_counts.Cube() if foreign else cube_of(staff, tasks, request, bureau)
    return {
        "total": cube.total(chosen),
        "capped": cube.capped,
        "facets": {
            name: {one.value: one.count for one in options}
            for name, options in cube.facets(chosen).items()
        },
    }


class CallPage(Page):
    """The newest calls first."""

    ordering = ("-started_at", "-pk")


@extend_schema_view(
    list=extend_schema(
        summary="Cases that this person may see", responses={200: CaseSerializer, 400: _BAD, **READ}
    ),
    retrieve=extend_schema(
        summary="One case; the look is recorded and shown to the household",
        responses={200: CaseDetailSerializer, 404: _MISSING, **READ},
    ),
)
class CaseViewSet(RefusalsAreConflicts, viewsets.ReadOnlyModelViewSet[Application]):
    """办件: a street sees its territory, a department what it has a task in, the district all."""

    access = staff_only_rule(*READERS)
    queryset = Application.objects.none()
    serializer_class = CaseSerializer
    filterset_class = filters.ApplicationFilter
    pagination_class = CasePage
    lookup_field = "case_no"
    lookup_value_regex = r"[A-Za-z0-9-]+"

    def get_queryset(self) -> QuerySet[Application]:
        """The cases that the pages would show, too."""
        staff = staff_of(self.request)
        visible = permissions.applications_visible_to(staff)
        if self.action == "list":
            visible = conflicts.free_of(staff, visible, "pk")
        return visible.select_related("street").prefetch_related("members")

    def get_serializer_class(self) -> Any:
        """The whole case where one is asked for."""
        return CaseDetailSerializer if self.action == "retrieve" else CaseSerializer

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Refuses kin, records the look, answers."""
        case = self.get_object()
        if why := permissions.why_not_free(staff_of(request), case):
            raise PermissionDenied(why)
        subjects = [one.id_index for one in case.members.all()]
        audit.looked(case, by=request.user, purpose=_("接口查看办件"), subjects=subjects)
        return Response(self.get_serializer(case).data)


class QueueFilter(filters.TaskFilter):
    """The facets of the queue, and the bureau for those who see all."""

    bureau = django_filters.ModelChoiceFilter(queryset=Bureau.objects.all(), to_field_name="code")
    case_no = django_filters.CharFilter(field_name="application__case_no")


@extend_schema_view(
    list=extend_schema(
        summary="Open tasks, the most urgent first",
        responses={200: TaskSerializer, 400: _BAD, **READ},
    ),
    retrieve=extend_schema(
        summary="One task; the look is recorded and shown to the household",
        responses={200: TaskSerializer, 404: _MISSING, **READ},
    ),
)
class QueueViewSet(
    RefusalsAreConflicts,
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    viewsets.GenericViewSet[ReviewTask],
):
    """待办: tasks of the person's desk; the district sees every desk."""

    access = staff_only_rule(*REVIEWERS)
    queryset = ReviewTask.objects.none()
    serializer_class = TaskSerializer
    filterset_class = QueueFilter
    pagination_class = QueuePage
    lookup_value_regex = r"[0-9]{1,18}"

    def get_queryset(self) -> QuerySet[ReviewTask]:
        """Open tasks that nothing keeps the person from; any visible task by its number."""
        staff = staff_of(self.request)
        shown = "application", "bureau", "claimed_by", "street"
        if self.action == "list":
            tasks = permissions.tasks_to_work(staff).filter(state__in=filters.OPEN_STATES)
            tasks = tasks.defer("application__declared", "application__wishes")
        else:
            people = Member.objects.filter(excluded=False)
            tasks = permissions.tasks_visible_to(staff).prefetch_related(
                Prefetch("application__members", queryset=people)
            )
        return filters.with_facets(tasks.select_related(*shown), clock.today())

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """A page, and how many tasks each choice of each filter would show."""
        conflicts.remember(staff_of(request))
        response = super().list(request, *args, **kwargs)
        response.data["counts"] = counts_for(staff_of(request), request)
        return response

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Refuses kin, records the look, answers."""
        task = self.get_object()
        if why := permissions.why_not_free(staff_of(request), task.application):
            raise PermissionDenied(why)
        subjects = [one.id_index for one in task.application.members.all()]
        audit.looked(
            task, by=request.user, purpose=_("接口查看待办"), case_no=task.case_no,
            subjects=subjects,
        )  # fmt: skip
        return Response(self.get_serializer(task).data)

    @extend_schema(
        summary="Give the desk's one opinion",
        request=OpinionSerializer,
        responses={201: OpinionSerializer, 400: _BAD, 404: _MISSING, 409: _CONFLICT, **READ},
        filters=False,
    )
    @action(detail=True, methods=["post"], url_path="opinion", filterset_class=None)
    def opinion(self, request: Request, pk: str) -> Response:
        """Settles the doubtful rules and gives the opinion; the last of a stage moves the case."""
        answers = OpinionSerializer(data=request.data)
        answers.is_valid(raise_exception=True)
        given = review.opine(self.get_object(), by=staff_of(request), **answers.validated_data)
        return Response(OpinionSerializer(given).data, status=status.HTTP_201_CREATED)

    @extend_schema(
        summary="Reserve the task for some hours",
        request=None,
        responses={200: TaskSerializer, 404: _MISSING, 409: _CONFLICT, **READ},
        filters=False,
    )
    @action(detail=True, methods=["post"], filterset_class=None)
    def claim(self, request: Request, pk: str) -> Response:
        """认领."""
        review.claim(self.get_object(), by=staff_of(request))
        return Response(self.get_serializer(self.get_object()).data)

    @extend_schema(
        summary="Give a reserved task back",
        request=None,
        responses={200: TaskSerializer, 404: _MISSING, 409: _CONFLICT, **READ},
        filters=False,
    )
    @action(detail=True, methods=["post"], filterset_class=None)
    def release(self, request: Request, pk: str) -> Response:
        """放回."""
        review.release(self.get_object(), by=staff_of(request))
        return Response(self.get_serializer(self.get_object()).data)


class CallFilter(django_filters.FilterSet):
    """Calls by source, case, outcome and time."""

    since = django_filters.IsoDateTimeFilter(field_name="started_at", lookup_expr="gte")
    until = django_filters.IsoDateTimeFilter(field_name="started_at", lookup_expr="lt")

    class Meta:
        model = Call
        fields = ["source", "case_no", "outcome"]


@extend_schema_view(
    list=extend_schema(
        summary="Questions to other departments", responses={200: CallSerializer, 400: _BAD, **READ}
    )
)
class CallViewSet(mixins.ListModelMixin, viewsets.GenericViewSet[Call]):
    """调用记录: which register was asked, when, why and for which case; never about whom."""

    access = staff_only_rule(Role.DISTRICT, Role.ADMIN, Role.LEADER, Role.AUDITOR, Role.SYSTEM)
    queryset = Call.objects.all()
    serializer_class = CallSerializer
    filterset_class = CallFilter
    pagination_class = CallPage
