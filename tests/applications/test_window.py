"""The clerk's screen: an ID number and a name, one visit, every look recorded."""

import pytest

from applications import household, states, verification
from applications.models import Application, Consent
from core.identity import ciphers
from core.models import AuditEntry
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
    spouse, child = make.person("10", name="周二"), make.person("20", name="林三", child=True)
    drawn = household.queries.HouseholdDraft(
        tuple(
            household.queries.Relative(one.name, one.id_number, one.relation)
            for one in (spouse, child)
        ),
        certain=True,
    )
    monkeypatch.setattr(household.queries, "household_of", lambda *_a, **_k: drawn)
    return spouse, child


def begin(client, **changes):
    someone = make.person(name="林一")
    data = {"id_number": someone.id_number, "name": someone.name, "agreed": "on", **changes}
    return client.post("/window/", data), someone


def open_desk(client):
    answer, someone = begin(client)
    assert answer.status_code == 302
    return Application.objects.get(channel="window"), answer.url, someone


def test_a_number_and_a_name_bring_the_household_and_ask_the_registers(
    client, clerk, relatives, registers
):
    row, path, someone = open_desk(client)
    verification.pump("apply")
    text = client.get(path).content.decode()
    assert "周二" in text and "林三" in text and "不动产登记" in text
    for number in (someone.id_number, relatives[0].id_number):
        assert number not in text
    assert {one.member.is_applicant for one in row.evidence.all()} == {True}


def test_signatures_on_paper_complete_the_picture_and_the_likely_result_appears(
    client, clerk, relatives, registers
):
    row, path, _someone = open_desk(client)
    for member in row.members.exclude(is_applicant=True):
        client.post(f"{path}consent/", {"member": member.pk})
    verification.pump("apply")
    text = client.get(path).content.decode()
    assert "可能的结果（不是决定）" in text
    methods = set(row.members.values_list("consents__method", flat=True))
    assert methods == {"window", "guardian"}


def test_accepting_gives_number_receipt_and_one_visit(client, clerk, relatives, registers):
    row, path, _someone = open_desk(client)
    members = row.members.exclude(is_applicant=True)
    client.post(f"{path}household/", {f"with_{one.pk}": "yes" for one in members})
    street = clerk.bureau
    client.post(f"{path}accept/", {"programme": "public_rental", "street": street.pk, "papers": 1})
    row.refresh_from_db()
    assert row.state == states.ACCEPTED and row.visits == 1 and row.papers == 1
    text = client.get(path).content.decode()
    assert row.case_no in text and "打印受理回执" in text
    assert client.get(f"{path}receipt.pdf").content.startswith(b"%PDF")


def test_the_authorisation_prints_before_anything_is_accepted(client, clerk, relatives, registers):
    _row, path, _someone = open_desk(client)
    assert client.get(f"{path}authorisation.pdf").content.startswith(b"%PDF")
    assert client.get(f"{path}receipt.pdf").status_code == 404


def test_accepting_twice_makes_one_case(client, clerk, relatives, registers):
    row, path, _someone = open_desk(client)
    members = row.members.exclude(is_applicant=True)
    client.post(f"{path}household/", {f"with_{one.pk}": "yes" for one in members})
    form = {"programme": "public_rental", "street": clerk.bureau.pk}
    for _click in range(2):
        client.post(f"{path}accept/", form)
    row.refresh_from_db()
    assert row.state == states.ACCEPTED and Application.objects.sent().count() == 1


def test_accepting_confirms_the_household_as_it_stands_on_the_screen(
    client, clerk, relatives, registers
):
    row, path, _someone = open_desk(client)
    form = {"programme": "public_rental", "street": clerk.bureau.pk}
    client.post(f"{path}accept/", form)
    row.refresh_from_db()
    assert row.state == states.ACCEPTED
    assert row.members.filter(holding=True).count() == 3


