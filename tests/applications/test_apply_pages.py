"""Every page of applying and of 我的, without JavaScript."""

import re

import pytest

from applications import consent, household, states, tasks
from applications.models import Application
from core import clock
from tests.factories import accounts
from tests.factories import applications as make

pytestmark = pytest.mark.django_db
TRUE_SEEN = re.compile(r'name="seen" value="(\d+)"')


@pytest.fixture
def signed_in(client):
    citizen = accounts.citizen(name="林一")
    client.force_login(citizen.user)
    return citizen


@pytest.fixture
def relatives(monkeypatch):
    """A spouse and a child whom the registers name."""
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


def seen(response):
    return TRUE_SEEN.search(response.content.decode())[1]


def fill(client, path, **data):
    """Reads a page, posts its form, follows to the next page."""
    page = client.get(path)
    assert page.status_code == 200, path
    if found := TRUE_SEEN.search(page.content.decode()):
        data["seen"] = found[1]
    return client.post(path, data)


def go_to_check(client, citizen):
    """All pages up to 核对; returns the draft."""
    assert fill(client, "/apply/for/", whom="self").url == "/apply/consent/"
    step = fill(client, "/apply/consent/", agree="on", phone="13800000001")
    assert step.url == "/apply/household/"
    return go_on_to_check(client, citizen)


def go_on_to_check(client, citizen):
    """From 家庭 to 核对, everybody in."""
    row = household.current_for(citizen.user)
    answers = {f"with_{one.pk}": "yes" for one in row.members.exclude(is_applicant=True)}
    assert fill(client, "/apply/household/", **answers).url == "/apply/family/"
    assert fill(client, "/apply/family/", guardian="on").url == "/apply/known/"
    assert fill(client, "/apply/known/").url == "/apply/wishes/"
    street = accounts.bureau("street")
    wishes = {"programme": "public_rental", "street": street.pk, "needs": ["low_floor"]}
    assert fill(client, "/apply/wishes/", **wishes).url == "/apply/check/"
    row.refresh_from_db()
    return row


def test_the_whole_way_on_the_phone_ends_with_a_case_number(
    client, signed_in, relatives, registers
):
    row = go_to_check(client, signed_in)
    done = fill(client, "/apply/check/", truthful="on", signature="林一", ref=str(row.ref))
    row.refresh_from_db()
    assert row.state == states.ACCEPTED
    assert done.url == f"/apply/done/{row.case_no}/"
    page = client.get(done.url).content.decode()
    assert row.case_no in page and "还差1位家人授权" in page and "受理回执" in page
    pdf = client.get(f"/apply/done/{row.case_no}/receipt.pdf")
    assert pdf.content.startswith(b"%PDF") and pdf["Cache-Control"] == "private, no-store"


def test_no_page_shows_a_whole_id_number(client, signed_in, relatives, registers):
    row = go_to_check(client, signed_in)
    numbers = [one.id_number for one in row.members.all()]
    paths = [
        "",
        "consent/",
        "household/",
        "household/add/",
        "family/",
        "known/",
        "wishes/",
        "check/",
    ]
    for path in paths:
        text = client.get(f"/apply/{path}/").content.decode()
        assert not [number for number in numbers if number in text], path


def test_a_second_click_on_submit_leads_to_the_same_case(client, signed_in, relatives, registers):
    row = go_to_check(client, signed_in)
    page = client.get("/apply/check/")
    form = {"truthful": "on", "signature": "林一", "ref": str(row.ref), "seen": seen(page)}
    first, second = client.post("/apply/check/", form), client.post("/apply/check/", form)
    assert first.url == second.url
    assert Application.objects.sent().count() == 1


def test_an_older_tab_is_told_and_shown_what_is_newest(client, signed_in, relatives, registers):
    go_to_check(client, signed_in)
    old = seen(client.get("/apply/wishes/"))
    street = accounts.bureau("street")
    fill(client, "/apply/wishes/", programme="rental_subsidy", street=street.pk)
    answer = client.post(
        "/apply/wishes/",
        {"programme": "public_rental", "street": street.pk, "seen": old},
        follow=True,
    )
    assert "在另一个页面或设备上改过" in answer.content.decode()
    assert household.current_for(signed_in.user).programme == "rental_subsidy"


