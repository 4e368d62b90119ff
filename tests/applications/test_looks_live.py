"""From the wire to the page: what the registers answered, and what the list says it changed."""

import importlib
from datetime import timedelta

import pytest
from django.db import connection

from applications import authority, consent, looks, states, verification
from core import clock
from core.identity.ciphers import blind_index
from datashare import authorities
from datashare.models import Call, FreshAnswer, GivenConsent
from tests.factories import accounts
from tests.factories import applications as make
from tests.factories.departments import APP_KEY, APP_SECRET, departments

pytestmark = pytest.mark.django_db


@pytest.fixture
def mock(settings):
    with departments() as running:
        settings.DATASHARE_GATEWAY_URL = running.url
        settings.DATASHARE_APP_KEY, settings.DATASHARE_APP_SECRET = APP_KEY, APP_SECRET
        settings.DATASHARE_TIMEOUT = 10.0
        yield running


@pytest.fixture
def case(mock, monkeypatch):
    """Somebody whom the departments know, accepted, asked about by nobody yet."""
    from applications import tasks

    monkeypatch.setattr(tasks.check_application, "apply_async", lambda *_a, **_k: None)
    number = mock.city.situations["lower_middle"][0]
    me = accounts.citizen(name=mock.city.people[number].name, number=number)
    return make.application(applicant=me, state=states.ACCEPTED)


def lines(index):
    found, number = [], 1
    while True:
        page = looks.page(index, looks.Wanted(), number)
        found += [one for day in page.object_list for one in day.looks]
        if not page.has_next():
            return found
        number += 1


def asked(case, round):
    verification.request_checks(case, round=round, by=verification.WORKER)
    while verification.pump(round=round):
        pass


def test_every_question_of_a_check_says_what_it_changed(mock, case):
    asked(case, "apply")
    found = lines(case.applicant.id_index)
    assert len(found) == Call.objects.count() == mock.calls > 15
    words = {one.effect.word for one in found if one.result != "未能获得"}
    assert words == {"第一次得到答复"}
    assert all(one.basis.startswith("您的授权：") for one in found)
    told = [one.effect.line for one in found if "用来核对" in one.effect.line]
    assert len(told) > 3


def test_the_same_answers_in_the_next_round_changed_nothing(mock, case, monkeypatch):
    asked(case, "apply")
    first = set(Call.objects.values_list("pk", flat=True))
    FreshAnswer.objects.all().delete()
    later = clock.now() + timedelta(minutes=30)
    monkeypatch.setattr(clock, "now", lambda: later)
    asked(case, "recheck-2027")
    again = [one for one in lines(case.applicant.id_index) if one.ref not in first]
    assert len(again) > 15
    assert {one.why for one in again if one.result != "未能获得"} == {"年度复核"}
    assert {one.effect.word for one in again} == {"没有变化"}


def test_after_a_withdrawal_the_list_says_what_was_not_asked(mock, case):
    verification.request_checks(case, by=verification.WORKER)
    given = authority.in_force(case.applicant)
    authorities.end([given.digest], because=GivenConsent.Because.WITHDRAWN)
    verification.pump()
    assert mock.calls == 0 and not Call.objects.exists()
    (line,) = lines(case.applicant.id_index)
    assert line.refused and line.what.startswith("没有放行")


def test_consents_from_before_the_list_are_registered_by_the_migration(case):
    left = make.application(state=states.WITHDRAWN)
    type(left).objects.filter(pk=left.pk).update(closed_at=clock.now())
    gone = make.application(state=states.ACCEPTED)
    consent.withdraw(gone.applicant, by=gone.created_by)
    refused = make.application(state=states.ACCEPTED, consents=False)
    make.consent(refused.applicant, refused=True)
    GivenConsent.objects.all().delete()
    step = importlib.import_module("applications.migrations.0007_register_consents")
    with connection.cursor() as cursor:
        cursor.execute(step._REGISTER)
        cursor.execute(step._REGISTER)  # twice is once
    told = dict(GivenConsent.objects.values_list("person_index", "ended_because"))
    assert told == {
        case.applicant.id_index: "",
        left.applicant.id_index: "case_ended",
        gone.applicant.id_index: "withdrawn",
    }
    row = GivenConsent.objects.get(person_index=blind_index(case.applicant.id_number))
    assert row.case_no == authority.asked_as(case)
    assert set(row.kinds) == set(authorities.CONSENT_KINDS)
