"""The pages of a visit, asked for over HTTP: forms that work without a script, and their doors."""

import json
from io import BytesIO
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from PIL import Image

from accounts.roles import BureauKind, Role
from applications import material_permissions, periods, visit_photos, visits
from applications.models import MaterialPage, Visit, VisitCall, VisitOrder
from applications.models.review import Stage
from core.models import AuditEntry, Contact
from tests.applications.visiting import NOBODY, OTHERWISE, WELL, street_of, visit
from tests.factories import accounts, applications
from tests.factories import review as desk

pytestmark = pytest.mark.django_db


def signed_in(staff):
    client = Client()
    client.force_login(staff.user)
    return client


def text(response, status=200):
    assert response.status_code == status, response.status_code
    return response.content.decode()


def form_of(case):
    return reverse("visit_form", args=[case.ref])


def jpeg():
    """A photo with something on it, another one at each call."""
    out = BytesIO()
    Image.effect_noise((800, 600), 60).convert("RGB").save(out, "JPEG")
    return out.getvalue()


# -- The list --------------------------------------------------------------------------------------


def test_the_list_shows_address_people_phone_and_what_to_look_at():
    me = accounts.citizen(phone="13800001111")
    case = desk.under_review(members=2, applicant=me, declared={"actual_rent": "1500"})
    applications.evidence(
        case, "household_register", status="found",
        rows=[{"czrkxm": me.name, "czrkgmsfhm": me.id_number, "czrkzz": "鄞州区百丈街道某路8号"}],
    )  # fmt: skip
    clerk = street_of(case)
    visits.order(case, by=clerk, reason="看看阁楼")
    visit(case, clerk, **NOBODY)
    page = text(signed_in(clerk).get(reverse("visit_list")))
    for word in ("某路8号", me.name, "tel:13800001111", "138****1111", "看看阁楼", "申报2人",
                 "1,500.00元/月", "没有遇到人"):  # fmt: skip
        assert word in page, word
    for one in case.members.all():
        assert one.id_number not in page


def test_the_address_that_the_family_gave_goes_first():
    me = accounts.citizen(phone="13800001111")
    case = desk.under_review(applicant=me)
    from core import clock

    Contact.objects.create(
        person_index=me.id_index, phone="13900002222", address="姜山镇某村1号",
        changed_at=clock.now(),
    )  # fmt: skip
    page = text(signed_in(street_of(case)).get(reverse("visit_list")))
    assert "姜山镇某村1号" in page and "tel:13900002222" in page


def test_a_list_that_goes_out_is_recorded_once_a_day_for_each_household():
    case = desk.under_review()
    client = signed_in(street_of(case))
    for _n in range(2):
        client.get(reverse("visit_list"))
        client.get(reverse("visit_day"))
    looks = AuditEntry.objects.filter(verb="looked", case_no=case.case_no)
    assert looks.filter(purpose="入户核实名单").count() == 1


def test_another_street_sees_nothing_and_is_refused_the_form():
    case = desk.under_review()
    client = signed_in(accounts.staff(Role.STREET, bureau="330212102"))
    assert case.case_no not in text(client.get(reverse("visit_list")))
    assert client.get(reverse("visit_day")).json()["rows"] == []
    assert client.get(form_of(case)).status_code == 404
    assert client.post(form_of(case), WELL).status_code == 404
    assert not Visit.objects.exists()


@pytest.mark.parametrize("role", [Role.REVIEWER, Role.DISTRICT, Role.WINDOW, Role.ADMIN])
def test_only_the_street_goes_out(role):
    client = signed_in(accounts.staff(role))
    for name in ("visit_list", "visit_day", "visit_offline", "visit_worker"):
        assert client.get(reverse(name)).status_code == 403, name


def test_an_empty_list_says_so():
    page = text(signed_in(accounts.staff(Role.STREET)).get(reverse("visit_list")))
    assert "现在没有要上门的家庭" in page


def test_the_number_of_queries_does_not_grow_with_the_list():
    clerk = street_of(desk.under_review(members=2))
    client = signed_in(clerk)
    client.get(reverse("visit_list"))
    with CaptureQueriesContext(connection) as few:
        client.get(reverse("visit_list"))
    for _n in range(5):
        visit(desk.under_review(members=3), clerk, **NOBODY)
    client.get(reverse("visit_list"))  # records each look once
    with CaptureQueriesContext(connection) as many:
        client.get(reverse("visit_list"))
    assert len(many) == len(few) < 16


# -- The form --------------------------------------------------------------------------------------


