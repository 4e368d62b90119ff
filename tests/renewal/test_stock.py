"""The stock of an older system: mapped, judged line by line, taken in once, taken back unused."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.roles import Role
from allocation import states as allocation_states
from allocation.models import Home, Lease, RentCharge
from applications import states as application_states
from applications import verification
from applications.models import Application, Assessment, Benefit, Consent, Evidence, Member
from applications.table_file import UnreadableFile
from core import clock
from core.identity import ciphers
from core.models import AuditEntry, Notice
from renewal import campaigns, recheck, states
from renewal.models import Recheck, StockEntry, StockImport
from renewal.stock import file, imports, opening, take_in, undo
from renewal.stock.imports import NotImported
from renewal.stock.undo import NotUndone
from tests.factories import accounts, stock, tenancies
from tests.factories import allocation as make
from tests.factories import applications as cases

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _estate():
    make.estate()


def by():
    return make.administrator()


def faults(row):
    return [(one.sheet, one.row, one.column) for one in imports.faults_of(row)]


def nothing_written():
    return not (Application.objects.count() or Lease.objects.count() or Benefit.objects.count())


class TestMapping:
    def test_own_titles_are_proposed_by_other_words_and_remembered_from_the_last_upload(self):
        words = {file.NO: "家庭编号", file.LEASE: "合同号", file.RENT: "现行租金标准"}
        one = imports.upload(
            stock.book([stock.house()], titles=words), file_name="一.xlsx", by=by()
        )
        assert one.mapping[file.HOUSES][file.LEASE] == "合同号"
        assert file.unmapped(one.mapping) == [(file.HOUSES, file.RENT)]
        with pytest.raises(NotImported, match="月租金"):
            imports.judge(one, one.mapping, by=by())
        one.mapping[file.HOUSES][file.RENT] = "现行租金标准"
        row = imports.judge(one, one.mapping, by=by(), make_homes=True)
        assert (row.state, row.fault_count) == (states.S_CHECKED, 0)
        again = stock.book([stock.house("H2", "502")], titles=words)
        two = imports.upload(again, file_name="二.xlsx", by=by())
        assert two.mapping[file.HOUSES][file.RENT] == "现行租金标准"

    def test_the_template_is_mapped_whole_and_holds_no_household(self):
        row = imports.upload(file.template(), file_name="模板.xlsx", by=by())
        assert file.unmapped(row.mapping) == []
        with pytest.raises(UnreadableFile, match="没有家庭"):
            imports.judge(row, row.mapping, by=by())

    @pytest.mark.parametrize("content", [b"PK\x03\x04broken", b"a,b,c\n1,2,3", b"\0"])
    def test_what_is_no_workbook_is_refused(self, content):
        with pytest.raises(UnreadableFile):
            imports.upload(content, file_name="x", by=by())

    def test_only_the_administration_imports_and_nobody_their_own_family(self):
        with pytest.raises(NotImported, match="业务管理"):
            imports.upload(
                stock.book([stock.house()]), file_name="x", by=accounts.staff(Role.LEADER)
            )
        own = by()
        line = stock.house()
        own.id_index = ciphers.blind_index(line[file.NUMBER])
        own.save()
        with pytest.raises(NotImported, match="回避"):
            stock.checked(stock.book([line]), by=own)


@pytest.mark.parametrize(
    ("column", "cell"),
    [
        (file.NO, ""), (file.NAME, ""), (file.NUMBER, "330212199001011234"), (file.NUMBER, "123"),
        (file.PHONE, "12345"), (file.TIER, "富裕"), (file.STREET, "火星街道"), (file.LEASE, ""),
        (file.STARTS, "昨天"), (file.STARTS, "2024-03"), (file.STARTS, "1970-01-01"),
        (file.ENDS, "2023-01-01"), (file.LEFT, "2020-01-01"), (file.ESTATE, "NOPE"),
        (file.BUILDING, "三号楼"), (file.ROOM, "5-01"), (file.RENT, "很多"), (file.RENT, "-1"),
        (file.RENT, "962.505"), (file.DEPOSIT, "NaN"), (file.ARREARS, "x"), ("楼层", "0"),
    ],
)  # fmt: skip
def test_each_wrong_cell_is_named_with_sheet_row_and_column(column, cell):
    row = stock.checked(stock.book([stock.house(), stock.house("H2", "502", **{column: cell})]))
    assert faults(row)[0] == (file.HOUSES, 3, column)
    assert [one.state for one in row.entries.all()] == ["ready", "faulty"]


@pytest.mark.parametrize(
    ("column", "cell"),
    [
        (file.NO, "H9"),
        (file.WHO, ""),
        (file.NUMBER, "1"),
        (file.RELATION, "远房"),
        (file.RELATION, "01"),
    ],
)
def test_each_wrong_cell_of_a_member_is_named_and_keeps_its_household_out(column, cell):
    row = stock.checked(stock.book([stock.house()], [stock.person(**{column: cell})]))
    assert faults(row) == [(file.PEOPLE, 2, column)]
    assert row.entries.get().state == ("ready" if column == file.NO else "faulty")


def test_a_term_that_has_run_out_is_a_question_and_never_taken_for_gone():
    row = stock.checked(stock.book([stock.house(**{file.ENDS: "2025-02-28"})]))
    (fault,) = imports.faults_of(row)
    assert fault.column == file.ENDS and "还住着的先续签" in fault.mend


def test_what_is_twice_in_the_file_names_both_places():
    number = accounts.id_number()
    row = stock.checked(
        stock.book(
            [
                stock.house(), stock.house("H1", "502", **{file.LEASE: "旧合同-2"}),
                stock.house("H3", "503", **{file.LEASE: "旧合同-H1"}), stock.house("H4", "501"),
            ],
            [stock.person(no, **{file.NUMBER: number}) for no in ("H3", "H4")],
        )
    )  # fmt: skip
    found = [(one.sheet, one.row, one.column, one.what) for one in imports.faults_of(row)]
    assert found == [
        ("家庭", 3, "户号", "和「家庭」第2行的户号相同。"),
        ("家庭", 4, "合同编号", "和「家庭」第2行的合同编号相同。"),
        ("家庭", 5, "室", "和「家庭」第2行的室相同。"),
        ("成员", 3, "身份证号", "和「成员」第2行是同一个人。"),
    ]


def test_what_stands_on_the_platform_is_named_with_its_case_or_lease():
    here = tenancies.lease(1)
    open_ = cases.application(1, state=application_states.STREET_REVIEW)
    Member.objects.filter(application=open_).update(holding=True)
    housed, waiting = here.application.applicant, open_.applicant
    home = here.home
    row = stock.checked(
        stock.book(
            [
                stock.house("H1", "501", **{file.NUMBER: housed.id_number}),
                stock.house("H2", "502", **{file.NUMBER: waiting.id_number}),
                stock.house("H3", "503", **{file.LEASE: here.number}),
                stock.house("H4", home.room, **{
                    file.ESTATE: "TEST-EST", file.BUILDING: home.building, file.UNIT: home.unit,
                }),
            ]
        )
    )  # fmt: skip
    told = {one.row: one.what for one in imports.faults_of(row)}
    assert here.case_no in told[2] and open_.case_no in told[3]
    assert here.number in told[4] and here.number in told[5] and here.case_no in told[5]


def test_an_unknown_home_is_a_fault_unless_missing_homes_are_to_be_made():
    content = stock.book([stock.house()])
    assert faults(stock.checked(content, make_homes=False)) == [(file.HOUSES, 2, file.ROOM)]
    row = stock.checked(content, make_homes=True)
    assert row.fault_count == 0 and Home.objects.count() == 0


def test_a_dry_run_tells_what_would_be_made_and_writes_nothing():
    houses = [stock.house(), stock.house("H2", "502", **{file.LEFT: "2025-06-30"})]
    row = stock.checked(stock.book(houses, [stock.person()]))
    row = take_in.rehearse(row, by=by())
    assert row.rehearsal == {
        "households": 1, "ever": 1, "people": 3, "homes": 1, "refused": 0, "rent": "962.50",
        "deposit": "1000.00", "arrears": "120.00",
    }  # fmt: skip
    assert nothing_written() and Home.objects.count() == 0
    assert set(row.entries.values_list("state", flat=True)) == {"ready"}


def test_a_household_is_taken_in_as_the_old_system_states_it():
    home = make.home(code="EST-A/1-1-501", building="1", unit="1", room="501")
    row = stock.taken(stock.book([stock.house()], [stock.person()]), make_homes=False)
    row.refresh_from_db()
    lease = Lease.objects.get()
    assert row.state == states.S_DONE and lease.state == allocation_states.L_FILED
    assert (lease.number, lease.tier, lease.rent_monthly) == ("旧合同-H1", "ZPX", Decimal("962.50"))
    assert (lease.term.lower, lease.term.upper) == (date(2024, 3, 1), date(2099, 3, 1))
    first, second = lease.application.members.all()
    assert first.is_applicant and (second.name, second.relation) == ("李小红", "10")
    first.save()  # the same keys as if it had been saved one by one
    assert Member.objects.filter(id_index=first.id_index, holding=False).exists()
    assert lease.application.state == application_states.CLOSED
    assert Benefit.objects.filter(ended_on=None, case_no=lease.case_no).count() == 2
    home.refresh_from_db()
    assert home.state == allocation_states.H_LET


def test_nothing_is_invented_and_nobody_is_told_and_the_first_recheck_asks():
    stock.taken(stock.book([stock.house()], [stock.person()]))
    assert not (Evidence.objects.count() or Assessment.objects.count() or Consent.objects.count())
    assert Notice.objects.count() == 0
    campaign = campaigns.plan(2026, by=by().user)
    row = campaign.rechecks.get()
    case = row.lease.application
    assert not verification.request_checks(case, round=campaign.round, by=recheck.SYSTEM)
    recheck.settle(row, by=recheck.SYSTEM)
    assert Recheck.objects.get().state == states.K_QUESTION


def test_who_has_left_is_kept_as_ever_and_may_live_in_another_household():
    number = accounts.id_number()
    gone = stock.house("H1", "501", **{file.LEFT: "2025-06-30", file.NUMBER: number})
    now = stock.house("H2", "501", **{file.NUMBER: number})
    stock.taken(stock.book([gone, now]))
    assert Lease.objects.count() == 1
    ever, in_force = Benefit.objects.order_by("ended_on")
    assert (ever.case_no, ever.ended_on) == ("旧合同-H1", date(2025, 6, 30))
    assert in_force.ended_on is None


def test_every_record_knows_file_sheet_row_and_what_each_cell_said():
    row = stock.taken(stock.book([stock.house(**{file.RENT: "962.5元"})], [stock.person()]))
    entry = Lease.objects.get().stock_entry
    assert entry.source == row and entry.said[file.HOUSES]["row"] == 2
    assert entry.said[file.HOUSES]["cells"][file.RENT] == "962.5元"
    assert entry.said[file.PEOPLE][0]["cells"][file.WHO] == "李小红"
    assert entry.application.stock_entry == entry and entry.taken_at
    with connection.cursor() as cursor:
        cursor.execute("SELECT said FROM renewal_stockentry")
        assert "李小红".encode() not in bytes(cursor.fetchone()[0])
    row.refresh_from_db()
    assert row.content is None  # the entries have all of it


def test_households_with_a_fault_stay_out_and_one_that_changed_since_is_refused_with_the_reason():
    houses = [stock.house(), stock.house("H2", "502"), stock.house("H3", "503", **{file.RENT: "?"})]
    one = by()
    row = stock.checked(stock.book(houses), by=one)
    make.home(code="EST-A/1-1-502", building="1", unit="1", room="502", state="offered")
    stock.run(imports.start(row, by=one))
    assert take_in.progress(row) == {
        "ready": 0, "faulty": 1, "taken": 1, "refused": 1, "ever": 0, "total": 3,
    }  # fmt: skip
    assert [one.row for one in imports.faults_of(row)] == [4, 3]


class TestStoppedAndKilled:
    @pytest.fixture(autouse=True)
    def _small(self, monkeypatch):
        monkeypatch.setattr(imports, "CHUNK", 1)

    def begun(self):
        one = by()
        houses = [stock.house(f"H{n}", f"50{n}") for n in range(1, 4)]
        return imports.start(stock.checked(stock.book(houses), by=one), by=one), one

    def test_it_is_stopped_between_chunks_and_goes_on_with_each_household_once(self):
        row, one = self.begun()
        assert take_in.step(row.pk)
        imports.stop(row, by=one)
        assert not take_in.step(row.pk) and Lease.objects.count() == 1
        stock.run(imports.start(row, by=one))
        assert Lease.objects.count() == Home.objects.count() == 3 and row.entries.count() == 3

    def test_a_chunk_that_is_killed_leaves_nothing_and_is_done_by_the_next_run(self, monkeypatch):
        row, _one = self.begun()
        take_in.step(row.pk)
        kept = take_in._keep_benefits
        monkeypatch.setattr(take_in, "_keep_benefits", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            take_in.step(row.pk)
        assert Lease.objects.count() == Application.objects.count() == 1
        monkeypatch.setattr(take_in, "_keep_benefits", kept)
        stock.run(row)
        assert Lease.objects.count() == 3 and Benefit.objects.count() == 3

    def test_a_stopped_import_is_undone_whole(self):
        row, one = self.begun()
        take_in.step(row.pk)
        imports.stop(row, by=one)
        undo.undo(row, by=one, reason="列对错了")
        assert nothing_written() and Home.objects.count() == 0


class TestUndo:
    def test_all_of_it_goes_and_the_file_may_be_taken_in_again(self):
        home = make.home(code="EST-A/1-1-501", building="1", unit="1", room="501")
        one, content = by(), stock.book([stock.house(), stock.house("H2", "502")], [stock.person()])
        row = stock.taken(content, by=one)
        with pytest.raises(NotImported, match="已经导入过"):
            imports.upload(content, file_name="x", by=one)
        with pytest.raises(NotUndone, match="为什么"):
            undo.undo(row, by=one, reason=" ")
        row = undo.undo(row, by=one, reason="列对错了")
        assert row.state == states.S_UNDONE and nothing_written()
        assert list(Home.objects.values_list("code", "state")) == [("EST-A/1-1-501", "available")]
        assert undo.undo(row, by=one, reason="再来").pk == row.pk
        home.refresh_from_db()
        stock.taken(content, by=one)
        assert Lease.objects.count() == 2

    def test_once_something_was_done_with_one_household_it_is_refused_with_the_reason(self):
        one = by()
        row = stock.taken(stock.book([stock.house(), stock.house("H2", "502")]), by=one)
        campaigns.plan(2026, by=one.user, limit=1)
        with pytest.raises(NotUndone, match="旧合同-H1"):
            undo.undo(row, by=one, reason="列对错了")
        assert Lease.objects.count() == 2

    def test_a_changed_state_or_an_ended_benefit_counts_as_done(self):
        one = by()
        row = stock.taken(stock.book([stock.house(), stock.house("H2", "502")]), by=one)
        first, second = Lease.objects.order_by("number")
        Lease.objects.filter(pk=first.pk).update(state=allocation_states.L_ENDING)
        Benefit.objects.filter(case_no=second.case_no).update(ended_on=clock.today())
        why = undo.why_not_undo(row, one)
        assert "旧合同-H1" in why and "旧合同-H2" in why and "2户" in why


def test_a_thousand_households_are_taken_in_with_a_set_number_of_queries_a_chunk():
    houses = [stock.house(f"H{n}", f"{n:04d}") for n in range(1000)]
    people = [stock.person(f"H{n}") for n in range(1000)]
    one = by()
    row = imports.start(stock.checked(stock.book(houses, people), by=one), by=one)
    counts = []
    while True:
        with CaptureQueriesContext(
            connection,
        ) as asked:
            more = take_in.step(row.pk)
        if not more:
            break
        counts.append(len(asked))
    assert len(counts) == 5 and len(set(counts)) == 1 and counts[0] <= 40
    assert Lease.objects.count() == 1000 and Member.objects.count() == 2000
    undo.undo(row, by=one, reason="演练")
    assert nothing_written()


def test_opening_arrears_are_booked_once_by_a_person_and_end_the_way_back():
    one = by()
    free = stock.house("H2", "502", **{file.ARREARS: ""})
    row = stock.taken(stock.book([stock.house(), free]), by=one)
    assert RentCharge.objects.count() == 0
    row.refresh_from_db()
    assert opening.book(row, by=one) == Decimal("120.00")
    (line,) = RentCharge.objects.all()
    assert (line.lease.number, line.kind) == ("旧合同-H1", "manual") and "第2行" in line.words
    with pytest.raises(NotImported, match="没有还要记账"):
        opening.book(row, by=one)
    assert "旧合同-H1" in undo.why_not_undo(row, one)


class TestPages:
    def at(self, name, row=None, *more):
        return reverse(name, args=[row.pk, *more] if row else [])

    def test_from_the_file_to_the_households_and_back(
        self, client, django_capture_on_commit_callbacks
    ):
        client.force_login(by().user)
        houses = [stock.house(), stock.house("H2", "502", **{file.RENT: "?"})]
        handed_in = SimpleUploadedFile("存量.xlsx", stock.book(houses, [stock.person()]))
        page = client.post(self.at("office_stock"), {"file": handed_in}, follow=True)
        row = StockImport.objects.get()
        chosen = {one.name: one.value() for one in page.context["form"] if one.value()}
        assert client.post(self.at("office_stock_mapping", row), {"house_0": ""}).status_code == 422
        chosen["make_homes"] = "on"
        page = client.post(self.at("office_stock_mapping", row), chosen, follow=True)
        assert "月租金「?」不是金额" in page.content.decode()
        told = client.get(self.at("office_stock_faults", row)).content.decode("utf-8-sig")
        assert told.splitlines()[1].startswith("家庭,3,月租金,")
        page = client.post(self.at("office_stock_step", row, "rehearse"), follow=True)
        assert "什么都没有写入" in page.content.decode() and nothing_written()
        with django_capture_on_commit_callbacks(execute=False):
            client.post(self.at("office_stock_step", row, "start"))
        assert client.get(self.at("office_stock_progress", row)).status_code == 200
        stock.run(row)
        assert client.get(self.at("office_stock_progress", row)).status_code == 286
        page = client.get(self.at("office_stock_import", row)).content.decode()
        entry = Lease.objects.get().stock_entry
        assert entry.application.case_no in page
        assert "原来系统记着的欠租合计120.00元" in page
        undoing = self.at("office_stock_step", row, "undo")
        assert client.post(undoing, {"reason": ""}).status_code == 422
        assert (
            "已撤销" in client.post(undoing, {"reason": "列对错了"}, follow=True).content.decode()
        )
        assert nothing_written()
        assert client.post(self.at("office_stock_step", row, "burn")).status_code == 404
        assert client.get(self.at("office_stock_template")).status_code == 200

    def test_a_household_shows_what_the_old_system_said_masked_and_the_look_is_recorded(
        self, client
    ):
        line = stock.house()
        stock.taken(stock.book([line], [stock.person()]))
        entry = StockEntry.objects.get()
        client.force_login(by().user)
        page = client.get(self.at("office_stock_entry", entry)).content.decode()
        assert "旧合同-H1" in page and "962.50" in page and line[file.NUMBER] not in page
        look = AuditEntry.objects.get(verb="looked")
        people = entry.application.members.values_list("id_index", flat=True)
        assert look.subjects == sorted(people)

    def test_a_line_that_was_not_taken_in_is_looked_at_on_record_and_never_by_its_own_family(
        self, client
    ):
        line, one = stock.house(**{file.RENT: "?"}), by()
        stock.checked(stock.book([line]), by=one)
        entry = StockEntry.objects.get()
        client.force_login(one.user)
        assert client.get(self.at("office_stock_entry", entry)).status_code == 200
        index = ciphers.blind_index(line[file.NUMBER])
        assert AuditEntry.objects.get(verb="looked").subjects == [index]
        one.id_index = index
        one.save()
        client.force_login(type(one.user).objects.get(pk=one.user.pk))
        assert client.get(self.at("office_stock_entry", entry)).status_code == 403

    def test_the_list_of_households_costs_the_same_however_many(self, client):
        client.force_login(by().user)
        counts = []
        for many in (1, 6):
            houses = [stock.house(f"L{many}-{n}", f"{many}{n:02d}") for n in range(many)]
            row = stock.taken(stock.book(houses))
            client.get(self.at("office_stock_import", row))
            with CaptureQueriesContext(connection) as asked:
                client.get(self.at("office_stock_import", row))
            counts.append(len(asked))
        assert counts[0] == counts[1]

    @pytest.mark.parametrize("role", [Role.OPERATOR, Role.REVIEWER, Role.LEADER])
    def test_nobody_else_sees_it(self, client, role):
        client.force_login(accounts.staff(role).user)
        assert client.get(self.at("office_stock")).status_code == 403
