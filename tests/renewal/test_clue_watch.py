"""The nightly feed becomes clues about households in force, once, and about nobody else."""

from datetime import date, timedelta

import pytest

from allocation.models import Lease
from applications import looks
from applications.models import Member
from core import clock
from datashare import changes
from datashare.models import ChangeTaken
from renewal import clues, tasks
from renewal.clues import watching
from renewal.models import Clue
from tests.factories import accounts, tenancies

pytestmark = pytest.mark.django_db

DAY = date(2027, 3, 1)


@pytest.fixture
def lease():
    return tenancies.lease(2)


def person(lease, position=0):
    return lease.application.members.order_by("position")[position]


def told(member, kind="home_gained", **parts):
    given = {
        "number": f"BG{kind}{member.pk}", "on": DAY, "kind": kind, "what": "89㎡ 存量房买卖",
        "person_index": member.id_index, "source": "property", "id_number": member.id_number,
    }  # fmt: skip
    return changes.Change(**(given | parts))


def kinds():
    return sorted(Clue.objects.values_list("kind", flat=True))


def test_a_change_of_a_household_in_force_is_a_clue_with_its_evidence_and_end(lease):
    watching.keep([told(person(lease))])
    row = Clue.objects.get()
    assert (row.lease, row.kind, row.source, row.on) == (lease, "home", "property", DAY)
    assert row.evidence["what"] == "89㎡ 存量房买卖" and row.expires_on > clock.today()
    assert row.person_index == person(lease).id_index and row.noted_by == "动态核查"
    lease.refresh_from_db()
    assert lease.state == "filed"


def test_the_feed_told_twice_makes_one_clue(lease):
    for _night in range(2):
        watching.keep([told(person(lease))])
    assert Clue.objects.count() == 1


def test_a_home_bought_together_is_one_clue_and_two_deaths_are_two(lease):
    watching.keep([told(person(lease, n), number=f"BG{n}") for n in (0, 1)])
    watching.keep(
        [told(person(lease, n), "death", number=f"D{n}", source="death", what="") for n in (0, 1)]
    )
    assert kinds() == ["death", "death", "home"]


def test_a_birth_told_of_both_parents_is_one_clue(lease):
    child = accounts.id_number()
    watching.keep(
        [told(person(lease, n), "birth", number=f"B{n}", what="王小", about=child) for n in (0, 1)]
    )
    row = Clue.objects.get()
    assert row.kind == "birth" and row.evidence["about"] == child


def test_who_has_left_the_household_is_nobodys_clue(lease):
    gone = person(lease, 1)
    Member.objects.filter(pk=gone.pk).update(excluded=True)
    assert gone.id_index not in watching.people_in_force()
    watching.keep([told(gone)])  # and also when it was read before they left
    assert not Clue.objects.exists()


def test_a_lease_that_has_ended_gets_no_clue(lease):
    Lease.objects.filter(pk=lease.pk).update(state="cancelled")
    assert watching.people_in_force() == {}
    watching.keep([told(person(lease))])
    assert not Clue.objects.exists()


def test_selling_or_starting_work_is_no_clue(lease):
    watching.keep([
        told(person(lease), "resale", what="60㎡ 卖方"), told(person(lease), "job_begun"),
    ])  # fmt: skip
    assert not Clue.objects.exists()


@pytest.fixture
def feed(monkeypatch):
    """The days of the feed stand here instead of at the gateway; a page a day."""
    days, asked = {}, []

    def ask(day, number, wanted, purpose, by, about):
        asked.append(day)
        found = [one for one in days.get(day, []) if one.person_index in about]
        answer = changes.Answer(rows=tuple({"n": n} for n, _ in enumerate(days.get(day, []))))
        return changes._Page(answer, clock.now(), found, 0)

    monkeypatch.setattr(changes, "_ask", ask)
    return days, asked


@pytest.mark.django_db(transaction=True)
def test_every_night_goes_on_where_the_last_one_stopped(lease, feed):
    days, asked = feed
    yesterday = clock.today() - timedelta(days=1)
    stranger = accounts.id_number()
    days[yesterday] = [
        told(person(lease), on=yesterday),
        told(person(lease), number="other", person_index=stranger, on=yesterday),
    ]
    tasks.read_changes()
    assert kinds() == ["home"] and ChangeTaken.objects.count() == 1
    (seen,) = looks.page(person(lease).id_index, looks.Wanted(), 1)
    assert "变更信息" in seen.looks[0].what and "动态核查" in seen.looks[0].why
    begun = len(asked)
    tasks.read_changes()
    assert len(asked) == begun
    assert clues.standing().read_until == yesterday
    with clock.held_at(clock.now() + timedelta(days=3)):
        today = clock.today()
        days[today - timedelta(days=1)] = [told(person(lease), "company", number="c", what="某店")]
        tasks.read_changes()
        assert clues.standing().read_until == today - timedelta(days=1)
    assert kinds() == ["company", "home"]
