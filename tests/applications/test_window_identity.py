"""Attested typing, no phone, and who is led back to a draft: nobody stands at a dead end."""

import pytest

from applications import attestation, review, states
from applications.models import Application, Attestation
from core.identity import ciphers
from core.models import AuditEntry
from tests.applications import at_window
from tests.factories import accounts
from tests.factories import applications as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def clerk(client):
    staff = accounts.staff("window", name="窗口甲")
    client.force_login(staff.user)
    return staff


@pytest.fixture
def relatives(monkeypatch):
    return at_window.family(monkeypatch)


def test_a_readers_whole_line_in_the_number_box_is_enough(client, clerk, relatives, registers):
    someone = make.person(name="林一")
    line = f"林一|男|汉|19850505|宁波市1号|{someone.id_number}|鄞州分局|"
    row, _path = at_window.open_desk(client, id_number=line, name="")
    assert (row.applicant.name, row.applicant.id_number) == ("林一", someone.id_number)


def test_without_a_name_it_is_asked_for_and_the_number_stays(client, clerk, registers):
    answer, someone = at_window.begin(client, name="")
    text = answer.content.decode()
    assert answer.status_code == 422 and "请输入姓名。" in text and someone.id_number in text


@pytest.mark.parametrize("reason", Attestation.Reason.values)
def test_a_card_that_fails_is_typed_on_the_clerks_word(client, clerk, relatives, registers, reason):
    row, path = at_window.open_desk(client, reason=reason, papers="户口簿", remark="曾用名林壹")
    made = row.attestations.get()
    assert (made.reason, made.papers, made.by) == (reason, "户口簿", clerk)
    entry = AuditEntry.objects.get(verb="identity.attested")
    assert entry.detail["reason"] == reason and entry.subjects == [row.applicant.id_index]
    assert "户口簿" in client.get(path).content.decode()


def test_a_reason_without_the_papers_seen_is_asked_back(client, clerk, registers):
    answer, _someone = at_window.begin(client, reason="lost")
    assert answer.status_code == 422 and "请写明核对了哪种证件" in answer.content.decode()
    assert not Application.objects.exists() and not registers.asked


def test_the_verb_itself_refuses_a_word_without_papers(clerk):
    row = make.application(1)
    with pytest.raises(attestation.NotAttested):
        attestation.attest(row.applicant, reason="lost", papers=" ", by=clerk)
    with pytest.raises(attestation.NotAttested):
        attestation.attest(row.applicant, reason="other", papers="户口簿", by=clerk)
    assert not Attestation.objects.exists()


def test_the_same_word_twice_is_one(clerk):
    row = make.application(1)
    for _click in range(2):
        attestation.attest(row.applicant, reason="lost", papers="户口簿", by=clerk)
    assert Attestation.objects.count() == 1
    assert AuditEntry.objects.filter(verb="identity.attested").count() == 1


def test_reviewers_read_the_clerks_word(client, clerk):
    row = make.application(1, state=states.ACCEPTED, street=clerk.bureau)
    attestation.attest(row.applicant, reason="former_name", papers="户口簿", by=clerk)
    make.assessment(row)
    review.open_review(row, by=clerk.user)
    reviewer = accounts.staff("street", bureau=clerk.bureau)
    client.force_login(reviewer.user)
    text = client.get(f"/review/{row.tasks.get().pk}/").content.decode()
    assert "窗口说明" in text and "用过别的姓名" in text and "已核对户口簿" in text


def test_a_rare_character_is_taken_and_explained(client, clerk, relatives, registers):
    row, path = at_window.open_desk(client, name="𠮷一")
    assert row.applicant.name == "𠮷一"
    assert "姓名里有生僻字「𠮷」" in client.get(path).content.decode()


def test_a_character_only_this_machine_knows_is_named_with_the_way_out(client, clerk, registers):
    answer, _someone = at_window.begin(client, name="林\ue123")
    text = answer.content.decode()
    assert "第2个字只有这台电脑认得" in text and "用〓代替" in text
    assert not Application.objects.exists()


def test_a_stand_in_character_needs_the_clerks_word(client, clerk, registers):
    answer, _someone = at_window.begin(client, name="林〓")
    assert answer.status_code == 422 and "姓名里有〓" in answer.content.decode()
    row, _path = at_window.open_desk(
        client, name="林〓", reason="rare_character", papers="身份证", remark="上土下口"
    )
    assert row.attestations.get().remark == "上土下口"


