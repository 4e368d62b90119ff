"""The what-if panel: prepared by workers in parts, equal to the full engine, deciding nothing."""

import threading
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client

from accounts.roles import Role
from applications import evaluation, preparation, releases, states, tasks, what_if
from applications.eligibility import policy as policies
from applications.eligibility.whatif import movable
from applications.eligibility.whatif.movable import NotMovable
from applications.models import Assessment, Preparation, PreparedPart
from applications.preparation import PreparationRefused
from core import clock
from core.models import AuditEntry
from tests.applications.test_releases import pack_text
from tests.factories import accounts
from tests.factories import applications as make

pytestmark = pytest.mark.django_db
AREA = "housing.small_household_area"
HOME = "/office/rules/what-if/"


@pytest.fixture
def leader() -> Any:
    return accounts.staff(Role.LEADER).user


def an_assessment(area: str) -> Assessment:
    """A household of one with so many ㎡, judged by the rules of today."""
    row = make.application(1, state=states.STREET_REVIEW)
    number = row.applicant.id_number
    make.evidence(row, "property", rows=[
        {"qlrzjh": number, "zl": "某处1号", "bdcqzh": "1", "jzmj": area, "xzqhdm": "330212",
         "fwyt": "住宅"},
    ])  # fmt: skip
    return evaluation.assess_now(row, round="apply", on=clock.today(), by=row.created_by)


def prepared(by: Any) -> Preparation:
    """Asked for and made, as the workers make it."""
    row = preparation.ask(by=by)
    for part in row.parts.all():
        assert tasks.prepare_part(part.pk)
    row.refresh_from_db()
    assert row.finished_at is not None
    return row


def moved_area(row: Preparation, by: Any, to: str = "40", **more: Any) -> what_if.Answer:
    return what_if.ask(row, AREA, to, by=by, **more)


def test_a_moved_value_shows_whom_it_touches_and_was_checked_by_the_full_engine(
    leader: Any,
) -> None:
    touched, helped = an_assessment("37"), an_assessment("10")
    answer = moved_area(prepared(leader), leader)
    pack = movable.pinned(releases.in_force(touched.on), touched.on)
    after = movable.moved(pack, movable.lever(AREA, pack), "40")
    found = [
        evaluation.rules.assess(evaluation.Case.from_dict(one.inputs), on=one.on, policy=after)
        for one in (touched, helped)
    ]
    assert found[0].outcome != touched.outcome == "ineligible"
    assert answer.households == 2 and sum(answer.counts.values()) == 2
    assert answer.counts["same"] == 1
    assert answer.counts["gains"] + answer.counts["other"] == 1
    assert (answer.checked.compared, answer.checked.differing) == (2, [])
    assert (answer.present, answer.moved) == (Decimal(36), Decimal(40))
    assert "HOUSING_AREA" in answer.rerun


def test_a_trial_is_recorded_with_its_seed_and_changes_nothing(leader: Any) -> None:
    stored = an_assessment("37")
    row = prepared(leader)
    one, other = moved_area(row, leader, seed="a1"), moved_area(row, leader, seed="a1")
    assert one.checked == other.checked
    entry = AuditEntry.objects.filter(verb="what_if.tried").latest("pk")
    assert entry.detail["seed"] == "a1" and entry.detail["value"] == AREA
    assert Assessment.objects.get() == stored
    assert [one for _row, one in evaluation.replay() if one] == []
    assert releases.in_force(clock.today()).value(AREA, clock.today()) == 36


def test_each_household_counts_once_by_its_newest_assessment(leader: Any) -> None:
    first = an_assessment("37")
    row = first.application
    again = evaluation.assess_now(row, round="apply", on=first.on, by=row.created_by)
    assert preparation.newest_assessments() == [again.pk]
    made = prepared(leader)
    assert made.total == 1
    an_assessment("10")
    assert preparation.assessed_since(made) == 1


def test_a_difference_from_the_full_engine_is_shown_with_its_case_number(
    client: Client, leader: Any
) -> None:
    stored = an_assessment("37")
    row = prepared(leader)
    part = PreparedPart.objects.get()
    spoilt = preparation.Columns.from_bytes(part.data)
    spoilt.lines["area"][:] = 10 * 10**6  # as if the register had said ten
    part.data = spoilt.to_bytes()
    part.save()
    answer = moved_area(row, leader, to="30")
    assert answer.checked.differing[0][0] == stored.application.case_no
    client.force_login(leader)
    page = client.get(HOME, {"value": AREA, "to": "30"}).content.decode()
    assert "不可用" in page and stored.application.case_no in page


