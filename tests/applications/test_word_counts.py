"""Whose word is still wanted, and until when it counts: also after eighteen, not after the end."""

from datetime import date

import pytest

from applications import (
    authority,
    consent,
    desk_screen,
    joining,
    majority,
    signatures,
    stand_ins,
    states,
    submission,
)
from applications.models import Application, Benefit, Consent, Member, Signature, StandIn
from core import clock
from core.models import AuditEntry
from tests.factories import accounts
from tests.factories import applications as make

pytestmark = pytest.mark.django_db


def grown_up(state: str = states.JOINT_REVIEW) -> tuple[Application, Member]:
    """A family whose daughter is found to be of age today, on her guardian's consent until now."""
    today = clock.today()
    number = accounts.id_number(born=date(today.year - 18, 1, 1), male=False)
    people = [make.person(), make.Person("试女", number, "31")]
    row = make.application(people, state=state, consents=False)
    for one in row.members.all():
        make.consent(one, method="guardian" if one.relation == "31" else "online")
    if state == states.CLOSED:
        for one in row.members.all():
            Benefit.objects.create(
                person_index=one.id_index, kind="home", case_no=row.case_no, began_on=today
            )
    assert majority.find(today) == 1
    return row, row.members.get(relation="31")


def clerk_of(row: Application):
    return accounts.staff("window", bureau=row.street)


def named(row: Application, member: Member) -> StandIn:
    return stand_ins.name(member, "illness", "hospital", signer="某子", by=row.created_by)


# -- Eighteen --------------------------------------------------------------------------------------


def test_a_new_adult_signs_at_the_window_in_their_own_name():
    row, daughter = grown_up()
    clerk = clerk_of(row)
    signed = signatures.on_paper(daughter, by=clerk)
    assert signed is not None and signed.consent.method == Consent.Method.WINDOW
    assert authority.basis(daughter) == f"consent:{signed.consent.digest}"
    assert signatures.on_paper(daughter, by=clerk) == signed  # the same paper once more
    assert Signature.objects.count() == 1


def test_the_desk_waits_for_the_new_adult_and_notices_the_signature():
    row, daughter = grown_up()
    before, shown = desk_screen.consent_token(row), desk_screen.of(row)
    assert shown["missing"] == ["试女"] and shown["first_waiting"] == daughter.pk
    assert [one["waiting"] for one in shown["members"]] == [False, True]
    signatures.on_paper(daughter, by=clerk_of(row))
    assert desk_screen.consent_token(row) != before
    assert desk_screen.of(row)["missing"] == []


def test_a_new_adult_who_cannot_sign_has_somebody_named():
    row, daughter = grown_up()
    assert stand_ins.why_not_name(daughter, row) == ""
    one, clerk = named(row, daughter), clerk_of(row)
    stand_ins.see_paper(one, by=clerk)
    stand_ins.accept(one, by=clerk)
    assert authority.basis(daughter)
    assert "不用代签" in stand_ins.why_not_name(daughter, row)


def test_the_code_opens_the_page_also_in_a_household_in_its_home():
    row, daughter = grown_up(states.CLOSED)
    code = joining.code_for(daughter)
    assert joining.member_by_code(daughter.id_index, code) == daughter
    consent.give(daughter, method="online", by=row.created_by)
    assert authority.basis(daughter)


def test_once_the_housing_has_ended_the_code_opens_nothing():
    row, daughter = grown_up(states.CLOSED)
    Benefit.objects.update(ended_on=clock.today())
    assert joining.member_by_code(daughter.id_index, joining.code_for(daughter)) is None
    with pytest.raises(consent.ConsentRefused, match="已经结束"):
        consent.give(daughter, method="online", by=row.created_by)
    assert authority.basis(daughter) == ""


# -- The end ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("verb", [consent.give, consent.refuse])
def test_a_page_left_open_records_no_word_once_the_case_has_ended(verb):
    row = make.application([make.person(), make.person("10")], state=states.STREET_REVIEW,
                           consents=False)  # fmt: skip
    stale = Member.objects.select_related("application").get(application=row, relation="10")
    submission.withdraw(row, by=row.created_by)
    with pytest.raises(consent.ConsentRefused, match="已经结束"):
        verb(stale, method="online", by=row.created_by)
    assert not stale.consents.exists()


@pytest.mark.parametrize("verb", [consent.give, consent.refuse])
def test_who_was_left_out_a_moment_ago_is_asked_nothing(verb):
    row = make.application([make.person(), make.person("10")], state=states.STREET_REVIEW,
                           consents=False)  # fmt: skip
    stale = Member.objects.select_related("application").get(application=row, relation="10")
    Member.objects.filter(pk=stale.pk).update(excluded=True)
    with pytest.raises(consent.ConsentRefused, match="不在这份申请里"):
        verb(stale, method="online", by=row.created_by)
    assert not stale.consents.exists()


def test_a_stand_in_of_a_case_that_ended_leaves_the_list_and_is_settled_by_nobody():
    row = make.application([make.person(), make.person("10")], state=states.STREET_REVIEW,
                           consents=False)  # fmt: skip
    spouse, clerk = row.members.get(relation="10"), clerk_of(row)
    one = named(row, spouse)
    assert list(stand_ins.to_check(clerk)) == [one]
    submission.withdraw(row, by=row.created_by)
    assert not stand_ins.to_check(clerk).exists()
    entries = AuditEntry.objects.count()
    for verb in (stand_ins.see_paper, stand_ins.accept, stand_ins.take_back):
        with pytest.raises(stand_ins.StandInRefused, match="已经结束"):
            verb(one, by=clerk)
    with pytest.raises(stand_ins.StandInRefused, match="已经结束"):
        stand_ins.send_back(one, "差一页", by=clerk)
    one.refresh_from_db()
    assert one.verdict == StandIn.Verdict.OPEN and not one.seen_at_window
    assert AuditEntry.objects.count() == entries and not spouse.consents.exists()
