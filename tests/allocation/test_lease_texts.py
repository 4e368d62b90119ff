"""The texts of a lease: read clause by clause, signed by whom they ask, never rewritten."""

import struct
import zlib
from base64 import b64encode
from datetime import timedelta

import pytest
from django.db import IntegrityError, InternalError, transaction

from accounts.roles import Role
from allocation import access_ends, handover, lease_papers, leases, offers, rent_sums, states
from allocation.leases import explaining, lessor, signing, texts
from allocation.models import AccessGrant, LeaseSignature
from applications import periods
from core import clock
from core.models import OutboxMessage
from tests.factories import accounts
from tests.factories import allocation as make
from tests.factories import leases as make_lease

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("checked")]
BY = offers.SYSTEM


def png() -> str:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 2, 1, 8, 0, 0, 0, 0))
    body = head + chunk(b"IDAT", zlib.compress(b"\0\0\0")) + chunk(b"IEND", b"")
    return "data:image/png;base64," + b64encode(b"\x89PNG\r\n\x1a\n" + body).decode()


@pytest.fixture
def accepted():
    offer = make.opened()
    offers.accept(offer, by=BY, via="phone")
    return offer.lease


def test_the_contract_has_what_the_measures_ask_for(accepted):
    titles = [one.title for one in texts.clauses_of(texts.contract_of(accepted))]
    for word in (
        "房屋和设备", "用途", "租期", "租金和支付", "押金", "维修", "物业和水电",
        "什么时候要交还住房", "违约责任", "争议", "其他",
    ):  # fmt: skip
        assert word in titles
    facts = texts.contract_content(accepted)["facts"]
    assert facts["tenant"] == accepted.application.applicant.name
    assert len(facts["people"]) == accepted.application.members.count()


def test_the_deposit_is_that_of_the_table(accepted):
    assert accepted.deposit == periods.of("lease_deposit").value


def test_the_sum_names_area_market_rent_and_share_with_source_and_date(accepted):
    rent = texts.sum_of(accepted)
    assert rent.monthly == accepted.rent_monthly == 966
    words = str(rent_sums.lines(rent))
    for part in ("55.20平方米", "25.00元每平方米每月", "70.0%", "test", "未核实"):
        assert part in words
    assert rent_sums.read(rent.kept()) == rent


def test_the_clauses_are_read_one_by_one_and_ticks_stay(accepted):
    text = texts.contract_of(accepted)
    first, *rest = texts.key_clauses(text)
    text = explaining.read(text, [first, 77], by=BY)
    assert text.explained_at is None and explaining.left(text) == rest
    with pytest.raises(leases.LeaseRefused, match=f"第{rest[0]}条"):
        explaining.refuse_unread(text)
    with pytest.raises(leases.LeaseRefused, match="先看完"):
        signing.sign_text(text, by=BY)
    assert text.signatures.filter(signed_at=None).count() == 2
    text = explaining.read(text, rest, by=BY)
    accepted.refresh_from_db()
    assert text.explained_at and accepted.explained_at == text.explained_at
    assert text.reads.count() == len(rest) + 1


def test_the_first_signature_fixes_the_words_and_nobody_rewrites_them():
    lease = make.signed()
    text = texts.contract_of(lease)
    assert text.state == states.T_IN_FORCE and text.digest and text.fixed_at
    text.content["zh"][0]["lines"] = ["别的"]
    with pytest.raises(InternalError, match="never rewritten"), transaction.atomic():
        text.save()
    with pytest.raises(InternalError), transaction.atomic():
        type(text).objects.filter(pk=text.pk)._raw_delete("default")
    slot = text.signatures.get(party="tenant")
    slot.signed_by = "别人"
    with pytest.raises(InternalError), transaction.atomic():
        slot.save()
    assert slot.text_digest == text.digest


def test_a_drawn_signature_is_kept_encrypted_with_its_digest():
    lease = make.to_sign()
    mark = signing.mark_of(png(), lease.application.applicant.name)
    leases.sign(lease, by=BY, mark=mark)
    slot = texts.contract_of(lease).signatures.get(party="tenant")
    assert (slot.kind, slot.image_digest) == ("pad", mark.digest) and slot.image


def test_another_signer_who_is_missing_keeps_the_lease_from_beginning():
    lease = make.to_sign()
    text = texts.contract_of(lease)
    spouse = texts.adults_of(lease)[0]
    signing.ask_cosigner(text, spouse, by=make_lease.officer())
    lease = leases.sign(lease, by=BY)
    assert lease.state == states.L_TO_SIGN and lease.signed_at is None
    assert [one.member for one in signing.missing(text)] == [spouse]
    assert not OutboxMessage.objects.filter(destination__in=["operator", "access"]).exists()
    signing.sign_text(text, by=BY, member=spouse)
    lease.refresh_from_db()
    assert lease.state == states.L_SIGNED and lease.grants.exists()


def test_where_the_text_asks_for_it_all_adults_sign(monkeypatch, accepted):
    flag = periods.of("lease_cosign")
    monkeypatch.setitem(periods.table(), "lease_cosign", type(flag)(**{**vars(flag), "value": 1}))
    assert texts.asked_to_cosign(accepted) == texts.adults_of(accepted) != []


def test_after_a_signature_no_signer_is_added_and_strangers_sign_nothing():
    lease = make.signed()
    text, spouse = texts.contract_of(lease), texts.adults_of(lease)[0]
    with pytest.raises(leases.LeaseRefused, match="已经有人签字"):
        signing.ask_cosigner(text, spouse, by=make_lease.officer())
    other = make.to_sign(make.revealed(1, 1))
    with pytest.raises(leases.LeaseRefused, match="不用您签字"):
        signing.sign_text(texts.contract_of(other), by=BY, member=spouse)
    other.refresh_from_db()
    assert other.state == states.L_TO_SIGN


