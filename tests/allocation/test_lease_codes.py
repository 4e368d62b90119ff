"""Signing by six digits: rate, life, tries, the words they were asked for, and who may."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from allocation import by_mandate, lease_papers, offers, states
from allocation.leases import by_code, signing, texts
from allocation.leases.terms import LeaseRefused
from allocation.models import Estate, LeaseSignature, SigningCode
from applications import acting, contact, mandates, periods
from core import clock
from core.models import AuditEntry, Notice, OutboxMessage
from tests.allocation.test_pages import citizen_of, text
from tests.factories import accounts
from tests.factories import allocation as make

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("checked")]
PHONE = "13800001234"


@pytest.fixture
def lease():
    made = make.to_sign()
    applicant = made.application.applicant
    applicant.phone = PHONE
    applicant.save(update_fields=["phone"])
    return made


@pytest.fixture
def tenant(lease):
    return citizen_of(lease.application)


def contract(lease):
    return texts.contract_of(lease)


def digits():
    """The code of the newest SMS."""
    sent = OutboxMessage.objects.filter(destination="sms", kind="lease.code").order_by("-pk")
    words = sent[0].payload["text"]
    assert "http" not in words and sent[0].payload["phone"] == PHONE
    return words.split("验证码")[1][:6]


def wrong(code):
    return f"{(int(code) + 1) % 1_000_000:06d}"


def slot_of(lease):
    return contract(lease).signatures.get(party="tenant")


def test_the_digits_sign_and_the_text_says_how(lease, tenant):
    by_code.send(contract(lease), by=tenant)
    code = digits()
    done = by_code.sign(contract(lease), f" {code[:3]} {code[3:]}", by=tenant)
    assert done.state == states.T_IN_FORCE
    slot = slot_of(lease)
    assert (slot.kind, slot.sent_to) == (LeaseSignature.Kind.SMS, "138****1234")
    assert slot.text_digest == done.digest and SigningCode.objects.get().ended_at
    assert "短信验证码" in lease_papers._signed(slot) and PHONE not in lease_papers._signed(slot)
    assert by_code.sign(contract(lease), "000000", by=tenant).pk == done.pk  # tapped twice
    trail = str(list(AuditEntry.objects.values_list("detail", flat=True)))
    assert code not in trail and PHONE not in trail


def test_three_wrong_tries_void_it_and_each_is_counted(lease, tenant):
    by_code.send(contract(lease), by=tenant)
    code = digits()
    with pytest.raises(LeaseRefused, match="6位数字"):
        by_code.sign(contract(lease), code[:5], by=tenant)
    for left in ("还可以试2次", "还可以试1次", "错了3次", "错了3次"):
        with pytest.raises(LeaseRefused, match=left) as refusal:
            by_code.sign(contract(lease), wrong(code), by=tenant)
        assert refusal.value.field == "code"
    with pytest.raises(LeaseRefused, match="错了3次"):
        by_code.sign(contract(lease), code, by=tenant)
    assert slot_of(lease).signed_at is None and by_code.open_code(contract(lease), tenant) is None


def test_it_lives_for_minutes_and_is_not_sent_at_will(lease, tenant):
    by_code.send(contract(lease), by=tenant)
    with pytest.raises(LeaseRefused, match="过1分钟"):
        by_code.send(contract(lease), by=tenant)
    code = digits()
    clock.advance(timedelta(minutes=periods.of("lease_sign_code").value))
    with pytest.raises(LeaseRefused, match="过期"):
        by_code.sign(contract(lease), code, by=tenant)
    for _n in range(by_code.A_DAY - 1):
        by_code.send(contract(lease), by=tenant)
        clock.advance(by_code.AGAIN_AFTER)
    with pytest.raises(LeaseRefused, match="请明天再试"):
        by_code.send(contract(lease), by=tenant)
    assert SigningCode.objects.filter(ended_at=None).count() == 1


def test_an_earlier_code_is_void_and_the_database_keeps_one_open(lease, tenant):
    first = by_code.send(contract(lease), by=tenant)
    old = digits()
    clock.advance(by_code.AGAIN_AFTER)
    by_code.send(contract(lease), by=tenant)
    if digits() != old:
        with pytest.raises(LeaseRefused, match="不对"):
            by_code.sign(contract(lease), old, by=tenant)
    with pytest.raises(IntegrityError, match="signing_code_open_once"), transaction.atomic():
        SigningCode.objects.filter(pk=first.pk).update(ended_at=None)


def test_words_that_changed_since_are_not_signed(lease, tenant):
    by_code.send(contract(lease), by=tenant)
    Estate.objects.update(address="换了一条路2号")
    with pytest.raises(LeaseRefused, match="有变动"):
        by_code.sign(contract(lease), digits(), by=tenant)
    assert slot_of(lease).signed_at is None


def test_a_stranger_gets_no_code_and_who_has_no_phone_signs_otherwise(lease, tenant):
    with pytest.raises(LeaseRefused, match="不用您签字"):
        by_code.send(contract(lease), by=accounts.citizen().user)
    contact.have_none(tenant.as_citizen.id_index, by=tenant)
    with pytest.raises(LeaseRefused, match="没有登记手机号"):
        by_code.send(contract(lease), by=tenant)


def helper_for(tenant, *scopes):
    helper = accounts.citizen(phone=PHONE)
    mandate = mandates.give(tenant.as_citizen, helper, by=tenant, scopes=["follow", *scopes])
    helper.user.acting, helper.user.acts_for = mandate, acting.label_of(mandate)
    return helper, mandate


def test_a_helper_signs_only_where_the_mandate_says_so(lease, tenant):
    helper, _mandate = helper_for(tenant, "apply")
    tenant_of = lease.application.applicant
    with pytest.raises(by_mandate.MandateOver, match="没有写明代签"):
        by_code.send(contract(lease), by=helper.user)
    with pytest.raises(by_mandate.MandateOver, match="没有写明代签"):
        signing.sign_text(contract(lease), by=helper.user, member=tenant_of)
    assert slot_of(lease).signed_at is None


def test_a_helper_who_may_signs_by_a_code_to_their_own_phone(lease, tenant):
    helper, mandate = helper_for(tenant, "sign")
    sent = by_code.send(contract(lease), by=helper.user)
    assert sent.person_index == helper.id_index
    with pytest.raises(LeaseRefused, match="先发送"):  # the code is the helper's alone
        by_code.sign(contract(lease), digits(), by=tenant)
    by_code.sign(contract(lease), digits(), by=helper.user)
    slot = slot_of(lease)
    assert slot.mandate == mandate and "代" in slot.signed_by
    assert "凭委托代签" in lease_papers._signed(slot)
    told = Notice.objects.get(code="lease_signed_by_helper")
    assert told.person_index == mandate.principal_index and helper.name not in told.text


def test_on_the_page_the_code_stands_beside_the_pad(client, lease, tenant):
    client.force_login(tenant)
    page = reverse("my_lease")
    assert "发送验证码到138****1234" in text(client.get(page))
    assert client.post(page, {"step": "send"}).url == page
    shown = text(client.get(page))
    assert "可以试3次" in shown and PHONE not in shown
    answer = client.post(page, {"step": "code", "code": wrong(digits())})
    assert answer.status_code == 422 and "还可以试2次" in text(answer)
    assert client.post(page, {"step": "code", "code": digits()}).url == page
    assert "登录后用短信验证码确认" in text(client.get(page))
    lease.refresh_from_db()
    assert lease.state == states.L_SIGNED


def test_the_pad_still_signs(client, lease, tenant):
    client.force_login(tenant)
    client.post(reverse("my_lease"), {"name": lease.application.applicant.name})
    assert slot_of(lease).kind == LeaseSignature.Kind.TYPED
    assert offers.SYSTEM  # the machine's verbs sign as before, see test_leases
