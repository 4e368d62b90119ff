"""Mandates: asked, given, used, taken back; what a helper may never do."""

import pytest
from django.db import IntegrityError, transaction
from django.urls import get_resolver

from applications import (
    acting,
    consent,
    guardians,
    household,
    mandates,
    states,
    submission,
)
from applications.models import Application, Mandate
from core import clock
from core.models import AuditEntry, Notice
from tests.factories import accounts
from tests.factories import applications as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def mother():
    return accounts.citizen(name="林母")


@pytest.fixture
def son():
    return accounts.citizen(name="林子")


def given(mother, son, **changes):
    return mandates.give(mother, son, by=mother.user, **changes)


def act(client, mandate, go="follow"):
    return client.post(f"/my/helpers/{mandate.pk}/act/", {"go": go})


def test_what_a_helper_asks_counts_only_after_the_principal_says_yes(mother, son):
    asked = mandates.ask(mother, by=son.user)
    assert mandates.ask(mother, by=son.user) == asked
    assert not mandates.allows(asked, "follow", clock.today())
    with pytest.raises(mandates.MandateRefused):
        mandates.accept(asked, by=son.user)
    asked.refresh_from_db()
    assert asked.given_at is None
    code = mandates.code_for(asked)
    assert mandates.asked_by_code(mother.id_index, code) == asked
    assert mandates.asked_by_code(son.id_index, code) is None
    done = mandates.accept(asked, by=mother.user)
    assert mandates.allows(done, "follow", clock.today())
    assert not mandates.allows(done, "follow", done.until + (done.until - clock.today()))
    told = Notice.objects.get(code="mandate.asked", person_index=mother.id_index)
    assert code in told.text and "*子" in told.text and "林子" not in told.text


def test_nobody_helps_himself_and_a_stranger_ends_nothing(mother, son):
    with pytest.raises(mandates.MandateRefused):
        mandates.ask(mother, by=mother.user)
    row = given(mother, son)
    with pytest.raises(mandates.MandateRefused):
        mandates.revoke(row, by=accounts.citizen().user)
    row.refresh_from_db()
    assert row.ended_at is None
    with pytest.raises(mandates.MandateRefused):
        mandates.give(mother, accounts.citizen(), by=son.user)


@pytest.mark.parametrize("who", ["principal", "helper", "clerk"])
def test_each_of_the_two_or_a_clerk_ends_it_at_once(mother, son, who):
    row = given(mother, son)
    by = {"principal": mother.user, "helper": son.user, "clerk": accounts.staff("window").user}[who]
    assert mandates.revoke(row, by=by).ended_at
    assert mandates.closed_to(son.user) == {mother.id_index}
    assert mandates.revoke(row, by=by).ended_because == mandates.revoke(row, by=by).ended_because


def test_a_consent_is_never_part_of_a_plain_mandate_not_even_past_the_verb(mother, son):
    with pytest.raises(mandates.MandateRefused) as refused:
        given(mother, son, scopes=["apply", "consent"])
    assert "公证的委托书" in str(refused.value)
    clerk = accounts.staff("window").user
    with pytest.raises(mandates.MandateRefused):
        mandates.give(mother, son, by=clerk, evidence="paper", scopes=["consent"])
    assert not Mandate.objects.exists()
    row = given(mother, son)
    with pytest.raises(IntegrityError), transaction.atomic():
        Mandate.objects.filter(pk=row.pk).update(scopes=["apply", "consent"])


def test_a_notarised_mandate_seen_by_a_clerk_carries_the_consent_and_says_so(mother, son):
    clerk = accounts.staff("window").user
    mandates.give(
        mother, son, by=clerk, evidence="notarised", scopes=["apply", "follow", "consent"]
    )
    row = submission.start_draft(by=son.user, channel="online", person=mother)
    with pytest.raises(consent.ConsentRefused):
        consent.give(row.applicant, method="mandate", by=accounts.citizen().user)
    assert consent.give(row.applicant, method="mandate", by=son.user).method == "mandate"


