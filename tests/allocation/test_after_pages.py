"""Pages around an offer: viewing, cause, hearing, and the desks that decide."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from accounts.roles import Role
from allocation import bans, causes, lapsing, offering, offers, states, viewings
from allocation.models import BanProposal, JustCause, Viewing
from applications.models import MaterialPage
from core import clock, workdays
from core.models import AuditEntry
from tests.allocation.test_pages import citizen_of, sign_in, text
from tests.applications.test_materials import photo
from tests.factories import accounts
from tests.factories import allocation as make
from tests.factories import declining as after

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("checked")]


def as_staff(client, staff):
    client.force_login(staff.user)
    return staff


class TestHousehold:
    def test_a_viewing_is_booked_answered_and_cancelled(self, client):
        offer = make.opened()
        sign_in(client, offer)
        page = reverse("my_viewing")
        assert page in text(client.get(reverse("my_offer")))
        assert "不用您申请" in text(client.get(page))
        assert client.post(page, {"part": "am"}).status_code == 422
        day = workdays.add_workdays(clock.today(), 1)
        client.post(page, {"wanted_on": day.isoformat(), "part": "am"})
        row = Viewing.objects.get()
        assert "等运营公司定时间" in text(client.get(page))
        viewings.confirm(row, by=offers.SYSTEM, at=make.noon(day), meet="小区东门")
        assert "小区东门" in text(client.get(page))
        client.post(page, {"cancel": "1"})
        row.refresh_from_db()
        assert row.state == states.V_WITHDRAWN

    def test_the_consequences_stand_before_the_button(self, client):
        household = make.waiting()
        after.declined(household)
        household.refresh_from_db()
        offer = make.opened(make.revealed([household], 1))
        sign_in(client, offer)
        for name in (reverse("my_choose", args=["decline"]), reverse("my_cause")):
            page = text(client.get(name))
            assert "这是第2次放弃；按现行规定，满2次，2年内不能再申请" in page
            assert "两个人决定" in page
        assert reverse("my_cause") in text(client.get(reverse("my_choose", args=["decline"])))

    def test_a_home_is_declined_with_a_cause_and_a_paper(self, client):
        offer = make.opened()
        sign_in(client, offer)
        page = reverse("my_cause")
        answer = client.post(page, {"code": "illness", "text": ""})
        assert answer.status_code == 422 and "请填写「说明」" in text(answer)
        offer.refresh_from_db()
        assert offer.state == states.O_OPEN
        client.post(page, {"code": "illness", "text": "每周两次透析"})
        offer.refresh_from_db()
        assert offer.state == states.O_DECLINED
        assert offers.times_declined(offer) == 0
        assert "正在核实" in text(client.get(page))

    def test_a_paper_that_is_refused_leaves_the_words(self, client):
        offer = make.opened()
        sign_in(client, offer)
        paper = SimpleUploadedFile("x.exe", b"MZ not a picture")
        said = {"code": "defect", "text": "厨房漏水", "paper": paper}
        answer = client.post(reverse("my_cause"), said, follow=True)
        assert "材料没有收下" in text(answer)
        assert JustCause.objects.count() == 1 and not MaterialPage.objects.exists()

    def test_a_photo_is_kept_and_read_by_the_household_and_the_district_alone(
        self, client, settings, tmp_path
    ):
        settings.MEDIA_ROOT = tmp_path
        offer = make.opened()
        sign_in(client, offer)
        paper = SimpleUploadedFile("wall.jpg", photo(), content_type="image/jpeg")
        said = {"code": "defect", "text": "厨房漏水", "paper": paper}
        client.post(reverse("my_cause"), said)
        page = MaterialPage.objects.get(item=f"cause-{offer.pk}")
        picture = reverse("paper_picture", args=[page.pk])
        assert picture in text(client.get(reverse("my_cause")))
        assert client.get(picture).status_code == 200
        as_staff(client, after.district())
        offer.refresh_from_db()
        assert picture in text(client.get(reverse("office_cause", args=[offer.cause.pk])))
        assert client.get(picture).status_code == 200
        for other in (accounts.citizen().user, accounts.staff(Role.OPERATOR).user):
            client.force_login(other)
            assert client.get(picture).status_code in (403, 404)

    def test_a_refused_cause_is_read_and_objected_to(self, client):
        cause = after.refused()
        sign_in(client, cause.offer)
        page = reverse("my_cause")
        assert "没有看到需要就近治疗的证明" in text(client.get(page))
        client.post(page, {"text": "证明上周交到窗口了"})
        cause.refresh_from_db()
        assert cause.state == states.J_OBJECTED
        assert "异议正在核实" in text(client.get(page))

    def test_what_is_proposed_is_read_and_answered(self, client):
        row = after.proposal()
        client.force_login(citizen_of(row.application))
        page = reverse("my_ban_hearing")
        assert client.get(page).status_code == 404  # nobody has told the household yet
        bans.serve_notice(row, by=after.district())
        assert page in text(client.get(reverse("my_offer")))
        shown = text(client.get(page))
        assert "现在还没有决定" in shown and row.declines.first().home.code in shown
        client.post(page, {"text": "第二套离医院太远"})
        row.refresh_from_db()
        assert row.state == states.B_HEARD
        assert "第二套离医院太远" in text(client.get(page))

    def test_nobody_elses_pages_are_open(self, client):
        after.refused()
        client.force_login(accounts.citizen().user)
        for name in ("my_viewing", "my_cause", "my_ban_hearing"):
            assert client.get(reverse(name)).status_code == 404


class TestCompany:
    def test_the_company_sets_a_time_and_reads_no_name(self, client):
        row = self.asked()
        as_staff(client, accounts.staff(Role.OPERATOR))
        assert reverse("operator_viewings") in text(client.get(reverse("operator_today")))
        listed = text(client.get(reverse("operator_viewings")))
        one = reverse("operator_viewing", args=[row.pk])
        shown = text(client.get(one))
        applicant = row.offer.entrant.application.applicant
        for page in (listed, shown):
            assert row.offer.entrant.ticket in page
            assert applicant.name not in page and applicant.id_number not in page
        assert client.post(one, {"act": "confirm", "at": "x", "meet": ""}).status_code == 422
        at = f"{row.wanted_on:%Y-%m-%d}T10:00"
        client.post(one, {"act": "confirm", "at": at, "meet": "东门"})
        row.refresh_from_db()
        assert row.state == states.V_CONFIRMED

    def test_no_time_takes_a_reason(self, client):
        row = self.asked()
        as_staff(client, accounts.staff(Role.OPERATOR))
        one = reverse("operator_viewing", args=[row.pk])
        assert client.post(one, {"act": "none", "none-reason": ""}).status_code == 422
        client.post(one, {"act": "none", "none-reason": "钥匙在维修队"})
        row.refresh_from_db()
        assert row.state == states.V_NONE
        assert "没有看房预约" in text(client.get(reverse("operator_viewings")))

    @staticmethod
    def asked():
        offer = make.opened()
        day = workdays.add_workdays(clock.today(), 1)
        return viewings.ask(offer, by=offers.SYSTEM, wanted_on=day, part="am")


class TestCentre:
    def test_the_index_lists_what_waits_for_a_person(self, client, django_assert_max_num_queries):
        cause = after.declined(cause=after.ILL).cause
        row = after.proposal()
        offer = make.opened(make.revealed(2, 1))
        make.wait_for(make.noon(offering.last_day(offer)))
        as_staff(client, after.district())
        client.get(reverse("office_declines"))
        with django_assert_max_num_queries(14):
            page = text(client.get(reverse("office_declines")))
        assert reverse("office_cause", args=[cause.pk]) in page
        assert reverse("office_ban", args=[row.pk]) in page
        assert reverse("office_offer_call", args=[offer.pk]) in page

    def test_who_only_runs_rounds_reads_no_cause(self, client):
        cause = after.declined(cause=after.ILL).cause
        as_staff(client, make.administrator())
        page = text(client.get(reverse("office_declines")))
        assert causes.word(cause) not in page
        assert client.get(reverse("office_cause", args=[cause.pk])).status_code == 403

    def test_a_cause_is_refused_by_two_and_each_look_is_recorded(self, client):
        cause = after.declined(cause=after.ILL).cause
        page = reverse("office_cause", args=[cause.pk])
        as_staff(client, after.district())
        looks = AuditEntry.objects.filter(case_no=cause.case_no).count()
        assert after.ILL.text in text(client.get(page))
        assert AuditEntry.objects.filter(case_no=cause.case_no).count() > looks
        assert client.post(page, {"action": "propose"}).status_code == 422
        client.post(page, {"action": "propose", "words": "没有证明"})
        assert "不能自己确认" in text(client.get(page))
        assert client.post(page, {"action": "refuse"}).status_code == 422
        as_staff(client, after.district())
        client.post(page, {"action": "refuse"})
        cause.refresh_from_db()
        assert cause.state == states.J_REFUSED

    def test_a_reason_given_by_phone_is_taken_down_for_the_household(self, client):
        row = after.proposal()
        offer = row.declines.first()
        as_staff(client, after.district())
        page = reverse("office_explain", args=[offer.pk])
        assert page in text(client.get(reverse("office_ban", args=[row.pk])))
        assert client.post(page, {"code": "defect", "text": ""}).status_code == 422
        client.post(page, {"code": "defect", "text": "厨房漏水，还没修"})
        assert offers.times_declined(offer) == 1
        assert "次数不够" in text(client.get(reverse("office_ban", args=[row.pk])))
        assert "已经说明过理由" in text(client.get(page))

    def test_from_notice_to_signature(self, client):
        row = after.proposal()
        page = reverse("office_ban", args=[row.pk])
        as_staff(client, after.district())
        assert "由两个人决定" in text(client.get(page))
        client.post(page, {"action": "notice"})
        client.post(page, {"action": "hear", "words": "电话里说不知道会计次数"})
        assert client.post(page, {"action": "draft"}).status_code == 422
        client.post(page, {"action": "draft", "words": "两次放弃，没有正当理由。"})
        assert "等另一位同事签发" in text(client.get(page))
        as_staff(client, after.district())
        client.post(page, {"action": "sign"})
        assert "决定待送达" in text(client.get(page))
        row.refresh_from_db()
        assert row.decision.signed_at is not None and row.state == states.B_HEARD

    def test_a_call_is_noted_with_what_was_said(self, client):
        offer = make.opened(make.revealed(2, 1))
        make.wait_for(make.noon(offering.last_day(offer)))
        as_staff(client, after.district())
        page = reverse("office_offer_call", args=[offer.pk])
        assert "不答复不计入放弃次数" in text(client.get(page))
        assert client.post(page, {"reached": "yes", "note": ""}).status_code == 422
        client.post(page, {"reached": "yes", "note": "说今天会选"})
        assert lapsing.to_call() == []

    def test_a_relative_opens_none_of_it(self, client):
        row = after.proposal()
        kin = as_staff(client, after.district())
        kin.id_index = row.application.applicant.id_index
        kin.save(update_fields=["id_index"])
        assert client.get(reverse("office_ban", args=[row.pk])).status_code == 403
        row.refresh_from_db()
        assert row.state == states.B_PROPOSED and BanProposal.objects.count() == 1


def test_papers_of_a_cause_are_added_by_its_household_or_the_desk_while_it_is_open():
    from applications import material_permissions as papers

    cause = after.declined(cause=after.ILL).cause
    case, key = cause.offer.entrant.application, cause.papers
    mine, other = citizen_of(case), accounts.citizen().user
    assert papers.may_still_change(case, key, mine) == ""
    assert papers.may_still_change(case, key, other)
    assert papers.may_still_change(case, key, after.district().user) == ""  # brought there
    assert papers.may_still_change(case, key, accounts.staff(Role.WINDOW).user)
    assert papers.may_still_change(case, "cause-999999", mine)
    causes.accept(cause, by=after.district())
    assert papers.may_still_change(case, key, mine)
    clock.advance(timedelta(days=1))
