"""Where a person of a household already stands (已在别处): told while it is made up, and before
it is sent.

Only what is known exactly, by ID number: another application under way, a home or a subsidy of
ours or in the city's register, a time in which nobody may apply. It refuses nothing here: one open
application a person is the database's rule, the rest is the rules' and people's. Nothing of the
other household is told, and nothing of a person who has not agreed to be asked about.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy as _

from applications import authority, sameness
from applications.eligibility.calendar import within
from applications.letters import PHONE
from applications.models import Application, Ban, Benefit, Evidence, Member
from core import clock, display
from datashare import reading

APPLICATION, BENEFIT, BAN = "application", "benefit", "ban"


@dataclass(frozen=True)
class Elsewhere:
    """One person of the household, where they stand, and the sentence with the way out."""

    member: Member
    kind: str
    sentence: Any


def of_household(application: Application, *, reader_index: str = "") -> list[Elsewhere]:
    """Who of the household stands elsewhere, as far as the reader may know.

    ``reader_index`` is the citizen who reads; empty at the window, where whoever agreed is there.
    """
    people = [
        one
        for one in application.members.filter(excluded=False).prefetch_related("consents")
        if one.id_index == reader_index or authority.word_of(one) == "given"
    ]
    by_index = {one.id_index: one for one in people}
    by_index |= {other: by_index[own] for other, own in sameness.others_of(by_index).items()}
    own = not reader_index
    found = {
        (member.pk, kind): Elsewhere(
            member, kind, _sentence(member, kind, own or member.id_index == reader_index, until)
        )
        for member, kind, until in _standing(application, by_index)
    }
    return sorted(found.values(), key=lambda one: (one.member.position, one.kind))


def _standing(
    application: Application, people: dict[str, Member]
) -> Iterator[tuple[Member, str, date | None]]:
    today = clock.today()
    held = Member.objects.filter(id_index__in=people, holding=True)
    for index in held.exclude(application=application).values_list("id_index", flat=True):
        yield people[index], APPLICATION, None
    benefits = Benefit.objects.filter(person_index__in=people, ended_on=None)
    benefits = benefits.filter(began_on__lte=today).exclude(case_no=application.case_no or "")
    for index in benefits.values_list("person_index", flat=True):
        yield people[index], BENEFIT, None
    for member in _in_the_register(people, today):
        yield member, BENEFIT, None
    bans = Ban.objects.filter(person_index__in=people, starts_on__lte=today, until__gt=today)
    for index, until in bans.order_by("until").values_list("person_index", "until"):
        yield people[index], BAN, until


def _in_the_register(people: dict[str, Member], today: date) -> Iterator[Member]:
    """Whom the city's register of support names, where it was asked and has answered."""
    wanted = [one.pk for one in people.values()]
    rows = Evidence.objects.filter(
        member__in=wanted, source="housing_benefit", status=Evidence.Status.FOUND
    )
    for one in rows.select_related("member"):
        member = one.member
        reply = reading.read("housing_benefit", member.id_number, one.rows, name=member.name)
        for entry in reply.records:
            stopped = entry.ended and entry.until is None
            if not stopped and within(entry.since, today, entry.until):
                yield member


def _sentence(member: Member, kind: str, told_all: bool, until: date | None) -> Any:
    """Sentence 29 and its like; of others only that there is something to settle."""
    values = {"name": member.name, "phone": PHONE}
    if not told_all:
        if kind == BAN:
            return _("有一项信息需要%(name)s本人核对，请本人拨%(phone)s。") % values
        return (
            _(
                "%(name)s已在另一份申请或保障中，同一个人不能同时参加两份。"
                "请先与家人确认，或拨%(phone)s。"
            )
            % values
        )
    if kind == APPLICATION:
        return (
            _(
                "%(name)s已在另一份申请中，同一个人不能同时参加两份。请先在那份申请里撤回，"
                "再提交这一份；不清楚的，请拨%(phone)s。"
            )
            % values
        )
    if kind == BENEFIT:
        return (
            _(
                "%(name)s现在还在一份住房保障里，同一个人不能同时享受两份。请先拨%(phone)s退出原来的保障，"
                "原来的家庭会按留下的人重新核定；退出以后再提交这一份。已填的内容会为您保留。"
            )
            % values
        )
    values["until"] = display.day(until)
    return _("%(name)s从%(until)s起可以再申请。如果认为有误，请拨%(phone)s。") % values
