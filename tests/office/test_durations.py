"""Durations of all cases at once are those of each case's own clock."""

from datetime import timedelta

import pytest

from applications import deadlines
from applications.models import Application, Pause
from core import clock
from office.figures import durations as took
from office.figures.figure import Moment
from office.figures.oneflow import ANSWERED
from tests.office.conftest import answered

DAY = timedelta(days=1)


@pytest.mark.django_db
@pytest.mark.usefixtures("district")
def test_net_and_gross_are_those_of_the_cases_own_clock():
    overlapping = answered(60, 40)
    for first, last in ((3, 20), (10, 25), (12, 14)):
        Pause.objects.create(
            application=overlapping,
            reason=["source", "correction", "consent"][first % 3],
            began_at=overlapping.accepted_at + first * DAY,
            ended_at=overlapping.accepted_at + last * DAY,
        )
    found = {one.application_id: (one.net, one.gross) for one in took.durations(Moment.now())}
    cases = Application.objects.prefetch_related("pauses").filter(pk__in=found)
    clocks = {case.pk: deadlines.clock_of(case, clock.today()) for case in cases}
    assert found == {pk: (one.net, one.gross) for pk, one in clocks.items()}
    assert any(net < gross for net, gross in found.values())
    assert len(found) == ANSWERED.rows(Moment.now()).count() > 3


@pytest.mark.django_db
def test_no_case_answered_yet_is_no_duration():
    assert took.durations(Moment.now()) == []
    empty = took.summary([])
    assert (empty.cases, empty.fastest, empty.median, empty.p90, empty.share) == (
        0, None, None, None, None,
    )  # fmt: skip


def test_fastest_median_ninetieth_and_share_within_fifteen():
    summary = took.summary([3, 16, 15, 9, 46, 12, 14, 8, 7, 20])
    assert (summary.fastest, summary.median, summary.p90) == (3, 12, 20)
    assert (summary.within, summary.share) == (7, 0.7)


def test_bars_are_five_days_wide_and_reach_forty_five_at_least():
    labels, counts = took.histogram([0, 1, 5, 6, 15, 16])
    assert labels[:4] == ["1–5", "6–10", "11–15", "16–20"]
    assert labels[-1] == "41–45"
    assert counts[:4] == [3, 1, 1, 1]
    assert took.histogram([61])[0][-1] == "61–65"
