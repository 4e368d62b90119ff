"""Clean cases passed together after a sample was opened."""

from datetime import timedelta

import pytest

from accounts.roles import BureauKind, Role
from applications import batches, clean_cases, periods, review, sampling, states
from applications.batches import BatchRefused
from applications.models import Batch, BatchItem, Change, Inquiry, Opinion
from applications.models.review import Stage
from core import clock
from core.models import AuditEntry
from tests.factories import accounts
from tests.factories import applications as build
from tests.factories import clocks as make
from tests.factories import review as desk

pytestmark = pytest.mark.django_db
TEXT = "登记齐全，同意。"


def clean(count: int = 5):
    return [make.agreeing() for _n in range(count)]


def begun(count: int = 5):
    tasks, me = clean(count), make.reviewer()
    return batches.begin(by=me), tasks, me


def opened(batch: Batch, me) -> None:
    for item in batch.items.filter(sampled=True):
        batches.look(item, by=me)


def passed(batch: Batch, me) -> Batch:
    opened(batch, me)
    batches.pass_on(batch, by=me, text=TEXT)
    batches.go_on(batch.pk)
    batch.refresh_from_db()
    return batch


# -- The sample ----------------------------------------------------------------------------------


def test_a_sample_is_drawn_again_from_its_seed_in_any_order():
    keys = list(range(100, 200))
    first = sampling.drawn("ab" * 32, keys, 10)
    assert sampling.drawn("ab" * 32, reversed(keys), 10) == first
    assert sampling.drawn("cd" * 32, keys, 10) != first
    assert len(set(first)) == 10 and set(first) <= set(keys)


@pytest.mark.parametrize(
    ("total", "share", "minimum", "drawn"),
    [(100, 10, 3, 10), (101, 10, 3, 11), (12, 10, 3, 3), (2, 10, 3, 2), (0, 10, 3, 0)],
)
def test_the_size_is_a_share_a_minimum_and_never_more_than_there_are(total, share, minimum, drawn):
    assert sampling.size(total, share=share, minimum=minimum) == drawn


def test_a_share_draws_about_that_share_of_keys():
    hit = sum(sampling.is_drawn("ab" * 32, key, share=10) for key in range(5000))
    assert 400 < hit < 600
    assert not any(sampling.is_drawn("ab" * 32, key, share=0) for key in range(50))
    assert all(sampling.is_drawn("ab" * 32, key, share=100) for key in range(50))


def test_the_row_of_a_batch_lets_an_auditor_draw_the_same_sample():
    batch, _tasks, _me = begun(6)
    tasks = list(batch.items.values_list("task", flat=True))
    sample = set(batch.items.filter(sampled=True).values_list("task", flat=True))
    assert set(batches.redraw(batch, tasks)) == sample and len(sample) == 3
    assert len(batch.seed) == 64
    assert AuditEntry.objects.get(verb="batch.shown").detail["seed"] == batch.seed


def test_two_batches_never_share_a_seed():
    batch, _tasks, _me = begun(1)
    other = batches.begin(by=make.reviewer())
    assert batch.seed != other.seed


# -- What is clean -------------------------------------------------------------------------------


def inquiry(task):
    Inquiry.objects.create(
        application=task.application, kind="silent_source", subject="property", bureau=task.bureau,
        state_since=clock.now(), opened_at=clock.now(), due_on=clock.today(),
    )  # fmt: skip


def change(task):
    now = clock.now()
    Change.objects.create(
        application=task.application, kind=Change.Kind.choices[0][0], state=states.CHANGE_CHECKING,
        state_since=now, reported_at=now, happened_on=now.date(), case_state="joint_review",
    )  # fmt: skip


def paper(task):
    task.application.supplements.create(item="correction-1", text="合同", due_on=clock.today())


def consent(task):
    task.application.applicant.consents.update(withdrawn_at=clock.now())


def stale(task):
    task.application.evidence.update(valid_to=clock.today() - timedelta(days=1))


def silent(task):
    task.application.evidence.filter(source="property").update(status="unavailable")


def unread(task):
    task.application.evidence.update(unread=True)


def disputed(task):
    task.application.evidence.filter(source="deed_tax").update(disputed=True)


def doubtful(task):
    task.findings = ["HOUSING_AREA"]
    task.save()


def moved(task):
    task.application.state = states.CORRECTION
    task.application.save()


FAULTS = [inquiry, change, paper, consent, stale, silent, unread, disputed, doubtful, moved]


@pytest.mark.parametrize("fault", FAULTS)
def test_whatever_leaves_something_to_weigh_keeps_a_task_out(fault):
    task, me = make.agreeing(), make.reviewer()
    assert clean_cases.why_not(task) == "" and list(clean_cases.tasks_of(me)) == [task]
    fault(task)
    task.refresh_from_db()
    assert clean_cases.why_not(task) != ""
    assert list(clean_cases.tasks_of(me)) == []


