"""The drafted household: whom the registers name, what the family says instead."""

from datetime import date

import pytest

from applications import consent, evidence_screen, household, household_claims, submission
from applications.models import HouseholdClaim
from applications.models.review import Stage
from datashare import queries
from datashare.replies import FOUND, MarriageEvent, Registration, Relative, Reply
from tests.applications.test_apply_pages import fill, relatives, signed_in
from tests.factories import accounts
from tests.factories import applications as make
from tests.factories import review as made

__all__ = ["relatives", "signed_in"]
pytestmark = pytest.mark.django_db


def begun(client, citizen):
    fill(client, "/apply/for/", whom="self")
    fill(client, "/apply/consent/", agree="on")
    return household.current_for(citizen.user)


def answers(row, **changes):
    people = row.members.exclude(is_applicant=True)
    return {**{f"with_{one.pk}": "yes" for one in people}, **changes}


def test_a_wrong_relation_counts_as_the_family_says_and_stands_beside_the_register(
    client, signed_in, relatives, registers
):
    row = begun(client, signed_in)
    spouse = row.members.get(relation="10")
    path = f"/apply/household/{spouse.pk}/claim/"
    assert fill(client, path, name=spouse.name, relation="10", reason="一样").status_code == 422
    assert fill(client, path, name=spouse.name, relation="97", reason=" ").status_code == 422
    answer = fill(client, path, name=spouse.name, relation="97", reason="2023年已离婚")
    assert answer.url == "/apply/household/"
    spouse.refresh_from_db()
    assert spouse.relation == "97" and household_claims.fetched_relation(spouse) == "10"
    assert "已更正" in client.get("/apply/household/").content.decode()
    assert household_claims.pairs(row) == [
        (f"{spouse.name} · 关系不对", "配偶", "其他亲属（2023年已离婚）")
    ]


def test_a_corrected_relation_does_not_set_a_spouse_free_without_a_reason(
    client, signed_in, relatives, registers
):
    row = begun(client, signed_in)
    spouse = row.members.get(relation="10")
    household_claims.correct(spouse, relation="97", reason="已离婚", by=signed_in.user)
    out = answers(row, **{f"with_{spouse.pk}": "no"})
    answer = fill(client, "/apply/household/", **out)
    assert answer.status_code == 422 and "请写明周二不一起申请的原因" in answer.content.decode()
    entries = [
        submission.Entry(one.name, one.id_number, one.relation, excluded=one.pk == spouse.pk)
        for one in row.members.exclude(is_applicant=True)
    ]
    with pytest.raises(submission.WrongMember):
        submission.confirm_household(row, entries, by=signed_in.user)


def test_a_listed_reason_is_enough_but_another_case_must_be_written(
    client, signed_in, relatives, registers
):
    row = begun(client, signed_in)
    spouse = row.members.get(relation="10")
    out = answers(row, **{f"with_{spouse.pk}": "no"})
    other = {f"why_{spouse.pk}": "other"}
    assert fill(client, "/apply/household/", **out, **other).status_code == 422
    listed = {f"why_{spouse.pk}": "divorced", f"reason_{spouse.pk}": "有离婚证"}
    assert fill(client, "/apply/household/", **out, **listed).url == "/apply/family/"
    spouse.refresh_from_db()
    assert spouse.excluded_reason == "已经离婚，登记没有改：有离婚证"
    assert HouseholdClaim.objects.get().kind == "extra"
    page = client.get("/apply/household/").content.decode()
    assert 'value="divorced"' in page and "有离婚证" in page
    assert fill(client, "/apply/household/", **answers(row)).url == "/apply/family/"
    assert not HouseholdClaim.objects.exists()


def test_who_was_added_by_hand_can_be_taken_out_and_says_why_the_register_lacks_them(
    client, signed_in, relatives, registers
):
    row = begun(client, signed_in)
    mother = make.person("52")
    data = {"name": "林母", "id_number": mother.id_number, "relation": "52", "reason": "外省户口"}
    assert fill(client, "/apply/household/add/", **data).url == "/apply/household/"
    member = row.members.get(name="林母")
    assert HouseholdClaim.objects.get(member=member).reason == "外省户口"
    page = client.get("/apply/household/").content.decode()
    assert f'id="remove-{member.pk}"' in page and "去掉林母" in page
    client.post(f"/apply/household/{member.pk}/remove/")
    assert not row.members.filter(pk=member.pk).exists()
    spouse = row.members.get(relation="10")
    client.post(f"/apply/household/{spouse.pk}/remove/")
    assert row.members.filter(pk=spouse.pk).exists()


def test_a_silent_register_is_asked_again_by_a_button_and_matches_what_was_typed(
    client, signed_in, relatives, registers, monkeypatch
):
    spouse, child = relatives
    found = household.queries.household_of
    silent = queries.HouseholdDraft((), certain=False)
    monkeypatch.setattr(household.queries, "household_of", lambda *_a, **_k: silent)
    row = begun(client, signed_in)
    data = {"name": child.name, "id_number": child.id_number, "relation": "97"}
    fill(client, "/apply/household/add/", **data)
    page = client.get("/apply/household/").content.decode()
    assert "登记部门暂时没有答复" in page and "再查一次登记" in page
    assert client.post("/apply/household/again/").url == "/apply/household/"
    monkeypatch.setattr(household.queries, "household_of", found)
    client.post("/apply/household/again/")
    typed = row.members.get(name=child.name)
    assert typed.origin == "register" and typed.relation == "20"
    assert row.members.filter(name=spouse.name).exists()
    assert "再查一次登记" not in client.get("/apply/household/").content.decode()


