"""Papers on pages: with and without script, two tabs, a cut line, and closed to strangers."""

import io
import json
from hashlib import sha256

import pytest
from django.conf import settings as configured
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from PIL import Image, ImageChops

from accounts.roles import BureauKind, Role
from applications import case_numbers, material_permissions, materials, paper_parts, states
from applications.models import Material, MaterialPage, Supplement
from applications.models.review import Stage
from core import clock
from core.models import AuditEntry
from tests.applications.test_materials import Away, pdf, photo, scanner
from tests.browsing import faults_of
from tests.factories import accounts
from tests.factories import applications as make
from tests.factories import review as desk

pytestmark = pytest.mark.django_db
LEFT = "/apply/left/"


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "papers"


def draft():
    citizen = accounts.citizen()
    people = [make.person("01"), make.person("10")]
    row = make.application(people, applicant=citizen)
    row.case_no, row.step = case_numbers.draw(clock.now()), "left"
    row.save()
    for member in row.members.all():
        for source in ("marriage", "marriage_national"):
            make.evidence(row, source, member=member, status="no_record")
    return row


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


def sent(content=None, name="a.jpg"):
    return SimpleUploadedFile(name, content or photo(), content_type="image/jpeg")


def body(answer):
    return answer.content.decode()


# -- Without script ------------------------------------------------------------------------------


def test_a_plain_form_uploads_and_keeps_what_was_chosen():
    row = draft()
    client = signed_in(row.created_by)
    assert "multipart/form-data" in body(client.get(LEFT))
    chosen = {
        "item_MEMBERS": "promise",
        "do": "add:MEMBERS",
        "files_MEMBERS": [sent(), sent(pdf())],
    }
    answer = client.post(LEFT, chosen)
    assert answer.status_code == 200 and row.pages.count() == 3
    assert "第3页" in body(answer) and body(answer).count("checked") >= 1
    page = row.pages.first()
    client.post(LEFT, {"do": f"turn:{page.pk}"})
    page.refresh_from_db()
    assert page.turn == 90
    client.post(LEFT, {"do": f"replace:{page.pk}", "files_MEMBERS": sent(photo(seed=77))})
    assert not MaterialPage.objects.filter(pk=page.pk).exists()
    client.post(LEFT, {"do": f"remove:{row.pages.first().pk}"})
    assert row.pages.count() == 2
    assert client.post(LEFT, {"item_MEMBERS": "upload", "seen": row.version}).status_code == 302


def test_a_file_chosen_beside_the_main_button_is_taken_too():
    row = draft()
    client = signed_in(row.created_by)
    answer = client.post(
        LEFT, {"item_MEMBERS": "upload", "seen": row.version, "files_MEMBERS": sent()}
    )
    assert answer.status_code == 302 and row.pages.count() == 1


def test_upload_chosen_without_a_file_is_told_so():
    row = draft()
    answer = signed_in(row.created_by).post(LEFT, {"item_MEMBERS": "upload", "seen": row.version})
    assert answer.status_code == 422 and "请先拍照或选择文件" in body(answer)


@pytest.mark.parametrize("name", ["../../etc/passwd", "..\\..\\a.jpg", "a\0.jpg", "<b>.jpg"])
def test_names_of_files_are_used_for_nothing(name):
    row = draft()
    answer = signed_in(row.created_by).post(
        LEFT, {"do": "add:MEMBERS", "files_MEMBERS": sent(name=name)}
    )
    assert answer.status_code == 200 and row.pages.count() == 1
    assert "passwd" not in body(answer)


def test_one_bad_file_among_good_ones_is_named_and_the_good_ones_stay():
    row = draft()
    files = [sent(), sent(b"not a photo"), sent(photo(seed=55))]
    answer = signed_in(row.created_by).post(LEFT, {"do": "add:MEMBERS", "files_MEMBERS": files})
    assert answer.status_code == 422 and "只能收照片" in body(answer)
    assert row.pages.count() == 2


class Endless(io.RawIOBase):
    """Two hundred megabytes that are nowhere held."""

    name, left = "big.jpg", 200 * 1024 * 1024

    def readable(self):
        return True

    def read(self, size=-1):
        size = self.left if size < 0 else min(size, self.left)
        self.left -= size
        return b"\xff" * size

    def __len__(self):
        return self.left


