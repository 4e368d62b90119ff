"""An answer about another person than asked is refused, and somebody hears of it."""

from __future__ import annotations

import logging

import pytest

from core import audit
from core.identity.ciphers import blind_index
from core.models import AuditEntry
from datashare.models import Call, FreshAnswer
from datashare.queries import Person, Purpose, Question, ask
from tests.factories.authorities import DUTY
from tests.factories.departments import Departments

pytestmark = pytest.mark.django_db
PURPOSE = Purpose("公共服务-00610-000-002", "YZ202603180001", DUTY)


def test_it_is_refused_logged_and_put_on_record(
    mock: Departments, caplog: pytest.LogCaptureFixture
) -> None:
    number = mock.city.situations["tenant"][0]
    question = Question("identity_card", Person(mock.city.people[number].name, number))
    mock.break_down("identity_card", "wrong_person")
    with caplog.at_level(logging.WARNING, logger="datashare.journal"):
        reply = ask([question], purpose=PURPOSE, by=audit.System("worker"))[question]
    assert (reply.status, reply.error, reply.rows) == ("unavailable", "somebody_else", ())
    call = Call.objects.get()
    assert call.error_kind == "somebody_else"
    entry = AuditEntry.objects.get(verb="call.somebody_else")
    assert entry.case_no == PURPOSE.case_no
    assert entry.subjects == [blind_index(number)]
    assert entry.detail == {"source": "identity_card", "request": call.request_id}
    assert "identity_card answered about somebody else" in caplog.text
    assert number not in caplog.text
    assert not FreshAnswer.objects.exists()
