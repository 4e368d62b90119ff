"""Lists taken out as files: what is in them, who may, and that they stay small in memory."""

import csv
import gc
import io
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext
from python_calamine import CalamineWorkbook

from accounts.roles import Role
from applications import looks, states
from applications.models import Application, ReviewTask
from benchmarks import copies, memory
from core import clock
from core.models import AuditEntry
from office import export_files, exports, sealed_file, tasks
from office import states as office_states
from office.models import Export
from tests.factories import accounts, applications, rents, tenancies

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("place")]
WHY = "每月向区政府汇总办理进度"


@pytest.fixture
def place(settings, tmp_path, monkeypatch):
    """A folder of this test's own; files are made by hand."""
    settings.MEDIA_ROOT = tmp_path
    monkeypatch.setattr(tasks.make_export, "delay_on_commit", lambda *_a: None)
    return tmp_path


def reviewer(kind: str = "civil_affairs"):
    return accounts.staff(Role.REVIEWER, bureau=kind)


def task(kind: str = "civil_affairs", name: str = "", **fields):
    case = applications.application(
        [applications.person(name=name)], state=states.JOINT_REVIEW, **fields
    )
    return ReviewTask.objects.create(
        application=case, stage="joint", bureau=accounts.bureau(kind), state_since=clock.now(),
        opened_at=clock.now(), due_on=clock.today() + timedelta(days=9), findings=["INCOME"],
    )  # fmt: skip


def made(staff, query: str = "", format: str = "csv", kind: str = "queue") -> Export:
    row = exports.ask(kind, format, QueryDict(query), purpose=WHY, by=staff)
    assert exports.make(row.pk, row.attempt)
    row.refresh_from_db()
    return row


def content(row: Export) -> bytes:
    return b"".join(sealed_file.read(row.file))


def lines(row: Export) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content(row).decode("utf-8-sig"))))


def test_the_file_holds_the_rows_that_its_reader_sees():
    mine, other = task(), task("real_estate")
    row = made(reviewer())
    found = lines(row)
    assert [one[0] for one in found[2:-1]] == [mine.case_no]
    assert other.case_no not in content(row).decode()
    assert (row.state, row.done, row.total) == ("ready", 1, 1)
    assert row.size == len(content(row))


def test_filters_of_the_list_are_those_of_the_file():
    late, ontime = task(), task()
    type(late).objects.filter(pk=late.pk).update(due_on=clock.today() - timedelta(days=3))
    found = lines(made(reviewer(), "urgency=late"))
    assert [one[0] for one in found[2:-1]] == [late.case_no]
    assert ontime.case_no != late.case_no


def test_the_cases_behind_a_figure_are_exported_under_their_filters():
    inside = applications.application(state=states.JOINT_REVIEW, channel="window")
    applications.application(state=states.JOINT_REVIEW)
    found = lines(made(accounts.staff(Role.LEADER), "figure=window", kind="cases"))
    assert [one[0] for one in found[2:-1]] == [inside.case_no]
    assert inside.applicant.name not in str(found)


def test_numbers_of_people_are_masked():
    one = task()
    number = one.application.applicant.id_number
    text = content(made(reviewer())).decode()
    assert number not in text
    assert number[6:14] not in text  # the date of birth
    assert f"{number[0]}{'*' * 16}{number[-1]}" in text


def test_a_watermark_says_who_when_and_why_at_both_ends():
    staff = reviewer()
    task()
    found = lines(made(staff))
    assert found[0] == found[-1]
    for word in (staff.name, staff.bureau.name, WHY, "后请删除"):
        assert word in found[0][0]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "＝", "\t=", " ="])
def test_no_cell_is_taken_for_a_formula(start):
    name = f"{start}HYPERLINK(1)"
    assert export_files.safe(name) == f"'{name}"
    assert export_files.safe("张三") == "张三"


@pytest.mark.parametrize("format", ["csv", "xlsx"])
def test_a_name_like_a_formula_comes_out_as_text(format):
    task(name="=1+1")
    row = made(reviewer(), format=format)
    if format == "csv":
        assert lines(row)[2][1] == "'=1+1"
    else:
        sheet = CalamineWorkbook.from_filelike(io.BytesIO(content(row))).get_sheet_by_index(0)
        assert sheet.to_python()[2][1] == "'=1+1"


