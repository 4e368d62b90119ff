"""Keys by which likely duplicates are found (比对键): written per member, looked up by index.

The registered address comes from the household register's answer, or the population file's, where
the member has agreed to be asked and the register has answered: keys are made again once it has.
The application itself asks for no address.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from django.db import connection
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from applications import addresses, likeness, states
from applications.likeness import Sketch
from applications.models import Application, Benefit, Evidence, LikenessKey, Member
from core import clock
from core.identity import ciphers
from datashare import reading

FORM = 1  # a change of how keys are made raises it, and the next run makes them all anew
_TOLD_BY = ("household_register", "population")  # the former prevails
_FOUND = Evidence.Status.FOUND
_AT_ONCE = 2000
_SIGNED = 1 << 63
# One probe of the index a key. Asked with && for all keys at once the planner, which takes every
# key for one in two hundred, would rather read the whole table.
_HOLDERS = """
    SELECT wanted.key, held.member_id FROM unnest(%s::bigint[]) AS wanted (key)
    JOIN applications_likenesskey held ON held.keys @> ARRAY[wanted.key]
"""


def standing() -> QuerySet[Member]:
    """Members who are in an application under way, or in a home or a subsidy: whom it is about."""
    in_force = Benefit.objects.filter(person_index=OuterRef("id_index"), ended_on=None)
    housed = Q(application__state=states.CLOSED) & Exists(in_force)
    return Member.objects.filter(Q(holding=True) | housed, excluded=False)


def write(application: Application) -> dict[int, Sketch]:
    """Makes the keys of a case's members; returns their sketches by member."""
    members = list(standing().filter(application=application).order_by("pk"))
    return write_of(members)


def write_of(members: Sequence[Member]) -> dict[int, Sketch]:
    """The same for any members, in one statement."""
    sketches, now = sketches_of(members), clock.now()
    LikenessKey.objects.bulk_create(
        [
            LikenessKey(member_id=pk, keys=sorted(keys_of(one)), form=FORM, made_at=now)
            for pk, one in sketches.items()
        ],
        update_conflicts=True,
        unique_fields=["member"],
        update_fields=["keys", "form", "made_at"],
    )
    return sketches


def holders_of(keys: Sequence[int]) -> list[tuple[int, int]]:
    """Key and member for each of these keys that somebody has: one statement, by index."""
    with connection.cursor() as cursor:
        cursor.execute(_HOLDERS, [list(keys)])
        return cursor.fetchall()


def prune() -> int:
    """Drops the keys of people who stand in nothing any more (个人信息保护法 §47)."""
    stands = standing().filter(pk=OuterRef("member_id"))
    gone = LikenessKey.objects.filter(~Exists(stands))
    return gone.delete()[0]


def stale() -> Iterator[list[Member]]:
    """Members without keys, or whose register has answered since, some at a time.

    What is written leaves the list, so that a run that was stopped goes on where it was.
    """
    newer = Evidence.objects.filter(
        member=OuterRef("pk"),
        source__in=_TOLD_BY,
        status=_FOUND,
        fetched_at__gt=OuterRef("likeness_key__made_at"),
    )
    wanted = standing().filter(Q(likeness_key=None) | ~Q(likeness_key__form=FORM) | Exists(newer))
    while members := list(wanted.order_by("pk")[:_AT_ONCE]):
        yield members


def is_stale(application: Application) -> bool:
    """Whether a register has told something since the keys of a case were made."""
    told: datetime | None = (
        application.evidence.filter(source__in=_TOLD_BY, status=_FOUND)
        .filter(Q(member__likeness_key=None) | Q(fetched_at__gt=F("member__likeness_key__made_at")))
        .values_list("fetched_at", flat=True)
        .first()
    )
    return told is not None


# -- Sketches ------------------------------------------------------------------------------------


def sketches_of(members: Sequence[Member]) -> dict[int, Sketch]:
    """What likeness knows of members, by member: three questions for however many."""
    told = _told(members)
    company = _company({one.application_id for one in members})
    sketches = {}
    for one in members:
        former, registered = told.get(one.pk, ((), ()))
        sketches[one.pk] = Sketch(
            index=one.id_index,
            name=one.name,
            id_number=one.id_number,
            phone=one.phone or "",
            former_names=former,
            addresses=registered,
            company=company[one.application_id] - {one.id_index},
        )
    return sketches


def keys_of(sketch: Sketch) -> set[int]:
    """Each pair of features that two people must share to be compared at all, as a digest."""
    number, born = sketch.id_number, sketch.birth
    places = {one.key for one in sketch.addresses if one.key}
    short = likeness.old_form(number)
    # digits in another order, and a date that was mistyped beside the rest of the number
    digits, rest = "".join(sorted(short)), short[:6] + short[12:15]
    beside: set[tuple[str, ...]] = {("id", short)}
    for where in ({sketch.phone} if sketch.phone else set()) | places:
        beside |= {("birth", where, born), ("digits", where, digits), ("rest", where, rest)}
    for name in _spellings(sketch):
        beside |= {("birth", name, born), ("digits", name, digits), ("rest", name, rest)}
        beside |= {("phone", name, sketch.phone)} if sketch.phone else set()
        beside |= {("place", name, place) for place in places}
    return {_digest(parts) for parts in beside}


def _spellings(sketch: Sketch) -> set[str]:
    return {one for name in sketch.spoken_names for one in likeness.spellings(name)}


def _digest(parts: Iterable[str]) -> int:
    """64 bits of a keyed digest, as PostgreSQL keeps a bigint."""
    found = int(ciphers.keyed_digest("\0".join(parts), kind="likeness")[:16], 16)
    return found - 2 * _SIGNED if found >= _SIGNED else found


def _told(
    members: Sequence[Member],
) -> dict[int, tuple[tuple[str, ...], tuple[addresses.Address, ...]]]:
    """Former names and registered addresses, by member, as registers answered them last."""
    numbers = {one.pk: (one.id_number, one.name) for one in members}
    rows = Evidence.objects.filter(member__in=numbers, source__in=_TOLD_BY, status=_FOUND)
    answered = rows.order_by("fetched_at").values_list("member_id", "source", "rows", "fetched_at")
    newest = {(pk, source): content for pk, source, content, _at in answered}
    found: dict[int, tuple[tuple[str, ...], tuple[addresses.Address, ...]]] = {}
    for (pk, source), content in sorted(newest.items(), key=lambda each: each[0], reverse=True):
        number, name = numbers[pk]
        former, registered = _read(source, number, name, content)
        kept, places = found.get(pk, ((), ()))
        # 'population' sorts behind: what the household register says stands in its place
        found[pk] = (former or kept, registered or places)
    return found


def _read(
    source: str, number: str, name: str, content: list
) -> tuple[tuple[str, ...], tuple[addresses.Address, ...]]:
    records = reading.read(source, number, content, name=name).records
    former = tuple(text for one in records if (text := getattr(one, "former_name", "")))
    places = (addresses.parse(one.address) for one in records if one.address)
    return former, tuple(one for one in places if one is not None)


def _company(applications: set[int]) -> dict[int, frozenset[str]]:
    """Everybody named in an application, also who does not apply with it, by application."""
    named: dict[int, set[str]] = defaultdict(set)
    rows = Member.objects.filter(application__in=applications)
    for pk, index in rows.values_list("application_id", "id_index"):
        named[pk].add(index)
    return defaultdict(frozenset, {pk: frozenset(people) for pk, people in named.items()})
