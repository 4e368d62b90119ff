"""单位名单: a report line by line, nothing half imported, nobody asked about before they agree."""

import threading
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, connections, transaction
from django.test.utils import CaptureQueriesContext
from python_calamine import CalamineWorkbook

from applications import authority, consent, employer_file, employer_lists, states
from applications.models import Application, Consent, EmployerEntry, EmployerList, Member
from core import clock
from core.identity import ciphers, numbers
from core.models import AuditEntry, Notice
from tests.applications import at_window
from tests.factories import accounts, workbooks
from tests.factories import applications as make

pytestmark = pytest.mark.django_db


def credit_code():
    """A code with the right last sign, of no company."""
    first = "91330212MA2AFQ1X0"
    return next(first + sign for sign in employer_lists._CODE_SIGNS if
                employer_lists.is_credit_code(first + sign))  # fmt: skip


@pytest.fixture
def clerk(client):
    staff = accounts.staff("window", name="窗口甲")
    client.force_login(staff.user)
    return staff


def workbook(rows, head=employer_file.COLUMNS, above=()):
    return workbooks.of([*above, head, *rows])


def line(name="林一", phone="13800000001", street="", number=""):
    return [name, number or accounts.id_number(), phone, street]


def upload(client, content, **changes):
    form = {
        "employer": "鄞州测试园区有限公司", "credit_code": credit_code(), "contact": "经办甲",
        "contact_phone": "0574-88888888", "mandate": "on",
        "file": SimpleUploadedFile("名单.xlsx", content), **changes,
    }  # fmt: skip
    return client.post("/window/employers/", form)


def report(content):
    people, problems = employer_file.read(content, employer_lists.streets())
    return people, [(one.row, one.column, one.what) for one in problems]


def test_the_template_is_filled_in_and_read_back():
    names = list(employer_lists.streets())
    sheets = CalamineWorkbook.from_filelike(BytesIO(employer_file.template(names)))
    assert tuple(sheets.get_sheet_by_index(0).to_python()[0]) == employer_file.COLUMNS
    assert sheets.get_sheet_by_name("镇街").to_python()[0] == [names[0]]


def test_each_fault_is_named_with_row_column_and_way_out():
    same, child = accounts.id_number(), make.person(child=True).id_number
    rows = [
        line(number=same),
        line(name=""),
        line(number=same),
        line(number="33021219850505991"),
        line(number=same[:17] + ("1" if same[17] != "1" else "2")),
        line(phone="12345"),
        line(street="没有街道"),
        line(street="梅墟街道"),
        line(number=child),
        line(name="林\ue123"),
        [],
        ["林九", 330212198505059910, "", ""],
    ]
    people, found = report(workbook(rows))
    assert len(people) == 11
    assert found == [
        (3, "姓名", "没有填姓名。"),
        (4, "身份证号", "和第2行是同一个人。"),
        (5, "身份证号", "身份证号码是18位，您填了17位。"),
        (6, "身份证号", "号码可能有一位填错，请对照证件再看一遍。"),
        (7, "手机号", "手机号码是11位，以1开头。"),
        (8, "居住镇街", "没有这个镇街。"),
        (9, "居住镇街", "这个镇街由宁波国家高新区管理。"),
        (10, "身份证号", "这个人不满18岁。"),
        (11, "姓名", "有的字别的电脑读不出来。"),
        (13, "身份证号", "这一格是数字格式，后几位已经变成0。"),
    ]


def test_columns_may_stand_in_another_order_below_a_title():
    head = ["手机", "身份证号码", " 姓 名 * "]
    rows = [["13800000001", accounts.id_number(), "林一"]]
    people, found = report(workbook(rows, head, above=[["单位名单"], []]))
    assert found == [] and (people[0].name, people[0].row) == ("林一", 4)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"no workbook", "打不开这个文件"),
        (b"PK\x03\x04 broken", "打不开这个文件"),
        (workbook([], ["甲", "乙"]), "没有找到表头"),
        (workbook([]), "名单里没有人"),
        (b"0" * (employer_file.MOST_BYTES + 1), "最大5MB"),
    ],
)
def test_what_is_no_list_is_said_in_place_and_kept_nowhere(client, clerk, content, sentence):
    answer = upload(client, content)
    assert answer.status_code == 422 and sentence in answer.content.decode()
    assert not EmployerList.objects.exists()
    assert "鄞州测试园区有限公司" in answer.content.decode()  # nothing typed is lost