def test_a_spreadsheet_says_the_same_as_the_text():
    tasks = [task() for _n in range(5)]
    staff = reviewer()
    text = [one[:10] for one in lines(made(staff))[1:-1]]
    book = CalamineWorkbook.from_filelike(io.BytesIO(content(made(staff, format="xlsx"))))
    rows = book.get_sheet_by_index(0).to_python()
    assert [[str(cell) for cell in row[:10]] for row in rows[1:]] == text
    assert len(text) == len(tasks) + 1


def test_a_csv_begins_with_the_mark_of_utf8():
    task()
    assert content(made(reviewer())).startswith(b"\xef\xbb\xbf")


@pytest.mark.parametrize("format", ["csv", "xlsx"])
def test_nothing_readable_lies_on_disk(place, format):
    one = task()
    row = made(reviewer(), format=format)
    files = [path for path in place.rglob("*") if path.is_file()]
    assert [path.name for path in files] == [row.file]
    for word in (one.application.applicant.name, one.case_no, "PK\x03\x04"):
        assert word.encode() not in files[0].read_bytes()
    assert files[0].stat().st_mode & 0o077 == 0


def test_a_file_that_was_touched_or_cut_is_not_given_out(place):
    task()
    row = made(reviewer())
    path = sealed_file.path_of(row.file)
    whole = path.read_bytes()
    for broken in (whole[:-1], whole[:40] + b"x" + whole[41:], b""):
        path.write_bytes(broken)
        with pytest.raises(sealed_file.FileGone):
            content(row)


def test_a_file_that_lost_its_last_piece_does_not_pass_for_whole():
    file = sealed_file.SealedFile()
    file.write(b"x" * (3 << 20))
    file.close()
    assert b"".join(sealed_file.read(file.name)) == b"x" * (3 << 20)
    path = sealed_file.path_of(file.name)
    stored = path.read_bytes()
    length = int.from_bytes(stored[:4], "big")
    path.write_bytes(stored[: 2 * (4 + length)])
    with pytest.raises(sealed_file.FileGone):
        b"".join(sealed_file.read(file.name))


# -- Who may, and what is recorded -----------------------------------------------------------------


def test_a_purpose_must_be_typed():
    task()
    for purpose in ("", "   ", "工作"):
        with pytest.raises(exports.ExportRefused, match="用途"):
            exports.ask("queue", "csv", QueryDict(), purpose=purpose, by=reviewer())
    assert not Export.objects.exists()


@pytest.mark.parametrize(("role", "kind"), [(Role.LEADER, "queue"), (Role.REVIEWER, "cases"),
                                            (Role.WINDOW, "queue")])  # fmt: skip
def test_a_list_that_one_does_not_see_cannot_be_taken_out(role, kind):
    task()
    with pytest.raises(exports.ExportRefused, match="岗位"):
        exports.ask(kind, "csv", QueryDict("figure=submitted"), purpose=WHY,
                    by=accounts.staff(role))  # fmt: skip


def test_everybody_in_the_file_finds_it_among_the_looks_at_their_data():
    one = task()
    staff = reviewer()
    row = made(staff)
    index = one.application.applicant.id_index
    entry = AuditEntry.objects.get(verb="looked", subjects__contains=[index])
    assert entry.actor_id == staff.user.pk
    assert WHY in entry.purpose
    days = looks.page(index, looks.Wanted(), 1).object_list
    assert WHY in str(days)
    verbs = set(AuditEntry.objects.filter(thing_id=str(row.pk)).values_list("verb", flat=True))
    assert {"export.asked", "export.made", "looked"} <= verbs


def test_every_download_is_recorded_and_only_ones_own(client):
    staff = reviewer()
    task()
    row = made(staff)
    client.force_login(staff.user)
    answer = client.post(f"/office/exports/{row.pk}/file/")
    assert b"".join(answer.streaming_content) == content(row)
    assert "attachment" in answer["Content-Disposition"]
    row.refresh_from_db()
    assert row.downloads == 1
    assert AuditEntry.objects.get(verb="export.downloaded").detail["digest"] == row.digest
    client.force_login(reviewer().user)
    assert client.post(f"/office/exports/{row.pk}/file/").status_code == 404
    with pytest.raises(exports.ExportRefused, match="自己"):
        exports.download(row, by=reviewer())