def test_no_phone_is_noted_and_shown(client, clerk, relatives, registers):
    row, path = at_window.open_desk(client, no_phone="on")
    assert row.desk_sheet.no_phone and row.applicant.phone is None
    assert "没有手机" in client.get(path).content.decode()
    assert ("没有手机", "通知和文书用纸质送达，不发短信。") in attestation.told(row)


def test_a_wrong_phone_is_explained(client, clerk, registers):
    answer, _someone = at_window.begin(client, phone="123")
    assert "手机号码是11位，以1开头。没有手机，请选「没有手机」。" in answer.content.decode()


def test_who_was_begun_by_a_colleague_of_the_office_is_led_to_that_draft(
    client, clerk, relatives, registers
):
    row, _path = at_window.open_desk(client)
    colleague = accounts.staff("window", bureau=clerk.bureau)
    client.force_login(colleague.user)
    answer, _someone = at_window.begin(
        client, id_number=row.applicant.id_number, name=row.applicant.name
    )
    assert answer.url == f"/window/{row.ref}/" and Application.objects.count() == 1


def test_another_offices_draft_stays_there(client, clerk, relatives, registers):
    row, _path = at_window.open_desk(client)
    codes = ("330212001", "330212002")
    other = accounts.bureau(next(one for one in codes if one != clerk.bureau.code))
    client.force_login(accounts.staff("window", bureau=other).user)
    answer, _someone = at_window.begin(
        client, id_number=row.applicant.id_number, name=row.applicant.name
    )
    assert answer.url != f"/window/{row.ref}/"


def test_codes_on_paper_for_adults_who_are_not_here(client, clerk, relatives, registers):
    row, path = at_window.open_desk(client)
    assert client.get(f"{path}codes.pdf").content.startswith(b"%PDF")
    look = AuditEntry.objects.filter(verb="looked").latest("id")
    assert ciphers.blind_index(relatives[0].id_number) in look.subjects
    for member in row.members.exclude(is_applicant=True):
        client.post(f"{path}consent/", {"member": member.pk})
    assert client.get(f"{path}codes.pdf").status_code == 404


def test_a_queue_number_is_kept_and_a_strange_one_explained(client, clerk, relatives, registers):
    answer, _someone = at_window.begin(client, queue_no="十二号")
    assert "排队号由字母和数字组成" in answer.content.decode()
    row, path = at_window.open_desk(client, queue_no=" a012 ")
    assert row.desk_sheet.queue_no == "A012"
    assert "排队号A012" in client.get(path).content.decode()


def test_open_facts_become_promises_or_later_papers_with_the_same_click(
    client, clerk, relatives, registers
):
    row, path = at_window.open_desk(client)
    spouse = row.members.get(relation="10")
    row.evidence.filter(source="marriage").delete()
    make.evidence(row, "marriage", member=spouse)
    row.evidence.filter(status="pending").delete()
    text = client.get(path).content.decode()
    assert "还差什么" in text and 'name="item_MEMBERS"' in text
    form = {"programme": "public_rental", "street": clerk.bureau.pk, "item_MEMBERS": "later"}
    client.post(f"{path}accept/", form)
    row.refresh_from_db()
    assert row.state == states.ACCEPTED and row.supplements.get().item == "MEMBERS"
    assert "补交" in client.get(path).content.decode()


def test_what_was_not_chosen_stays_open_after_acceptance_and_can_be_promised_then(
    client, clerk, relatives, registers
):
    row, path = at_window.open_desk(client)
    spouse = row.members.get(relation="10")
    row.evidence.filter(source="marriage").delete()
    make.evidence(row, "marriage", member=spouse)
    row.evidence.filter(status="pending").delete()
    client.post(f"{path}accept/", {"programme": "public_rental", "street": clerk.bureau.pk})
    row.refresh_from_db()
    assert row.state == states.ACCEPTED and not row.commitments.exists()
    row.evidence.filter(status="pending").delete()
    assert "还差什么" in client.get(path).content.decode()
    client.post(f"{path}left/", {"item_MEMBERS": "promise"})
    assert row.commitments.get().fact == "MEMBERS"
