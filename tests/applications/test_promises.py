"""Promises: told in four parts, checked by a person, doubted only with a hearing."""

from datetime import timedelta
from hashlib import sha256

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from accounts.roles import Role
from applications import conflicts, material_items, promises, states, waiting
from applications.models import Commitment
from applications.promises import PromiseRefused
from core import clock
from core.models import AuditEntry, Notice
from tests.factories import accounts
from tests.factories import applications as make

pytestmark = pytest.mark.django_db
ITEM = material_items.BY_KEY["MEMBERS"]


def promised(state=states.WAITLISTED):
    row = make.application(2, state=state)
    made = promises.give(row, ITEM, by=row.created_by)
    promises.schedule(row)
    made.refresh_from_db()
    return made


def street(row, name=""):
    return accounts.staff(Role.STREET, bureau=row.application.street, name=name)


def test_the_four_parts_are_told_and_their_digest_is_kept():
    heads = [head for head, _body in promises.parts(ITEM)]
    assert heads == ["您承诺的事实", "承诺的效力", "怎么核查", "不实的后果"]
    row = promised()
    assert str(ITEM.promise) in row.terms and "先听您说明" in row.terms
    assert row.text_digest == sha256(row.terms.encode()).hexdigest()


def test_approval_gives_the_check_its_day():
    case = make.application(2, state=states.PUBLICITY)
    make.assessment(case)
    made = promises.give(case, ITEM, by=case.created_by)
    waiting.register(case, by=accounts.staff(Role.DISTRICT).user)
    made.refresh_from_db()
    assert made.check_due and made.check_due > clock.today() + timedelta(days=60)


def test_nothing_is_checked_before_approval():
    case = make.application(2, state=states.STREET_REVIEW)
    row = promises.give(case, ITEM, by=case.created_by)
    with pytest.raises(PromiseRefused, match="批准以后"):
        promises.confirm(row, by=street(row), finding="已核实")


def test_a_person_finds_it_kept_and_the_family_is_told():
    row = promised()
    assert list(promises.to_check(street(row))) == [row]
    with pytest.raises(PromiseRefused, match="怎么核实"):
        promises.confirm(row, by=street(row), finding=" ")
    promises.confirm(row, by=street(row), finding="外省民政已回函")
    row.refresh_from_db()
    assert row.state == Commitment.State.KEPT and row.checked_by
    assert Notice.objects.filter(code="promise.kept").exists()
    with pytest.raises(PromiseRefused, match="已经核实"):
        promises.doubt(row, by=street(row), finding="x")


def test_whoever_keeps_away_from_a_case_has_its_promise_on_no_list():
    row = promised()
    away, colleague = street(row, "甲"), street(row, "乙")
    conflicts.recuse(row.application, by=away, reason="邻居")
    assert list(promises.to_check(away)) == []
    assert list(promises.to_check(colleague)) == [row]


def test_a_doubt_changes_nothing_but_asks_the_family():
    row = promised()
    promises.doubt(row, by=street(row), finding="外省登记为离婚")
    row.application.refresh_from_db()
    assert row.application.state == states.WAITLISTED
    told = Notice.objects.get(code="promise.doubted").text
    assert "这还不是结论" in told and "外省登记为离婚" in told


def test_untrue_is_found_after_the_hearing_and_by_another():
    row = promised()
    first, second = street(row, "甲"), street(row, "乙")
    with pytest.raises(PromiseRefused):
        promises.find_false(row, by=second, finding="不实")
    promises.doubt(row, by=first, finding="登记不同")
    with pytest.raises(PromiseRefused, match="听取说明"):
        promises.find_false(row, by=second, finding="不实")
    promises.explain(row, by=row.application.created_by, text="去年已经离婚")
    with pytest.raises(PromiseRefused, match="另一位"):
        promises.find_false(row, by=first, finding="不实")
    row.refresh_from_db()
    assert row.state == Commitment.State.DOUBTED
    promises.find_false(row, by=second, finding="听取后仍不实")
    row.refresh_from_db()
    row.application.refresh_from_db()
    assert row.state == Commitment.State.FALSE
    assert row.application.state == states.WAITLISTED  # nothing ends by it


def test_the_database_knows_no_untruth_without_a_hearing():
    row = promised()
    with pytest.raises(IntegrityError), transaction.atomic():
        Commitment.objects.filter(pk=row.pk).update(state="false")


def test_the_pages_of_both_sides():
    row = promised()
    desk, family, stranger = Client(), Client(), Client()
    clerk = street(row)
    desk.force_login(clerk.user)
    family.force_login(row.application.created_by)
    stranger.force_login(accounts.citizen().user)
    address = reverse("review_promise", args=[row.pk])
    assert address in desk.get(reverse("review_promises")).content.decode()
    assert "不实的后果" in desk.get(address).content.decode()
    assert AuditEntry.objects.filter(verb="looked", purpose="核实承诺").exists()
    assert desk.post(address, {"act": "doubt"}).status_code == 422
    assert desk.post(address, {"act": "doubt", "reasons": "登记不同"}).status_code == 302
    mine = reverse("my_promise", args=[row.application.case_no, row.pk])
    assert stranger.get(mine).status_code == 404
    assert mine in family.get(row.application.get_absolute_url()).content.decode()
    assert "登记不同" in family.get(mine).content.decode()
    assert family.post(mine, {"text": ""}).status_code == 422
    assert family.post(mine, {"text": "以前的登记没有改"}).status_code == 302
    page = desk.get(address).content.decode()
    assert "以前的登记没有改" in page and "另一位同事" in page


def test_who_checks_no_promises_has_no_list(client):
    client.force_login(accounts.staff(Role.REVIEWER).user)
    assert client.get(reverse("review_promises")).status_code == 403