def test_the_form_works_as_a_plain_form_with_photos():
    case = desk.under_review()
    client, key = signed_in(street_of(case)), uuid4()
    photos = [SimpleUploadedFile(f"{n}.jpg", jpeg(), "image/jpeg") for n in (1, 2)]
    answer = client.post(form_of(case), {**OTHERWISE, "key": key, "photos": photos})
    made = Visit.objects.get()
    assert answer.url == reverse("visit_done", args=[key]) and made.key == key
    assert visit_photos.of(made).count() == 2
    page = text(client.get(answer.url))
    assert "与申报有不同" in page and "不是结论" in page


def test_a_form_sent_twice_is_one_visit_with_its_photos_once():
    case = desk.under_review()
    client, key, content = signed_in(street_of(case)), uuid4(), jpeg()
    for _n in range(2):
        photo = SimpleUploadedFile("a.jpg", content, "image/jpeg")
        answer = client.post(form_of(case), {**WELL, "key": key, "photos": [photo]})
        assert answer.status_code == 302
    assert visit_photos.of(Visit.objects.get()).count() == 1


def test_a_photo_that_cannot_be_taken_is_said_and_the_visit_stands(settings):
    case = desk.under_review()
    client = signed_in(street_of(case))
    bad = SimpleUploadedFile("a.jpg", b"no picture", "image/jpeg")
    good = SimpleUploadedFile("b.jpg", jpeg(), "image/jpeg")
    answer = client.post(form_of(case), {**WELL, "photos": [bad, good]}, follow=True)
    assert visit_photos.of(Visit.objects.get()).count() == 1
    assert "yz-notice" in text(answer)
    settings.PAPER_MOST_BYTES = 100
    large = SimpleUploadedFile("c.jpg", jpeg(), "image/jpeg")
    answer = client.post(form_of(case), {**NOBODY, "photos": [large], "again": "on"}, follow=True)
    assert "最大" in text(answer)


def test_what_is_wrong_is_said_and_nothing_typed_is_lost():
    case = desk.under_review()
    client = signed_in(street_of(case))
    page = text(client.post(form_of(case), {**WELL, "met": "", "remarks": "楼道很暗"}), status=422)
    assert "请选择见到了谁" in page and "楼道很暗" in page
    assert not Visit.objects.exists()


def test_a_conflict_is_told_with_everything_typed_and_a_way_to_keep_it():
    case = desk.under_review()
    visit(case, street_of(case, "先到的人"))
    client = signed_in(street_of(case))
    told = {**OTHERWISE, "key": str(uuid4())}
    page = text(client.post(form_of(case), told), status=409)
    assert "先到的人" in page and "四个人" in page and told["key"] in page and "仍然记为" in page
    assert client.post(form_of(case), {**told, "again": "on"}).status_code == 302
    assert Visit.objects.filter(second=True).count() == 1


@pytest.mark.parametrize(
    "drawn", ["data:text/html;base64,xxxx", "x" * 70, "data:image/png;base64," + "A" * 400_001]
)
def test_a_signature_is_a_drawing_or_a_name(drawn):
    case = desk.under_review()
    answer = signed_in(street_of(case)).post(form_of(case), {**WELL, "signature": drawn})
    assert answer.status_code == 422 and not Visit.objects.exists()


# -- What the script asks --------------------------------------------------------------------------


def send(client, case, **told):
    answer = client.post(form_of(case), told, headers={"accept": "application/json"})
    return answer.status_code, answer.json()


def test_the_script_is_answered_in_json_and_sends_photos_in_parts():
    from hashlib import sha256

    case, content = desk.under_review(), jpeg()
    client, key = signed_in(street_of(case)), uuid4()
    status, told = send(client, case, **WELL, key=key, ago=3600)
    assert (status, told["state"]) == (200, "recorded")
    body = json.dumps({"size": len(content), "digest": sha256(content).hexdigest()})
    begun = client.post(told["parts"], body, content_type="application/json").json()
    for at in range(0, len(content), begun["step"]):
        piece = content[at : at + begun["step"]]
        client.post(
            begun["part"], piece, content_type="application/octet-stream",
            headers={"X-Offset": str(at)},
        )  # fmt: skip
    assert client.post(begun["finish"]).json()["done"] is True
    made = Visit.objects.get()
    assert visit_photos.of(made).count() == 1
    assert 3500 < (made.recorded_at - made.visited_at).total_seconds() < 3700 or (
        made.visited_at == case.accepted_at
    )
    assert send(client, case, **WELL, key=key)[1]["state"] == "recorded"


