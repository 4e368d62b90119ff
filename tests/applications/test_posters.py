"""Paper notices: up, photographed, down, photographed; the centre sees what is missing."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from accounts.roles import Role
from applications import materials, posters, publicity, states
from applications.models import Poster
from applications.models.review import Stage
from core import clock, workdays
from core.models import AuditEntry
from tests.applications.test_materials import photo
from tests.factories import accounts
from tests.factories import review as desk

pytestmark = pytest.mark.django_db


def posted():
    case = desk.at_district()
    desk.agree(desk.task_of(case, Stage.DISTRICT))
    return case.publicities.get()


def street_of(notice):
    return accounts.staff(Role.STREET, bureau=notice.application.street)


def picture(seed=40) -> SimpleUploadedFile:
    return SimpleUploadedFile("x.jpg", photo(seed=seed), "image/jpeg")


def up(notice, **fields):
    by = fields.pop("by", None) or street_of(notice)
    return posters.put_up(notice, by=by, **{"at": clock.now(), "place": "社区公告栏", **fields})


def missing(notice, on=None):
    rows = posters.standing(desk.district(), on or clock.today())
    return {word for one in rows if one.publicity == notice for word in one.missing}


def at(monkeypatch, day, hour=9):
    moment = clock.local_midnight(day) + timedelta(hours=hour)
    monkeypatch.setattr(clock, "now", lambda: moment)


def test_the_street_records_when_and_where_it_went_up():
    notice = posted()
    row = up(notice)
    assert (row.place, row.posted_by.bureau) == ("社区公告栏", notice.application.street)
    assert AuditEntry.objects.filter(verb="poster.up").count() == 1
    assert missing(notice) == {"没有张贴照片"}


@pytest.mark.parametrize(
    "wrong", [{"place": " "}, {"at": clock.now() + timedelta(days=2)}, {"at": None}]
)
def test_a_posting_without_place_or_of_an_impossible_time_is_refused(wrong):
    notice = posted()
    if "at" in wrong and wrong["at"] is None:
        wrong = {"at": clock.local_midnight(notice.starts_on) - timedelta(minutes=1)}
    entries = AuditEntry.objects.count()
    with pytest.raises(posters.PosterRefused):
        up(notice, **wrong)
    assert (Poster.objects.count(), AuditEntry.objects.count()) == (0, entries)


def test_another_street_and_the_centre_do_not_post_for_it():
    notice = posted()
    elsewhere = accounts.staff(
        Role.STREET, bureau=accounts.another_street(notice.application.street)
    )
    for by in (elsewhere, desk.district(), accounts.staff(Role.REVIEWER)):
        with pytest.raises(posters.PosterRefused):
            up(notice, by=by)
    assert not Poster.objects.exists()


def test_it_goes_up_once_and_comes_down_after_the_last_day(monkeypatch):
    notice = posted()
    up(notice)
    with pytest.raises(posters.PosterRefused, match="记录过"):
        up(notice)
    with pytest.raises(posters.PosterRefused, match="不撤下"):
        posters.take_down(notice, by=street_of(notice), at=clock.now())
    at(monkeypatch, notice.ends_on + timedelta(days=1))
    row = posters.take_down(notice, by=street_of(notice), at=clock.now())
    assert row.taken_down_at is not None
    with pytest.raises(posters.PosterRefused, match="记录过"):
        posters.take_down(notice, by=street_of(notice), at=clock.now())


def test_what_is_missing_or_late_is_shown_and_nothing_waits_for_it(monkeypatch):
    notice = posted()
    assert missing(notice) == {"没有张贴记录"}
    late = workdays.add_workdays(notice.starts_on, 2)
    assert next(iter(posters.standing(desk.district(), late))).late
    at(monkeypatch, late)
    up(notice)
    assert missing(notice, late) == {"张贴晚了", "没有张贴照片"}
    after = notice.ends_on + timedelta(days=1)
    at(monkeypatch, after)
    assert publicity.close_due(after) == 1
    notice.application.refresh_from_db()
    assert notice.application.state == states.WAITLISTED
    assert "没有撤下记录" in missing(notice, after)


def test_photos_of_both_ends_are_kept_like_papers_and_complete_it(monkeypatch):
    notice = posted()
    street = street_of(notice)
    client = Client()
    client.force_login(street.user)
    address = reverse("review_poster", args=[notice.pk])
    when = clock.now().astimezone(clock.LOCAL).strftime("%Y-%m-%dT%H:%M")
    sent = {"act": "up", "at": when, "place": "社区公告栏", "photo": picture()}
    assert client.post(address, sent).status_code == 302, client.get(address).content.decode()
    (page,) = posters.photos(notice, posters.UP)
    assert page.item.startswith(materials.OFFICE)
    assert reverse("paper_picture", args=[page.pk]) in client.get(address).content.decode()
    assert missing(notice) == set()
    at(monkeypatch, notice.ends_on + timedelta(days=1))
    client.force_login(street.user)
    when = clock.now().astimezone(clock.LOCAL).strftime("%Y-%m-%dT%H:%M")
    assert client.post(address, {"act": "down", "at": when}).status_code == 302
    assert missing(notice, clock.today()) == {"没有撤下照片"}
    other = picture(50)
    assert client.post(address, {"act": "photo-down", "photo": other}).status_code == 302
    assert missing(notice, clock.today()) == set()


def test_a_photo_that_cannot_be_read_does_not_undo_the_posting():
    notice = posted()
    client = Client()
    client.force_login(street_of(notice).user)
    when = clock.now().astimezone(clock.LOCAL).strftime("%Y-%m-%dT%H:%M")
    broken = SimpleUploadedFile("x.jpg", b"no picture", "image/jpeg")
    sent = {"act": "up", "at": when, "place": "社区公告栏", "photo": broken}
    response = client.post(reverse("review_poster", args=[notice.pk]), sent)
    assert response.status_code == 422
    assert Poster.objects.count() == 1 and missing(notice) == {"没有张贴照片"}


def test_the_database_takes_no_poster_that_came_down_before_it_went_up():
    notice = posted()
    row = up(notice)
    with pytest.raises(IntegrityError, match="poster_comes_down"), transaction.atomic():
        Poster.objects.filter(pk=row.pk).update(
            taken_down_at=row.posted_at - timedelta(days=1), taken_down_by=row.posted_by
        )


def test_a_street_sees_its_own_posters_and_the_centre_all():
    notice = posted()
    client = Client()
    elsewhere = accounts.staff(
        Role.STREET, bureau=accounts.another_street(notice.application.street)
    )
    address, page = reverse("review_notices"), reverse("review_poster", args=[notice.pk])
    for by, seen in ((desk.district(), True), (street_of(notice), True),
                     (elsewhere, False)):  # fmt: skip
        client.force_login(by.user)
        assert (page in client.get(address).content.decode()) is seen
        assert (client.get(page).status_code == 200) is seen
