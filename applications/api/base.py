"""What every endpoint shares: paging by key, and refusals as 409 with the sentence to read."""

from typing import Any

from django.core.exceptions import ValidationError
from rest_framework import serializers, status
from rest_framework.exceptions import NotFound
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Staff
from core.refusals import Refusal


class Page(CursorPagination):
    """50 rows a page, up to 200; the next page is asked for by the key of the last row."""

    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = 200
    ordering: str | tuple[str, ...] = "-pk"

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> Any:
        """A page; 404 for a cursor whose key is none of this list's."""
        try:
            return super().paginate_queryset(queryset, request, view)
        except (ValidationError, ValueError) as error:
            raise NotFound(self.invalid_cursor_message) from error


class RefusalSerializer(serializers.Serializer[Any]):
    """A refused action: nothing was changed. ``detail`` is the sentence a person reads."""

    detail = serializers.CharField()
    field = serializers.CharField(allow_null=True, required=False)


class RefusalsAreConflicts:
    """Turns a verb's Refusal into 409, so that no endpoint has to."""

    def handle_exception(self, exc: Exception) -> Response:
        """409 for a Refusal; the framework's answer for everything else."""
        if isinstance(exc, Refusal):
            body = {"detail": str(exc), "field": exc.field}
            return Response(body, status=status.HTTP_409_CONFLICT)
        return super().handle_exception(exc)  # type: ignore[misc,no-any-return]


def staff_of(request: Request) -> Staff:
    """The member of staff who asks; the door has let in nobody else."""
    staff = request.user.as_staff  # type: ignore[union-attr]
    assert staff is not None
    return staff
