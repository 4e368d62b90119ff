"""Two people at the same instant: one matter, one visit, one fine."""

from uuid import uuid4

import pytest

from core.refusals import Refusal
from renewal.models import Fine, InspectionVisit, Violation
from renewal.occupancy import visiting
from tests.concurrency.test_reveal import at_once, refused
from tests.factories import tenancies
from tests.factories import violations as make

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_matter_is_noted_visited_and_fined_once_however_many_try():
    one, two = make.officer(), make.officer()
    lease = tenancies.lease(2)
    at_once(*(lambda by=by: make.found(lease, by=by) for by in (one, two, one, two)))
    row = Violation.objects.get()
    inspection = make.announced(lease, by=one)

    def visit(by):
        with make.on(inspection.on):
            told = visiting.Told(**make.WELL)
            return visiting.record(inspection, by=by, key=uuid4(), told=told)

    results = at_once(lambda: visit(one), lambda: visit(two))
    assert InspectionVisit.objects.count() == 1 and len(refused(results)) == 1
    row = make.confirmed(row, one, two)
    results = at_once(lambda: make.fine(row, one), lambda: make.fine(row, two))
    assert Fine.objects.count() == 1 and len(refused(results)) == 1
    assert all(isinstance(each, Refusal) for each in refused(results))
