"""转交: what the family filled in goes to the right office; what registers answered does not."""

import threading

import pytest
from django.db import connections

from accounts.models import Bureau
from applications import standing, states, transfer
from applications.models import Application, Transfer
from core.identity import ciphers
from core.models import AuditEntry, Notice, OutboxMessage
from datashare.models import GivenConsent
from tests.applications import at_window
from tests.factories import accounts
from tests.factories import applications as make

pytestmark = pytest.mark.django_db
HIGH_TECH = "宁波国家高新区"


@pytest.fixture
def clerk(client):
    staff = accounts.staff("window", name="窗口甲")
    client.force_login(staff.user)
    return staff


@pytest.fixture
def relatives(monkeypatch):
    return at_window.family(monkeypatch)


def meixu():
    return Bureau.objects.get(code="330212004")


def form(**changes):
    return {"reason": "residence", "street": meixu().pk, "agreed": "on", **changes}


def test_a_case_of_a_street_run_by_others_goes_there_with_a_receipt(
    client, clerk, relatives, registers
):
    row, path = at_window.open_desk(client)
    assert client.post(f"{path}transfer/", form(note="住在单位宿舍")).url == path
    row.refresh_from_db()
    made = row.transfer
    assert row.state == states.TRANSFERRED and row.accepted_at is None and row.submitted_at
    assert (made.office, made.partner, made.by) == (HIGH_TECH, "", clerk)
    text = client.get(path).content.decode()
    assert "已转交" in text and HIGH_TECH in text and "凭回执" in text
    assert client.get(f"{path}transfer.pdf").content.startswith(b"%PDF")
    assert HIGH_TECH in str(standing.of(row).line)


def test_the_bundle_is_what_was_filled_in_and_holds_no_registers_answer(
    client, clerk, relatives, registers
):
    _row, path = at_window.open_desk(client, phone="13800000000")
    client.post(f"{path}transfer/", form())
    made = Transfer.objects.get()
    assert {one["name"] for one in made.bundle["people"]} == {"林一", "周二", "林三"}
    assert made.bundle["people"][0]["phone"] == "13800000000"
    assert "evidence" not in made.bundle and "assessment" not in made.bundle
    assert transfer.digest_of(made.bundle) == made.digest
    made.bundle["people"].pop()
    assert transfer.digest_of(made.bundle) != made.digest


def test_paper_carries_what_was_filled_in_and_the_wire_makes_paper_needless(clerk):
    row = make.application(2, state=states.ACCEPTED, street=clerk.bureau)
    made = transfer.hand_over(row, reason="residence", street=meixu(), by=clerk)
    printed = transfer.receipt_of(made)
    assert row.applicant.id_number in str(printed["carried"])
    assert row.applicant.id_number not in str(printed["facts"]) + str(printed["people"])
    made.partner = "transfer-1"
    printed = transfer.receipt_of(made)
    assert printed["carried"] == [] and printed["electronic"]


def test_everything_ends_here(client, clerk, relatives, registers):
    row, path = at_window.open_desk(client)
    client.post(f"{path}transfer/", form())
    assert not row.members.filter(holding=True).exists()
    given = GivenConsent.objects.filter(digest__in=row.applicant.consents.values("digest"))
    assert given.exists() and not given.filter(ends_at=None).exists()
    assert not row.evidence.filter(status="pending").exists()
    assert Notice.objects.get(code="application.transferred").person_index == (
        row.applicant.id_index
    )
    entry = AuditEntry.objects.get(verb="application.transferred")
    assert set(entry.subjects) == set(row.members.values_list("id_index", flat=True))
    answer, _someone = at_window.begin(
        client, id_number=row.applicant.id_number, name=row.applicant.name
    )
    assert answer.status_code == 302 and answer.url != path  # free to apply again


def test_an_accepted_case_is_handed_over_with_its_clock_stopped(client, clerk):
    row = make.application(2, state=states.ACCEPTED, street=clerk.bureau, channel="window")
    made = transfer.hand_over(row, reason="outside", office="海曙区住房和城乡建设局", by=clerk)
    row.refresh_from_db()
    assert row.state == states.TRANSFERRED and made.office == "海曙区住房和城乡建设局"
    assert not row.pauses.filter(ended_at=None).exists()