def test_nobody_corrects_another_familys_household(client, signed_in, relatives, registers):
    begun(client, signed_in)
    other = make.application(make.couple_with_child())
    member = other.members.get(position=1)
    assert client.get(f"/apply/household/{member.pk}/claim/").status_code == 404
    assert client.post(f"/apply/household/{member.pk}/remove/").status_code == 404


def test_the_reviewer_of_the_street_reads_both_sides_and_a_department_does_not():
    case = made.in_joint_review(members=make.couple_with_child())
    spouse = case.members.get(position=1)
    HouseholdClaim.objects.create(
        application=case, member=spouse, kind="name", fetched="周二", declared="周珥",
        reason="户口簿", made_at=case.created_at, made_by="t",
    )  # fmt: skip
    street = made.task_of(case, Stage.STREET)
    shown = evidence_screen.screen_of(street, made.reviewer_for(street)).pairs
    assert (f"{spouse.name} · 姓名不对", "周二", "周珥（户口簿）") in shown
    joint = made.task_of(case, Stage.JOINT, "civil_affairs")
    shown = evidence_screen.screen_of(joint, made.reviewer_for(joint)).pairs
    assert not [one for one in shown if "姓名不对" in one[0]]


# -- Whom the registers name -------------------------------------------------------------------


def drafted(monkeypatch, person, register=(), weddings=()):
    """What is drawn up of these answers of the two registers."""

    def ask(questions, **_kwargs):
        rows = {"household_register": register, "marriage": weddings}
        return {
            one: Reply(one.source, person.id_number, FOUND, tuple(rows[one.source]))
            for one in questions
        }

    monkeypatch.setattr(queries, "ask", ask)
    found = queries.household_of(
        queries.Person(person.name, person.id_number), purpose=None, by="test"
    )
    return {one.id_number: one.relation for one in found.members}


def wedding(person, other, on):
    return MarriageEvent(
        kind="married", on=on, man=Relative(person.name, person.id_number),
        woman=Relative(other.name, other.id_number),
    )  # fmt: skip


def test_a_widow_is_not_married_to_the_dead_unless_the_wedding_is_newer(monkeypatch):
    widow, late = make.person(), make.person()
    register = [Registration(name=widow.name, marital="30", updated=date(2024, 5, 1))]
    before = [wedding(widow, late, date(1999, 1, 1))]
    again = [*before, wedding(widow, late, date(2025, 1, 1))]
    assert drafted(monkeypatch, widow, register, before) == {}
    assert drafted(monkeypatch, widow, register, again) == {late.id_number: "10"}
    undated = [Registration(name=widow.name, marital="30")]
    assert drafted(monkeypatch, widow, undated, before) == {late.id_number: "10"}


def test_a_divorced_fathers_child_in_another_household_is_named(monkeypatch):
    father, child = make.person(), make.person(child=True)
    entry = Registration(
        name=father.name, relation="02", children=(Relative(child.name, child.id_number),)
    )
    assert set(drafted(monkeypatch, father, [entry])) == {child.id_number}


def test_a_grandparent_who_raises_a_grandchild_finds_it_named_and_not_yet_in(monkeypatch):
    elder, grandchild = make.person(), make.person(child=True)
    entry = Registration(
        name=elder.name, relation="02",
        members=(Relative(grandchild.name, grandchild.id_number, "41"),),
    )  # fmt: skip
    assert drafted(monkeypatch, elder, [entry]) == {grandchild.id_number: "41"}
    citizen = accounts.citizen(name=elder.name, number=elder.id_number)
    row = submission.start_draft(by=citizen.user, channel="online", person=citizen)
    consent.give(row.applicant, method="online", by=citizen.user)
    household.draw_up(row, by=citizen.user)
    assert row.members.get(relation="41").excluded


def test_a_spouse_without_other_children_does_not_stop_the_page(
    client, signed_in, relatives, registers, monkeypatch
):
    row = begun(client, signed_in)
    fill(client, "/apply/household/", **answers(row))
    consent.give(row.members.get(relation="10"), method="online", by=signed_in.user)
    nobody = queries.HouseholdDraft((), certain=True)
    monkeypatch.setattr(household.queries, "household_of", lambda *_a, **_k: nobody)
    assert fill(client, "/apply/family/", guardian="on").url == "/apply/known/"


def test_children_of_the_spouse_alone_are_asked_for_once_she_has_agreed(
    client, signed_in, relatives, registers, monkeypatch
):
    row = begun(client, signed_in)
    fill(client, "/apply/household/", **answers(row))
    hers = make.person("30", name="周小", child=True)
    asked = []

    def drawn(person, **_kwargs):
        asked.append(person.id_number)
        relative = queries.Relative(hers.name, hers.id_number, "30")
        return queries.HouseholdDraft((relative,), True, frozenset({hers.id_number}))

    monkeypatch.setattr(household.queries, "household_of", drawn)
    assert fill(client, "/apply/family/").url == "/apply/known/"
    assert asked == []  # she has not agreed yet
    spouse = row.members.get(relation="10")
    consent.give(spouse, method="online", by=signed_in.user)
    assert fill(client, "/apply/family/").url == "/apply/household/"
    assert asked == [spouse.id_number] and not row.members.get(name="周小").excluded
    fill(client, "/apply/household/", **answers(row))
    assert fill(client, "/apply/family/").url == "/apply/known/"
    assert len(asked) == 1
