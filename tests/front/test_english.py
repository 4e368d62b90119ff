"""EN: whoever reads English meets no Chinese but names, addresses and what people wrote."""

import re
from html.parser import HTMLParser
from typing import Any

import pytest
from django.conf import settings
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from accounts.models import Bureau, Citizen, Staff
from accounts.roles import BureauKind, Role
from allocation import handover, intentions, offers, rounds, slots
from allocation.models import BanStatement, ChoiceDay, Estate, JustCause, Kiosk, Offer, Round
from applications import contact, household, ratings, states, verification
from applications.models import Application, Decision, Member, Opinion
from applications.models.review import Stage
from core import clock
from core.identity.masking import mask_in_public, mask_name
from ops import catalogues
from tests.factories import accounts, review, tenancies
from tests.factories import allocation as allot
from tests.factories import applications as make
from tests.factories import declining as after

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("compiled", "checked")]

CHINESE = re.compile(r"[\u3400-\u9fff\uf900-\ufaff、。《》「」【】；：？！，（）]+")
SPOKEN = ("alt", "aria-label", "data-label", "label", "placeholder", "title")
UNCLOSED = {"br", "col", "hr", "img", "input", "link", "meta", "path", "use"}
# what is written in Chinese and stays so: names of people and places, what somebody wrote
OWN_WORDS: tuple[tuple[Any, tuple[str, ...]], ...] = (
    (Citizen, ("name",)),
    (Member, ("name",)),
    (Staff, ("name",)),
    (Bureau, ("name",)),
    (Estate, ("name", "address")),
    (Kiosk, ("place",)),
    (Round, ("title", "plan", "entropy_name", "void_reason")),
    (Opinion, ("text",)),
    (JustCause, ("text", "reason")),
    (BanStatement, ("text",)),
    (ChoiceDay, ("place",)),
    (Decision, ("text", "letter_no")),
)
# machines as the audit log names them
MACHINES = [one.SYSTEM.name for one in (handover, intentions, offers)]