def test_two_hundred_megabytes_are_refused_and_fill_no_memory(settings):
    from applications.papers.receiving import CappedUpload

    settings.PAPER_MOST_BYTES = 1024 * 1024
    handler = CappedUpload()
    handler.new_file("files", "big.jpg", "image/jpeg", None)
    endless = Endless()
    while part := endless.read(64 * 1024):
        handler.receive_data_chunk(part, 0)
        assert handler._kept.tell() <= settings.PAPER_MOST_BYTES
    kept = handler.file_complete(0)
    assert kept.size == 200 * 1024 * 1024 and kept.read() == b""
    row = draft()
    big = sent(b"\xff\xd8\xff" + b"0" * (2 * 1024 * 1024))
    answer = signed_in(row.created_by).post(LEFT, {"do": "add:MEMBERS", "files_MEMBERS": big})
    assert answer.status_code == 422 and "最大1MB" in body(answer)


def test_a_second_click_and_a_second_tab_add_nothing_twice():
    row, content = draft(), photo()
    for _click in range(3):
        signed_in(row.created_by).post(LEFT, {"do": "add:MEMBERS", "files_MEMBERS": sent(content)})
    assert row.pages.count() == 1


def test_correction_and_supplement_take_pages_with_or_instead_of_words():
    row = make.application(2, state=states.STREET_REVIEW)
    one = Supplement.objects.create(
        application=row, item="silent-marriage-1", text="结婚证", due_on=clock.today()
    )
    client, address = signed_in(row.created_by), reverse("my_bring", args=[row.case_no])
    typed = {f"item_{one.pk}": "写了一半的字", f"files_{one.item}": sent(), "do": f"add:{one.item}"}
    answer = client.post(address, typed)
    assert answer.status_code == 200 and "写了一半的字" in body(answer)
    one.refresh_from_db()
    assert one.received_at is None and row.pages.count() == 1
    assert client.post(address, {f"item_{one.pk}": ""}).status_code == 302
    one.refresh_from_db()
    assert one.received_at


# -- In parts ------------------------------------------------------------------------------------


def begin(client, row, content, **changed):
    told = {"size": len(content), "digest": sha256(content).hexdigest(), **changed}
    address = reverse("paper_begin", args=[row.ref, "MEMBERS"])
    return client.post(address, json.dumps(told), content_type="application/json")


def put(client, told, content, at):
    return client.post(
        told["part"], content[at : at + told["step"]], content_type="application/octet-stream",
        headers={"X-Offset": str(at)},
    )  # fmt: skip


def test_an_upload_goes_on_after_a_cut_from_another_tab():
    row, content = draft(), photo(2400, 1800, quality=95)
    client = signed_in(row.created_by)
    told = begin(client, row, content).json()
    assert put(client, told, content, 0).json()["received"] == paper_parts.PART
    other = signed_in(row.created_by)
    again = begin(other, row, content).json()
    assert again["received"] == paper_parts.PART
    wrong = put(other, again, content, 0)
    assert wrong.status_code == 409 and wrong.json()["received"] == paper_parts.PART
    at = again["received"]
    while at < len(content):
        at = put(other, again, content, at).json()["received"]
    assert other.post(again["finish"]).json()["done"]
    assert client.post(told["finish"]).json()["done"]
    assert row.pages.count() == 1 and begin(client, row, content).json()["done"]


def test_rubbish_in_parts_is_a_sentence():
    row = draft()
    client = signed_in(row.created_by)
    told = begin(client, row, b"not a photo at all").json()
    put(client, told, b"not a photo at all", 0)
    answer = client.post(told["finish"])
    assert answer.status_code == 422 and "只能收照片" in answer.json()["sentence"]
    assert not Material.objects.exists()
    assert begin(client, row, photo(), digest="../x").status_code == 422
    assert begin(client, row, photo(), size="many").status_code == 400
    assert begin(client, row, photo(), size=10**9).status_code == 422
    assert begin(client, row, photo(), size=0).status_code == 422


# -- Looking -------------------------------------------------------------------------------------


def reviewed():
    """A case at the street with two pages for the marriage, and its task."""
    case = desk.under_review(members=2)
    item = f"silent-marriage-{case.applicant.pk}"
    Supplement.objects.create(application=case, item=item, text="结婚证", due_on=clock.today())
    materials.add(case, item, pdf(2), by=case.created_by)
    return case, desk.task_of(case, Stage.STREET)