def test_whose_word_comes_first_is_one_rule_for_page_and_verb(mother, son):
    row = submission.start_draft(by=son.user, channel="online", person=mother)
    applicant, asked = row.applicant, mandates.ask(mother, by=son.user)
    assert not guardians.needs_principal(applicant, mother.user)
    assert guardians.method_for(applicant, mother.user) == "online"
    why = str(guardians.why_principal_first(applicant, son.user))
    assert consent.code_for(applicant) in why and "本人" in why
    son.user.acting = asked
    consent.give(applicant, method="online", by=mother.user)
    assert "确认代办" in str(guardians.why_principal_first(applicant, son.user))
    son.user.acting = mandates.accept(asked, by=mother.user)
    assert guardians.why_principal_first(applicant, son.user) == ""


def test_a_paper_that_carries_the_consent_lets_the_helper_go_on(mother, son):
    clerk = accounts.staff("window").user
    mandates.give(
        mother, son, by=clerk, evidence="notarised", scopes=["apply", "follow", "consent"]
    )
    row = submission.start_draft(by=son.user, channel="online", person=mother)
    assert not guardians.needs_principal(row.applicant, son.user)
    assert guardians.method_for(row.applicant, son.user) == "mandate"
    ward = make.application([make.person(child=True)], consents=False).applicant
    assert not guardians.needs_principal(ward, son.user)
    assert guardians.method_for(ward, son.user) == "guardian"


def test_a_helper_without_that_paper_agrees_for_nobody(mother, son):
    given(mother, son)
    row = submission.start_draft(by=son.user, channel="online", person=mother)
    with pytest.raises(consent.ConsentRefused):
        consent.give(row.applicant, method="mandate", by=son.user)
    assert not row.applicant.consents.exists()


def test_a_guardian_seen_at_the_window_agrees_for_the_ward_online(son):
    ward = make.person(child=True)
    row = make.application([ward], consents=False)
    with pytest.raises(consent.ConsentRefused):
        consent.give(row.applicant, method="guardian", by=son.user)
    clerk = accounts.staff("window").user
    mandates.give(ward, son, by=clerk, evidence="guardian", scopes=["apply", "follow", "consent"])
    assert consent.give(row.applicant, method="guardian", by=son.user).given_at


def test_a_parent_whom_the_register_names_acts_for_the_child_and_nobody_else_does(son):
    child = make.person("20", child=True)
    make.application([make.person("01"), child], applicant=son, state=states.ACCEPTED)
    row = mandates.give(child, son, by=son.user, evidence="register")
    assert row.evidence == "register" and Mandate.Scope.CONSENT not in row.scopes
    stranger = accounts.citizen()
    with pytest.raises(mandates.MandateRefused):
        mandates.give(child, stranger, by=stranger.user, evidence="register")
    assert Mandate.objects.get() == row


def test_a_mandate_past_its_day_no_longer_counts_and_can_be_given_anew(mother, son):
    row = given(mother, son)
    Mandate.objects.filter(pk=row.pk).update(until=clock.today().replace(year=2020))
    assert mandates.helped_by(son.user) == [] and mandates.closed_to(son.user) == {mother.id_index}
    again = given(mother, son)
    row.refresh_from_db()
    assert row.ended_because == "expired" and mandates.helped_by(son.user) == [again]
    Mandate.objects.filter(pk=again.pk).update(until=clock.today().replace(year=2020))
    assert mandates.expire_due(clock.today()) == 1 and mandates.expire_due(clock.today()) == 0


# -- Pages -------------------------------------------------------------------------------------


def test_the_son_applies_for_his_mother_and_she_agrees_twice(client, mother, son, registers):
    client.force_login(son.user)
    data = {"whom": "relative", "name": mother.name, "id_number": mother.id_number, "mandate": "on"}
    client.post("/apply/for/", data)
    row = Application.objects.get()
    page = client.get("/apply/consent/").content.decode()
    mandate = Mandate.objects.get()
    assert consent.code_for(row.applicant) in page and mandates.code_for(mandate) in page
    assert "您正在代<b>*母</b>办理" in page and "同意并继续" not in page
    assert registers.asked == []
    assert client.get("/my/").status_code == 403  # nothing to follow before she has agreed

    client.force_login(mother.user)
    assert "有人想代您办理" in client.get("/my/").content.decode()
    code = consent.code_for(row.applicant)
    answer = client.post("/apply/family/join/", {"code": code, "answer": "yes"})
    assert answer.url == "/my/helpers/accept/"
    confirm = client.post(answer.url, {"code": mandates.code_for(mandate)}).content.decode()
    assert "让*子代您办理吗" in confirm and "填写、提交和补充申请" in confirm
    client.post(answer.url, {"code": mandates.code_for(mandate), "answer": "yes"})
    mandate.refresh_from_db()
    assert mandate.given_at and row.applicant.consents.get().method == "online"
    # what the son typed is hers, too
    assert household.current_for(mother.user) == row