def test_who_has_lost_the_role_cannot_download_any_more():
    staff = reviewer()
    task()
    row = made(staff)
    staff.roles = [Role.WINDOW]
    staff.save()
    with pytest.raises(exports.ExportRefused):
        exports.download(row, by=staff)


# -- Its life --------------------------------------------------------------------------------------


def test_a_file_ends_after_its_days(place):
    staff = reviewer()
    task()
    row = made(staff)
    clock.advance(timedelta(days=7, seconds=5))
    with pytest.raises(exports.ExportRefused, match="到期"):
        exports.download(row, by=staff)
    with transaction.atomic():
        assert exports.sweep() == 1
    row.refresh_from_db()
    assert row.state == office_states.EXPORT_EXPIRED


@pytest.mark.django_db(transaction=True)
def test_an_ended_or_cancelled_file_is_gone_from_the_disk(place):
    staff = reviewer()
    task()
    for end in (lambda row: exports.cancel(row, by=staff), lambda row: exports._expire(row)):
        row = made(staff)
        assert sealed_file.is_there(row.file)
        end(row)
        assert not sealed_file.is_there(row.file)


@pytest.mark.parametrize("format", ["csv", "xlsx"])
def test_a_cancelled_one_stops_at_its_next_rows_and_leaves_nothing(place, monkeypatch, format):
    staff = reviewer()
    for _n in range(4):
        task()
    row = exports.ask("queue", format, QueryDict(), purpose=WHY, by=staff)
    monkeypatch.setattr("office.export_rows.CHUNK", 2)
    noted = exports._noted

    def cancelling(row, done, subjects):
        noted(row, done, subjects)
        exports.cancel(row, by=staff)

    monkeypatch.setattr(exports, "_noted", cancelling)
    assert not exports.make(row.pk, row.attempt)
    row.refresh_from_db()
    assert (row.state, row.done) == (office_states.EXPORT_CANCELLED, 2)
    assert [path for path in place.rglob("*") if path.is_file()] == []


def test_a_lost_worker_is_replaced_and_the_old_one_stops(monkeypatch):
    staff = reviewer()
    task()
    row = exports.ask("queue", "csv", QueryDict(), purpose=WHY, by=staff)
    assert exports._begun(row.pk, 1) is not None
    assert exports.sweep() == 0
    clock.advance(timedelta(minutes=3))
    assert exports.sweep() == 1
    row.refresh_from_db()
    assert (row.attempt, row.state) == (2, office_states.EXPORT_RUNNING)
    assert not exports.make(row.pk, 1)
    assert exports.make(row.pk, 2)
    assert not exports.make(row.pk, 2)


def test_what_fails_again_and_again_ends_and_says_so():
    staff = reviewer()
    task()
    row = exports.ask("queue", "csv", QueryDict(), purpose=WHY, by=staff)
    for _n in range(3):
        clock.advance(timedelta(minutes=3))
        exports.sweep()
    row.refresh_from_db()
    assert row.state == office_states.EXPORT_FAILED
    exports.ask("queue", "csv", QueryDict(), purpose=WHY, by=staff)


def test_the_table_refuses_a_second_one_under_way_and_one_without_a_purpose():
    staff = reviewer()
    task()
    exports.ask("queue", "csv", QueryDict(), purpose=WHY, by=staff)
    with pytest.raises(exports.ExportRefused, match="正在生成"):
        exports.ask("queue", "xlsx", QueryDict(), purpose=WHY, by=staff)
    with pytest.raises(IntegrityError, match="export_has_purpose"), transaction.atomic():
        Export.objects.update(purpose="")


# -- Memory ----------------------------------------------------------------------------------------


