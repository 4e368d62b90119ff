"""Pages of the queue in the API: by the same key and in the same order as on the page."""

from typing import Any

from django.utils.translation import gettext as _
from rest_framework.exceptions import NotFound
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from applications import queue_order

SIZE, LARGEST = 50, 200


class QueuePage(BasePagination):
    """The most urgent tasks first; ``after`` is the key of the last row of the page before."""

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> Any:
        """One page; 404 for a key that is none."""
        text = request.query_params.get("after", "")
        key = queue_order.key_in(text)
        if text and key is None:
            raise NotFound(_("没有这一页。"))
        size = _size(request.query_params.get("page_size", ""))
        rows = list(queue_order.behind(queryset, key)[: size + 1])
        self._next = None
        if len(rows) > size:
            address = request.build_absolute_uri()
            self._next = replace_query_param(address, "after", queue_order.key_of(rows[size - 1]))
        return rows[:size]

    def get_paginated_response(self, data: Any) -> Response:
        """``next`` is null on the last page."""
        return Response({"next": self._next, "previous": None, "results": data})

    def get_paginated_response_schema(self, schema: Any) -> dict[str, Any]:
        """What the description of the API says of it."""
        address = {"type": "string", "nullable": True, "format": "uri"}
        number = {"type": "integer"}
        numbers = {"type": "object", "additionalProperties": number}
        counts = {
            "type": "object",
            "required": ["total", "capped", "facets"],
            "properties": {
                "total": number,
                "capped": {"type": "boolean", "description": "a search found more than counted"},
                "facets": {"type": "object", "additionalProperties": numbers},
            },
        }
        return {
            "type": "object",
            "required": ["results", "counts"],
            "properties": {
                "next": address, "previous": address, "results": schema, "counts": counts,
            },
        }  # fmt: skip

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        """The two parameters of a page."""
        return [
            _parameter("after", "the key of the last row: day due and number", "string"),
            _parameter("page_size", f"{SIZE} unless told, at most {LARGEST}", "integer"),
        ]


def _parameter(name: str, says: str, kind: str) -> dict[str, Any]:
    return {
        "name": name, "required": False, "in": "query", "description": says,
        "schema": {"type": kind},
    }  # fmt: skip


def _size(text: str) -> int:
    """As other pages of the API take it: what is no number above zero is the usual size."""
    return min(int(text), LARGEST) if text.isascii() and text.isdigit() and int(text) else SIZE