def test_only_a_configured_office_gets_it_electronically_and_once(clerk, settings):
    settings.TRANSFER_PARTNERS = {HIGH_TECH: "http://127.0.0.1:9/transfer/"}
    settings.OUTBOX_DESTINATIONS = {
        **settings.OUTBOX_DESTINATIONS, "transfer-1": "http://127.0.0.1:9/transfer/"
    }  # fmt: skip
    row = make.application(1, state=states.ACCEPTED, street=clerk.bureau)
    for _click in range(2):
        made = transfer.hand_over(row, reason="residence", street=meixu(), by=clerk)
    sent = OutboxMessage.objects.get(destination="transfer-1")
    assert made.partner == "transfer-1" and sent.payload["digest"] == made.digest
    assert sent.payload["bundle"] == made.bundle
    other = make.application(1, state=states.ACCEPTED, street=clerk.bureau)
    transfer.hand_over(other, reason="outside", office="海曙区住房和城乡建设局", by=clerk)
    assert OutboxMessage.objects.filter(destination__startswith="transfer").count() == 1


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"street": ""}, "请选择由其他管委会管理的镇街。"),
        ({"reason": "outside", "street": ""}, "请写明接收单位的全名。"),
        ({"agreed": ""}, "本人同意后才能转交。"),
        ({"reason": ""}, "请选择「转交的原因」。"),
    ],
)
def test_an_incomplete_transfer_is_asked_back_and_changes_nothing(
    client, clerk, relatives, registers, changes, sentence
):
    row, path = at_window.open_desk(client)
    answer = client.post(f"{path}transfer/", form(**changes))
    assert answer.status_code == 422 and sentence in answer.content.decode()
    row.refresh_from_db()
    assert row.state == states.DRAFT and not Transfer.objects.exists()
    assert authority_stands(row)


def authority_stands(row):
    """The applicant's consent is still in force."""
    return row.applicant.consents.filter(withdrawn_at=None).exists()


def test_a_street_of_our_own_is_no_receiver(clerk):
    row = make.application(1, state=states.ACCEPTED, street=clerk.bureau)
    with pytest.raises(transfer.NotTransferred):
        transfer.hand_over(row, reason="residence", street=clerk.bureau, by=clerk)
    row.refresh_from_db()
    assert row.state == states.ACCEPTED


def test_what_is_under_review_is_not_transferred_at_the_window(client, clerk):
    row = make.application(1, state=states.STREET_REVIEW, street=clerk.bureau, channel="online")
    text = client.get(f"/window/{row.ref}/transfer/").content.decode()
    assert "现在不能转交" in text
    with pytest.raises(transfer.NotTransferred):
        transfer.hand_over(row, reason="residence", street=meixu(), by=clerk)
    row.refresh_from_db()
    assert row.state == states.STREET_REVIEW


def test_the_clerks_own_household_is_left_to_a_colleague(client, clerk, relatives, registers):
    _row, path = at_window.open_desk(client)
    clerk.id_index = ciphers.blind_index(relatives[0].id_number)
    clerk.save(update_fields=["id_index"])
    for address in (f"{path}transfer/", f"{path}transfer.pdf"):
        assert client.get(address).status_code == 403
    assert client.post(f"{path}transfer/", form()).status_code == 403
    assert not Transfer.objects.exists()


def test_the_desk_points_to_the_office_that_runs_the_street(client, clerk, relatives, registers):
    row, path = at_window.open_desk(client)
    Application.objects.filter(pk=row.pk).update(street=meixu())
    assert f"这个镇街由{HIGH_TECH}管理，可以转交。" in client.get(path).content.decode()


@pytest.mark.django_db(transaction=True)
def test_handed_over_twice_at_once_it_is_one_transfer():
    clerk = accounts.staff("window")
    row = make.application(1, state=states.ACCEPTED, street=clerk.bureau)
    made: list[int] = []
    start = threading.Barrier(2)

    def hand_over():
        try:
            start.wait()
            mine = Application.objects.get(pk=row.pk)
            done = transfer.hand_over(mine, reason="residence", street=meixu(), by=clerk)
            made.append(done.pk)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=hand_over) for _one in range(2)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert len(made) == 2 and len(set(made)) == 1 and Transfer.objects.count() == 1