def test_until_she_has_confirmed_no_family_is_drawn_up_for_him_and_nothing_sent(
    client, mother, son, registers
):
    client.force_login(son.user)
    data = {"whom": "relative", "name": mother.name, "id_number": mother.id_number, "mandate": "on"}
    client.post("/apply/for/", data)
    row = Application.objects.get()
    consent.give(row.applicant, method="online", by=mother.user)  # agreed, not yet to him
    answer = client.post("/apply/consent/", {"agree": "on", "seen": row.version})
    assert answer.status_code == 422 and "要等本人确认代办" in answer.content.decode()
    for page in ("household/", "family/", "known/", "check/"):
        assert client.get(f"/apply/{page}").status_code == 403, page
    assert registers.asked == [] and row.members.count() == 1
    row = submission.confirm_household(row, [], by=mother.user)
    row = submission.save_step(row, "check", by=mother.user, street=accounts.bureau("street"))
    with pytest.raises(submission.NotReady):
        submission.submit(row, by=son.user)
    row.refresh_from_db()
    assert row.state == states.DRAFT
    mandate = mandates.accept(Mandate.objects.get(), by=mother.user)
    mandates.revoke(mandate, by=mother.user)
    with pytest.raises(submission.NotReady) as refused:
        submission.submit(row, by=son.user)
    assert "已经结束" in str(refused.value)
    given(mother, son)
    assert submission.submit(row, by=son.user).state == states.ACCEPTED


def test_a_wrong_code_confirms_nothing(client, mother, son):
    mandates.ask(mother, by=son.user)
    client.force_login(mother.user)
    for _try in range(11):
        answer = client.post("/my/helpers/accept/", {"code": "000000", "answer": "yes"})
    assert answer.status_code == 422 and "试的次数太多" in answer.content.decode()
    assert Mandate.objects.get().given_at is None


@pytest.fixture
def case(mother):
    return make.application(applicant=mother, state=states.ACCEPTED)


def test_the_helper_follows_the_case_with_a_banner_and_each_look_is_kept(client, mother, son, case):
    mandate = given(mother, son)
    client.force_login(son.user)
    address = f"/my/case/{case.case_no}/"
    assert client.get(address).status_code == 404
    act(client, mandate)
    for path in (address, "/my/", "/my/notices/", f"/apply/done/{case.case_no}/"):
        answer = client.get(path)
        assert answer.status_code == 200, path
        assert "您正在代<b>*母</b>办理" in answer.content.decode(), path
    look = AuditEntry.objects.filter(verb="looked", subjects__contains=[mother.id_index]).first()
    assert look.actor == "*子（代*母办理）" and look.purpose == "代办查看"


def test_what_the_helper_does_is_written_down_as_done_for_her(client, mother, son, case):
    mandate = given(mother, son)
    client.force_login(son.user)
    act(client, mandate)
    client.post(f"/my/case/{case.case_no}/withdraw/", {"reason": ""})
    case.refresh_from_db()
    assert case.state == states.WITHDRAWN
    entry = AuditEntry.objects.get(verb="application.state", detail__to=states.WITHDRAWN)
    assert entry.actor == "*子（代*母办理）"


def test_pages_that_are_nobody_elses_stay_the_helpers_own(client, mother, son, case):
    mandate = given(mother, son)
    client.force_login(son.user)
    act(client, mandate)
    text = client.get("/my/data/").content.decode()
    assert "这一页是您自己的，不是*母的" in text and case.case_no not in text
    assert client.get("/my/helpers/").status_code == 200


def test_each_page_that_a_mandate_opens_exists_and_the_rest_stay_ones_own():
    names = {one.name for one in _patterns(get_resolver().url_patterns)}
    assert set(acting.SCOPE_OF_PAGE) | set(acting.SCOPE_TO_SEND) | acting.FILES <= names
    own = {"apply_for", "apply_join", "my_data", "my_data_ask", "my_consent_withdraw"}
    assert {name for name in own if acting.scope_of(name)} == set() and own <= names
    assert not [name for name in names if name and name.startswith("my_helper")
                and acting.scope_of(name)]  # fmt: skip