def test_what_others_read_does_not_keep_a_task_out():
    task = make.agreeing()
    build.evidence(task.application, "marriage", status="unavailable")
    assert clean_cases.why_not(task) == ""


def test_a_task_that_a_colleague_holds_and_ones_own_family_are_not_listed():
    task, me = make.agreeing(), make.reviewer()
    review.claim(task, by=make.reviewer())
    assert list(clean_cases.tasks_of(me)) == []
    review.claim(make.agreeing(), by=me)
    assert clean_cases.tasks_of(me).count() == 1
    me.id_index = clean_cases.tasks_of(me)[0].application.applicant.id_index
    me.save()
    assert clean_cases.tasks_of(me).count() == 0


def test_the_list_of_a_desk_takes_one_query(django_assert_num_queries):
    clean(4)
    me = make.reviewer()
    str(me.bureau)
    with django_assert_num_queries(1):
        assert len(list(clean_cases.tasks_of(me))) == 4


def test_a_street_and_a_district_see_their_own_clean_tasks():
    street = desk.task_of(desk.under_review(), Stage.STREET)
    closing = desk.task_of(desk.at_district(), Stage.DISTRICT)
    assert list(clean_cases.tasks_of(desk.reviewer_for(street))) == [street]
    assert list(clean_cases.tasks_of(desk.district())) == [closing]


# -- Passing -------------------------------------------------------------------------------------


def test_the_sample_is_opened_one_by_one_before_the_rest_passes():
    batch, _tasks, me = begun()
    with pytest.raises(BatchRefused, match="3件没有打开"):
        batches.pass_on(batch, by=me, text=TEXT)
    first, *others = batch.items.filter(sampled=True)
    batches.look(first, by=me)
    with pytest.raises(BatchRefused, match="2件没有打开"):
        batches.pass_on(batch, by=me, text=TEXT)
    assert Opinion.objects.filter(batch=batch).count() == 0
    for one in others:
        batches.look(one, by=me)
    assert batches.pass_on(batch, by=me, text=TEXT).state == "passing"


def test_every_task_gets_its_own_opinion_with_the_batch_and_the_words():
    batch, tasks, me = begun()
    passed(batch, me)
    given = Opinion.objects.filter(batch=batch)
    assert {one.task_id for one in given} == {one.pk for one in tasks}
    assert {(one.by_id, one.text, one.automatic) for one in given} == {(me.pk, TEXT, False)}
    assert batch.state == "done"
    assert batches.counts_of(batch) == {
        "total": 5, "drawn": 3, "opened": 3, "passed": 5, "left": 0,
    }  # fmt: skip


def test_a_second_click_changes_nothing():
    batch, _tasks, me = begun()
    passed(batch, me)
    entries, opinions = AuditEntry.objects.count(), Opinion.objects.count()
    assert batches.pass_on(batch, by=me, text="别的").text == TEXT
    assert batches.go_on(batch.pk) == 0
    assert (AuditEntry.objects.count(), Opinion.objects.count()) == (entries, opinions)


def test_what_changed_since_the_preview_leaves_and_says_why():
    batch, tasks, me = begun(5)
    opened(batch, me)
    answered, asked, held, done, still = tasks
    answered.application.evidence.filter(source="property").update(fetched_at=clock.now())
    inquiry(asked)
    review.claim(held, by=make.reviewer())
    desk.agree(done)
    batches.pass_on(batch, by=me, text=TEXT)
    batches.go_on(batch.pk)
    why = dict(batch.items.filter(outcome="left").values_list("task", "why"))
    assert "有更新" in why[answered.pk] and "核实单" in why[asked.pk]
    assert "正在办理" in why[held.pk] and "提交意见" in why[done.pk]
    assert list(Opinion.objects.filter(batch=batch).values_list("task", flat=True)) == [still.pk]


def test_a_new_assessment_takes_a_task_out_too():
    batch, (task,), me = begun(1)
    build.assessment(task.application, findings=[build.finding("HOUSING_AREA")])
    passed(batch, me)
    assert "有更新" in batch.items.get().why and not hasattr(task, "opinion")


def test_one_that_fails_takes_no_other_with_it(monkeypatch):
    batch, tasks, me = begun(4)
    real, bad = review.opine, tasks[1].pk

    def opine(task, **words):
        if task.pk == bad:
            raise RuntimeError("disk full")
        return real(task, **words)

    monkeypatch.setattr(review, "opine", opine)
    passed(batch, me)
    assert batch.items.get(task=bad).outcome == "left"
    assert "单独办理" in batch.items.get(task=bad).why
    assert Opinion.objects.filter(batch=batch).count() == 3


