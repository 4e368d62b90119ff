"""Households in their re-check as these tests need them: settled, in question, changed."""

from datetime import timedelta

import pytest

from applications import material_items, promises
from applications.models import Evidence
from core import clock
from renewal import campaigns, recheck, states
from renewal.models import Recheck
from tests.factories import accounts, tenancies
from tests.factories import applications as make


@pytest.fixture
def morning():
    """Ten o'clock today, and no midnight on the way."""
    with clock.held_at(clock.local_midnight(clock.today()) + timedelta(hours=10)):
        yield


def housed(registers, households, code, *, tier="ZPX", category="", records=None):
    """A cast household in its home; ``records`` replace what the cast's registers say."""
    case = households[code]
    people = [make.Person(p.name, p.id_number, p.relation) for p in case.household]
    lease = tenancies.lease(people, tier=tier)
    if category:
        lease.application.declared = {"category": category}
        lease.application.save(update_fields=["declared"])
    for source, answers in {**case.to_dict()["records"], **(records or {})}.items():
        for number, rows in answers.items():
            registers.rows[source, number] = rows
    return lease, case.as_of


def rechecked(lease, day, *, year=None):
    """The row of a campaign of that day, with every register's answer in and settled."""
    admin = accounts.staff("admin").user
    campaign = campaigns.plan(year or day.year, by=admin, on=day)
    campaigns.start(campaign, by=admin)
    for minutes in (0, 1, 3, 10, 30):
        with clock.held_at(clock.now() + timedelta(minutes=minutes)):
            while campaigns.step(campaign.pk):
                pass
    return Recheck.objects.get(lease=lease, campaign=campaign)


def settled_again(row):
    """The same re-check read once more, as after news."""
    Recheck.objects.filter(pk=row.pk).update(state=states.K_CHECKING, settled_at=None)
    row.refresh_from_db()
    recheck.settle(row, by=recheck.SYSTEM)
    row.refresh_from_db()
    return row


def silence(row, sources):
    """These registers never answered."""
    Evidence.objects.filter(
        application=row.lease.application, round=row.round, source__in=sources
    ).update(status="unavailable", rows=[], attempts=9, error="timeout")


# a permit of the cast's migrant that ran out before the cast's day
LAPSED = {
    "residence_permit": {
        "520424199204059916": [
            {
                "xm": "杨昌文", "sfzh": "520424199204059916", "zzzh": "330212202005310001",
                "xzqhdm": "330212", "zzdz": "鄞州区潘火街道", "djrq": "20200531", "yxqz": "202105",
                "zxrq": "1899-12-31", "djztmc": "有效", "hjqx": "贵州省",
            }
        ]
    }
}  # fmt: skip


def lapsed(registers, households, *, promised=True):
    """A migrant household whose permit has run out: one question of procedure.

    ``promised``: it has promised its marriage, which no register here knows, when it applied.
    """
    lease, day = housed(
        registers, households, "H08", tier="MIG", category="migrant_worker", records=LAPSED
    )
    if promised:
        by = lease.application.created_by
        promises.give(lease.application, material_items.BY_KEY["MEMBERS"], by=by)
    return rechecked(lease, day)


def doubted(registers, households):
    """A household with a home outside the city: one question about a fact."""
    lease, day = housed(registers, households, "H09d")
    return rechecked(lease, day)