@pytest.mark.parametrize(
    ("field", "sentence"),
    [("credit_code", "信用代码是18位"), ("mandate", "收到盖章的委托书后才能上传。")],
)
def test_who_hands_it_in_has_to_be_known(client, clerk, field, sentence):
    answer = upload(client, workbook([line()]), **{field: "" if field == "mandate" else "9133"})
    assert answer.status_code == 422 and sentence in answer.content.decode()
    assert not EmployerList.objects.exists()


def test_one_fault_keeps_everybody_out(client, clerk):
    answer = upload(client, workbook([line(), line(phone="1"), line()]))
    row = EmployerList.objects.get()
    text = client.get(answer.url).content.decode()
    assert "一个人都没有导入" in text and "手机号码是11位，以1开头。" in text
    client.post(f"{answer.url}import/")
    row.refresh_from_db()
    assert row.state == states.LIST_CHECKED and not Application.objects.exists()
    with pytest.raises(employer_lists.NotImported):
        employer_lists.take_in(row, by=clerk)


def test_the_file_of_faults_says_in_each_line_what_to_mend(client, clerk):
    answer = upload(client, workbook([line(), line(name="=1+1", phone="1")]))
    content = client.get(f"{answer.url}errors.xlsx").content
    rows = CalamineWorkbook.from_filelike(BytesIO(content)).get_sheet_by_index(0).to_python()
    assert rows[1][4] == "" and "手机号码是11位" in rows[2][4]
    assert "姓名里有数字或符号" in rows[2][4]
    assert rows[2][0] == "=1+1" and b"<f>" not in content  # a cell, never a formula


def test_a_clean_list_becomes_drafts_with_invitations_and_no_question(client, clerk, registers):
    rows = [line(), line("周二", phone=""), line("孙三", street="中河街道")]
    address = upload(client, workbook(rows)).url
    assert "逐行核对过，没有要改的" in client.get(address).content.decode()
    assert not Application.objects.exists()
    client.post(f"{address}import/")
    row = EmployerList.objects.get()
    drafts = list(Application.objects.order_by("employer_entry__row"))
    assert row.state == states.LIST_IMPORTED and row.rows == [] and row.imported_by == clerk
    assert [one.state for one in drafts] == [states.DRAFT] * 3
    assert [one.street and one.street.name for one in drafts] == [None, None, "中河街道"]
    assert len({one.case_no for one in drafts}) == 3
    for draft, (name, number, *_rest) in zip(drafts, rows, strict=True):
        person = draft.applicant
        assert (person.name, person.id_number) == (name, number) and person.name_key
        assert person.id_index == ciphers.blind_index(number)
        assert authority.word_of(person) == "none" and not person.holding
    employer_lists.invite(row.pk)
    assert Notice.objects.filter(code="application.employer_invited").count() == 2
    assert not registers.asked and not Consent.objects.exists()


def test_the_person_agrees_as_themselves_and_the_window_goes_on(client, clerk, registers):
    someone = accounts.citizen()
    number = someone.id_number
    address = upload(client, workbook([line(someone.name, number=number)])).url
    client.post(f"{address}import/")
    draft = Application.objects.get()
    code = consent.code_for(draft.applicant)
    client.force_login(someone.user)
    asked = client.post("/apply/family/join/", {"code": code}).content.decode()
    assert "鄞州测试园区有限公司请您授权" in asked and "单位不会知道原因" in asked
    client.post("/apply/family/join/", {"code": code, "answer": "yes"})
    assert authority.word_of(draft.applicant) == "given"
    client.force_login(clerk.user)
    text = client.get(address).content.decode()
    assert "已同意" in text and "接着办" in text
    desk = f"/window/{draft.ref}/"
    assert "查家庭和登记" in client.get(desk).content.decode()
    client.post(f"{desk}draw-up/")
    assert draft.evidence.exists()


