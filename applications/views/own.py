"""A citizen's own cases: one address is not enough to read one."""

from typing import Any

from django.http import Http404

from applications import receipts
from applications.models import Application


def case_of_citizen(user: Any, case_no: str) -> Application:
    """The sent application of that number, if this citizen is part of it; else 404."""
    row = Application.objects.sent().filter(case_no=case_no).select_related("street").first()
    if row is None or not receipts.may_see(user, row):
        raise Http404
    return row
