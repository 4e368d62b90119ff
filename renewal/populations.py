"""Who a campaign looks at (复核对象): households in force, or all that ever were; each once.

The two are kept apart. *In force* are the leases that hold today. *Ever* adds households whose
last lease is over: they are asked about for information only, and nothing follows from it.
"""

from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import Bureau
from allocation import states as allocation_states
from allocation.models import Lease
from core import clock
from renewal.models import Campaign, Recheck

# leases that were lived under and are over: signed once, and no other one goes on from it
OVER = (allocation_states.L_ENDED, allocation_states.L_RENEWED, allocation_states.L_SUCCEEDED)


def leases(
    population: str = Campaign.Population.IN_FORCE,
    *,
    street: Bureau | None = None,
    category: str = "",
) -> QuerySet[Lease]:
    """One lease for each household of a population: the one in force, else its last."""
    rows = Lease.objects.filter(state__in=allocation_states.L_IN_FORCE)
    if population == Campaign.Population.EVER:
        past = Q(state__in=OVER) & ~Exists(_later())
        rows = Lease.objects.filter(Q(state__in=allocation_states.L_IN_FORCE) | past)
    if street is not None:
        rows = rows.filter(application__street=street)
    return rows.filter(application__category=category) if category else rows


def counts(*, street: Bureau | None = None, category: str = "") -> dict[str, int]:
    """How many households are in force, and how many ever were, one query each."""
    return {
        population: leases(population, street=street, category=category).count()
        for population in Campaign.Population.values
    }


def held() -> QuerySet[Recheck]:
    """Rows of a lease's household in a campaign that is not over."""
    return Recheck.objects.filter(household=OuterRef("application"), held=True)


def take_in(campaign: Campaign) -> int:
    """Writes the households down by one INSERT … SELECT; returns how many rows are new.

    Those whom this or another open campaign has taken in are left out; the database refuses them,
    too. They are looked up by the index of held households alone: one by campaign would be read
    again for each household, and grow with them.
    """
    wanted = leases(campaign.population, street=campaign.street, category=campaign.category)
    wanted = wanted.filter(~Exists(held())).order_by("id")
    if campaign.limit is not None:
        room = campaign.limit - campaign.rechecks.count()
        if room <= 0:
            return 0
        wanted = wanted[:room]
    query, values = wanted.values("id", "application_id", "state").query.sql_with_params()
    nothing = Recheck._meta.get_field("flags").get_db_prep_value([], connection)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO renewal_recheck (campaign_id, lease_id, household_id, in_force, held,"
            " state, state_since, lane, skip_reason, change, flags, sampled, settled_by)"
            " SELECT %s, w.id, w.application_id, w.state = ANY(%s), true,"
            f" 'checking', %s, '', '', '{{}}'::jsonb, %s, false, '' FROM ({query}) w ORDER BY w.id",
            [
                campaign.pk, list(allocation_states.L_IN_FORCE), clock.now(), nothing, *values,
            ],
        )  # fmt: skip
        return int(cursor.rowcount)


def _later() -> QuerySet[Lease]:
    """Other leases of the household that hold today, or came after this one."""
    after = Q(state__in=OVER, pk__gt=OuterRef("pk"))
    rows = Lease.objects.filter(Q(state__in=allocation_states.L_IN_FORCE) | after)
    return rows.filter(application=OuterRef("application"))


def elsewhere(campaign: Campaign) -> int:
    """Households of the campaign's population that another open campaign has taken in."""
    rows = leases(campaign.population, street=campaign.street, category=campaign.category)
    return rows.filter(Exists(held().exclude(campaign=campaign))).count()