def test_who_comes_to_the_window_is_led_to_the_draft_of_the_list(client, clerk, registers):
    someone = make.person(name="林一")
    address = upload(client, workbook([line("林一", number=someone.id_number)])).url
    client.post(f"{address}import/")
    answer, _someone = at_window.begin(client, id_number=someone.id_number)
    draft = Application.objects.get()
    assert answer.url == f"/window/{draft.ref}/" and draft.evidence.exists()


def test_a_person_in_another_case_is_named_without_saying_why(client, clerk):
    held = make.application(1, state=states.ACCEPTED)
    Member.objects.filter(application=held).update(holding=True)
    address = upload(client, workbook([line(number=held.applicant.id_number)])).url
    text = client.get(address).content.decode()
    assert "这一位要本人联系窗口，不能由单位代办。" in text
    assert held.case_no not in text and "申请或保障" not in text


def test_who_is_on_an_earlier_list_is_not_drafted_twice(client, clerk):
    number = accounts.id_number()
    first = upload(client, workbook([line(number=number)])).url
    client.post(f"{first}import/")
    upload(client, workbook([line(number=number)]))
    assert EmployerList.objects.first().problem_count == 1


def test_a_case_that_came_up_after_the_check_stops_the_import_whole(client, clerk):
    someone = make.person()
    address = upload(client, workbook([line(), line(number=someone.id_number)])).url
    held = make.application([someone], state=states.ACCEPTED)
    Member.objects.filter(application=held).update(holding=True)
    client.post(f"{address}import/")
    row = EmployerList.objects.get()
    assert row.state == states.LIST_CHECKED and row.problem_count == 1
    assert Application.objects.count() == 1 and not EmployerEntry.objects.exists()
    assert "一个人都没有导入" in client.get(address).content.decode()


def test_the_database_imports_no_list_with_a_fault(client, clerk):
    upload(client, workbook([line(phone="1")]))
    faulty = EmployerList.objects.filter(state=states.LIST_CHECKED)
    with (
        pytest.raises(IntegrityError, match="employer_list_imported_whole"),
        transaction.atomic(),
    ):
        faulty.update(state=states.LIST_IMPORTED, imported_at=clock.now())


def test_a_list_with_the_clerk_on_it_goes_to_a_colleague(client, clerk):
    number = accounts.id_number()
    clerk.id_index = ciphers.blind_index(number)
    clerk.save(update_fields=["id_index"])
    answer = upload(client, workbook([line(number=number)]))
    assert answer.status_code == 422 and "按回避规定" in answer.content.decode()
    assert not EmployerList.objects.exists()


def test_another_office_sees_no_list(client, clerk):
    address = upload(client, workbook([line(phone="1")])).url
    codes = ("330212001", "330212002")
    other = accounts.bureau(next(one for one in codes if one != clerk.bureau.code))
    stranger = accounts.staff("window", bureau=other)
    client.force_login(stranger.user)
    for page in ("", "errors.xlsx", "codes.pdf"):
        assert client.get(address + page).status_code == 404
    assert client.post(f"{address}import/").status_code == 404
    with pytest.raises(employer_lists.NotImported):
        employer_lists.discard(EmployerList.objects.get(), by=stranger)


def test_a_discarded_list_forgets_the_people(client, clerk):
    address = upload(client, workbook([line(phone="1")])).url
    client.post(f"{address}discard/")
    row = EmployerList.objects.get()
    assert (row.state, row.rows, row.problems) == (states.LIST_DISCARDED, [], [])
    client.post(f"{address}import/")
    assert not Application.objects.exists()


