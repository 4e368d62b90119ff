"""The four outcomes of acceptance: the machine accepts or asks, people decide what is adverse."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Bureau
from accounts.roles import Role
from applications import (
    acceptance,
    acceptance_letters,
    case_numbers,
    conflicts,
    correction,
    inquiry_answers,
    left_over,
    letters,
    material_items,
    materials,
    standing,
    states,
    submission,
)
from applications.acceptance import AcceptanceRefused
from applications.models import AcceptanceLetter, Application
from applications.views import acceptance_desk
from core import clock
from core.models import Notice
from tests.applications.test_materials import photo
from tests.factories import accounts
from tests.factories import applications as make

pytestmark = pytest.mark.django_db
Kind = AcceptanceLetter.Kind


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "papers"


def street(case, name=""):
    return accounts.staff(Role.STREET, bureau=case.street, name=name)


def draft(members=2, **fields):
    row = make.application(members, **fields)
    row.step, row.case_no = "check", case_numbers.draw(clock.now())
    row.save()
    return row


def silent_marriage(row):
    for member in row.members.all():
        for source in ("marriage", "marriage_national"):
            make.evidence(row, source, member=member, status="no_record")
    return row


def for_somebody_else():
    """A niece applies for her aunt, whom no register knows and nobody has seen."""
    niece = accounts.citizen()
    row = draft(1)
    Application.objects.filter(pk=row.pk).update(created_by=niece.user)
    row.refresh_from_db()
    for source in ("identity_card", "population"):
        make.evidence(row, source, status="no_record")
    return row


def accepted_with_item_to_follow():
    row = silent_marriage(draft())
    left_over.follow_later(row, material_items.BY_KEY["MEMBERS"], by=row.created_by)
    return submission.submit(row, by=row.created_by)


def late():
    """An accepted case at the street whose listed item is overdue."""
    row = accepted_with_item_to_follow()
    row.supplements.update(due_on=clock.today() - timedelta(days=1))
    return row


# -- 1 and 2 -------------------------------------------------------------------------------------


def test_a_complete_case_is_accepted_at_once_with_a_receipt_and_no_other_letter():
    row = draft(1)
    make.evidence(row, "identity_card", status="found", rows=[{"xm": "x"}])
    row = submission.submit(row, by=row.created_by)
    assert row.state == states.ACCEPTED and row.promised_due
    assert not row.acceptance_letters.exists()


def test_with_a_listed_item_missing_it_is_accepted_first_and_told_once():
    row = accepted_with_item_to_follow()
    assert row.state == states.ACCEPTED
    letter = row.acceptance_letters.get()
    assert (letter.kind, letter.due_on) == (Kind.FOLLOW, row.supplements.get().due_on)
    assert letter.items == ["结婚证、离婚证或者离婚判决书"] and letter.issued_by is None
    assert "结婚证" in Notice.objects.get(code="acceptance.follow").text


def test_an_item_that_is_not_listed_cannot_follow():
    row = for_somebody_else()
    with pytest.raises(left_over.MayNotFollow):
        left_over.follow_later(row, material_items.BY_KEY["identity"], by=row.created_by)
    assert not row.supplements.exists()


def test_what_follows_is_brought_as_pages_alone():
    row = accepted_with_item_to_follow()
    materials.add(row, "MEMBERS", photo(), by=row.created_by)
    inquiry_answers.bring(row, by=row.created_by, answers={})
    assert row.supplements.get().received_at
    with pytest.raises(materials.PaperRefused):  # handed in: the file stays as it is
        materials.remove(row.pages.get(), by=row.created_by)


# -- 3 -------------------------------------------------------------------------------------------


def test_without_a_main_paper_everything_missing_is_told_on_the_spot():
    row = for_somebody_else()
    row = submission.submit(row, by=row.created_by)
    assert row.state == states.CORRECTION and row.accepted_at is None
    letter = row.acceptance_letters.get()
    assert letter.kind == Kind.CORRECTION and letter.items == ["居民身份证"]
    client = Client()
    client.force_login(row.created_by)
    page = client.get(reverse("my_case", args=[row.case_no]))
    assert page.status_code == 200 and reverse("my_correct", args=[row.case_no]) in (
        page.content.decode()
    )


def test_the_paper_uploaded_the_case_is_accepted_by_the_machine():
    row = for_somebody_else()
    row = submission.submit(row, by=row.created_by)
    materials.add(row, "correction-1", photo(), by=row.created_by)
    correction.answer(row, by=row.created_by, answers={})
    assert row.state == states.ACCEPTED and row.promised_due
    assert row.members.filter(holding=True).exists()


def test_uploaded_before_sending_nothing_is_missing():
    row = for_somebody_else()
    materials.add(row, "identity", photo(), by=row.created_by)
    assert submission.submit(row, by=row.created_by).state == states.ACCEPTED


def test_not_answered_in_time_it_counts_as_withdrawn():
    row = submission.submit(for_somebody_else(), by=accounts.citizen().user)
    due = correction.open_items(row)[0].due_on
    assert correction.lapse_due(due + timedelta(days=1)) == 1
    row.refresh_from_db()
    assert row.state == states.DEEMED_WITHDRAWN
    assert not row.members.filter(holding=True).exists()


# -- 4 -------------------------------------------------------------------------------------------


def answered_in_words():
    row = for_somebody_else()
    row = submission.submit(row, by=row.created_by)
    (item,) = correction.open_items(row)
    return correction.answer(row, by=row.created_by, answers={item.pk: "证件丢了"})


def test_an_answer_without_the_paper_waits_for_a_person():
    row = answered_in_words()
    assert row.state == states.CORRECTION
    assert list(acceptance.to_settle(street(row))) == [row]
    assert standing.of(row).tag == "补正已收到"
    acceptance.accept_after_look(row, by=street(row))
    assert row.state == states.ACCEPTED


def test_a_person_refuses_acceptance_with_reasons_and_everybody_is_free():
    row = answered_in_words()
    clerk = street(row)
    with pytest.raises(AcceptanceRefused, match="原因"):
        acceptance.refuse(row, by=clerk, reasons=" ")
    row.refresh_from_db()
    assert row.state == states.CORRECTION
    letter = acceptance.refuse(row, by=clerk, reasons="没有身份证明")
    assert row.state == states.NOT_ACCEPTED and letter.issued_by == clerk
    assert not row.members.filter(holding=True).exists()
    assert "没有身份证明" in Notice.objects.get(code="acceptance.refused").text


def test_who_has_no_business_with_it_refuses_nothing():
    row = answered_in_words()
    elsewhere = Bureau.objects.of_kind("street").exclude(pk=row.street_id)[0]
    for who in (
        accounts.staff(Role.REVIEWER),
        accounts.staff(Role.WINDOW, bureau=row.street),
        accounts.staff(Role.STREET, bureau=elsewhere),
    ):
        with pytest.raises(AcceptanceRefused):
            acceptance.refuse(row, by=who, reasons="x")
    row.refresh_from_db()
    assert row.state == states.CORRECTION


def test_acceptance_is_revoked_only_after_a_warning_its_days_and_by_another():
    row = late()
    first, second = street(row, "甲"), street(row, "乙")
    with pytest.raises(AcceptanceRefused, match="书面告知"):
        acceptance.revoke(row, by=second, reasons="没有补交")
    letter = acceptance.warn(row, by=first, reasons="结婚证没有补交")
    with pytest.raises(AcceptanceRefused, match="已经告知"):
        acceptance.warn(row, by=first, reasons="再一次")
    with pytest.raises(AcceptanceRefused, match="期限"):
        acceptance.revoke(row, by=second, reasons="没有补交")
    AcceptanceLetter.objects.filter(pk=letter.pk).update(due_on=clock.today() - timedelta(days=1))
    with pytest.raises(AcceptanceRefused, match="另一位"):
        acceptance.revoke(row, by=first, reasons="没有补交")
    row.refresh_from_db()
    assert row.state == states.ACCEPTED
    acceptance.revoke(row, by=second, reasons="没有补交")
    assert row.state == states.ACCEPTANCE_REVOKED
    assert not row.members.filter(holding=True).exists()


def test_brought_after_the_warning_the_case_goes_on():
    row = late()
    acceptance.warn(row, by=street(row), reasons="没有补交")
    family = Client()
    family.force_login(row.created_by)
    page = family.get(reverse("my_bring", args=[row.case_no])).content.decode()
    assert "现在还没有决定" in page and reverse("my_papers", args=[row.case_no]) in page
    materials.add(row, "MEMBERS", photo(), by=row.created_by)
    inquiry_answers.bring(row, by=row.created_by, answers={})
    assert not acceptance.open_warning(row).exists()
    with pytest.raises(AcceptanceRefused):
        acceptance.revoke(row, by=street(row), reasons="没有补交")


def test_what_was_brought_and_does_not_do_is_asked_once_more():
    row = accepted_with_item_to_follow()
    materials.add(row, "MEMBERS", photo(), by=row.created_by)
    inquiry_answers.bring(row, by=row.created_by, answers={})
    acceptance.find_wrong(row.supplements.get(), by=street(row), because="看不清")
    again = row.supplements.get()
    assert again.received_at is None and again.due_on > clock.today()
    assert "看不清" in Notice.objects.get(code="acceptance.wrong").text
    materials.add(row, "MEMBERS", photo(seed=77), by=row.created_by)


def test_the_database_lets_no_machine_refuse_or_revoke():
    row = late()
    for kind in (Kind.NOT_ACCEPTED, Kind.REVOKED, Kind.WARNED):
        with pytest.raises(IntegrityError), transaction.atomic():
            acceptance_letters.issue(row, kind, reasons="x")


# -- Letters -------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", Kind.values)
def test_each_letter_is_a_pdf_that_the_check_page_knows(client, kind):
    row = late()
    row.acceptance_letters.all().delete()
    letter = acceptance_letters.issue(
        row, kind, items=["结婚证"], due_on=clock.today(), reasons="没有补交", by=street(row)
    )
    assert acceptance_letters.pdf(letter)[:5] == b"%PDF-"
    found = client.post("/letter/", {"code": letters.check_code(letter.number)})
    found = found.content.decode()
    assert str(Kind(kind).label) in found and letter.number in found
    assert row.applicant.name not in found
    wrong = client.post("/letter/", {"code": letter.number + "-ABCDEF"}).content.decode()
    assert "没有找到" in wrong


def test_both_sides_read_the_letters_and_strangers_do_not():
    row = late()
    letter = row.acceptance_letters.get()
    family, stranger, clerk = Client(), Client(), Client()
    family.force_login(row.created_by)
    stranger.force_login(accounts.citizen().user)
    clerk.force_login(street(row).user)
    own = reverse("my_acceptance_letter", args=[row.case_no, letter.pk])
    assert family.get(own)["Content-Type"] == "application/pdf"
    assert stranger.get(own).status_code == 404
    assert clerk.get(reverse("acceptance_letter", args=[letter.pk])).status_code == 200
    listed = family.get(reverse("my_papers", args=[row.case_no])).content.decode()
    assert own in listed and "容缺受理一次性告知书" in listed
    assert family.get(reverse("apply_receipt", args=[row.case_no])).status_code == 200


def test_the_desk_warns_on_its_page():
    row = late()
    clerk = Client()
    clerk.force_login(street(row).user)
    listed = clerk.get(reverse("review_acceptance")).content.decode()
    address = reverse("review_acceptance_case", args=[row.pk])
    assert address in listed and "受理事项" in clerk.get(reverse("review_queue")).content.decode()
    page = clerk.get(address).content.decode()
    assert "拟撤销受理" in page and "期限已过，撤销受理" not in page
    assert clerk.post(address, {"act": "warn"}).status_code == 422
    assert clerk.post(address, {"act": "warn", "reasons": "没有补交"}).status_code == 302
    assert "不能撤销" in clerk.get(address).content.decode()
    row.refresh_from_db()
    assert row.state == states.ACCEPTED


def test_whoever_keeps_away_from_a_case_has_it_on_no_list_of_acceptance():
    row = late()
    away, colleague = street(row, "甲"), street(row, "乙")
    conflicts.recuse(row, by=away, reason="邻居")
    assert list(acceptance.with_late_items(away)) == []
    assert list(acceptance.with_late_items(colleague)) == [row]
    row.state, row.accepted_at = states.CORRECTION, None
    row.save()
    assert list(acceptance.to_settle(away)) == []


def test_what_is_to_follow_is_not_counted_among_what_is_asked_now():
    row = accepted_with_item_to_follow()
    correction_asked = row.supplements.create(
        item="correction-1", text="结婚证", due_on=clock.today() + timedelta(days=10)
    )
    row.state = states.CORRECTION
    row.save()
    assert list(correction.open_items(row)) == [correction_asked]
    assert "一次补齐1样" in standing.of(row).line


def with_late_paper(n, bureau):
    for _n in range(n):
        case = make.application(state=states.STREET_REVIEW, street=bureau)
        for item in ("MEMBERS", "IDENTITY"):
            case.supplements.create(
                item=item, text=f"材料{item}", due_on=clock.today() - timedelta(days=1)
            )


def test_the_list_of_late_papers_is_read_at_once_and_cut_nowhere(
    monkeypatch, django_assert_num_queries
):
    monkeypatch.setattr(acceptance_desk, "_PAGE", 3)
    clerk = accounts.staff(Role.STREET)
    client, address = Client(), reverse("review_acceptance")
    client.force_login(clerk.user)
    with_late_paper(1, clerk.bureau)
    client.get(address)  # warms what is kept between requests
    with CaptureQueriesContext(connection) as one:
        client.get(address)
    with_late_paper(3, clerk.bureau)
    with django_assert_num_queries(len(one)):
        first = client.get(address).content.decode()
    second = client.get(address, {"page": 2}).content.decode()
    numbers = Application.objects.values_list("case_no", flat=True)
    assert [sum(number in page for number in numbers) for page in (first, second)] == [3, 1]
    assert first.count("材料MEMBERS") == first.count("材料IDENTITY") == 3
    assert "page=2" in first