class Words(HTMLParser):
    """What a reader sees or hears; parts marked as Chinese are left out."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._open: list[tuple[str, bool]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        silent = tag in ("script", "style") or (given.get("lang") or "").startswith("zh")
        if not silent and self._heard():
            self.found += [given[name] or "" for name in SPOKEN if name in given]
        if tag not in UNCLOSED:
            self._open.append((tag, silent))

    def handle_endtag(self, tag: str) -> None:
        places = [at for at, (name, _silent) in enumerate(self._open) if name == tag]
        del self._open[places[-1] if places else len(self._open) :]

    def handle_data(self, data: str) -> None:
        if data.strip() and self._heard():
            self.found.append(" ".join(data.split()))

    def _heard(self) -> bool:
        return not any(silent for _tag, silent in self._open)


def own_words() -> list[str]:
    """The longest first, so that a part of one is not taken for the whole."""
    found = {slots.FALLBACK_PLACE, review.OFFPLAN["citation"], *MACHINES}
    for model, fields in OWN_WORDS:
        for row in model.objects.values_list(*fields):
            found |= {line.strip() for text in row for line in str(text or "").splitlines()}
    found |= {mask_name(name) for name in Citizen.objects.values_list("name", flat=True)}
    found |= {mask_in_public(name) for name in Member.objects.values_list("name", flat=True)}
    found |= {mask_name(name) for name in Member.objects.values_list("name", flat=True)}
    return sorted(filter(None, found), key=len, reverse=True)


def chinese_in(answer: HttpResponse) -> list[str]:
    """The Chinese that is left on a page."""
    words = Words()
    words.feed(answer.content.decode())
    names = own_words()
    left = []
    for text in words.found:
        rest = text
        for name in names:
            rest = rest.replace(name, "")
        if CHINESE.search(rest):
            left.append(text)
    return left


def read(client: Client, *addresses: str) -> None:
    """Opens each page and finds it in English."""
    for address in addresses:
        answer = client.get(address)
        assert answer.status_code == 200, f"{address} answers {answer.status_code}"
        assert b'<html lang="en"' in answer.content, address
        assert (address, chinese_in(answer)) == (address, [])


@pytest.fixture(scope="module")
def compiled() -> None:
    """The catalogue as it stands in the repository."""
    catalogues.compile_all()


@pytest.fixture
def checked(monkeypatch: pytest.MonkeyPatch) -> None:
    """The check before allotment finds every household eligible."""
    monkeypatch.setattr(intentions, "settle", lambda *_a, **_k: "eligible")


@pytest.fixture
def relatives(monkeypatch: pytest.MonkeyPatch) -> None:
    """A spouse and a child whom the registers name."""
    family = make.person("10"), make.person("20", child=True)
    found = [household.queries.Relative(one.name, one.id_number, one.relation) for one in family]
    drawn = household.queries.HouseholdDraft(tuple(found), certain=True)
    monkeypatch.setattr(household.queries, "household_of", lambda *_a, **_k: drawn)


@pytest.fixture
def english(client: Client) -> Client:
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    return client


def sign_in(client: Client, application: Application) -> None:
    """As the applicant."""
    someone = application.applicant
    client.force_login(accounts.citizen(name=someone.name, number=someone.id_number).user)


def test_chinese_on_a_page_would_be_seen():
    page = HttpResponse('<p title="住房">English <b lang="zh">中文</b> housing：<br>公租房</p>')
    assert chinese_in(page) == ["住房", "housing：", "公租房"]


# -- The public ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    ["home", "help", "public_notices", "public_draws", "letter_check", "accounts:citizen_sign_in",
     "accounts:staff_sign_in", "accounts:signed_out"],
)  # fmt: skip
def test_a_public_page_is_in_english(english, name):
    read(english, reverse(name))


def test_a_missing_page_is_told_in_english(english):
    answer = english.get("/nothing-here/")
    assert answer.status_code == 404 and chinese_in(answer) == []


def test_a_notice_and_its_objection_are_in_english(english):
    case = review.at_district()
    review.agree(review.task_of(case, Stage.DISTRICT))
    read(english, reverse("public_notices"))
    read(english, reverse("public_object", args=[case.publicities.get().pk]))


def test_every_stage_of_a_draw_is_in_english(english):
    row = allot.planned(3, 1)
    page = reverse("public_draw", args=[row.code])
    read(english, page, reverse("public_draws"))
    rounds.freeze(row, by=row.created_by)
    read(english, page)
    allot.wait_for(row.entropy_at)
    read(english, page)
    rounds.reveal(row, by=row.created_by, entropy=allot.ENTROPY)
    read(english, page, f"{page}?ticket=T0")


# -- Citizens ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "state",
    [states.ACCEPTED, states.STREET_REVIEW, states.JOINT_REVIEW, states.DISTRICT_REVIEW,
     states.PUBLICITY, states.WAITLISTED, states.INTENTION, states.REFUSED, states.CLOSED,
     states.WITHDRAWN],
)  # fmt: skip
def test_the_page_of_a_case_is_in_english(english, state):
    case = make.application(2, state=state)
    make.evidence(case)
    make.assessment(case, findings=[make.finding("HUKOU"), review.OFFPLAN, review.NO_INCOME_REPORT])
    sign_in(english, case)
    read(english, reverse("my_home"), reverse("my_case", args=[case.case_no]))
    read(english, *(reverse("my_why", args=[case.case_no, item]) for item in range(3)))
    read(english, reverse("my_data"), reverse("my_notices"))


APPLY = ("for", "consent", "household", "family", "known", "wishes", "check")


def test_every_page_of_an_application_is_in_english(english, relatives):
    citizen = accounts.citizen()
    english.force_login(citizen.user)
    street = accounts.bureau("street")
    answers = {
        "for": {"whom": "self"},
        "consent": {"agree": "on", "phone": "13800000001"},
        "family": {"guardian": "on"},
        "wishes": {"programme": "public_rental", "street": street.pk},
    }
    for step in APPLY:
        address = reverse(f"apply_{step}")
        read(english, address)
        refused = english.post(address, {})  # what is missing is said in English as well
        assert refused.status_code == 302 or (step, chinese_in(refused)) == (step, [])
        seen = re.search(rb'name="seen" value="(\d+)"', english.get(address).content)
        draft = household.current_for(citizen.user)
        given = dict(answers.get(step, {}), seen=seen[1].decode() if seen else "")
        if step == "household":
            given |= {f"with_{one.pk}": "yes" for one in draft.members.exclude(is_applicant=True)}
        if step == "check":
            given |= {"truthful": "on", "signature": citizen.name, "ref": str(draft.ref)}
        done = english.post(address, given)
        assert done.status_code == 302, step
    read(english, done.url)


def test_the_way_from_the_ticket_to_the_keys_is_in_english(english):
    offer = Offer.objects.get(entrant__round=allot.revealed(2, 1))
    sign_in(english, offer.entrant.application)
    read(english, reverse("my_draw"), reverse("my_offer"))
    english.post(reverse("my_offer"))
    read(english, reverse("my_offer"))
    read(english, *(reverse("my_choose", args=[one]) for one in ("accept", "think", "decline")))
    english.post(reverse("my_choose", args=["accept"]))
    read(english, reverse("my_lease"))
    english.post(reverse("my_lease"), {"step": "explained", "clause": range(1, 20)})
    read(english, reverse("my_lease"))
    english.post(reverse("my_lease"), {"name": offer.entrant.application.applicant.name})
    read(english, reverse("my_lease"), reverse("my_keys"))


def test_what_surrounds_an_offer_is_in_english(english):
    offer = allot.opened()
    sign_in(english, offer.entrant.application)
    read(english, reverse("my_viewing"), reverse("my_cause"))
    cause = after.refused()
    sign_in(english, cause.offer.entrant.application)
    read(english, reverse("my_cause"))
    english.force_login(after.district().user)
    read(english, reverse("office_declines"), reverse("office_cause", args=[cause.pk]))
    proposal = after.heard()
    read(english, reverse("office_ban", args=[proposal.pk]))
    sign_in(english, proposal.application)
    read(english, reverse("my_ban_hearing"))


def test_a_choice_day_is_in_english(english):
    day = after.open_day()
    turn = after.called(day)
    sign_in(english, turn.entrant.application)
    home = day.round.homes.first()
    read(english, reverse("my_choice"), reverse("my_choice_home", args=[home.pk]))
    read(english, reverse("my_choice_none"))
    read(english, reverse("public_choice", args=[day.round.code]))
    english.force_login(day.round.created_by)
    read(english, reverse("office_choice", args=[day.round.code]), reverse("office_choice_days"))


def test_the_waiting_list_is_in_english(english):
    household = allot.waiting()
    sign_in(english, household)
    read(english, reverse("my_wait"))
    row = allot.planned([], 1)
    allot.estate()
    read(english, reverse("my_wait"))
    allot.joined(household, row, by=row.created_by)
    read(english, reverse("my_wait"))


def test_the_re_check_is_in_english(english):
    lease = tenancies.lease()
    sign_in(english, lease.application)
    read(english, reverse("my_recheck"), reverse("my_hearing"))


# -- Staff ---------------------------------------------------------------------------------------


def test_a_reviewers_pages_are_in_english(english):
    case = review.in_joint_review([review.OFFPLAN, review.NO_INCOME_REPORT])
    make.evidence(case)
    for kind in (BureauKind.HOUSING, BureauKind.CIVIL_AFFAIRS):
        task = review.task_of(case, Stage.JOINT, kind)
        english.force_login(review.reviewer_for(task).user)
        read(english, reverse("review_queue"), reverse("review_task", args=[task.pk]))


def test_the_pages_for_signing_are_in_english(english):
    drafted = review.refusal_drafted()
    english.force_login(review.district().user)
    read(english, reverse("review_queue"), reverse("review_signing"))
    read(english, reverse("review_sign", args=[drafted.pk]), reverse("review_notices"))


@pytest.mark.parametrize(
    ("role", "names"),
    [
        (Role.WINDOW, ["window_home", "window_face", "window_consult", "window_day",
                       "window_employers", "window_recheck"]),
        (Role.ADMIN, ["office", "office_onestop", "office_oneflow", "office_onenet",
                      "office_search", "office_sources", "office_rounds", "office_round_plan",
                      "office_recheck", "office_exits", "office_review", "office_waiting",
                      "office_renewals", "office_contacts",
                      "office_exports", "office_homes", "office_home_imports",
                      "office_estates", "office_estate_add"]),
        (Role.OPERATOR, ["operator_today", "operator_homes", "operator_letters",
                         "operator_handovers", "operator_moveouts", "operator_access",
                         "operator_repairs", "operator_patrol", "operator_reconcile"]),
        (Role.AUDITOR, ["audit", "audit_looks"]),
        (Role.SYSTEM, ["office_ops"]),
    ],
)  # fmt: skip
def test_the_pages_of_an_office_are_in_english(english, role, names):
    allot.signed()
    english.force_login(accounts.staff(role).user)
    read(english, *map(reverse, names))


def test_the_window_desk_is_in_english(english, relatives):
    english.force_login(accounts.staff(Role.WINDOW).user)
    someone = make.person()
    begun = {"id_number": someone.id_number, "name": someone.name, "agreed": "on"}
    assert chinese_in(english.post(reverse("window_home"), {})) == []
    desk = english.post(reverse("window_home"), begun)
    read(english, desk.url, reverse("window_home"), reverse("window_face"))


def test_what_follows_a_case_is_in_english(english):
    case = make.application(state=states.JOINT_REVIEW)
    line = make.evidence(case, "property", status="found")
    verification.dispute(line, reason="Sold", by=case.created_by)
    ratings.rate(case, "accepted", by=case.created_by, level=1, reasons=["slow"], text="Slow")
    contact.send_code(case.applicant.id_index, "13900002222", by=case.created_by)
    sign_in(english, case)
    number, call = case.case_no, case.ratings.get().call_back.pk
    read(
        english, f"/my/case/{number}/", f"/my/case/{number}/rate/accepted/", "/my/contact/",
        "/my/contact/phone/", "/my/contact/code/", "/my/contact/choices/",
        f"/apply/dispute/{line.pk}/",
    )  # fmt: skip
    english.force_login(accounts.staff(Role.ADMIN).user)
    read(english, "/office/ratings/", f"/office/ratings/{call}/")
    english.force_login(accounts.staff(Role.WINDOW).user)
    read(english, "/window/contact/")


def test_a_round_in_the_office_is_in_english(english):
    row = allot.planned(2, 1)
    english.force_login(row.created_by)
    for name in ("office_round", "office_round_homes"):
        read(english, reverse(name, args=[row.code]))
    rounds.freeze(row, by=row.created_by)
    read(english, reverse("office_round", args=[row.code]))


# -- The kiosk -----------------------------------------------------------------------------------


def test_the_kiosk_is_in_english(english):
    read(english, reverse("kiosk_pair"))
    allot.kiosk(token="token-of-a-test-kiosk")
    english.post(reverse("kiosk_pair"), {"token": "token-of-a-test-kiosk"})
    read(english, reverse("kiosk_start"), reverse("kiosk_identify"))


def test_dates_are_english_too(english):
    assert f"{clock.today():%Y}年" not in english.get("/").content.decode()
