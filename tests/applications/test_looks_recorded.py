"""Every page of the staff that takes a case says in the audit who read whose file."""

from types import SimpleNamespace

import pytest
from django.urls import reverse

from accounts.access import Audience
from accounts.models import Staff
from accounts.roles import Role
from accounts.truth_table import doors
from applications import decision, look_questions, looks, publicity, states
from applications.models.review import Stage
from core import audit
from core.models import AuditEntry
from tests.factories import accounts, inquiries, tenancies
from tests.factories import applications as make
from tests.factories import review as desk

pytestmark = pytest.mark.django_db

# Addresses with a part to fill in that show nobody's file; every other one must record a look.
NO_FILE = {
    "/office/sources/<slug:code>/": "a register, nobody in it",
    "/office/ops/outbox/<int:pk>/retry/": "sends a message again, shows none",
    "/operator/retry/<int:pk>/": "sends a message again, shows none",
    "/office/rounds/<str:code>/": "a round: counts and digests",
    "/office/rounds/<str:code>/homes/": "homes, not households",
    "/office/rounds/<str:code>/<slug:step>/": "a step of a round, by POST",
    "/api/v1/rounds/(?P<code>[A-Za-z0-9_.-]+)/": "a round: counts and digests",
    "/api/v1/homes/(?P<pk>[^/.]+)/": "a home, nobody in it",
    "/office/recheck/<int:year>/": "a campaign: counts",
    "/office/recheck/<int:year>/progress/": "a campaign: counts",
    "/office/recheck/<int:year>/do/<slug:verb>/": "a step of a campaign, by POST",
    "/office/deferrals/<int:pk>/": "a request with a masked name; a look would tell of it",
    "/office/deferrals/<int:pk>/<slug:verb>/": "decides on it, by POST",
    "/review/<int:pk>/claim/": "takes a task, by POST; the page after it records",
    "/review/<int:pk>/release/": "gives a task back, by POST",
    "/review/<int:pk>/return/": "by POST from the task's page, which records",
    "/review/objections/<int:pk>/refuse/": "from the objection's page, which records",
    "/api/v1/queue/(?P<pk>[0-9]{1,18})/claim/": "takes a task, by POST",
    "/api/v1/queue/(?P<pk>[0-9]{1,18})/opinion/": "gives an opinion, by POST",
    "/api/v1/queue/(?P<pk>[0-9]{1,18})/release/": "gives a task back, by POST",
    "/office/rules/<int:pk>/": "a pack of rules; cases it would touch by number, nobody named",
    "/office/rules/<int:pk>/change/": "a pack of rules",
    "/office/rules/<int:pk>/do/<slug:verb>/": "a step of a pack of rules, by POST",
    "/office/rules/<int:pk>/progress/": "a pack of rules: counts",
    "/window/<uuid:ref>/household/": "by POST from the desk's page, which records",
    "/window/<uuid:ref>/consent/": "by POST from the desk's page, which records",
    "/window/<uuid:ref>/accept/": "by POST from the desk's page, which records",
    "/window/<uuid:ref>/checks/": "a part of the desk's page, which records",
}


def _task() -> SimpleNamespace:
    case = desk.under_review()
    found = desk.task_of(case, Stage.STREET)
    return SimpleNamespace(case=case, task=found, by=desk.reviewer_for(found))


def review_task():
    it = _task()
    return reverse("review_task", args=[it.task.pk]), it.by, it.case


def queue_item():
    it = _task()
    return f"/api/v1/queue/{it.task.pk}/", it.by, it.case


def source_history():
    it = _task()
    row = make.evidence(it.case, "household_register", status="found")
    return f"/review/{it.task.pk}/history/{row.pk}/", it.by, it.case


def inquiry():
    case = inquiries.opened(inquiries.disputed_aid())
    return f"/review/checks/{inquiries.only(case).pk}/", inquiries.at_desk(), case


def letter_to_sign():
    letter = desk.refusal_drafted()
    return reverse("review_sign", args=[letter.pk]), desk.district(), letter.application


def letter_pdf():
    letter = desk.refusal_drafted()
    return reverse("letter_preview", args=[letter.pk]), desk.district(), letter.application