def test_the_script_is_told_what_to_change_and_what_happened_meanwhile():
    case = desk.under_review()
    client = signed_in(street_of(case))
    status, told = send(client, case, outcome="differs", companion="")
    assert (status, told["state"]) == (422, "fix")
    assert set(told["errors"]) == {"companion", "met", "lived_in", "differs"}
    desk.agree(desk.task_of(case, Stage.STREET))
    status, told = send(client, case, **WELL)
    assert (status, told["state"]) == (409, "conflict") and "部门核对中" in told["sentence"]


def test_who_is_signed_out_is_sent_to_sign_in_and_nothing_is_kept():
    case = desk.under_review()
    answer = Client().post(form_of(case), WELL, headers={"accept": "application/json"})
    assert answer.status_code == 302 and "sign-in" in answer.url
    assert not Visit.objects.exists()


def test_the_day_holds_no_more_than_finds_the_door():
    case = desk.under_review(members=2)
    told = signed_in(street_of(case)).get(reverse("visit_day")).json()
    assert set(told) == {"owner", "name", "token", "seconds", "rows"}
    assert set(told["rows"][0]) == {
        "ref", "case_no", "href", "due", "late", "places", "people", "phone", "phone_shown",
        "look_at", "attempts",
    }  # fmt: skip
    assert 0 < told["seconds"] <= 86400
    for one in case.members.all():
        assert one.id_number not in json.dumps(told)


def test_the_offline_page_holds_nobodys_data_and_the_worker_only_its_folder():
    case = desk.under_review()
    clerk = street_of(case, "某位职员")
    client = signed_in(clerk)
    page = text(client.get(reverse("visit_offline")))
    assert case.case_no not in page and clerk.name not in page
    assert "csrfmiddlewaretoken" not in page and "data-csrf" not in page
    answer = client.get(reverse("visit_worker"))
    assert answer["Content-Type"].startswith("text/javascript")
    code = text(answer)
    assert text(client.get(reverse("visit_worker"))) == code  # the same version for the same files
    told = json.loads(code.splitlines()[0].removeprefix("self.YZ = ").removesuffix(";"))
    assert told["scope"] == "/review/visit/" and told["shell"].startswith(told["scope"])
    for address in told["assets"]:
        assert address.startswith("/static/")


# -- Who reads it ----------------------------------------------------------------------------------


def test_street_and_district_read_a_visit_and_a_department_that_it_took_place():
    case = desk.under_review()
    made = visit(case, street_of(case), **OTHERWISE)
    desk.agree(desk.task_of(case, Stage.STREET))
    address = reverse("visit_done", args=[made.key])
    for reader in (street_of(case), desk.district()):
        assert "四个人" in text(signed_in(reader).get(address))
    task = desk.task_of(case, Stage.JOINT, BureauKind.CIVIL_AFFAIRS)
    department = signed_in(desk.reviewer_for(task))
    page = text(department.get(reverse("review_task", args=[task.pk])))
    assert "已上门" in page and "四个人" not in page and address not in page
    assert department.get(address).status_code == 403


def test_photos_of_a_visit_are_no_papers_of_the_family_and_closed_to_departments():
    case = desk.under_review()
    clerk = street_of(case)
    photo = SimpleUploadedFile("a.jpg", jpeg(), "image/jpeg")
    signed_in(clerk).post(form_of(case), {**OTHERWISE, "photos": [photo]})
    desk.agree(desk.task_of(case, Stage.STREET))
    page = MaterialPage.objects.get()
    picture = reverse("paper_picture", args=[page.pk])
    family = Client()
    family.force_login(case.created_by)
    assert "入户照片" not in text(family.get(reverse("my_papers", args=[case.case_no])))
    assert family.get(picture).status_code == 404
    task = desk.task_of(case, Stage.JOINT, BureauKind.CIVIL_AFFAIRS)
    assert signed_in(desk.reviewer_for(task)).get(picture).status_code == 404
    assert material_permissions.count_readable(desk.reviewer_for(task), case) == 0
    assert signed_in(desk.district()).get(picture).status_code == 200
    assert "入户照片" in text(
        signed_in(clerk).get(reverse("review_papers", args=[desk.task_of(case, Stage.STREET).pk]))
    )