def test_a_preparation_is_made_in_parts_and_the_last_one_ends_it(
    leader: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preparation, "PART", 1)
    for area in ("10", "37", "50"):
        an_assessment(area)
    old = prepared(leader)
    row = preparation.ask(by=leader)
    parts = list(row.parts.all())
    assert len(parts) == 3 and preparation.newest() == old
    for part in parts[:2]:
        assert tasks.prepare_part(part.pk)
        assert not tasks.prepare_part(part.pk)  # given out twice
    assert preparation.done(row) == 2 and preparation.newest() == old
    assert tasks.prepare_part(parts[2].pk)
    assert list(Preparation.objects.all()) == [row]
    assert len(preparation.columns_of(Preparation.objects.get())) == 3
    assert not tasks.prepare_part(0)


def test_what_lost_its_workers_is_gone_on_with_and_nothing_is_made_twice(leader: Any) -> None:
    an_assessment("37")
    row = preparation.ask(by=leader)
    with pytest.raises(PreparationRefused, match="已经在准备"):
        preparation.ask(by=leader)
    later = clock.now() + preparation.STALLED_AFTER + timedelta(seconds=1)
    with clock.held_at(later):
        assert preparation.is_stalled(row)
        assert preparation.ask(by=leader) == row
    assert Preparation.objects.count() == 1


def test_one_that_was_replaced_in_this_moment_is_no_empty_city(leader: Any) -> None:
    an_assessment("37")
    old = prepared(leader)
    prepared(leader)
    with pytest.raises(PreparationRefused, match="再试一次"):
        moved_area(old, leader)


def test_nothing_to_prepare_is_said(leader: Any) -> None:
    with pytest.raises(PreparationRefused, match="没有评估过"):
        preparation.ask(by=leader)
    assert not Preparation.objects.exists()


def test_the_database_holds_one_running_preparation(leader: Any) -> None:
    an_assessment("37")
    row = preparation.ask(by=leader)
    row.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save(force_insert=True)


@pytest.mark.django_db(transaction=True)
def test_of_two_leaders_asking_at_once_one_is_told_that_it_is_under_way() -> None:
    an_assessment("37")
    people = [accounts.staff(Role.LEADER).user, accounts.staff(Role.ADMIN).user]
    start, said = threading.Barrier(2), []

    def ask(by: Any) -> None:
        try:
            start.wait()
            preparation.ask(by=by)
            said.append("asked")
        except PreparationRefused as refused:
            said.append(str(refused))
        finally:
            connection.close()

    threads = [threading.Thread(target=ask, args=(one,)) for one in people]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sorted(said) == ["asked", "已经在准备数据。"]
    assert Preparation.objects.count() == 1


def test_incomes_and_homes_are_not_readable_in_the_table(leader: Any) -> None:
    an_assessment("37")
    prepared(leader)
    with connection.cursor() as cursor:
        cursor.execute("SELECT data FROM applications_preparedpart")
        [(kept,)] = cursor.fetchall()
    assert b"PK" not in bytes(kept)[:40] and b"npy" not in bytes(kept)


def test_a_value_that_cannot_be_tried_is_refused_in_a_sentence(client: Client, leader: Any) -> None:
    an_assessment("37")
    row = prepared(leader)
    with pytest.raises(NotMovable):
        what_if.ask(row, "priority.elder_age", "60", by=leader)
    client.force_login(leader)
    page = client.get(HOME, {"value": "priority.elder_age"}, follow=True).content.decode()
    assert "只影响轮候次序" in page
    assert "没有这一项" in client.get(HOME, {"value": "x"}, follow=True).content.decode()
    assert "请填写「改成」" in client.get(HOME, {"value": AREA, "to": ""}).content.decode()
    for to, words in (("many", "请填写一个数"), ("900", "之间的数"), ("1e30", "之间的数")):
        page = client.get(HOME, {"value": AREA, "to": to}).content.decode()
        assert words in page
        assert f'value="{to}"' in page
    page = client.get(HOME, {"value": "income.ratio_low", "to": "0.95"}).content.decode()
    assert "冲突" in page