def test_who_has_no_phone_gets_a_slip_and_the_look_is_recorded(client, clerk):
    address = upload(client, workbook([line(), line("周二", phone="")])).url
    client.post(f"{address}import/")
    assert client.get(f"{address}codes.pdf").content.startswith(b"%PDF")
    look = AuditEntry.objects.filter(verb="looked").latest("id")
    assert look.purpose == "打印授权码单" and len(look.subjects) == 1


def test_the_page_of_imported_people_is_a_look_at_those_on_it(client, clerk):
    address = upload(client, workbook([line(), line("周二")])).url
    client.post(f"{address}import/")
    client.get(address)
    look = AuditEntry.objects.filter(verb="looked").latest("id")
    assert set(look.subjects) == set(Member.objects.values_list("id_index", flat=True))


def test_the_file_of_faults_and_the_preview_are_looks_too(client, clerk):
    wrong, right = accounts.id_number(), accounts.citizen()
    address = upload(client, workbook([line(number=wrong, phone="1")])).url
    client.get(f"{address}errors.xlsx")
    look = AuditEntry.objects.filter(verb="looked").latest("id")
    assert (look.purpose, look.subjects) == ("下载单位名单", [ciphers.blind_index(wrong)])
    address = upload(client, workbook([line(right.name, number=right.id_number)])).url
    client.get(address)
    look = AuditEntry.objects.filter(verb="looked").latest("id")
    assert (look.purpose, look.subjects) == ("查看单位名单", [right.id_index])
    client.force_login(right.user)
    assert "查看单位名单" in client.get("/my/data/?all=1").content.decode()


def test_invitations_go_out_once(client, clerk):
    address = upload(client, workbook([line()])).url
    client.post(f"{address}import/")
    row = EmployerList.objects.get()
    for _again in range(3):
        employer_lists.invite(row.pk)
        employer_lists.sweep()
    assert Notice.objects.filter(code="application.employer_invited").count() == 1


def test_five_thousand_people_are_imported_in_a_few_statements(clerk):
    rows = [line(f"试{at}", number=numbered(at)) for at in range(employer_file.MOST_ROWS)]
    rows = [[name.translate({ord(d): "零一二三四五六七八九"[int(d)] for d in "0123456789"}), *more]
            for name, *more in rows]  # fmt: skip
    row = employer_lists.check(
        workbook(rows), employer="大单位", credit_code=credit_code(), contact="甲",
        contact_phone="1", file_name="a.xlsx", by=clerk,
    )  # fmt: skip
    assert (row.row_count, row.problem_count) == (5000, 0)
    with CaptureQueriesContext(
        connection,
    ) as seen:
        employer_lists.take_in(row, by=clerk)
    assert Application.objects.count() == EmployerEntry.objects.count() == 5000
    assert len(seen) < 80
    with pytest.raises(employer_file.UnreadableFile):
        report(workbook([*rows, line("多一人")]))


def numbered(at):
    """The at-th invented number: born between 1960 and 1999, area 330212."""
    year, day, order = 1960 + at % 40, 1 + at // 40 % 28, 1 + at // 1120
    first = f"330212{year}01{day:02d}{order:03d}"
    return first + numbers.check_character(first)


@pytest.mark.django_db(transaction=True)
def test_imported_twice_at_once_there_is_one_draft_a_person():
    clerk = accounts.staff("window")
    row = employer_lists.check(
        workbook([line(), line("周二")]), employer="甲", credit_code=credit_code(), contact="甲",
        contact_phone="1", file_name="a.xlsx", by=clerk,
    )  # fmt: skip
    start = threading.Barrier(2)

    def take_in():
        try:
            start.wait()
            employer_lists.take_in(row, by=clerk)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=take_in) for _one in range(2)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert Application.objects.count() == 2 and EmployerEntry.objects.count() == 2


@pytest.mark.parametrize("code", ["91330212MA2AFQ1X0I", "9133", "", "9" * 18])
def test_a_wrong_credit_code_is_told(code):
    assert employer_lists.is_credit_code(credit_code())
    assert not employer_lists.is_credit_code(code)