def test_a_person_already_in_a_case_reads_sentence_29_and_keeps_the_draft(
    client, signed_in, relatives, registers
):
    spouse, _child = relatives
    make.application([spouse], state=states.ACCEPTED)
    row = go_to_check(client, signed_in)
    refused = fill(client, "/apply/check/", truthful="on", signature="林一", ref=str(row.ref))
    assert refused.status_code == 422
    text = refused.content.decode()
    assert "已在另一份申请或保障中，同一个人不能同时参加两份" in text
    row.refresh_from_db()
    assert row.state == states.DRAFT and row.members.count() == 3


def test_the_draft_is_found_again_on_another_device(client, signed_in, relatives, registers):
    go_to_check(client, signed_in)
    client.logout()
    client.force_login(signed_in.user)
    assert "接着填" in client.get("/apply/").content.decode()
    assert "/apply/check/" in client.get("/apply/").content.decode()


def test_errors_are_listed_with_what_was_typed(client, signed_in, relatives, registers):
    fill(client, "/apply/for/", whom="self")
    fill(client, "/apply/consent/", agree="on")
    answer = fill(
        client, "/apply/household/add/", name="某人", id_number="33021219850505991", relation="51"
    )
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "身份证号码是18位，您填了17位。" in text and "某人" in text


def test_a_person_is_added_and_checked(client, signed_in, relatives, registers):
    fill(client, "/apply/for/", whom="self")
    fill(client, "/apply/consent/", agree="on")
    mother = make.person("52")
    answer = fill(
        client, "/apply/household/add/", name="母亲某", id_number=mother.id_number, relation="52"
    )
    assert answer.url == "/apply/household/"
    assert "母亲某" in client.get("/apply/household/").content.decode()


def test_another_adult_signs_in_as_themselves_and_consents_by_code(
    client, signed_in, relatives, registers
):
    row = go_to_check(client, signed_in)
    fill(client, "/apply/check/", truthful="on", signature="林一", ref=str(row.ref))
    spouse = accounts.citizen(name=relatives[0].name, number=relatives[0].id_number)
    member = row.members.get(relation="10")
    client.force_login(spouse.user)
    assert "请您授权" in client.get("/my/").content.decode()
    assert client.post("/apply/family/join/", {"code": "000000"}).status_code == 422
    code = consent.code_for(member)
    card = client.post("/apply/family/join/", {"code": code})
    assert "*一请您授权" in card.content.decode() and "林一请" not in card.content.decode()
    client.post("/apply/family/join/", {"code": code, "answer": "yes"})
    assert member.consents.get().given_at
    row.refresh_from_db()
    assert not row.pauses.filter(ended_at=None).exists()


def test_codes_cannot_be_guessed(client, signed_in):
    for _try in range(10):
        client.post("/apply/family/join/", {"code": "123456"})
    text = client.post("/apply/family/join/", {"code": "123456"}).content.decode()
    assert "试的次数太多" in text


def test_polling_ends_when_everything_is_answered(client, signed_in, registers):
    row = make.application(applicant=signed_in, state=states.ACCEPTED)
    from applications import verification

    verification.request_checks(row, by=signed_in.user)
    path = f"/apply/done/{row.case_no}/rows/"
    assert client.get(path).status_code == 200
    tasks.check_application(row.pk, "apply")
    answer = client.get(path)
    assert answer.status_code == 286 and "没有登记" in answer.content.decode()


def test_a_line_is_disputed_by_its_own_family_only(client, signed_in, registers):
    row = make.application(applicant=signed_in, state=states.ACCEPTED)
    one = make.evidence(row, status="no_record")
    assert client.post(f"/apply/dispute/{one.pk}/", {"reason": "已卖掉"}).status_code == 302
    one.refresh_from_db()
    assert one.disputed
    client.force_login(accounts.citizen().user)
    assert client.get(f"/apply/dispute/{one.pk}/").status_code == 404