def test_the_panel_leads_from_nothing_to_an_answer_and_a_draft(client: Client) -> None:
    an_assessment("37")
    admin = accounts.staff(Role.ADMIN).user
    client.force_login(admin)
    page = client.get(HOME).content.decode()
    assert "还没有准备数据" in page and "哪些不能试算" in page
    assert "请先准备数据" in client.get(HOME, {"value": AREA, "to": "40"}).content.decode()
    assert client.post(f"{HOME}prepare/").status_code == 302
    assert "hx-get" in client.get(f"{HOME}progress/").content.decode()
    assert "已经在准备" in client.post(f"{HOME}prepare/", follow=True).content.decode()
    for part in PreparedPart.objects.all():
        tasks.prepare_part(part.pk)
    assert client.get(f"{HOME}progress/").headers["HX-Refresh"] == "true"
    page = client.get(HOME, {"value": AREA, "to": "40"}).content.decode()
    assert "结果全部一致" in page and "不作任何决定" in page and "&lt;5" in page
    draft = client.get("/office/rules/draft/", {"value": AREA, "to": "40"}).content.decode()
    assert "value: 40, mark: unverified" in draft
    for name in (AREA, "rent.coefficient/TK"):
        answer = client.get("/office/rules/draft/", {"value": name, "to": "1e30"})
        assert answer.status_code == 200


def test_a_leader_sees_the_panel_and_no_draft_and_a_reviewer_sees_neither(
    client: Client, leader: Any
) -> None:
    an_assessment("37")
    prepared(leader)
    client.force_login(leader)
    page = client.get(HOME, {"value": AREA, "to": "40"}).content.decode()
    assert "以此起草政策包" not in page
    client.force_login(accounts.staff(Role.REVIEWER).user)
    assert client.get(HOME).status_code == 403


def test_another_value_in_force_asks_for_a_new_preparation(client: Client, leader: Any) -> None:
    an_assessment("37")
    row = prepared(leader)
    admin = accounts.staff(Role.ADMIN).user
    draft = releases.draft(pack_text(days=1, area="21"), reason="放宽", by=admin)
    draft = releases.ask_preview(draft, by=admin)
    assert tasks.preview_release(draft.pk, draft.digest)
    draft = releases.approve(releases.propose(draft, by=admin), by=leader)
    assert not preparation.is_outdated(row)
    morning = clock.local_midnight(draft.effective_on) + timedelta(hours=9)
    with clock.held_at(morning):
        assert preparation.is_outdated(row)
        client.force_login(leader)
        page = client.get(HOME, {"value": AREA, "to": "40"}).content.decode()
        assert "数据已经过时" in page and "结果全部一致" not in page


@pytest.mark.parametrize("name", [AREA, "rent.coefficient/DSR", "units.reference_area/1R"])
def test_a_draft_from_a_trial_is_a_good_pack_with_the_value_from_its_first_day(name: str) -> None:
    from applications import redraft

    today = clock.today()
    pack = releases.in_force(today)
    lever = movable.lever(name, movable.pinned(pack, today))
    first, value = today + timedelta(days=1), lever.present(movable.pinned(pack, today)) / 2
    made = policies.load(redraft.with_value(pack, lever, value, first))
    assert made.id == f"{pack.id}-{first:%Y%m%d}" and made.start == first
    assert lever.present(movable.pinned(made, first)) == value
    others = [key for key in pack.parameters if key != lever.key]
    assert all(made.value(key, first) == pack.value(key, first) for key in others)


def test_the_panel_asks_the_same_number_of_queries_for_many_households(
    client: Client, leader: Any, django_assert_max_num_queries: Any
) -> None:
    for area in ("10", "37", "37"):
        an_assessment(area)
    prepared(leader)
    client.force_login(leader)
    with django_assert_max_num_queries(18):
        assert client.get(HOME, {"value": AREA, "to": "40"}).status_code == 200


def test_a_preparation_is_cancelled_and_its_workers_lay_nothing_down(client):
    by = accounts.staff(Role.LEADER).user
    client.force_login(by)
    an_assessment("30")
    row = preparation.ask(by=by)
    part = row.parts.get()
    page = client.get("/office/rules/what-if/").content.decode()
    assert "取消准备" in page
    client.post("/office/rules/what-if/cancel/")
    assert preparation.running() is None
    assert preparation.fill(part.pk) is False
    with pytest.raises(PreparationRefused):
        preparation.cancel(by=by)
    assert AuditEntry.objects.filter(verb="what_if.cancelled").count() == 1


def test_the_time_left_follows_the_pace_so_far():
    row = Preparation(total=300, asked_at=clock.now() - timedelta(seconds=60))
    left = preparation.time_left(row, 100)
    assert left is not None and 119 <= left.total_seconds() <= 121
    assert preparation.time_left(row, 0) is None
