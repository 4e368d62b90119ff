"""API of the allocation, read-only for staff: rounds, homes, leases (households in force).

The same permissions as the pages; the operating company sees homes and leases, nothing personal.
"""

from typing import Any

import django_filters
from django.db.models import Count
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import BaseRouter
from rest_framework.viewsets import ReadOnlyModelViewSet

from accounts.access import staff_only_rule
from accounts.roles import Role
from allocation import states
from allocation.models import Estate, Home, Lease, RentStandard, Round
from applications.api.base import Page
from core import audit


class ByKey(Page):
    """Pages in the order of writing, newest first."""


class RoundSerializer(serializers.ModelSerializer[Round]):
    """A round as it is published; the secret is never part of it."""

    entrants = serializers.IntegerField(source="entrants.count", read_only=True)
    homes = serializers.IntegerField(source="homes.count", read_only=True)
    state_word = serializers.CharField(source="get_state_display", read_only=True)

    class Meta:
        model = Round
        fields = (
            "code", "title", "state", "state_word", "groups", "plan_table", "intention_until",
            "review_until", "freeze_on", "objection_until",
            "entropy_name", "entropy_at", "roster_sha256", "secret_commitment", "frozen_at",
            "revealed_at", "closed_at", "void_reason", "selfcheck", "entrants", "homes",
        )  # fmt: skip


class HomeSerializer(serializers.ModelSerializer[Home]):
    """A home to let."""

    estate = serializers.CharField(source="estate.code", read_only=True)
    state_word = serializers.CharField(source="get_state_display", read_only=True)

    class Meta:
        model = Home
        fields = (
            "code", "estate", "building", "unit", "room", "floor", "unit_type", "area",
            "orientation", "accessible", "state", "state_word", "state_since",
        )  # fmt: skip


class RentStandardSerializer(serializers.ModelSerializer[RentStandard]):
    """What a square metre costs a month from a day, and by which document."""

    class Meta:
        model = RentStandard
        fields = ("starts_on", "per_square_metre", "source")


class EstateSerializer(serializers.ModelSerializer[Estate]):
    """An estate with its rent standards, the newest first."""

    street = serializers.CharField(source="street.name", read_only=True)
    homes = serializers.IntegerField(source="homes_count", read_only=True)
    rent_standards = RentStandardSerializer(many=True, read_only=True)

    class Meta:
        model = Estate
        fields = ("code", "name", "address", "street", "phone", "homes", "rent_standards")


class LeaseSerializer(serializers.ModelSerializer[Lease]):
    """A household in force: its lease, without anybody's name."""

    case_no = serializers.CharField(read_only=True)
    home = serializers.CharField(source="home.code", read_only=True)
    starts_on = serializers.DateField(source="term.lower", read_only=True)
    ends_before = serializers.DateField(source="term.upper", read_only=True)
    persons = serializers.IntegerField(source="application.members.count", read_only=True)
    rent_monthly = serializers.SerializerMethodField()

    def get_rent_monthly(self, lease: Lease) -> str:
        """Yuan a month as agreed for today, after any change."""
        return f"{lease.rent_now:.2f}"

    class Meta:
        model = Lease
        fields = (
            "number", "case_no", "home", "starts_on", "ends_before", "rent_monthly", "state",
            "signed_at", "filed_at", "ended_at", "persons",
        )  # fmt: skip


class RoundFilter(django_filters.FilterSet):
    """By state."""

    class Meta:
        model = Round
        fields = ("state",)


class HomeFilter(django_filters.FilterSet):
    """By estate, type, state and accessibility."""

    estate = django_filters.CharFilter(field_name="estate__code")

    class Meta:
        model = Home
        fields = ("estate", "unit_type", "state", "accessible")


class LeaseFilter(django_filters.FilterSet):
    """By state, estate and the day on which it is in force."""

    estate = django_filters.CharFilter(field_name="home__estate__code")
    on = django_filters.DateFilter(field_name="term", lookup_expr="contains")

    class Meta:
        model = Lease
        fields = ("state", "estate", "on")


class RoundViewSet(ReadOnlyModelViewSet[Round]):
    """Rounds of the draw."""

    access = staff_only_rule(Role.ADMIN, Role.LEADER, Role.AUDITOR)
    queryset = Round.objects.all()
    serializer_class = RoundSerializer
    filterset_class = RoundFilter
    pagination_class = ByKey
    lookup_field = "code"
    lookup_value_regex = r"[A-Za-z0-9_.-]+"


class HomeViewSet(ReadOnlyModelViewSet[Home]):
    """Homes to let; a home's code holds slashes, so it is filtered, not addressed."""

    access = staff_only_rule(Role.ADMIN, Role.LEADER, Role.AUDITOR, Role.OPERATOR)
    queryset = Home.objects.select_related("estate")
    serializer_class = HomeSerializer
    filterset_class = HomeFilter
    pagination_class = ByKey


class EstateViewSet(ReadOnlyModelViewSet[Estate]):
    """Estates with what a square metre costs, by day."""

    access = staff_only_rule(Role.ADMIN, Role.LEADER, Role.AUDITOR, Role.OPERATOR)
    queryset = (
        Estate.objects.select_related("street")
        .prefetch_related("rent_standards")
        .annotate(homes_count=Count("homes"))
    )
    serializer_class = EstateSerializer
    pagination_class = ByKey
    lookup_field = "code"
    lookup_value_regex = r"[A-Za-z0-9_.-]+"


class HouseholdViewSet(ReadOnlyModelViewSet[Lease]):
    """Households in force: leases that were signed, ended ones included on request."""

    access = staff_only_rule(Role.ADMIN, Role.LEADER, Role.AUDITOR, Role.OPERATOR)
    queryset = (
        Lease.objects.exclude(state__in=[states.L_TO_SIGN, states.L_CANCELLED])
        .select_related("application", "home")
        .prefetch_related("rent_terms")
    )
    serializer_class = LeaseSerializer
    filterset_class = LeaseFilter
    pagination_class = ByKey
    lookup_field = "number"
    lookup_value_regex = r"[A-Za-z0-9_.-]+"

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Records the look, answers: rent and tier say what a household earns."""
        lease = self.get_object()
        subjects = lease.application.members.values_list("id_index", flat=True)
        audit.looked(
            lease, by=request.user, purpose=_("接口查看保障家庭"), case_no=lease.case_no,
            subjects=subjects,
        )  # fmt: skip
        return Response(self.get_serializer(lease).data)


def register(router: BaseRouter) -> None:
    """Adds these endpoints to the project's router."""
    router.register("rounds", RoundViewSet, basename="round")
    router.register("homes", HomeViewSet, basename="home")
    router.register("estates", EstateViewSet, basename="estate")
    router.register("households", HouseholdViewSet, basename="household")
