"""What the database itself refuses, and what is forgotten in time."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from core import clock
from core.identity.ciphers import blind_index
from datashare.models import Call, FreshAnswer
from datashare.tasks import forget_stale_answers

pytestmark = pytest.mark.django_db
PERSON = blind_index("33021219500101999X")


def call(**changes: Any) -> Call:
    fields = {
        "source": "death", "case_no": "YZ1", "purpose": "m", "basis": "duty:x", "by": "worker",
        "person_index": PERSON, "started_at": clock.now(), "duration_ms": 5,
        "outcome": "no_record",
    }  # fmt: skip
    return Call.objects.create(**fields | changes)


def kept(age: timedelta, ttl: timedelta, **changes: Any) -> FreshAnswer:
    fetched = clock.now() - age
    fields = {
        "source": "property", "person_index": PERSON, "rows": [{"zl": "某路一号"}],
        "fetched_at": fetched, "expires_at": fetched + ttl,
    }  # fmt: skip
    return FreshAnswer.objects.create(**fields | changes)


@pytest.mark.parametrize(
    "changes",
    [
        {"case_no": ""},
        {"purpose": ""},
        {"by": ""},
        {"outcome": "unavailable"},
        {"outcome": "found", "error_kind": "timeout"},
    ],
)
def test_a_call_without_reason_or_with_a_contradiction_is_refused(changes: dict[str, str]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        call(**changes)


def test_a_question_has_one_kept_answer() -> None:
    kept(timedelta(), timedelta(days=7))
    with pytest.raises(IntegrityError), transaction.atomic():
        kept(timedelta(), timedelta(days=7))


def test_kept_rows_are_not_readable_in_the_table() -> None:
    kept(timedelta(), timedelta(days=7))
    with connection.cursor() as cursor:
        cursor.execute("SELECT rows FROM datashare_freshanswer")
        (stored,) = cursor.fetchone()
    assert "某路" not in bytes(stored).decode("utf-8", "replace")
    assert FreshAnswer.objects.get().rows == [{"zl": "某路一号"}]


def test_answers_past_their_time_are_forgotten() -> None:
    day = timedelta(days=1)
    kept(8 * day, 7 * day)
    fresh = kept(6 * day, 7 * day, source="vehicle")
    assert forget_stale_answers() == 1
    assert list(FreshAnswer.objects.all()) == [fresh]


def test_calls_are_found_by_case_person_and_failure() -> None:
    first = call(started_at=clock.now() - timedelta(hours=1))
    failed = call(outcome="unavailable", error_kind="timeout", case_no="YZ2")
    assert list(Call.objects.of_case("YZ1")) == [first]
    assert list(Call.objects.about(PERSON)) == [failed, first]
    assert list(Call.objects.failed()) == [failed]
    assert list(Call.objects.since(clock.now() - timedelta(minutes=5))) == [failed]