def _patterns(entries):
    for one in entries:
        yield from _patterns(one.url_patterns) if hasattr(one, "url_patterns") else [one]


def test_a_mandate_to_follow_does_not_let_anybody_fill_in(client, mother, son, case):
    mandate = given(mother, son, scopes=["follow"])
    client.force_login(son.user)
    act(client, mandate, "apply")
    for path in ("/apply/", f"/my/case/{case.case_no}/withdraw/"):
        answer = client.get(path)
        assert answer.status_code == 403 and "不在委托里" in answer.content.decode(), path
    client.post(f"/my/case/{case.case_no}/withdraw/", {"reason": ""})
    case.refresh_from_db()
    assert case.state == states.ACCEPTED


def test_taken_back_it_is_over_with_the_next_request(client, mother, son, case):
    mandate = given(mother, son)
    case.created_by = son.user
    case.save()
    client.force_login(son.user)
    act(client, mandate)
    address = f"/my/case/{case.case_no}/"
    assert client.get(address).status_code == 200
    mandates.revoke(mandate, by=mother.user)
    assert client.get(address).status_code == 404  # although he typed it
    assert "代办委托已经结束" in client.get("/my/").content.decode()
    assert client.get("/my/").content.decode().count("您正在代") == 0
    assert (
        "不是您的"
        in client.post(
            f"/my/helpers/{mandate.pk}/act/", {"go": "follow"}, follow=True
        ).content.decode()
    )


def test_somebody_elses_mandate_is_not_found(client, mother, son):
    mandate = given(mother, son)
    client.force_login(accounts.citizen().user)
    assert act(client, mandate).status_code == 404
    assert client.post(f"/my/helpers/{mandate.pk}/end/").status_code == 404
    mandate.refresh_from_db()
    assert mandate.ended_at is None


def test_an_ended_helper_no_longer_goes_on_with_the_draft(client, mother, son):
    mandate = mandates.ask(mother, by=son.user)
    row = submission.start_draft(by=son.user, channel="online", person=mother)
    mandates.revoke(mandate, by=mother.user)
    assert household.current_for(son.user) is None
    assert household.current_for(mother.user) == row


def test_the_mother_names_her_helper_herself_and_takes_him_back(client, mother, son):
    client.force_login(mother.user)
    data = {"name": son.name, "id_number": son.id_number, "scopes": ["follow"]}
    assert client.post("/my/helpers/add/", data).url == "/my/helpers/"
    mandate = Mandate.objects.get()
    assert "*子" in (text := client.get("/my/helpers/").content.decode())
    assert son.id_number not in text
    client.post(f"/my/helpers/{mandate.pk}/end/")
    mandate.refresh_from_db()
    assert mandate.ended_because == "revoked"


def test_the_draft_of_ones_own_and_the_mothers_are_never_mixed_up(client, mother, son, registers):
    mandate = given(mother, son)
    own = submission.start_draft(by=son.user, channel="online", person=son)
    client.force_login(son.user)
    assert act(client, mandate, "apply").url == "/apply/consent/"
    hers = Application.objects.exclude(pk=own.pk).get()
    assert "*母" in client.get("/apply/consent/").content.decode()
    client.post("/my/helpers/stop/")
    assert household.current_for(son.user) == own
    assert hers.applicant.id_index == mother.id_index


# -- At the window -----------------------------------------------------------------------------


def at_window(mother, son, **changes):
    return {
        "principal_name": mother.name, "principal_number": mother.id_number,
        "helper_name": son.name, "helper_number": son.id_number, "evidence": "paper",
        "scopes": ["apply", "follow"], **changes,
    }  # fmt: skip


def test_a_written_mandate_is_recorded_looked_at_and_ended_at_the_window(client, mother, son):
    clerk = accounts.staff("window")
    client.force_login(clerk.user)
    answer = client.post("/window/family/mandate/", at_window(mother, son))
    mandate = Mandate.objects.get()
    assert answer.url == f"/window/family/mandate/{mandate.pk}/"
    text = client.get(answer.url).content.decode()
    assert "*母" in text and mother.id_number not in text
    look = AuditEntry.objects.get(verb="looked")
    assert look.subjects == [mother.id_index] and look.purpose == "窗口查看委托"
    found = client.post("/window/family/mandate/find/", {"id_number": mother.id_number})
    assert found.url == answer.url
    client.post(answer.url)
    mandate.refresh_from_db()
    assert mandate.ended_because == "revoked"
    assert Notice.objects.filter(code="mandate.ended", person_index=mother.id_index).exists()


