"""What every page of the window asks first: whose case it is, and that the look is recorded."""

from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from django.utils.translation import gettext as _

from accounts.models import Staff
from applications import looks, permissions
from applications.models import Application
from core.refusals import Refusal

FACE = "window_face"  # which household the second screen of this place shows
SIGNER = "window_signer"  # which member it asks to sign


class OwnHousehold(Refusal):
    """The case is about the clerk's own household: a colleague takes it (回避)."""


def clerk(request: HttpRequest) -> Staff:
    """The member of staff at this desk."""
    staff = request.user.as_staff
    if staff is None:
        raise PermissionDenied
    return staff


def of_this_office(request: HttpRequest, ref: UUID) -> Application:
    """The application of that reference, if it is one of this window.

    Else 404; of the clerk's own household 403.
    """
    staff = clerk(request)
    rows = permissions.window_cases_of(staff).select_related("street", "created_by__staff")
    row = rows.filter(ref=ref).first()
    if row is None:
        raise Http404
    if why := permissions.why_not_free(staff, row):
        raise PermissionDenied(why)
    return row


def look(request: HttpRequest, application: Application) -> None:
    """Records that this clerk saw the file; the people in it see that under 谁查过我的数据."""
    looks.note(application, by=request.user, purpose=_("窗口受理"))


def refuse_own(request: HttpRequest, application: Application) -> None:
    """Raises OwnHousehold for the clerk's own household."""
    if why := permissions.why_not_free(clerk(request), application):
        raise OwnHousehold(why)


def leave_face(request: HttpRequest) -> None:
    """The second screen goes blank: nobody is served here."""
    request.session.pop(FACE, None)
    request.session.pop(SIGNER, None)