def reconsideration():
    letter = decision.sign(desk.refusal_drafted(), by=desk.district())
    asked = decision.reconsider(letter, by=letter.application.created_by, text="合同撤销了")
    address = reverse("review_reconsideration", args=[asked.pk])
    return address, desk.district(), letter.application


def objection():
    case = desk.at_district()
    notice = publicity.open_for(case, by=desk.district().user)
    made = publicity.object_to(notice, text="这户人家在外地还有一套住房", contact="13800000000")
    return f"/review/objections/{made.pk}/", desk.district(), case


def question():
    case = make.application(state=states.JOINT_REVIEW)
    index = case.applicant.id_index
    entry = audit.looked(case, by=desk.district().user, purpose="复审", subjects=[index])
    look = looks.one(index, looks.ENTRY, entry.pk)
    row = look_questions.ask(look, index, text="为什么", by=case.created_by)
    return f"/office/data/{row.pk}/", desk.district(), case


def office_case():
    case = make.application(state=states.JOINT_REVIEW)
    return f"/office/cases/{case.case_no}/", accounts.staff(Role.ADMIN), case


def api_case():
    case = make.application(state=states.JOINT_REVIEW)
    return f"/api/v1/cases/{case.case_no}/", accounts.staff(Role.ADMIN), case


def _at_window(name: str) -> tuple[str, Staff, object]:
    case = make.application(state=states.ACCEPTED, channel="window")
    clerk = accounts.staff(Role.WINDOW, bureau=case.street)
    type(case).objects.filter(pk=case.pk).update(created_by=clerk.user)
    return reverse(name, args=[case.ref]), clerk, case


def api_household():
    lease = tenancies.lease()
    return f"/api/v1/households/{lease.number}/", accounts.staff(Role.ADMIN), lease.application


FILES = {
    "/review/<int:pk>/": review_task,
    "/review/<int:pk>/history/<int:evidence>/": source_history,
    "/review/checks/<int:pk>/": inquiry,
    "/review/sign/<int:pk>/": letter_to_sign,
    "/review/letters/<int:pk>.pdf": letter_pdf,
    "/review/reconsider/<int:pk>/": reconsideration,
    "/review/objections/<int:pk>/": objection,
    "/office/data/<int:pk>/": question,
    "/office/cases/<str:case_no>/": office_case,
    "/window/<uuid:ref>/": lambda: _at_window("window_desk"),
    "/window/<uuid:ref>/authorisation.pdf": lambda: _at_window("window_authorisation"),
    "/window/<uuid:ref>/receipt.pdf": lambda: _at_window("window_receipt"),
    "/api/v1/cases/(?P<case_no>[A-Za-z0-9-]+)/": api_case,
    "/api/v1/queue/(?P<pk>[0-9]{1,18})/": queue_item,
    "/api/v1/households/(?P<number>[A-Za-z0-9_.-]+)/": api_household,
}
# tried with the tables of the re-check, which know how to make such a household
ELSEWHERE = {
    "/office/recheck/household/<int:pk>/": "tests/renewal",
    "/office/exits/<int:pk>/": "tests/renewal/test_exits.py",
}


def test_every_address_of_the_staff_that_takes_something_is_in_one_of_the_lists():
    taking = {
        door.path
        for door in doors()
        if door.access and door.access.audience is Audience.STAFF and "<" in door.path
    }
    assert taking - set(FILES) - set(NO_FILE) - set(ELSEWHERE) == set()
    assert set(FILES) - taking == set()


@pytest.mark.parametrize("path", FILES)
def test_reading_a_file_is_recorded_with_a_purpose_and_the_people_in_it(client, path):
    address, reader, case = FILES[path]()
    client.force_login(reader.user)
    before = AuditEntry.objects.filter(verb="looked").count()
    assert client.get(address).status_code == 200
    entries = AuditEntry.objects.filter(verb="looked").order_by("pk")
    assert entries.count() > before
    last = entries.last()
    assert last.actor_id == reader.user.pk
    assert last.case_no == case.case_no
    assert last.purpose.strip()
    assert case.applicant.id_index in last.subjects
