"""Papers and acceptance in the same second, on real PostgreSQL with threads."""

from datetime import timedelta

import pytest

from applications import acceptance, inquiry_answers, materials, paper_parts, states
from applications.models import AcceptanceLetter, Application, Material
from core import clock
from tests.applications.test_acceptance import late, street
from tests.applications.test_materials import ITEM, begun, draft, files, photo
from tests.concurrency.test_submission import at_once

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "papers"


@pytest.fixture(autouse=True)
def _no_broker(monkeypatch):
    from applications import tasks

    monkeypatch.setattr(tasks.check_application, "delay_on_commit", lambda *_a: None)
    monkeypatch.setattr(tasks.check_application, "apply_async", lambda *_a, **_k: None)


def test_the_same_file_from_four_tabs_is_one_paper_and_one_file():
    row, content = draft(), photo()
    done = at_once(*[lambda: materials.add(row, ITEM, content, by=row.created_by)] * 4)
    assert {one.pk for one in done} == {Material.objects.get().pk}
    assert row.pages.count() == 1 and len(files()) == 1


def test_different_files_at_once_each_get_their_place():
    row = draft()
    acts = [
        lambda seed=seed: materials.add(row, ITEM, photo(seed=seed), by=row.created_by)
        for seed in (30, 40, 50)
    ]
    at_once(*acts)
    assert list(row.pages.values_list("position", flat=True)) == [1, 2, 3]


def test_a_file_of_parts_finished_twice_at_once_is_taken_once():
    row, content = draft(), photo()
    half = begun(row, content)
    paper_parts.take(half, by=row.created_by, offset=0, content=content)
    at_once(*[lambda: paper_parts.finish(half, by=row.created_by)] * 3)
    assert row.pages.count() == 1 and len(files()) == 1


def test_brought_in_the_second_of_the_revocation_one_of_the_two_happens():
    row = late()
    materials.add(row, "MEMBERS", photo(), by=row.created_by)
    acceptance.warn(row, by=street(row, "甲"), reasons="没有补交")
    AcceptanceLetter.objects.filter(kind="warned").update(due_on=clock.today() - timedelta(days=1))
    second = street(row, "乙")
    at_once(
        lambda: acceptance.revoke(Application.objects.get(pk=row.pk), by=second, reasons="没有"),
        lambda: inquiry_answers.bring(row, by=row.created_by, answers={}),
    )
    row.refresh_from_db()
    revoked = row.state == states.ACCEPTANCE_REVOKED
    came = row.supplements.get().received_at is not None
    assert revoked != came


def test_brought_after_the_revocation_it_is_refused_with_a_way_on_and_not_marked_received():
    row = late()
    materials.add(row, "MEMBERS", photo(), by=row.created_by)
    acceptance.warn(row, by=street(row, "甲"), reasons="没有补交")
    AcceptanceLetter.objects.filter(kind="warned").update(due_on=clock.today() - timedelta(days=1))
    acceptance.revoke(row, by=street(row, "乙"), reasons="没有")
    with pytest.raises(inquiry_answers.InquiryRefused, match="重新申请"):
        inquiry_answers.bring(row, by=row.created_by, answers={})
    assert row.supplements.get().received_at is None