def test_what_a_lost_worker_left_is_taken_up_again(monkeypatch):
    batch, _tasks, me = begun(4)
    opened(batch, me)
    batches.pass_on(batch, by=me, text=TEXT)
    for pk in batch.items.values_list("pk", flat=True)[:2]:
        batches._settle_one(pk)
    assert Opinion.objects.filter(batch=batch).count() == 2
    assert [one.pk for one in batches.unfinished()] == [batch.pk]
    assert batches.go_on(batch.pk) == 2
    batch.refresh_from_db()
    assert Opinion.objects.filter(batch=batch).count() == 4 and batch.state == "done"


def test_a_batch_holds_at_most_so_many(monkeypatch):
    clean(4)
    most = periods.Period("batch_most", "x", 3, "cases")
    rows = periods.table() | {"batch_most": most}
    monkeypatch.setattr(periods, "table", lambda: rows)
    assert batches.begin(by=make.reviewer()).items.count() == 3


def test_nothing_clean_makes_no_batch():
    with pytest.raises(BatchRefused, match="没有可以批量同意"):
        batches.begin(by=make.reviewer())
    assert not Batch.objects.exists()


def test_asking_again_shows_the_same_batch_with_the_same_sample():
    batch, _tasks, me = begun()
    assert batches.begin(by=me) == batch
    assert Batch.objects.count() == 1


def test_a_colleague_neither_opens_nor_passes_somebody_elses_sample():
    batch, _tasks, _me = begun()
    other = make.reviewer()
    with pytest.raises(BatchRefused, match="由本人提交"):
        batches.look(batch.items.filter(sampled=True).first(), by=other)
    with pytest.raises(BatchRefused, match="由本人提交"):
        batches.pass_on(batch, by=other, text=TEXT)
    assert not batch.items.filter(opened_at__isnull=False).exists()


def test_words_are_needed():
    batch, _tasks, me = begun(1)
    opened(batch, me)
    with pytest.raises(BatchRefused, match="请写意见"):
        batches.pass_on(batch, by=me, text="  ")


# -- The pages -----------------------------------------------------------------------------------


def test_a_reviewer_goes_from_the_list_to_the_pass(client):
    tasks, me = clean(4), make.reviewer()
    client.force_login(me.user)
    assert "各项符合的任务4件" in client.get("/review/batch/").content.decode()
    page = client.post("/review/batch/", follow=True)
    batch = Batch.objects.get()
    assert "逐件看过才能提交" in page.content.decode() and batch.seed in page.content.decode()
    for item in batch.items.filter(sampled=True):
        answer = client.get(f"/review/batch/{batch.pk}/open/{item.pk}/", follow=True)
        assert item.task.case_no in answer.content.decode()
        looks = AuditEntry.objects.filter(verb="looked", case_no=item.task.case_no)
        assert looks.exists()
    page = client.get(f"/review/batch/{batch.pk}/").content.decode()
    assert "同意这4件" in page
    assert client.post(f"/review/batch/{batch.pk}/", {"text": ""}).status_code == 422
    client.post(f"/review/batch/{batch.pk}/", {"text": TEXT})
    assert "正在提交" in client.get(f"/review/batch/{batch.pk}/").content.decode()
    batches.go_on(batch.pk)
    page = client.get(f"/review/batch/{batch.pk}/").content.decode()
    assert "已同意4件，移出0件" in page
    client.force_login(accounts.staff(Role.DISTRICT).user)
    shown = client.get(f"/review/{tasks[0].pk}/").content.decode()
    assert f"批量同意第{batch.pk}批" in shown


def test_opening_one_that_was_not_drawn_counts_for_nothing(client):
    batch, _tasks, me = begun(6)
    client.force_login(me.user)
    item = batch.items.filter(sampled=False).first()
    client.get(f"/review/batch/{batch.pk}/open/{item.pk}/")
    assert not BatchItem.objects.filter(opened_at__isnull=False).exists()


def test_another_desk_does_not_see_the_batch(client):
    batch, _tasks, _me = begun(1)
    client.force_login(make.reviewer(BureauKind.CIVIL_AFFAIRS).user)
    assert client.get(f"/review/batch/{batch.pk}/").status_code == 404
    client.force_login(accounts.staff(Role.ADMIN).user)
    assert client.get("/review/batch/").status_code == 403


def test_the_page_costs_the_same_for_many_tasks(client, django_assert_max_num_queries):
    batch, _tasks, me = begun(12)
    client.force_login(me.user)
    client.get(f"/review/batch/{batch.pk}/")
    with django_assert_max_num_queries(14):
        client.get(f"/review/batch/{batch.pk}/")