def test_a_page_is_served_with_watermark_and_never_kept_by_the_browser():
    case, _task = reviewed()
    page = case.pages.first()
    answer = signed_in(case.created_by).get(reverse("paper_picture", args=[page.pk]))
    assert answer["Content-Type"] == "image/jpeg" and "no-store" in answer["Cache-Control"]
    assert (
        answer["X-Content-Type-Options"] == "nosniff" and "inline" in answer["Content-Disposition"]
    )
    shown = Image.open(io.BytesIO(answer.content)).convert("RGB")
    red, _green, blue = shown.split()
    marked = ImageChops.subtract(blue, red).point(lambda value: 255 * (value > 15))
    wide, high = shown.width // 3, shown.height // 3
    for across in range(3):  # no third can be cut out without the line
        for down in range(3):
            left, top = across * wide, down * high
            part = marked.crop((left, top, left + wide, top + high))
            assert part.histogram()[255] > wide * high // 500
    assert not AuditEntry.objects.filter(verb="looked").exists()  # one's own papers


def test_strangers_relatives_and_other_departments_see_no_page():
    case, task = reviewed()
    page = case.pages.first()
    address = reverse("paper_picture", args=[page.pk])
    assert Client().get(address).status_code == 302
    spouse = case.members.get(is_applicant=False)
    relative = accounts.citizen(number=spouse.id_number)
    for user in (
        accounts.citizen().user,
        relative.user,
        accounts.staff(Role.REVIEWER, bureau=BureauKind.REAL_ESTATE).user,
        accounts.staff(Role.WINDOW, bureau=BureauKind.CENTRE).user,
        accounts.staff(Role.LEADER).user,
        accounts.staff(Role.ADMIN).user,
    ):
        assert signed_in(user).get(address).status_code == 404
    strip = reverse("paper_strip", args=[case.ref, page.item])
    for user in (accounts.citizen().user, relative.user, desk.reviewer_for(task).user):
        assert signed_in(user).post(strip, {"do": f"remove:{page.pk}"}).status_code == 404
    assert case.pages.count() == 2


def test_each_large_page_at_a_desk_is_a_recorded_look():
    case, task = reviewed()
    client = signed_in(desk.reviewer_for(task).user)
    assert reverse("review_papers", args=[task.pk]) in body(
        client.get(reverse("review_task", args=[task.pk]))
    )
    listed = body(client.get(reverse("review_papers", args=[task.pk])))
    page = case.pages.first()
    large = reverse("review_paper", args=[task.pk, page.pk])
    assert large in listed and "第2页" in listed
    assert "data-after" in body(client.get(large))
    before = AuditEntry.objects.filter(verb="looked").count()
    assert client.get(reverse("paper_picture", args=[page.pk])).status_code == 200
    entry = AuditEntry.objects.filter(verb="looked").order_by("-id").first()
    assert AuditEntry.objects.filter(verb="looked").count() == before + 1
    assert entry.purpose == "查看材料原件" and case.applicant.id_index in entry.subjects
    assert client.get(reverse("review_paper", args=[task.pk, 10**6])).status_code == 404


def test_a_thumbnail_fetched_by_itself_is_a_recorded_look_too():
    case, task = reviewed()
    client = signed_in(desk.reviewer_for(task).user)
    small = reverse("paper_picture", args=[case.pages.first().pk]) + "?small"
    for _time in range(3):
        assert client.get(small).status_code == 200
    assert AuditEntry.objects.filter(verb="looked", case_no=case.case_no).count() == 1


def test_a_department_reads_what_proves_its_own_facts_and_no_more():
    case, task = reviewed()
    desk.agree(task)
    civil = desk.task_of(case, Stage.JOINT, BureauKind.CIVIL_AFFAIRS)
    estate = desk.task_of(case, Stage.JOINT, BureauKind.REAL_ESTATE)
    for one, sees in ((civil, True), (estate, False)):
        client = signed_in(desk.reviewer_for(one).user)
        assert ("结婚证" in body(client.get(reverse("review_papers", args=[one.pk])))) == sees


def test_what_waits_for_the_scanner_is_opened_at_no_desk(settings):
    scanner(settings, Away)
    case, task = reviewed()
    page = case.pages.first()
    client = signed_in(desk.reviewer_for(task).user)
    assert client.get(reverse("paper_picture", args=[page.pk])).status_code == 404
    assert "等待病毒扫描" in body(client.get(reverse("review_papers", args=[task.pk])))
    own = signed_in(case.created_by).get(reverse("paper_picture", args=[page.pk]))
    assert own.status_code == 200


