"""Files of homes: judged cell by cell, taken in whole or not at all, taken back while unused."""

from datetime import timedelta

import pytest
from django.urls import reverse

from accounts.roles import Role
from allocation import home_file, home_imports, inspections, states
from allocation.home_imports import NotImported, NotUndone
from allocation.models import Home, HomeImport
from applications.table_file import UnreadableFile
from core import clock
from core.models import AuditEntry
from tests.factories import accounts
from tests.factories import allocation as make
from tests.factories import homes as stock

pytestmark = pytest.mark.django_db


def check(*lines, by=None, content=None):
    by = by or make.administrator()
    return home_imports.check(content or stock.sheet(*lines), file_name="房源.xlsx", by=by)


def two():
    make.estate()
    return check(stock.line(), stock.line(室="502", 楼层="5", 无障碍="是"))


def test_a_clean_file_is_previewed_without_a_home_and_imported_whole():
    row, by = two(), make.administrator()
    assert (row.row_count, row.problem_count, Home.objects.count()) == (2, 0, 0)
    row = home_imports.take_in(row, by=by)
    first, second = Home.objects.order_by("code")
    assert first.code == "EST-A/1-1-501" and str(first.area) == "54.90"
    assert (first.unit_type, first.orientation, first.floor) == ("2R", "南", 5)
    assert second.accessible and not first.accessible
    assert {first.state, second.state} == {states.H_ACQUIRED}
    assert row.state == states.I_IMPORTED and row.imported_by == by
    assert AuditEntry.objects.filter(verb="homes.imported").count() == 1
    assert home_imports.take_in(row, by=by).pk == row.pk and Home.objects.count() == 2


@pytest.mark.parametrize(
    ("column", "cell"),
    [
        ("小区编号", ""), ("小区编号", "NOPE"), ("幢", ""), ("幢", "三号楼"), ("单元", "一单元"),
        ("室", "5-01"), ("楼层", "0"), ("楼层", "99"), ("楼层", "五"), ("户型", "五室"),
        ("户型", ""),
        ("建筑面积", ""), ("建筑面积", "大"), ("建筑面积", "4"), ("建筑面积", "NaN"),
        ("建筑面积", "54.905"), ("建筑面积", "9999"), ("朝向", "上"), ("无障碍", "也许"),
    ],
)  # fmt: skip
def test_each_wrong_cell_is_named_with_row_column_and_the_way_out(column, cell):
    make.estate()
    row = check(stock.line(), stock.line(室="502", **{column: cell} if column != "室" else {}))
    if column == "室":
        row = check(stock.line(), stock.line(室=cell))
    (problem,) = home_imports.problems_of(row)
    assert (problem.row, problem.column) == (3, column)
    assert problem.what and problem.mend
    with pytest.raises(NotImported, match="一套都没有导入"):
        home_imports.take_in(row, by=make.administrator())
    assert Home.objects.count() == 0


def test_words_of_the_trade_are_understood():
    make.estate()
    row = check(
        stock.line(幢="3幢", 楼层="5层", 建筑面积="54.9㎡", 户型="2室", 朝向="朝南", 无障碍="有")
    )
    (home,) = home_imports.homes_of(row)
    assert (home.building, home.floor, home.area, home.accessible) == ("3", 5, "54.90", True)


def test_numbers_of_a_spreadsheet_lose_their_point():
    make.estate()
    row = check(["EST-A", 3, 1, 501, 5, "两室", 54.9, "南", "否"])
    (home,) = home_imports.homes_of(row)
    assert home.code == "EST-A/3-1-501" and home.area == "54.90" and not row.problem_count


def test_one_home_twice_in_a_file_and_one_that_stands_already_are_told():
    make.estate()
    home_imports.take_in(check(stock.line()), by=make.administrator())
    row = check(stock.line(), stock.line(室="502"), stock.line(室="502"))
    found = [(one.row, one.what) for one in home_imports.problems_of(row)]
    assert found == [(2, "EST-A/1-1-501已经登记过。"), (4, "和第3行是同一套房。")]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_a_csv_in_either_encoding_is_read(encoding):
    make.estate()
    text = "\r\n".join([",".join(home_file.COLUMNS), ",".join(stock.GOOD)])
    row = check(content=text.encode(encoding))
    assert (row.row_count, row.problem_count) == (1, 0)


@pytest.mark.parametrize("content", [b"PK\x03\x04broken", b"\xff\xfe\x00\x01", b"a,b\n1,2", b""])
def test_what_is_no_list_is_refused_with_the_way_out(content):
    with pytest.raises(UnreadableFile, match=r"模板|第一行"):
        check(content=content or b"\0")
    assert HomeImport.objects.count() == 0