def test_the_window_keeps_what_was_typed_where_the_paper_does_not_carry_it(client, mother, son):
    client.force_login(accounts.staff("window").user)
    for wrong in (
        {"scopes": ["apply", "consent"]}, {"helper_number": mother.id_number},
        {"helper_number": "330212"}, {"until_year": "2099", "until_month": "1", "until_day": "1"},
    ):  # fmt: skip
        answer = client.post("/window/family/mandate/", at_window(mother, son, **wrong))
        assert answer.status_code == 422 and mother.name in answer.content.decode(), wrong
    assert not Mandate.objects.exists()


def test_a_clerk_records_and_ends_no_mandate_of_their_own_household(mother, son):
    clerk = accounts.staff("window")
    clerk.id_index = son.id_index
    clerk.save(update_fields=["id_index"])
    with pytest.raises(mandates.MandateRefused):
        mandates.give(mother, son, by=clerk.user, evidence="notarised", scopes=["consent"])
    assert not Mandate.objects.exists()
    row = given(mother, son)
    with pytest.raises(mandates.MandateRefused):
        mandates.revoke(row, by=clerk.user)
    row.refresh_from_db()
    assert row.ended_at is None


def test_a_clerk_opens_only_the_mandate_whose_principal_was_found_at_this_desk(client, mother, son):
    row = given(mother, son)
    client.force_login(accounts.staff("window").user)
    address = f"/window/family/mandate/{row.pk}/"
    assert client.get(address).status_code == 404
    assert client.post(address).status_code == 404
    row.refresh_from_db()
    assert row.ended_at is None
    client.post("/window/family/mandate/find/", {"id_number": mother.id_number})
    assert client.get(address).status_code == 200


@pytest.mark.parametrize("typed", ["{wide}", "{half} {rest}"])
def test_a_code_typed_full_width_or_with_a_space_is_the_same(client, mother, son, typed):
    row = mandates.ask(mother, by=son.user)
    code = mandates.code_for(row)
    wide = "".join(chr(ord(one) + 0xFEE0) for one in code)
    text = typed.format(wide=wide, half=code[:3], rest=code[3:])
    client.force_login(mother.user)
    answer = client.post("/my/helpers/accept/", {"code": text})
    assert answer.status_code == 200 and "*子" in answer.content.decode()


@pytest.mark.parametrize("page", ["/my/helpers/accept/", "/apply/family/join/"])
def test_a_code_that_is_no_number_is_answered_with_a_sentence(client, mother, son, page):
    mandates.ask(mother, by=son.user)
    make.application(applicant=mother, consents=False)
    client.force_login(mother.user)
    assert client.post(page, {"code": "一二三四五六"}).status_code == 422


def test_a_change_reported_under_a_mandate_is_about_the_principals_case(client, mother, son, case):
    own = make.application(applicant=son, state=states.ACCEPTED)
    mandate = given(mother, son)
    client.force_login(son.user)
    act(client, mandate)
    text = client.get("/my/change/", {"case": case.case_no}).content.decode()
    assert case.case_no in text and own.case_no not in text
    assert client.get("/my/change/").content.decode().count(own.case_no) == 0
    assert client.get("/my/change/", {"case": own.case_no}).status_code == 404


def test_a_case_that_is_not_ones_own_is_never_swapped_for_another(client, mother, son, case):
    make.application(applicant=son, state=states.ACCEPTED)
    client.force_login(son.user)
    assert client.get("/my/change/", {"case": case.case_no}).status_code == 404


def test_each_page_of_the_file_that_a_helper_opens_is_recorded(client, mother, son, case):
    assert set(acting.SCOPE_OF_PAGE) >= acting.FILES - {"apply_done", "apply_receipt"}
    mandate = given(mother, son)
    client.force_login(son.user)
    act(client, mandate)
    before = AuditEntry.objects.filter(verb="looked").count()
    assert client.get(f"/my/case/{case.case_no}/papers/").status_code == 200
    looks = AuditEntry.objects.filter(verb="looked", subjects__contains=[mother.id_index])
    assert looks.count() == before + 1