def test_every_look_is_recorded_with_the_people_it_concerned(client, clerk, relatives, registers):
    row, path, _someone = open_desk(client)
    client.get(path)
    look = AuditEntry.objects.filter(verb="looked").latest("id")
    assert look.actor.startswith("窗口甲") and look.purpose == "窗口受理"
    assert set(look.subjects) == set(row.members.values_list("id_index", flat=True))


def test_without_the_persons_word_nothing_is_asked(client, clerk, registers):
    answer, _someone = begin(client, agreed="")
    assert answer.status_code == 422
    assert not Application.objects.exists() and not registers.asked


def test_a_wrong_number_is_explained_in_place(client, clerk, registers):
    answer, _someone = begin(client, id_number="33021219850505991")
    assert "身份证号码是18位，您填了17位。" in answer.content.decode()


def test_a_person_the_registers_do_not_name_is_added(client, clerk, relatives, registers):
    row, path, _someone = open_desk(client)
    mother = make.person("52")
    client.post(
        f"{path}household/",
        {"add": "1", "name": "母亲某", "id_number": mother.id_number, "relation": "52"},
    )
    assert row.members.get(relation="52").origin == "added"


def test_the_second_screen_shows_this_household_and_no_register(
    client, clerk, relatives, registers
):
    assert "欢迎" in client.get("/window/face/").content.decode()
    _row, path, _someone = open_desk(client)
    verification.pump("apply")
    client.get(path)
    text = client.get("/window/face/").content.decode()
    assert "周二" in text and "授权内容" in text and "不动产登记" not in text
    client.get("/window/")
    assert "周二" not in client.get("/window/face/state/").content.decode()


def test_another_office_does_not_see_the_case(client, clerk, relatives, registers):
    _row, path, _someone = open_desk(client)
    other = accounts.bureau("330212001" if clerk.bureau.code != "330212001" else "330212002")
    client.force_login(accounts.staff("window", bureau=other).user)
    assert client.get(path).status_code == 404


OWN = "这个办件涉及您本人或家人，按回避规定请由同事办理。"


def is_also(staff, number):
    """The clerk is this person."""
    staff.id_index = ciphers.blind_index(number)
    staff.save(update_fields=["id_index"])


def test_clerks_do_not_begin_for_themselves(client, clerk, registers):
    someone = make.person(name="林一")
    is_also(clerk, someone.id_number)
    answer, _someone = begin(client, id_number=someone.id_number)
    assert answer.status_code == 422 and OWN in answer.content.decode()
    assert not Application.objects.exists() and not registers.asked


def test_clerks_do_not_begin_for_somebody_they_stand_in_an_application_with(
    client, clerk, registers
):
    row = make.application(2, state=states.WITHDRAWN)
    is_also(clerk, row.members.get(position=1).id_number)
    answer, _someone = begin(client, id_number=row.applicant.id_number, name=row.applicant.name)
    assert answer.status_code == 422 and OWN in answer.content.decode()
    assert Application.objects.count() == 1 and not registers.asked


def test_a_household_that_turns_out_to_be_the_clerks_is_asked_nothing_and_left_to_a_colleague(
    client, clerk, relatives, registers
):
    is_also(clerk, relatives[0].id_number)
    answer, _someone = begin(client)
    assert answer.status_code == 422 and OWN in answer.content.decode()
    row = Application.objects.get()
    assert not row.evidence.exists() and not registers.asked
    path = f"/window/{row.ref}/"
    colleague = accounts.staff("window", bureau=clerk.bureau)
    client.force_login(colleague.user)
    assert client.get(path).status_code == 200


@pytest.mark.parametrize("page", ["", "checks/", "authorisation.pdf", "receipt.pdf"])
def test_clerks_do_not_open_their_own_household(client, clerk, relatives, registers, page):
    _row, path, someone = open_desk(client)
    is_also(clerk, someone.id_number)
    looks = AuditEntry.objects.filter(verb="looked").count()
    answer = client.get(f"{path}{page}")
    assert answer.status_code == 403 and OWN in answer.content.decode()
    assert AuditEntry.objects.filter(verb="looked").count() == looks