def test_a_file_is_not_imported_twice_but_may_be_after_it_was_undone():
    by, row = make.administrator(), two()
    again = two()
    home_imports.take_in(row, by=by)
    with pytest.raises(NotImported, match="已经导入过"):
        home_imports.take_in(again, by=by)
    with pytest.raises(NotImported, match="已经导入过"):
        two()
    home_imports.undo(row, by=by, reason="小区填错了")
    home_imports.take_in(two(), by=by)
    assert Home.objects.count() == 2


def test_a_preview_that_no_longer_holds_or_is_too_old_is_refused():
    by, row = make.administrator(), two()
    make.home(make.estate(), room="502", building="1", unit="1", code="EST-A/1-1-502")
    with pytest.raises(NotImported, match="又有变化：第3行"):
        home_imports.take_in(row, by=by)
    assert Home.objects.count() == 1
    Home.objects.all().delete()
    clock.advance(timedelta(hours=25))
    with pytest.raises(NotImported, match="24小时"):
        home_imports.take_in(row, by=by)
    assert Home.objects.count() == 0


def test_an_import_is_undone_with_a_reason_only_while_none_of_its_homes_was_used():
    by, row = make.administrator(), two()
    home_imports.take_in(row, by=by)
    with pytest.raises(NotUndone, match="为什么"):
        home_imports.undo(row, by=by, reason=" ")
    used = Home.objects.order_by("code")[0]
    inspections.inspect(used, by=by, passed=inspections.ITEMS)
    with pytest.raises(NotUndone, match="EST-A/1-1-501"):
        home_imports.undo(row, by=by, reason="填错了")
    assert Home.objects.count() == 2
    row.refresh_from_db()
    assert row.state == states.I_IMPORTED and row.undo_reason == ""


def test_a_home_that_was_planned_for_a_round_or_moved_counts_as_used():
    by, row = make.administrator(), two()
    home_imports.take_in(row, by=by)
    first, second = Home.objects.order_by("code")
    make.planned(0, 0).homes.add(first)
    stock.held(second, kind="repair", by=by)
    assert list(home_imports.used(row)) == [first, second]


def test_only_the_administration_imports():
    make.estate()
    for role in (Role.OPERATOR, Role.REVIEWER, Role.LEADER):
        with pytest.raises(NotImported, match="业务管理"):
            check(stock.line(), by=accounts.staff(role))


def test_the_template_is_read_back_as_an_empty_list():
    content = home_file.template([("EST-A", "测试小区")])
    with pytest.raises(UnreadableFile, match="没有房源"):
        home_file.read(content)


class TestPages:
    def upload(self, client, content, name="房源.xlsx"):
        from django.core.files.uploadedfile import SimpleUploadedFile

        client.force_login(make.administrator().user)
        file = SimpleUploadedFile(name, content)
        return client.post(reverse("office_home_imports"), {"file": file}, follow=True)

    def test_from_the_file_to_the_homes_and_back(self, client):
        make.estate()
        page = self.upload(client, stock.sheet(stock.line()))
        assert "逐行核对过，没有要改的" in page.content.decode()
        row = HomeImport.objects.get()
        step = reverse("office_home_import_step", args=[row.pk, "take-in"])
        assert "房源等待验收" in client.post(step, follow=True).content.decode()
        undo = reverse("office_home_import_step", args=[row.pk, "undo"])
        assert client.post(undo, {"reason": ""}).status_code == 422
        page = client.post(undo, {"reason": "小区填错了"}, follow=True).content.decode()
        assert "小区填错了" in page and Home.objects.count() == 0
        assert "已撤销" in client.get(reverse("office_home_imports")).content.decode()

    def test_problems_stand_line_by_line_and_nothing_can_be_imported(self, client):
        make.estate()
        page = self.upload(client, stock.sheet(stock.line(楼层="0"))).content.decode()
        assert "一套都没有导入" in page and "没有0层" in page
        row = HomeImport.objects.get()
        client.post(reverse("office_home_import_step", args=[row.pk, "take-in"]))
        assert Home.objects.count() == 0
        discard = reverse("office_home_import_step", args=[row.pk, "discard"])
        assert client.post(discard).status_code == 302
        row.refresh_from_db()
        assert row.state == states.I_DISCARDED
        assert client.post(discard.replace("discard", "burn")).status_code == 404

    def test_a_file_that_cannot_be_read_is_told_at_its_field(self, client):
        answer = self.upload(client, b"PK nothing")
        assert answer.status_code == 422 and "打不开这个文件" in answer.content.decode()
        assert client.get(reverse("office_home_template")).status_code == 200