@pytest.fixture
def small_heap():
    """Rings are collected as in a young process: the more lives, the longer the collector waits."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


@pytest.mark.parametrize("format", ["csv", "xlsx"])
@pytest.mark.usefixtures("small_heap")
@pytest.mark.django_db(transaction=True)
def test_ten_times_the_rows_take_no_more_memory(format):
    """In autocommit as a worker runs: the server keeps the rows, the process a few of them."""
    staff, one = reviewer(), task()
    peaks = []
    for number in (3_000, 30_000):
        copies.forget()
        copies.queue(one, number)
        row = exports.ask("queue", format, QueryDict(), purpose=WHY, by=staff)
        memory.forget_peak()
        assert exports.make(row.pk, row.attempt)
        peaks.append(memory.peak())
        row.refresh_from_db()
        assert row.done == number + 1
    # held whole they would take some two hundred; rings of objects wait for the collector
    assert peaks[1] - peaks[0] < 32, peaks
    assert Application.objects.count() == 30_001


# -- Pages -----------------------------------------------------------------------------------------


def test_the_queue_leads_to_an_export_of_what_it_shows(client):
    staff = reviewer()
    one = task()
    client.force_login(staff.user)
    page = client.get("/review/", {"stage": "joint"}).content.decode()
    assert "/office/exports/new/queue/?stage=joint" in page
    asked = client.get("/office/exports/new/queue/?stage=joint")
    assert asked.context["total"] == 1
    missing = client.post("/office/exports/new/queue/?stage=joint", {"format": "csv"})
    assert missing.status_code == 422
    answer = client.post(
        "/office/exports/new/queue/?stage=joint", {"format": "csv", "purpose": WHY}
    )
    assert answer.url == "/office/exports/"
    row = Export.objects.get()
    assert row.query == {"stage": ["joint"]}
    page = client.get("/office/exports/").content.decode()
    assert "等待生成" in page and f"/office/exports/{row.pk}/" in page
    exports.make(row.pk, row.attempt)
    part = client.get(f"/office/exports/{row.pk}/").content.decode()
    assert "可以下载" in part and "hx-get" not in part
    assert one.case_no in content(Export.objects.get()).decode()


def test_an_empty_page_says_where_lists_are(client):
    client.force_login(reviewer().user)
    assert "还没有导出过" in client.get("/office/exports/").content.decode()


@pytest.mark.parametrize("address", ["/office/exports/new/nonsense/",
                                     "/office/exports/new/cases/?figure=nonsense",
                                     "/office/exports/new/queue/?stage=nonsense"])  # fmt: skip
def test_a_list_that_does_not_exist_is_not_found(client, address):
    client.force_login(accounts.staff([Role.ADMIN, Role.DISTRICT]).user)
    assert client.get(address).status_code == 404


@pytest.mark.parametrize("role", [Role.WINDOW, Role.OPERATOR, Role.AUDITOR])
def test_others_have_no_exports(client, role):
    client.force_login(accounts.staff(role).user)
    assert client.get("/office/exports/").status_code == 403


def test_the_list_asks_no_more_for_more_files(client, django_assert_max_num_queries):
    staff = reviewer()
    task()
    made(staff)
    client.force_login(staff.user)
    client.get("/office/exports/")
    with CaptureQueriesContext(connection) as before:
        client.get("/office/exports/")
    for _n in range(4):
        made(staff)
    with django_assert_max_num_queries(len(before)):
        client.get("/office/exports/")


def test_the_rents_of_a_month_and_estate_come_out_with_their_sums_and_nobodys_name():
    lease = tenancies.lease(rent="100.00")
    before, _this = rents.billed(2)
    rents.paid(lease, "30")
    staff = accounts.staff(Role.LEADER)
    query = f"month={before:%Y-%m}&estate=TEST-EST"
    row = made(staff, query, kind="rents")
    found = lines(row)
    assert lease.number in found[2] and found[2][3:] == ["100.00", "0.00", "170.00"]
    assert lease.application.applicant.name not in str(found)
    look = AuditEntry.objects.filter(verb="looked", thing_id=str(row.pk)).get()
    assert look.subjects == [lease.application.applicant.id_index]
    with pytest.raises(exports.ExportRefused):
        exports.ask("rents", "csv", QueryDict("month=x"), purpose=WHY, by=staff)
