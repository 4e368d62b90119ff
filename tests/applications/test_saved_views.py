"""常用筛选: kept, renamed, opened by itself and removed, by forms alone."""

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from applications import saved_views
from applications.models import SavedView
from applications.models.review import Stage
from core import clock
from tests.factories import review as desk

pytestmark = pytest.mark.django_db
QUEUE, VIEWS = "/review/", "/review/views/"


@pytest.fixture
def staff():
    return desk.reviewer_for(desk.task_of(desk.under_review(channel="window"), Stage.STREET))


@pytest.fixture
def client(staff):
    made = Client()
    made.force_login(staff.user)
    return made


def test_filters_are_kept_under_a_name_and_offered(client, staff):
    page = client.get(QUEUE, {"channel": "window", "q": "王", "after": "2026-01-01.1"})
    assert page.context["kept_query"] == "channel=window"
    answer = client.post(VIEWS, {"name": " 窗口的 ", "query": "channel=window&q=x&evil=1"})
    assert answer.url == f"{QUEUE}?channel=window"
    view = saved_views.of(staff).get()
    assert (view.name, view.query) == ("窗口的", "channel=window")
    page = client.get(answer.url)
    assert [(one.pk, active) for one, active in page.context["views"]] == [(view.pk, True)]


def test_the_default_opens_by_itself_and_everything_is_one_link_away(client, staff):
    view = saved_views.keep(staff, name="网上的", query="channel=online")
    client.post(f"{VIEWS}{view.pk}/", {"act": "default"})
    answer = client.get(QUEUE)
    assert answer.status_code == 302 and answer.url == f"{QUEUE}?channel=online"
    page = client.get(answer.url)
    assert page.context["total"] == 0
    assert client.get(page.context["clear_href"]).context["total"] == 1
    client.post(f"{VIEWS}{view.pk}/", {"act": "plain"})
    assert client.get(QUEUE).status_code == 200


def test_one_view_alone_is_the_default(staff):
    one = saved_views.keep(staff, name="一", query="channel=online")
    two = saved_views.keep(staff, name="二", query="channel=window")
    saved_views.make_default(one)
    saved_views.make_default(two)
    assert saved_views.of(staff).get(is_default=True) == two
    with pytest.raises(IntegrityError, match="saved_view_one_default"), transaction.atomic():
        SavedView.objects.filter(pk=one.pk).update(is_default=True)


def test_a_name_stands_once_and_a_renamed_view_keeps_its_filters(client, staff):
    one = saved_views.keep(staff, name="一", query="channel=online")
    saved_views.keep(staff, name="二", query="channel=window")
    answer = client.post(f"{VIEWS}{one.pk}/", {"act": "rename", "name": "二"})
    assert answer.status_code == 422 and "同名" in answer.content.decode()
    client.post(f"{VIEWS}{one.pk}/", {"act": "rename", "name": "三"})
    one.refresh_from_db()
    assert (one.name, one.query) == ("三", "channel=online")
    answer = client.post(VIEWS, {"name": "三", "query": "tone=doubt"})
    assert answer.status_code == 422 and "同名" in answer.content.decode()
    assert "tone=doubt" in answer.content.decode()  # nothing chosen is lost


def test_nothing_to_keep_no_name_and_too_many_are_refused(staff, monkeypatch):
    for name, query in (("一", ""), ("一", "q=王"), ("  ", "tone=doubt")):
        with pytest.raises(saved_views.ViewRefused):
            saved_views.keep(staff, name=name, query=query)
    monkeypatch.setattr(saved_views, "MOST", 1)
    saved_views.keep(staff, name="一", query="tone=doubt")
    with pytest.raises(saved_views.ViewRefused, match="最多"):
        saved_views.keep(staff, name="二", query="tone=clean")


def test_a_removed_view_is_gone_and_another_persons_is_not_there(client, staff):
    view = saved_views.keep(staff, name="一", query="tone=doubt")
    other = SavedView.objects.create(
        staff=desk.district(), name="别人的", query="tone=doubt", made_at=clock.now()
    )
    assert client.post(f"{VIEWS}{other.pk}/", {"act": "remove"}).status_code == 404
    client.post(f"{VIEWS}{view.pk}/", {"act": "remove"})
    assert [one.pk for one in SavedView.objects.all()] == [other.pk]
    assert "还没有常用筛选" in client.get(VIEWS).content.decode()