def test_who_has_no_phone_signs_on_paper_before_a_witness():
    lease = make.to_sign()
    clerk = accounts.staff(Role.WINDOW)
    text = signing.sign_on_paper(texts.contract_of(lease), lease.application.applicant, by=clerk)
    slot = text.signatures.get(party="tenant")
    assert (slot.kind, slot.witness, text.state) == ("paper", clerk, states.T_IN_FORCE)
    with pytest.raises(IntegrityError, match="witness"), transaction.atomic():
        LeaseSignature.objects.filter(text=text, party="lessor").update(
            kind="paper", signed_at=clock.now(), text_digest="x"
        )


def test_only_an_authorised_person_signs_for_the_lessor_and_only_while_it_lasts():
    lease = make.signed()
    text, someone = texts.contract_of(lease), make_lease.officer()
    with pytest.raises(leases.LeaseRefused, match="授权签约人"):
        signing.sign_as_lessor(text, by=someone, value=someone.name)
    leader = accounts.staff(Role.LEADER)
    with pytest.raises(leases.LeaseRefused, match="不能授权自己"):
        today = clock.today()
        lessor.authorise(leader, document="x", starts_on=today, until=today, by=leader)
    signer = make_lease.signer()
    with pytest.raises(Exception, match="请输入「"):
        signing.sign_as_lessor(text, by=signer, value="别人")
    signing.sign_as_lessor(text, by=signer, value=signer.name)
    assert text.signatures.get(party="lessor").staff == signer
    lessor.revoke(signer.lessor_authorities.get(), by=leader)
    assert not lessor.may_sign(signer, clock.today())


def test_a_lease_that_waits_for_the_lessor_begins_with_that_signature(monkeypatch):
    flag = periods.of("lease_lessor_first")
    changed = type(flag)(**{**vars(flag), "value": 1})
    monkeypatch.setitem(periods.table(), "lease_lessor_first", changed)
    lease = make.signed()
    assert lease.state == states.L_TO_SIGN
    signer = make_lease.signer()
    signing.sign_as_lessor(texts.contract_of(lease), by=signer, value=signer.name)
    lease.refresh_from_db()
    assert lease.state == states.L_SIGNED


def test_nobody_signs_for_the_lessor_before_the_household():
    lease = make.to_sign()
    signer = make_lease.signer()
    with pytest.raises(leases.LeaseRefused, match="之后签字"):
        signing.sign_as_lessor(texts.contract_of(lease), by=signer, value=signer.name)


def test_the_papers_are_made_before_and_after_the_signatures_and_sealed_after_the_lessors(
    settings,
):
    lease = make.signed()
    sheet = lease_papers.pdf(lease)
    assert sheet.startswith(b"%PDF")
    settings.LETTER_SEAL = "tests.allocation.test_lease_texts.Sealed"
    assert not lease_papers.pdf(lease).endswith(b"sealed")
    signer = make_lease.signer()
    signing.sign_as_lessor(texts.contract_of(lease), by=signer, value=signer.name)
    assert lease_papers.pdf(lease).endswith(lease.number.encode() + b" sealed")
    old = make_lease.running()  # from before texts were kept
    assert lease_papers.pdf(old).startswith(b"%PDF")


class Sealed:
    """A seal service that writes the number behind the sheet."""

    def slot(self):
        return "（电子印章）"

    def sealed(self, content, *, number):
        return content + number.encode() + b" sealed"


def test_the_database_knows_no_end_but_hand_back_and_court():
    lease = make_lease.running()
    for fields in ({}, {"ended_by": "succeeded", "ended_at": clock.now()}):
        with pytest.raises(IntegrityError, match="hand_back_or_court"), transaction.atomic():
            type(lease).objects.filter(pk=lease.pk).update(state=states.L_ENDED, **fields)
    access_ends.enforced(lease, by=BY, document="（2026）浙0212执1号")
    ended = leases.end(lease, on=clock.today(), by=BY)
    assert (ended.ended_by, ended.state) == ("court", states.L_ENDED)
    assert set(lease.grants.values_list("state", flat=True)) == {AccessGrant.State.REVOKED}


def test_no_other_way_leads_to_the_end_of_access():
    """Access is withdrawn by two modules: at the end of a lease, and at a signed hand-over."""
    from pathlib import Path

    from django.conf import settings

    callers = {
        str(path.relative_to(settings.BASE_DIR))
        for app in ("allocation", "renewal", "applications", "office")
        for path in (Path(settings.BASE_DIR) / app).rglob("*.py")
        if "handover.withdraw(" in path.read_text(encoding="utf-8")
    }
    assert callers == {"allocation/leases/ending.py", "allocation/leases/moving.py"}
    assert handover.withdraw


def test_filing_by_the_receipt_needs_no_number_and_by_hand_needs_one():
    from allocation.leases import filing

    lease, officer = make.signed(), make_lease.officer()
    shown = filing.clock_of(lease, clock.today())
    assert (shown.used, shown.total, shown.late) == (0, 30, False)
    with pytest.raises(leases.LeaseRefused, match="备案号"):
        filing.file_by_hand(lease, " ", by=officer)
    assert not filing.late(clock.today()).exists()
    clock.advance(timedelta(days=31))
    assert list(filing.late(clock.today())) == [lease]
    assert filing.clock_of(lease, clock.today()).late
    filed = filing.file_by_hand(lease, "备〔2026〕1号", by=officer)
    assert (filed.state, filed.filing_no) == (states.L_FILED, "备〔2026〕1号")
    assert not filing.late(clock.today()).exists()
    with pytest.raises(leases.LeaseRefused, match="已经备案"):
        filing.file_by_hand(lease, "2", by=officer)