def test_the_window_scans_promises_and_takes_in():
    row = draft()
    row.channel = "window"
    clerk = accounts.staff(Role.WINDOW, bureau=row.street)
    row.created_by = clerk.user
    row.save()
    client, address = signed_in(clerk.user), reverse("window_papers", args=[row.ref])
    assert "申请人承诺" in body(client.get(address))
    assert client.post(address, {"do": "promise:MEMBERS"}).status_code == 302
    assert row.commitments.get().terms.count("\n") == 3
    client.post(address, {"do": "add:MEMBERS", "files_MEMBERS": sent()})
    assert row.pages.count() == 1
    other = accounts.staff(Role.WINDOW, bureau=BureauKind.CENTRE)
    assert signed_in(other.user).get(address).status_code == 404


def test_the_scan_of_what_was_signed_is_kept_and_the_district_reads_it():
    row = draft()
    row.channel = "window"
    clerk = accounts.staff(Role.WINDOW, bureau=row.street)
    row.created_by = clerk.user
    row.save()
    client, address = signed_in(clerk.user), reverse("window_papers", args=[row.ref])
    assert "签字的授权承诺书" in body(client.get(address))
    client.post(address, {"do": "add:authorisation", "files_authorisation": sent()})
    page = row.pages.get()
    assert page.item == "authorisation"
    assert material_permissions.readable_items(accounts.staff(Role.DISTRICT), row, [page.item]) == [
        "authorisation"
    ]
    online = draft()
    assert not material_permissions.takes_papers(online, "authorisation")


# -- In a browser --------------------------------------------------------------------------------


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_on_a_phone_photos_go_in_parts_and_the_pages_pass_axe(live_server, page, tmp_path):
    row = draft()
    first, second = tmp_path / "one.jpg", tmp_path / "two.pdf"
    first.write_bytes(photo(3000, 2000, quality=95))
    second.write_bytes(pdf(2))
    _open(page, live_server, row.created_by)
    cuts = []

    def cut_once(route):
        """The line goes down at the first part; the page tries again by itself."""
        if cuts:
            return route.continue_()
        cuts.append(route.request.url)
        return route.abort("connectionreset")

    page.route("**/papers/parts/*/", cut_once)
    page.goto(live_server.url + LEFT)
    page.locator("#file-MEMBERS").set_input_files([first, second])
    page.locator(".yz-onepage").nth(2).wait_for(timeout=60_000)
    assert cuts and row.pages.count() == 3
    assert page.locator('input[value="upload"]').is_checked()
    with page.expect_response("**/papers/*/MEMBERS/"):
        page.locator(".yz-onepage").first.get_by_role("button", name="转90度").click()
    assert row.pages.order_by("position").first().turn == 90
    page.locator(".yz-onepage").first.get_by_role("button", name="删除").click()
    page.locator(".yz-onepage").nth(2).wait_for(state="detached")
    assert row.pages.count() == 2
    _passes(page)
    page.get_by_role("button", name="继续", exact=True).last.click()
    page.wait_for_url("**/apply/wishes/")


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_a_reviewer_reads_and_zooms_by_keyboard(live_server, page):
    case, task = reviewed()
    _open(page, live_server, desk.reviewer_for(task).user)
    pages = list(case.pages.order_by("position"))
    for width in (1440, 360):
        page.set_viewport_size({"width": width, "height": 900})
        page.goto(live_server.url + reverse("review_papers", args=[task.pk]))
        _passes(page)
        page.goto(live_server.url + reverse("review_paper", args=[task.pk, pages[0].pk]))
        _passes(page)
    page.keyboard.press("+")
    assert page.locator(".yz-page-large").get_attribute("data-zoom") == "2"
    page.keyboard.press("n")
    page.wait_for_url(f"**/papers/{pages[1].pk}/")


def _open(page, live_server, user):
    cookie = signed_in(user).cookies[configured.SESSION_COOKIE_NAME].value
    page.context.add_cookies(
        [{"name": configured.SESSION_COOKIE_NAME, "value": cookie, "url": live_server.url}]
    )


def _passes(page):
    page.wait_for_load_state("networkidle")
    assert faults_of(page) == []
    root = "document.documentElement"
    assert page.evaluate(f"{root}.scrollWidth <= {root}.clientWidth")