@pytest.mark.parametrize("state", [one.id for one in states.APPLICATION if one.id != "draft"])
def test_the_page_of_a_case_says_its_state_in_every_state(client, signed_in, state):
    row = make.application(applicant=signed_in, state=state)
    make.assessment(row, "ineligible", findings=[make.finding("INCOME", "fail", actual="9.00")])
    page = client.get(f"/my/case/{row.case_no}/")
    text = page.content.decode()
    assert page.status_code == 200 and row.case_no in text
    assert "{" not in re.sub(r"<[^>]*>", "", text)


def test_before_a_signed_decision_a_fail_reads_as_being_checked(client, signed_in):
    row = make.application(applicant=signed_in, state=states.JOINT_REVIEW)
    fail = make.finding("HOUSING_AREA", "fail", actual="52.00", limit="36.00", op="<=")
    make.assessment(row, "ineligible", findings=[fail])
    for path in (f"/my/case/{row.case_no}/", f"/my/case/{row.case_no}/why/0/"):
        text = client.get(path).content.decode()
        assert "核对中" in text and "不符合" not in text
    why = client.get(f"/my/case/{row.case_no}/why/0/").content.decode()
    assert "52.00平方米" in why and "不超过36.00平方米" in why


def test_a_case_is_hidden_from_everybody_else(client, signed_in):
    row = make.application(state=states.ACCEPTED)
    for path in ("", "withdraw/", "family/", "why/0/"):
        assert client.get(f"/my/case/{row.case_no}/{path}").status_code == 404
    assert client.get(f"/apply/done/{row.case_no}/").status_code == 404
    assert client.get(f"/apply/done/{row.case_no}/receipt.pdf").status_code == 404


def test_a_withdrawal_says_its_effect_first(client, signed_in):
    row = make.application(applicant=signed_in, state=states.ACCEPTED)
    path = f"/my/case/{row.case_no}/withdraw/"
    assert "撤回以后" in client.get(path).content.decode()
    client.post(path, {"reason": ""})
    row.refresh_from_db()
    assert row.state == states.WITHDRAWN
    assert "现在不能在网上撤回" in client.get(path).content.decode()


def test_who_looked_names_register_time_and_reason(client, signed_in):
    from core import audit
    from datashare.models import Call

    row = make.application(applicant=signed_in, state=states.ACCEPTED)
    index = row.applicant.id_index
    Call.objects.create(
        source="property", case_no=row.case_no, purpose="公共服务", basis="consent:x", by="worker",
        person_index=index, started_at=clock.now(), duration_ms=5, outcome="found",
    )  # fmt: skip
    clerk = accounts.staff("reviewer", name="王审")
    audit.looked(row, by=clerk.user, purpose="联审", case_no=row.case_no, subjects=[index])
    text = client.get("/my/data/").content.decode()
    assert "不动产登记" in text and "平台自动核对" in text and "王审" in text and "联审" in text


def test_home_with_nothing_to_do_says_so(client, signed_in):
    text = client.get("/my/").content.decode()
    assert "现在没有要您办理的事" in text
    assert client.get("/my/notices/").status_code == 200
    assert client.get("/my/data/").status_code == 200


def test_the_home_page_needs_few_queries_however_many_cases(
    client, signed_in, django_assert_max_num_queries
):
    for _case in range(4):
        make.application(applicant=signed_in, state=states.WITHDRAWN)
    with django_assert_max_num_queries(25):
        client.get("/my/")


def test_applying_is_for_citizens(client):
    assert client.get("/apply/").status_code == 302
    client.force_login(accounts.staff("window").user)
    assert client.get("/apply/").status_code == 403


def test_only_what_no_register_knows_is_left_to_promise(client, signed_in, relatives, registers):
    """The marriage was registered outside the province: one promise, and the way goes on."""
    from applications import verification

    fill(client, "/apply/for/", whom="self")
    fill(client, "/apply/consent/", agree="on")
    row = household.current_for(signed_in.user)
    answers = {f"with_{one.pk}": "yes" for one in row.members.exclude(is_applicant=True)}
    fill(client, "/apply/household/", **answers)
    fill(client, "/apply/family/", guardian="on")
    verification.pump("apply")
    assert fill(client, "/apply/known/").url == "/apply/left/"
    assert "资格会被撤销" in client.get("/apply/left/").content.decode()
    assert fill(client, "/apply/left/", item_MEMBERS="promise").url == "/apply/wishes/"
    assert row.commitments.get().fact == "MEMBERS"
    assert "我承诺" in client.get("/apply/check/").content.decode()


