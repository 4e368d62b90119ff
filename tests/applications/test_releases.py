"""A rule on its way into force: checked, previewed over all cases, approved by another person."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from accounts.roles import Role
from applications import evaluation, releases, rule_preview, states, tasks
from applications.eligibility import policy as policies
from applications.models import Assessment, PolicyRelease
from applications.releases import ReleaseRefused
from core import clock, display
from core.models import AuditEntry
from tests.factories import accounts
from tests.factories import applications as make

pytestmark = pytest.mark.django_db
KEY = "housing.area_per_person"


@pytest.fixture
def drafter() -> Any:
    return accounts.staff(Role.ADMIN).user


@pytest.fixture
def second() -> Any:
    return accounts.staff(Role.LEADER).user


def pack_text(*, code: str = "YZ-TEST", days: int = 10, area: str = "18") -> str:
    """The pack in force with another number, first day and area a head."""
    today = clock.today()
    first = today + timedelta(days=days)
    text = releases.in_force(today).text
    lines, inside = [], False
    for line in text.splitlines():
        if line.startswith("id:"):
            line = f"id: {code}"
        elif line.startswith("effective_from:"):
            line = f"effective_from: {first.isoformat()}"
        inside = line.strip() == f"{KEY}:" or (inside and line.startswith("    "))
        if inside and line.lstrip().startswith("- {from:"):
            line = f"      - {{from: {first.isoformat()}, value: {area}, mark: unverified}}"
        lines.append(line)
    return "\n".join(lines) + "\n"


def previewed(text: str, by: Any) -> PolicyRelease:
    row = releases.ask_preview(releases.draft(text, reason="试一试", by=by), by=by)
    assert tasks.preview_release(row.pk, row.digest)
    row.refresh_from_db()
    return row


def an_assessment(area: str) -> Assessment:
    """A case of one person with so many ㎡, judged by the rules of today as every case is."""
    row = make.application(1, state=states.STREET_REVIEW)
    number = row.applicant.id_number
    make.evidence(row, "property", rows=[
        {"qlrzjh": number, "zl": "某处1号", "bdcqzh": "1", "jzmj": area, "xzqhdm": "330212",
         "fwyt": "住宅"},
    ])  # fmt: skip
    return evaluation.assess_now(row, round="apply", on=clock.today(), by=row.created_by)


def test_a_release_counts_from_its_first_day_and_not_before(drafter: Any, second: Any) -> None:
    row = previewed(pack_text(area="20"), drafter)
    releases.propose(row, by=drafter)
    row = releases.approve(row, by=second)
    today = clock.today()
    assert row.state == states.RELEASE_RELEASED
    assert releases.in_force(today).id != "YZ-TEST"
    assert releases.in_force(row.effective_on - timedelta(days=1)).id != "YZ-TEST"
    pack = releases.in_force(row.effective_on)
    assert (pack.id, pack.value(KEY, row.effective_on)) == ("YZ-TEST", 20)
    policy, text = evaluation.policy_of(row.effective_on)
    assert policy.id == text.code == "YZ-TEST" and text.text == row.text
    verbs = set(AuditEntry.objects.values_list("verb", flat=True))
    assert {"policy.drafted", "policy.proposed", "policy.released"} <= verbs


def test_nobody_approves_what_they_drafted_and_the_database_agrees(
    drafter: Any, second: Any
) -> None:
    row = releases.propose(previewed(pack_text(), drafter), by=drafter)
    with pytest.raises(ReleaseRefused, match="起草人不能自己批准"):
        releases.approve(row, by=drafter)
    row.refresh_from_db()
    assert row.state == states.RELEASE_PROPOSED and row.decided_by is None
    with pytest.raises(IntegrityError), transaction.atomic():
        PolicyRelease.objects.filter(pk=row.pk).update(
            state=states.RELEASE_RELEASED, decided_by=drafter
        )
    assert releases.approve(row, by=second).decided_by == second


def test_nothing_is_approved_while_its_preview_is_made_anew(drafter: Any, second: Any) -> None:
    row = releases.propose(previewed(pack_text(area="20"), drafter), by=drafter)
    row = releases.ask_preview(row, by=drafter)
    with pytest.raises(ReleaseRefused, match="请先预览"):
        releases.approve(row, by=second)
    assert rule_preview.run(row.pk, row.digest)
    assert releases.approve(row, by=second).state == states.RELEASE_RELEASED


def test_nothing_is_proposed_before_its_own_text_was_previewed(drafter: Any) -> None:
    row = previewed(pack_text(area="20"), drafter)
    row = releases.change(row, pack_text(area="22"), reason="再改", by=drafter)
    with pytest.raises(ReleaseRefused, match="请先预览"):
        releases.propose(row, by=drafter)
    assert not tasks.preview_release(row.pk, "0" * 64)  # the task of an older text does nothing
    assert not PolicyRelease.objects.get(pk=row.pk).is_previewed


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("id: X", "内容有错"),
        ("id: [", "内容有错"),
        (lambda: pack_text(days=0), "今天以后"),
        (lambda: pack_text(code=releases.in_force(clock.today()).id), "已经用过"),
        (lambda: pack_text(area="-"), "line"),
    ],
)
def test_a_faulty_text_is_refused_with_its_fault_and_nothing_is_kept(
    text: Any, words: str, drafter: Any
) -> None:
    with pytest.raises(ReleaseRefused, match=words) as refused:
        releases.draft(text() if callable(text) else text, reason="试", by=drafter)
    assert refused.value.field == "text"
    assert not PolicyRelease.objects.exists()


def test_a_release_can_be_withdrawn_before_its_first_day_only(drafter: Any, second: Any) -> None:
    row = releases.propose(previewed(pack_text(area="20"), drafter), by=drafter)
    row = releases.approve(row, by=second)
    with pytest.raises(ReleaseRefused, match="写一句为什么"):
        releases.withdraw(row, note=" ", by=drafter)
    morning = clock.local_midnight(row.effective_on) + timedelta(hours=9)
    with clock.held_at(morning), pytest.raises(ReleaseRefused, match="已经生效"):
        releases.withdraw(row, note="不要了", by=drafter)
    row = releases.withdraw(row, note="不要了", by=drafter)
    assert row.state == states.RELEASE_WITHDRAWN
    assert releases.in_force(row.effective_on).id != "YZ-TEST"


def test_the_preview_counts_who_would_be_judged_otherwise_and_by_which_rule(drafter: Any) -> None:
    touched = an_assessment("37")
    an_assessment("10")
    policy = releases.in_force(touched.on)
    assert policy.value("housing.small_household_area", touched.on) == 36
    row = previewed(pack_text(area="40"), drafter)
    assert row.preview["total"] == 2
    assert row.preview["changed"] == 1
    assert row.preview["by_rule"] == {"HOUSING_AREA": 1}
    [case] = row.preview["cases"]
    assert case["case_no"] == touched.application.case_no
    assert case["before"] == "ineligible"
    assert case["kind"] in ("gains", "other") and case["after"] != "ineligible"


def test_a_preview_of_the_same_values_changes_nobody(drafter: Any) -> None:
    an_assessment("37")
    row = previewed(pack_text(), drafter)
    assert row.preview["changed"] == 0 and row.preview["cases"] == []
    assert releases.changes(row) == []


def test_stored_assessments_stay_as_they_were(drafter: Any, second: Any) -> None:
    an_assessment("37")
    row = releases.propose(previewed(pack_text(area="40"), drafter), by=drafter)
    releases.approve(row, by=second)
    with clock.held_at(clock.local_midnight(row.effective_on) + timedelta(hours=9)):
        assert [one for _row, one in evaluation.replay() if one] == []


@pytest.mark.parametrize(("count", "words"), [(0, "0"), (1, "<5"), (4, "<5"), (5, "5")])
def test_small_groups_are_not_counted_out(count: int, words: str) -> None:
    assert display.few(count) == words


@pytest.mark.parametrize(
    ("value", "op", "words"),
    [
        (18, "<=", "<= 18"),
        (True, "", "是"),
        (("SPOUSE", "MINOR_CHILD"), "", "SPOUSE、MINOR_CHILD"),
        ({"TK": 1, "DB": {"from": 2}}, "", "TK：1、DB：from：2"),
    ],
)
def test_a_value_of_a_pack_is_shown_as_people_read_it(value: Any, op: str, words: str) -> None:
    assert releases.shown(value, op) == words


def test_a_pinned_pack_has_the_values_of_one_day_for_ever() -> None:
    today = clock.today()
    pack = policies.default_for(today)
    pinned = rule_preview.pinned(pack, today)
    long_ago = today.replace(year=2001)
    assert all(pinned.value(key, long_ago) == pack.value(key, today) for key in pack.parameters)


def test_the_pages_lead_from_a_draft_to_its_approval(client: Client, second: Any) -> None:
    an_assessment("37")
    client.force_login(accounts.staff(Role.ADMIN).user)
    page = client.get("/office/rules/").content.decode()
    assert "现行数值" in page and KEY in page
    assert "effective_from" in client.get("/office/rules/draft/").content.decode()
    wrong = client.post("/office/rules/draft/", {"text": "id: X", "reason": "试"})
    assert "内容有错" in wrong.content.decode() and "id: X" in wrong.content.decode()
    kept = client.post("/office/rules/draft/", {"text": pack_text(area="40"), "reason": "放宽"})
    row = PolicyRelease.objects.get()
    assert kept.status_code == 302
    home = f"/office/rules/{row.pk}/"
    page = client.get(home).content.decode()
    assert "还没有试算" in page and "请先预览" in page and ">= " not in page
    client.post(f"{home}do/preview/")
    assert "hx-get" in client.get(f"{home}progress/").content.decode()
    tasks.preview_release(row.pk, row.digest)
    assert client.get(f"{home}progress/").headers["HX-Refresh"] == "true"
    page = client.get(home).content.decode()
    assert "&lt;5" in page and "HOUSING_AREA" in page
    client.post(f"{home}do/propose/")
    assert "起草人不能自己批准" in client.get(home).content.decode()
    client.post(f"{home}do/approve/")
    row.refresh_from_db()
    assert row.state == states.RELEASE_PROPOSED
    client.force_login(second)
    client.post(f"{home}do/approve/")
    row.refresh_from_db()
    assert row.state == states.RELEASE_RELEASED
    assert client.post(f"{home}do/nothing/").status_code == 302


def test_the_pages_ask_the_same_number_of_queries_whatever_the_preview_counted(
    client: Client, drafter: Any, django_assert_max_num_queries: Any
) -> None:
    for area in ("10", "37", "37"):
        an_assessment(area)
    row = previewed(pack_text(area="40"), drafter)
    client.force_login(drafter)
    with django_assert_max_num_queries(14):
        assert client.get(f"/office/rules/{row.pk}/").status_code == 200


# -- Who may -------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", [Role.DISTRICT, Role.REVIEWER, Role.SYSTEM, Role.OPERATOR])
def test_the_verbs_themselves_know_who_may_touch_the_rules(role, drafter):
    stranger = accounts.staff(role).user
    row = releases.propose(previewed(pack_text(area="20"), drafter), by=drafter)
    before = (row.state, AuditEntry.objects.count())
    acts = [
        lambda: releases.draft(pack_text(area="21"), reason="试", by=stranger),
        lambda: releases.change(row, pack_text(area="21"), reason="试", by=stranger),
        lambda: releases.ask_preview(row, by=stranger),
        lambda: releases.propose(row, by=stranger),
        lambda: releases.approve(row, by=stranger),
        lambda: releases.send_back(row, note="不对", by=stranger),
        lambda: releases.withdraw(row, note="不对", by=stranger),
    ]
    for act in acts:
        with pytest.raises(releases.ReleaseRefused, match="业务管理"):
            act()
    row.refresh_from_db()
    assert (row.state, AuditEntry.objects.count()) == before


def test_a_leader_approves_and_drafts_nothing(drafter):
    leader = accounts.staff(Role.LEADER).user
    with pytest.raises(releases.ReleaseRefused, match="起草"):
        releases.draft(pack_text(), reason="试", by=leader)
    row = releases.propose(previewed(pack_text(area="20"), drafter), by=drafter)
    assert releases.approve(row, by=leader).decided_by == leader
