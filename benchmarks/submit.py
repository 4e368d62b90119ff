"""提交到查齐: from the signature to the last register's answer, beside the slowest register alone.

Households of the demo city are drafted and sent by the platform's own verbs; the running worker
asks. The reference is the slowest of the same questions asked bare, one person and register at a
time.
"""

import statistics
import time
from collections.abc import Iterator

from accounts.models import Bureau, Citizen
from applications import authority, consent, submission, verification
from applications.models import Application, Consent, Evidence, Member
from benchmarks import bare
from benchmarks.city import family_members, fresh_families
from benchmarks.figures import Figure
from core import clock
from datashare import queries
from datashare.mock_gateway.city import City, Family

HOUSEHOLDS = 12
GOAL = 2.0  # times the slowest register
PATIENCE = 30.0  # seconds


def figures(city: City) -> Iterator[Figure]:
    """The median household, as a ratio to its own slowest register."""
    measured = [_household(city, family) for family in fresh_families(city, HOUSEHOLDS)]
    times = [took for took, _slowest in measured]
    slowest = [alone for _took, alone in measured]
    ratio = statistics.median(took / alone for took, alone in measured)
    yield Figure(
        name="submit_to_answered", value=statistics.median(times), unit="s",
        reference=statistics.median(slowest), ratio=ratio, goal=GOAL, better="low",
        note=f"{len(measured)} households, slowest {max(times):.2f} s",
    )  # fmt: skip


def _household(city: City, family: Family) -> tuple[float, float]:
    """Seconds from sending to the last answer; seconds of the slowest register alone."""
    draft = _ready(city, family)
    try:
        began = time.perf_counter()
        submission.submit(draft, by=draft.created_by, signature="bench")
        _wait_for_every_answer(draft)
        took = time.perf_counter() - began
        alone = max(bare.seconds_of_each(_questions(draft), together=4))
    finally:
        submission.withdraw(Application.objects.get(pk=draft.pk), by=draft.created_by)
    return took, alone


def _ready(city: City, family: Family) -> Application:
    """Everything is filled in and everybody has agreed; only the signature is missing."""
    head, *others = family_members(city, family)
    citizen = Citizen.objects.ensure(
        name=head.name, id_number=head.id_number, phone="", authlevel=3
    )
    by = citizen.user
    draft = submission.start_draft(by=by, channel="online", person=citizen)
    submission.confirm_household(draft, others, by=by)
    street = Bureau.objects.streets().first()
    draft = submission.save_step(draft, "check", by=by, street=street)
    for member in draft.members.filter(excluded=False):
        consent.give(member, method=_method(member), by=by)
    return draft


def _wait_for_every_answer(draft: Application) -> None:
    open_ = Evidence.objects.filter(application=draft, status__in=("pending", "unavailable"))
    asked = Evidence.objects.filter(application=draft)
    deadline = time.monotonic() + PATIENCE
    while open_.exists() or not asked.exists():
        if time.monotonic() > deadline:
            raise TimeoutError(f"the registers did not all answer within {PATIENCE:g} s")
        time.sleep(0.005)


def _method(member: Member) -> str:
    adult = authority.is_adult(member, clock.today())
    return Consent.Method.ONLINE if adult else Consent.Method.GUARDIAN


def _questions(draft: Application) -> list[queries.Question]:
    rows = Evidence.objects.filter(application=draft, round=verification.APPLY)
    return [
        queries.Question(one.source, queries.Person(one.member.name, one.member.id_number))
        for one in rows.select_related("member")
    ]