def test_another_choice_takes_the_earlier_one_back(signed_in):
    from applications import left_over, material_items

    row, item = make.application(applicant=signed_in), material_items.BY_KEY["MEMBERS"]
    left_over.choose(row, item, "promise", by=signed_in.user)
    left_over.choose(row, item, "later", by=signed_in.user)
    assert not row.commitments.exists() and row.supplements.count() == 1
    left_over.choose(row, item, "promise", by=signed_in.user)
    assert row.commitments.count() == 1 and not row.supplements.exists()


def test_a_paper_may_follow_later_with_its_day(client, signed_in, relatives, registers):
    from applications import left_over, material_items

    row = make.application(applicant=signed_in)
    item = material_items.BY_KEY["MEMBERS"]
    kept = left_over.follow_later(row, item, by=signed_in.user)
    assert kept == left_over.follow_later(row, item, by=signed_in.user)
    assert kept.due_on > clock.today()


def test_for_a_ward_the_way_leads_to_the_window_before_anything_is_kept(
    client, signed_in, registers
):
    ward = make.person(name="小某", child=True)
    typed = {"name": ward.name, "id_number": ward.id_number, "mandate": "on"}
    for whom in ("ward", "relative"):
        answer = fill(client, "/apply/for/", whom=whom, **typed)
        assert answer.status_code == 422
        text = answer.content.decode()
        assert "到镇街窗口办理，窗口当场受理" in text and "请填写对方姓名" not in text
    assert not Application.objects.exists() and not registers.asked


def test_a_draft_about_a_minor_names_the_window_on_its_consent_page(client, signed_in, registers):
    from applications import submission

    ward = make.person(name="小某", child=True)
    submission.start_draft(by=signed_in.user, channel="online", person=ward)
    page = client.get("/apply/consent/").content.decode()
    assert "到镇街窗口办理，窗口当场受理" in page and "同意并继续" not in page
    row = household.current_for(signed_in.user)
    answer = client.post("/apply/consent/", {"agree": "on", "seen": row.version})
    assert answer.status_code == 422
    assert not row.applicant.consents.exists() and not registers.asked


def test_a_child_added_by_hand_waits_for_the_window_and_the_case_is_accepted(
    client, signed_in, relatives, registers
):
    from applications import verification

    fill(client, "/apply/for/", whom="self")
    fill(client, "/apply/consent/", agree="on")
    other = make.person("30", name="小甲", child=True)
    fill(client, "/apply/household/add/", name=other.name, id_number=other.id_number, relation="30")
    row = go_on_to_check(client, signed_in)
    verification.pump("apply")
    assert "网上不能代为同意" in client.get("/apply/family/").content.decode()
    own, added = row.members.get(relation="20"), row.members.get(relation="30")
    assert own.consents.get().method == "guardian" and not added.consents.exists()
    done = fill(client, "/apply/check/", truthful="on", signature="林一", ref=str(row.ref))
    row.refresh_from_db()
    assert row.state == states.ACCEPTED and row.members.filter(holding=True).count() == 4
    for path in (done.url, f"/my/case/{row.case_no}/family/"):
        text = client.get(path).content.decode()
        assert "请监护人带身份证和户口簿（或监护证明）到您选的镇街窗口签字" in text
        assert consent.code_for(added) not in text
    assert added.id_number not in {one.person.id_number for one, _purpose in registers.asked}


def test_nobody_consents_for_another_adult(client, signed_in, registers):
    aunt = make.person(name="某姨")
    fill(
        client, "/apply/for/", whom="relative", name=aunt.name, id_number=aunt.id_number,
        mandate="on",
    )  # fmt: skip
    answer = fill(client, "/apply/consent/", agree="on")
    assert answer.status_code == 422 and "授权要由本人做" in answer.content.decode()
    assert not household.current_for(signed_in.user).applicant.consents.exists()
    assert not registers.asked