def test_clerks_do_not_accept_or_change_their_own_household(client, clerk, relatives, registers):
    row, path, _someone = open_desk(client)
    is_also(clerk, relatives[0].id_number)
    spouse = row.members.get(relation="10")
    form = {"programme": "public_rental", "street": clerk.bureau.pk}
    assert client.post(f"{path}accept/", form).status_code == 403
    assert client.post(f"{path}household/", {"confirm": "1"}).status_code == 403
    assert client.post(f"{path}consent/", {"member": spouse.pk}).status_code == 403
    row.refresh_from_db()
    assert row.state == states.DRAFT and not spouse.consents.exists()


@pytest.mark.parametrize("page", ["checks/", "authorisation.pdf", "receipt.pdf"])
def test_polling_and_printing_are_looks_too(client, clerk, relatives, registers, page):
    row, path, _someone = open_desk(client)
    form = {"programme": "public_rental", "street": clerk.bureau.pk}
    client.post(f"{path}accept/", form)
    before = AuditEntry.objects.filter(verb="looked").count()
    client.get(f"{path}{page}")
    looks = AuditEntry.objects.filter(verb="looked")
    assert looks.count() == before + 1
    assert set(looks.latest("id").subjects) == set(row.members.values_list("id_index", flat=True))


def test_the_guardian_signs_at_the_window_for_a_case_sent_on_the_phone(client, clerk, registers):
    child = make.person("30", child=True)
    row = make.application(
        [make.person(), child], state=states.ACCEPTED, street=clerk.bureau, consents=False
    )
    make.consent(row.applicant)
    member = row.members.get(is_applicant=False)
    answer, _someone = begin(client, id_number=row.applicant.id_number, name=row.applicant.name)
    assert answer.url == f"/window/{row.ref}/" and Application.objects.count() == 1
    assert "监护人已签字" in client.get(answer.url).content.decode()
    client.post(f"{answer.url}consent/", {"member": member.pk})
    assert member.consents.get().method == Consent.Method.GUARDIAN
    assert not row.pauses.filter(ended_at=None).exists()


def test_a_case_sent_on_the_phone_stays_with_its_own_street(client, clerk, registers):
    codes = ("330212001", "330212002")
    other = accounts.bureau(next(one for one in codes if one != clerk.bureau.code))
    row = make.application(2, state=states.ACCEPTED, street=other)
    assert client.get(f"/window/{row.ref}/").status_code == 404


def test_a_silent_register_is_named_and_does_not_stop_the_clerk(
    client, clerk, relatives, registers
):
    registers.silent["property"] = "timeout"
    _row, path, _someone = open_desk(client)
    verification.pump("apply")
    text = client.get(path).content.decode()
    assert "暂时没有答复" in text and "照常受理" in text


def test_polling_the_desk_ends_when_all_have_answered(client, clerk, relatives, registers):
    _row, path, _someone = open_desk(client)
    assert client.get(f"{path}checks/").status_code == 200
    verification.pump("apply")
    assert client.get(f"{path}checks/").status_code == 286


def test_the_window_is_for_window_clerks(client):
    client.force_login(accounts.staff("reviewer").user)
    assert client.get("/window/").status_code == 403
    client.force_login(accounts.citizen().user)
    assert client.get("/window/face/").status_code == 403


def test_a_case_of_the_street_is_this_windows_whoever_typed_it(client, clerk):
    codes = ("330212001", "330212002")
    other = accounts.bureau(next(one for one in codes if one != clerk.bureau.code))
    hall = accounts.staff("window", bureau=other)

    def typed_at_the_hall(street):
        row = make.application(2, state=states.STREET_REVIEW, street=street, channel="window")
        Application.objects.filter(pk=row.pk).update(created_by=hall.user)
        return [f"/window/{row.ref}/", f"/window/{row.ref}/papers/"]

    for path in typed_at_the_hall(clerk.bureau):
        assert client.get(path).status_code == 200, path
    for path in typed_at_the_hall(other):
        assert client.get(path).status_code == 404, path
