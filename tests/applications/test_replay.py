"""A stored assessment can be computed again, and a changed rule is found out."""

import dataclasses
import io

import pytest
from django.core.management import CommandError, call_command

from applications import evaluation, states, verification
from applications.eligibility.rules import housing
from core import clock
from tests.factories import applications as make

pytestmark = pytest.mark.django_db


def stored(registers):
    row = make.application(make.couple_with_child(), state=states.ACCEPTED)
    verification.request_checks(row, by=row.created_by)
    verification.pump("apply")
    return row.assessments.get()


def replay(*arguments):
    said = io.StringIO()
    call_command("replay", *arguments, stdout=said)
    return said.getvalue()


def test_nothing_changed_replays_without_difference(registers):
    stored(registers)
    assert "1 assessments replayed, no difference" in replay()


def test_a_changed_rule_is_found_out_with_exit_1_and_a_diff(registers, monkeypatch):
    row = stored(registers)
    true_rule = housing.housing_area

    def lenient(facts, look):
        return dataclasses.replace(true_rule(facts, look), actual="0.00", limit="999.00")

    monkeypatch.setattr(housing, "housing_area", lenient)
    with pytest.raises(CommandError) as failed:
        replay()
    assert failed.value.returncode == 1
    assert "1 of 1" in str(failed.value) and row.pk


def test_the_policy_of_that_day_is_used_not_todays(registers):
    row = stored(registers)
    assert evaluation.recomputed(row) == row.result
    assert row.policy.text != "" and row.policy.digest


def test_since_leaves_older_assessments_out(registers):
    stored(registers)
    tomorrow = clock.today().replace(year=clock.today().year + 1).isoformat()
    assert "0 assessments" in replay("--since", tomorrow)
