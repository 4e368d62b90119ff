"""Events between the years (动态核查): the registers' feed of changes → clues about households.

Each night the days just past are read. Only changes about people of households in force are looked
at, by the index of their number; everybody else's are dropped unread (see `datashare.changes`).
What is found is noted as a clue and changes nothing.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import timedelta

from allocation import states as allocation_states
from allocation.models import Lease
from applications.models import Member
from applications.verification import MATTER
from core import audit, clock
from datashare import changes
from datashare.changes import Change, Taken
from datashare.models import FeedCursor
from datashare.questions import Purpose
from renewal.clues import noting
from renewal.models import Clue

READER = "renewal.clues"
SYSTEM = audit.System("动态核查")
PURPOSE = Purpose(MATTER, "YZ-DTHC", "duty:change_watch")
SELLER = "卖方"  # a contract that gives a home away is no clue

Kind = Clue.Kind
# what the feed calls it → the kind of clue
KINDS: dict[str, str] = {
    "death": Kind.DEATH, "home_gained": Kind.HOME, "presale": Kind.CONTRACT,
    "resale": Kind.CONTRACT, "company": Kind.COMPANY, "aid_granted": Kind.AID_STARTED,
    "aid_ended": Kind.AID_ENDED, "moved_out": Kind.MOVED_OUT, "job_ended": Kind.JOB_ENDED,
    "marriage": Kind.MARRIAGE, "divorce": Kind.MARRIAGE, "birth": Kind.BIRTH,
}  # fmt: skip
# facts of a household: told of each of its people, they are one clue all the same
_SHARED = (Kind.HOME, Kind.CONTRACT, Kind.AID_STARTED, Kind.AID_ENDED, Kind.BIRTH, Kind.MARRIAGE)


def read_on(*, seconds: float = 40.0) -> Taken:
    """Reads on up to yesterday; `done` once every day is read. Safe to be killed and to run twice.

    Opens its own transactions: the feed is asked outside of any.
    """
    until = clock.today() - timedelta(days=1)
    if changes.is_read(READER, until):
        return Taken(done=True)  # most runs of a day end here
    return changes.take(
        READER, until=until, by=SYSTEM, purpose=PURPOSE,
        about=people_in_force(), keep=keep, kinds=KINDS, seconds=seconds,
    )  # fmt: skip


def standing() -> FeedCursor | None:
    """How far the feed is read, and since when it is silent."""
    return changes.standing(READER)


def people_in_force() -> dict[str, str]:
    """Blind index → case of everybody who lives in a household in force now."""
    rows = Member.objects.filter(
        excluded=False, application__leases__state__in=allocation_states.L_IN_FORCE
    )
    return {index: case_no or "" for index, case_no in rows.values_list(
        "id_index", "application__case_no").iterator(chunk_size=2000)}  # fmt: skip


def keep(found: list[Change]) -> None:
    """Notes these changes as clues, in the caller's transaction."""
    wanted = [one for one in found if one.kind in KINDS and not _gives_away(one)]
    leases = _leases_of({one.person_index for one in wanted})
    for one in wanted:
        for lease in leases[one.person_index]:
            kind = KINDS[one.kind]
            noting.note(
                lease, kind=kind, source=one.source, evidence=_evidence(one, kind), on=one.on,
                by=SYSTEM, person_index=one.person_index,
            )  # fmt: skip


def _leases_of(indexes: Iterable[str]) -> dict[str, list[Lease]]:
    """The lease in force of each person as of now: who has left the household has none."""
    rows = Member.objects.filter(
        id_index__in=list(indexes), excluded=False,
        application__leases__state__in=allocation_states.L_IN_FORCE,
    )  # fmt: skip
    pairs = list(rows.values_list("id_index", "application__leases"))
    leases = Lease.objects.filter(state__in=allocation_states.L_IN_FORCE).select_related(
        "application"
    )
    by_pk = leases.in_bulk({pk for _index, pk in pairs})
    found: dict[str, list[Lease]] = defaultdict(list)
    for index, pk in pairs:
        if pk in by_pk:
            found[index].append(by_pk[pk])
    return found


def _gives_away(change: Change) -> bool:
    return change.kind in ("presale", "resale") and SELLER in change.what


def _evidence(change: Change, kind: str) -> dict[str, str]:
    """What was told; the key says what makes it one fact, whoever of the household it names."""
    who = "" if kind in _SHARED else change.person_index
    what = change.about if kind == Kind.BIRTH else change.what
    key = "|".join((change.kind, change.on.isoformat(), who, what))
    told = {"key": key, "number": change.number, "event": change.kind, "what": change.what}
    if kind in (Kind.BIRTH, Kind.MARRIAGE):
        told["about"] = change.about
    return told
