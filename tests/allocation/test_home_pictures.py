"""Plans and photos: checked like papers, shown to who chooses the home and to nobody else."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from allocation import homes, offers, pictures
from allocation.models import HomePicture
from allocation.pictures import PictureRefused
from applications import paper_sweep
from applications.papers import store
from applications.papers.darkroom import PaperRefused
from core import audit
from tests.applications.test_materials import Away, Clean, Infected, pdf, photo, scanner
from tests.factories import accounts
from tests.factories import allocation as make
from tests.factories import homes as stock

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("checked")]
PLAN, PHOTO = HomePicture.Kind.PLAN, HomePicture.Kind.PHOTO


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "papers"


def add(home, content=None, kind=PHOTO, by=None, **more):
    return pictures.add(home, content or photo(), by=by or make.administrator(), kind=kind, **more)


def files(settings):
    return [one for one in settings.MEDIA_ROOT.glob("??/*") if one.is_file()]


def test_a_plan_of_a_type_is_shown_with_every_home_of_it_and_before_photos():
    first, second = make.home(), make.home()
    other = make.home(unit_type="1R")
    add(first, title="客厅")
    plan = add(first, pdf(1), kind=PLAN, whole_type=True, illustrative=True)
    assert [one.kind for one in homes.pictures_of(first)] == [PLAN, PHOTO]
    assert homes.pictures_of(second) == [plan] and homes.pictures_of(other) == []
    assert "示意图" in plan.caption
    assert pictures.content_of(plan).startswith(b"\xff\xd8")


def test_the_same_file_is_one_picture_and_leaves_no_second_file(settings):
    home, content = make.home(), photo()
    assert add(home, content).pk == add(home, content).pk
    assert len(files(settings)) == 1


def test_what_is_no_picture_is_refused_and_nothing_is_kept(settings):
    home = make.home()
    for content in (b"%!PS text", photo()[:200], pdf(2)):
        with pytest.raises(PaperRefused):
            add(home, content)
    with pytest.raises(PictureRefused, match="业务管理"):
        add(home, by=stock.operator())
    assert files(settings) == [] and not HomePicture.objects.exists()


def test_an_infected_file_is_refused(settings):
    scanner(settings, Infected)
    with pytest.raises(PictureRefused, match="病毒"):
        add(make.home())
    assert files(settings) == []


def test_while_the_scanner_is_away_the_picture_waits_and_is_shown_to_nobody(settings):
    home = make.home()
    scanner(settings, Away)
    row = add(home)
    assert homes.pictures_of(home) == [] and list(pictures.hanging(home)) == [row]
    assert pictures.scan_waiting() == 0
    scanner(settings, Clean)
    assert pictures.scan_waiting() == 1
    assert homes.pictures_of(home) == [row]


def test_the_sweep_of_papers_leaves_pictures_alone(settings, monkeypatch):
    add(make.home())
    monkeypatch.setattr(paper_sweep, "_ORPHAN", -10.0)
    assert paper_sweep.sweep() == (0, 0) and len(files(settings)) == 1


def test_a_picture_taken_down_is_gone(settings, django_capture_on_commit_callbacks):
    row = add(make.home())
    with django_capture_on_commit_callbacks(execute=True):
        pictures.remove(row, by=make.administrator())
    assert files(settings) == []
    with pytest.raises(store.PaperGone):
        pictures.content_of(row)


def test_a_household_sees_the_pictures_of_its_own_home_once_its_result_is_open(client):
    round_ = make.revealed(2, 1)
    offer = round_.entrants.exclude(offers=None).get().offers.get()
    row, other = add(offer.home, kind=PLAN), add(make.home(unit_type="3R"), photo(seed=60))
    applicant = offer.entrant.application.applicant
    client.force_login(accounts.citizen(name=applicant.name, number=applicant.id_number).user)
    mine, theirs = (reverse("my_home_picture", args=[one.pk]) for one in (row, other))
    assert client.get(mine).status_code == 404
    offers.open_result(offer, by=audit.System("test"), via="phone")
    page = client.get(reverse("my_offer")).content.decode()
    assert mine in page and "户型图" in page
    answer = client.get(mine)
    assert answer["Content-Type"] == "image/jpeg" and "private" in answer["Cache-Control"]
    assert client.get(theirs).status_code == 404
    assert client.get(reverse("home_picture", args=[row.pk])).status_code == 403


def test_pictures_are_hung_and_taken_down_on_the_homes_page(client):
    home = make.home()
    client.force_login(make.administrator().user)
    step = reverse("office_home_step", args=[home.code, "picture"])
    wrong = client.post(step, {"picture-kind": PLAN, "picture-title": "北卧室"})
    assert wrong.status_code == 422 and "北卧室" in wrong.content.decode()
    broken = SimpleUploadedFile("a.jpg", b"nothing", content_type="image/jpeg")
    wrong = client.post(step, {"picture-kind": PLAN, "picture-file": broken})
    assert wrong.status_code == 422 and "只能收照片" in wrong.content.decode()
    good = SimpleUploadedFile("a.jpg", photo(), content_type="image/jpeg")
    page = client.post(step, {"picture-kind": PLAN, "picture-file": good}, follow=True)
    row = HomePicture.objects.get()
    assert reverse("home_picture", args=[row.pk]) in page.content.decode()
    assert client.get(reverse("home_picture", args=[row.pk])).status_code == 200
    client.post(reverse("office_home_step", args=[home.code, "remove-picture"]),
                {"picture": row.pk})  # fmt: skip
    assert not HomePicture.objects.exists()