def test_a_colleague_of_the_street_adds_photos_and_nobody_else():
    case = desk.under_review()
    made = visit(case, street_of(case))
    address, item = reverse("visit_done", args=[made.key]), visit_photos.item_of(made)
    photo = {f"files_{item}": SimpleUploadedFile("a.jpg", jpeg(), "image/jpeg"),
             "do": f"add:{item}"}  # fmt: skip
    assert signed_in(desk.district()).post(address, photo).status_code == 200
    assert not MaterialPage.objects.exists()
    photo[f"files_{item}"] = SimpleUploadedFile("a.jpg", jpeg(), "image/jpeg")
    assert signed_in(street_of(case)).post(address, photo).status_code == 302
    assert MaterialPage.objects.count() == 1


def test_the_api_tells_staff_of_visits_and_a_department_the_time_alone():
    case = desk.under_review()
    visit(case, street_of(case), **OTHERWISE)
    desk.agree(desk.task_of(case, Stage.STREET))
    address = f"/api/v1/cases/{case.case_no}/"
    whole = signed_in(desk.district()).get(address).json()["home_visits"]
    assert whole[0]["outcome"] == "differs" and whole[0]["persons"] == 2
    closed = signed_in(accounts.staff(Role.REVIEWER)).get(address).json()["home_visits"]
    assert {name for name, value in closed[0].items() if value is not None} == {"visited_at"}


def test_the_familys_page_and_its_list_of_looks_tell_of_the_visit():
    case = desk.under_review()
    visit(case, street_of(case), **OTHERWISE)
    family = Client()
    family.force_login(case.created_by)
    page = text(family.get(reverse("my_case", args=[case.case_no])))
    assert "已上门核实" in page and "四个人" not in page
    assert "上门核实" in text(family.get("/my/data/"))


# -- Orders, calls, the note -----------------------------------------------------------------------


def test_a_visit_is_ordered_from_the_page_of_a_task():
    case = desk.in_joint_review()
    task = desk.task_of(case, Stage.JOINT, BureauKind.HOUSING)
    client = signed_in(desk.reviewer_for(task))
    address = reverse("visit_order", args=[task.pk])
    assert address in text(client.get(reverse("review_task", args=[task.pk])))
    assert "请写明要上门看什么" in text(client.post(address, {"reason": ""}), status=422)
    assert client.post(address, {"reason": "看看住处"}).status_code == 302
    assert VisitOrder.objects.get().reason == "看看住处"
    assert "已经安排" in text(client.post(address, {"reason": "再看"}), status=422)
    street = signed_in(street_of(case))
    assert "看看住处" in text(street.get(reverse("visit_list")))
    assert "要上门的1户" in text(street.get(reverse("review_queue")))
    elsewhere = signed_in(accounts.staff(Role.STREET, bureau="330212102"))
    assert elsewhere.get(address).status_code == 404


def test_the_call_after_so_many_attempts_has_its_page():
    case = desk.under_review()
    clerk = street_of(case)
    for _n in range(periods.of("visit_attempts").value):
        visit(case, clerk, **NOBODY)
    call, client = VisitCall.objects.get(), signed_in(clerk)
    address = reverse("visit_call", args=[call.pk])
    assert address in text(client.get(reverse("visit_list")))
    assert "都不影响申请" in text(client.get(address))
    assert client.post(address, {"reached": "yes"}).status_code == 422
    assert client.post(address, {"reached": "yes", "text": "周六上午"}).status_code == 302
    call.refresh_from_db()
    assert call.reached and call.text == "周六上午"
    elsewhere = signed_in(accounts.staff(Role.STREET, bureau="330212102"))
    assert elsewhere.get(address).status_code == 404


def test_the_note_names_the_case_by_its_number_alone():
    case = desk.under_review(members=2)
    page = text(signed_in(street_of(case)).get(reverse("visit_note", args=[case.ref])))
    assert case.case_no in page and "不影响您的申请" in page
    for one in case.members.all():
        assert one.name not in page


def test_the_draft_of_the_street_begins_with_what_was_seen():
    case = desk.under_review()
    visit(case, street_of(case), **OTHERWISE)
    task = desk.task_of(case, Stage.STREET)
    page = text(signed_in(desk.reviewer_for(task)).get(reverse("review_task", args=[task.pk])))
    assert "经入户核实，与申报有不同：家里住着四个人" in page
    assert "没有待核实的事项" not in page and "上门本身不决定结果" in page


def test_the_history_of_a_case_tells_leaders_that_it_was_visited():
    case = desk.under_review()
    visit(case, street_of(case), **OTHERWISE)
    page = text(signed_in(accounts.staff(Role.LEADER)).get(f"/office/cases/{case.case_no}/"))
    assert "与申报有不同" in page and "四个人" not in page
