"""Paper notices at the street (张贴): put up, photographed, taken down, photographed.

The end of the public notice does not depend on them. What is late or not photographed is shown to
the centre and to the street; nothing follows by itself.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.models import Staff
from accounts.roles import Role
from applications import materials, periods, permissions
from applications.models import MaterialPage, Poster, Publicity
from core import audit, clock, display, locks
from core.refusals import Refusal

UP, DOWN = "up", "down"
_MOST = 200


class PosterRefused(Refusal):
    """Not this street's, recorded already, or the time cannot be right."""


@dataclass(frozen=True)
class Standing:
    """One notice and what is still missing of its poster, in words; empty: nothing."""

    publicity: Publicity
    poster: Poster | None
    missing: list[str]
    due: date | None
    late: bool


def put_up(publicity: Publicity, *, by: Staff, at: datetime, place: str) -> Poster:
    """Records when and where the paper notice went up. Raises PosterRefused."""
    with transaction.atomic():
        locks.fresh(publicity.application)
        row = locks.fresh(publicity)
        if why := why_not_put_up(row, by):
            raise PosterRefused(why)
        if not place.strip():
            raise PosterRefused(_("请写明张贴在哪里。"), "place")
        _refuse_bad_time(at, clock.local_midnight(row.starts_on))
        made = Poster.objects.create(
            publicity=row, place=place.strip()[:120], posted_at=at, posted_by=by,
            recorded_at=clock.now(),
        )  # fmt: skip
        audit.record("poster.up", by=by.user, thing=made, place=made.place, at=at)
        return made


def take_down(publicity: Publicity, *, by: Staff, at: datetime) -> Poster:
    """Records when it was taken down. Raises PosterRefused."""
    with transaction.atomic():
        locks.fresh(publicity.application)
        row = locks.fresh(publicity)
        if why := why_not_take_down(row, by):
            raise PosterRefused(why)
        poster = locks.fresh(row.poster)
        _refuse_bad_time(at, poster.posted_at)
        poster.taken_down_at, poster.taken_down_by = at, by
        poster.save(update_fields=["taken_down_at", "taken_down_by"])
        audit.record("poster.down", by=by.user, thing=poster, at=at)
        return poster


def why_not_put_up(publicity: Publicity, staff: Staff) -> str:
    """Why this person cannot record the posting."""
    if why := why_not_touch(publicity, staff):
        return why
    return _("张贴已经记录过。") if of(publicity) else ""


def why_not_take_down(publicity: Publicity, staff: Staff) -> str:
    """Why this person cannot record the taking down: not up, down already, or still on notice."""
    if why := why_not_touch(publicity, staff):
        return why
    poster = of(publicity)
    if poster is None:
        return _("还没有记录张贴。")
    if poster.taken_down_at is not None:
        return _("撤下已经记录过。")
    if publicity.closed_at is None and clock.today() <= publicity.ends_on:
        return _("公示到%(end)s结束，在那之前不撤下。") % {"end": display.day(publicity.ends_on)}
    return ""


def why_not_touch(publicity: Publicity, staff: Staff) -> str:
    """Why this notice is not this person's to post: its street does it, else the centre."""
    application = publicity.application
    street = Role.STREET in staff.roles and application.street_id == staff.bureau_id
    centre = Role.DISTRICT in staff.roles and application.street_id is None
    if not street and not centre:
        return _("由办件所在的镇街张贴。")
    return permissions.why_not_free(staff, application)


def of(publicity: Publicity) -> Poster | None:
    """The poster of a notice, if one was put up."""
    return getattr(publicity, "poster", None)


def photo_key(publicity: Publicity, end: str) -> str:
    """Under which item the photo of one end lies among the case's papers."""
    return f"{materials.OFFICE}poster-{end}-{publicity.pk}"


def photos(publicity: Publicity, end: str) -> QuerySet[MaterialPage]:
    """The photos of one end."""
    return materials.pages_of(publicity.application, photo_key(publicity, end))


def standing(staff: Staff, today: date) -> list[Standing]:
    """Notices of the last months whose poster lacks something; what is late comes first."""
    since = today - timedelta(days=periods.of("poster_shown").value)
    rows = Publicity.objects.filter(kind="eligibility", ends_on__gte=since)
    if Role.DISTRICT not in staff.roles:
        rows = rows.filter(application__street_id=staff.bureau_id)
    found = list(
        rows.select_related("application__street", "poster").order_by("starts_on", "pk")[:_MOST]
    )
    taken = {end: _photographed(found, end) for end in (UP, DOWN)}
    each = [_standing(one, today, taken) for one in found]
    return sorted(
        (one for one in each if one.missing), key=lambda one: (not one.late, one.due or today)
    )


def _standing(one: Publicity, today: date, taken: dict[str, set[int]]) -> Standing:
    poster = of(one)
    if poster is None:
        due = periods.of("poster_up").after(one.starts_on)
        return Standing(one, None, [_("没有张贴记录")], due, today > due)
    missing, due = [], periods.of("poster_down").after(one.ends_on)
    posted = poster.posted_at.astimezone(clock.LOCAL).date()
    if posted > periods.of("poster_up").after(one.starts_on):
        missing.append(_("张贴晚了"))
    if one.pk not in taken[UP]:
        missing.append(_("没有张贴照片"))
    if poster.taken_down_at is None:
        if one.closed_at is not None or today > one.ends_on:
            missing.append(_("没有撤下记录"))
    elif one.pk not in taken[DOWN]:
        missing.append(_("没有撤下照片"))
    return Standing(one, poster, missing, due, bool(missing) and today > due)


def _photographed(rows: list[Publicity], end: str) -> set[int]:
    """Which of these notices have a photo of that end."""
    keys = {photo_key(one, end): one.pk for one in rows}
    found = MaterialPage.objects.filter(
        application__in={one.application_id for one in rows}, item__in=keys
    )
    return {keys[item] for item in found.values_list("item", flat=True)}


def _refuse_bad_time(at: datetime, earliest: datetime) -> None:
    if not earliest <= at <= clock.now():
        raise PosterRefused(
            _("时间应当在%(first)s以后、现在以前。") % {"first": display.day_time(earliest)}, "at"
        )
