"""The demo city: the same size, seed and day give the same city; its past obeys the rules."""

from datetime import date

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import transaction

from allocation import rounds, states, verify
from allocation.models import Round
from applications import evaluation
from datashare.models import Call
from office.demo_city import build

pytestmark = pytest.mark.django_db

DAY = date(2026, 11, 23)


def digest(households, seed, on=DAY):
    """Builds a city and takes it back again."""
    with transaction.atomic():
        built = build.build(households, seed, on)
        transaction.set_rollback(True)
    return built.digest


def test_the_same_size_seed_and_day_give_the_same_city():
    first = digest(45, 3)
    assert digest(45, 3) == first
    assert digest(45, 4) != first
    assert digest(45, 3, date(2026, 10, 12)) != first


def test_a_city_of_one_household_is_a_city():
    assert build.build(1, 1, DAY).households == 1


def test_its_assessments_can_be_replayed_and_its_draw_verified():
    build.build(90, 2, DAY)
    assert [difference for _row, difference in evaluation.replay() if difference] == []
    revealed = Round.objects.get(state=states.R_REVEALED)
    checks = verify.verify_files(rounds.files(revealed))
    assert verify.passed(checks)
    assert Call.objects.exists()


def test_a_standing_city_is_left_as_it_is_and_another_refused(capsys):
    call_command("demo_city", households=5, seed=1, on=DAY, digest=True)
    first = capsys.readouterr().out
    call_command("demo_city", households=5, seed=1, on=DAY, digest=True)
    assert capsys.readouterr().out == first
    with pytest.raises(CommandError, match="other cases"):
        call_command("demo_city", households=6, seed=1, on=DAY)
