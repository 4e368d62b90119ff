"""Every page of the staff that takes a case says in the audit who read whose file."""

from types import SimpleNamespace
from uuid import uuid4

import pytest
from django.urls import reverse

from accounts.access import Audience
from accounts.models import Staff
from accounts.roles import Role
from accounts.truth_table import doors
from applications import (
    acceptance_letters,
    changes,
    consent,
    decision,
    look_questions,
    looks,
    promises,
    publicity,
    ratings,
    reconsiderations,
    referrals,
    stand_ins,
    states,
    transfer,
    waiting,
)
from applications.change_effects import Told
from applications.material_items import BY_KEY
from applications.models import Consent
from applications.models.review import Stage
from core import audit, clock
from core.models import AuditEntry
from tests.allocation.test_looks import FILES as ALLOTMENT
from tests.applications.visiting import NOBODY, WELL, visit
from tests.factories import accounts, inquiries, tenancies
from tests.factories import applications as make
from tests.factories import review as desk

pytestmark = pytest.mark.django_db

# Addresses with a part to fill in that show nobody's file; every other one must record a look.
NO_FILE = {
    "/review/objections/<int:pk>/claim/": "by POST from the objection's page, which records",
    "/review/objections/<int:pk>/release/": "by POST from the objection's page, which records",
    "/office/sources/<slug:code>/": "a register, nobody in it",
    "/office/calendar/changes/<int:pk>/": "days of the calendar",
    "/office/exports/<int:pk>/": "a file's progress; making and fetching it are recorded",
    "/office/exports/<int:pk>/cancel/": "cancels a file, by POST",
    "/office/exports/<int:pk>/file/": "a file; everybody in it was recorded when it was made",
    "/office/exports/new/<slug:kind>/": "asks for a purpose; shows a count",
    "/review/<int:pk>/give/": "from the task's page, which records; names colleagues",
    "/review/<int:pk>/recuse/": "from the task's page, which records; shows no file",
    "/review/absences/<int:pk>/end/": "ends an absence, by POST",
    "/review/kin/<int:pk>/end/": "ends one's own declaration, by POST",
    "/review/views/<int:pk>/": "one's own filter, by POST",
    "/review/batch/<int:pk>/": "a list like the queue; opening a case of the sample records",
    "/review/batch/<int:pk>/open/<int:item>/": "on to the task's page, which records",
    "/review/batch/checks/<int:pk>/": "what is to be checked; opening the case records",
    "/review/batch/checks/<int:pk>/open/": "on to the task's page, which records",
    "/office/ops/outbox/<int:pk>/retry/": "sends a message again, shows none",
    "/operator/retry/<int:pk>/": "sends a message again, shows none",
    "/operator/reconcile/<int:pk>/": "a contract's number and a keyed hash of a person",
    "/operator/rent/files/<int:pk>/": "a bank file: serials and sums, payers masked",
    "/operator/rent/waiting/<int:pk>/": "a payment that belongs to nobody yet",
    "/operator/viewings/<int:pk>/": "a ticket and a home; no household",
    "/kiosk/attend/<int:pk>/take/": "takes a call for help, by POST; opening a visit records",
    "/kiosk/attend/<int:pk>/close/": "ends a call for help, by POST",
    "/office/kiosks/<int:pk>/<slug:step>/": "a step of a machine, by POST",
    "/office/leases/<str:number>/<slug:act>/": "by POST from the lease's page, which records",
    "/office/leases/signers/<int:pk>/": "ends a colleague's authority, by POST",
    "/office/rounds/<str:code>/change/": "a round's plan",
    "/office/rounds/<str:code>/checks/": "a list like the queue; opening a check records",
    "/office/rounds/<str:code>/choice/": "a choice day: tickets in their order",
    "/office/rounds/<str:code>/choice/desk/": "tickets and homes; the code opens the household's",
    "/office/rounds/<str:code>/objections/": "a list of what was objected to; no file",
    "/office/rounds/<str:code>/objections/<int:pk>/": "an objector's own words about a roster",
    "/office/rounds/<str:code>/objections/<int:pk>/claim/": "takes an objection, by POST",
    "/office/rounds/<str:code>/preview/": "masked names of a list; opening a case records",
    "/office/rounds/<str:code>/": "a round: counts and digests",
    "/office/rounds/<str:code>/homes/": "homes, not households",
    "/office/rounds/<str:code>/homes/<int:pk>/": "a home of a round's plan, by POST",
    "/office/declines/causes/<int:pk>/paper/": "takes a scan, by POST; the cause's page records",
    "/office/estates/<str:code>/way/": "where an estate is, by POST",
    "/office/rounds/<str:code>/<slug:step>/": "a step of a round, by POST",
    "/office/homes/import/<int:pk>/": "a list of homes, nobody in it",
    "/office/homes/import/<int:pk>/<slug:step>/": "imports or undoes it, by POST",
    "/office/homes/pictures/<int:pk>.jpg": "a plan or a photo of an empty home",
    "/office/homes/buildings/<str:estate>/<str:building>/": "homes and their states",
    "/office/homes/<path:code>/do/<slug:step>/": "a step of a home, by POST",
    "/office/homes/<path:code>/": "a home, its past and its inspections; no household",
    "/office/estates/<str:code>/": "an estate and its rent standards",
    "/office/estates/<str:code>/standards/": "sets a rent standard, by POST",
    "/office/estates/<str:code>/standards/<int:pk>/": "takes a standard back, by POST",
    "/operator/homes/<path:code>/do/<slug:step>/": "a step of a home, by POST",
    "/operator/homes/<path:code>/": "a home and its inspections; no household",
    "/api/v1/estates/(?P<code>[A-Za-z0-9_.-]+)/": "an estate and its rent standards",
    "/api/v1/rounds/(?P<code>[A-Za-z0-9_.-]+)/": "a round: counts and digests",
    "/api/v1/homes/(?P<pk>[^/.]+)/": "a home, nobody in it",
    "/office/recheck/<campaign:code>/": "a campaign: counts",
    "/office/recheck/<campaign:code>/progress/": "a campaign: counts",
    "/office/recheck/<campaign:code>/do/<slug:verb>/": "a step of a campaign, by POST",
    "/office/recheck/<campaign:code>/report/": "a campaign: counts",
    "/office/recheck/<campaign:code>/sample/": "case numbers of a sample, and who has looked",
    "/office/stock/<int:pk>/": "an import: counts, numbers and faults without names",
    "/office/stock/<int:pk>/mapping/": "titles of columns",
    "/office/stock/<int:pk>/progress/": "an import: counts",
    "/office/stock/<int:pk>/faults.csv": "faults without names",
    "/office/stock/<int:pk>/do/<slug:step>/": "a step of an import, by POST",
    "/office/deferrals/<int:pk>/": "a request with a masked name; a look would tell of it",
    "/office/deferrals/<int:pk>/<slug:verb>/": "decides on it, by POST",
    "/office/duplicates/<int:pk>/resolve/": "by POST from the pair's page, which records",
    "/office/duplicates/<int:pk>/undo/": "by POST from the pair's page, which records",
    "/review/<int:pk>/claim/": "takes a task, by POST; the page after it records",
    "/review/<int:pk>/release/": "gives a task back, by POST",
    "/review/<int:pk>/return/": "by POST from the task's page, which records",
    "/review/<int:pk>/refer/": "from the task's page, which records; shows no file",
    "/review/<int:pk>/second/": "by POST from the task's page, which records",
    "/review/<int:pk>/undo/": "by POST from the task's page, which records",
    "/review/objections/<int:pk>/refuse/": "from the objection's page, which records",
    "/api/v1/queue/(?P<pk>[0-9]{1,18})/claim/": "takes a task, by POST",
    "/api/v1/queue/(?P<pk>[0-9]{1,18})/opinion/": "gives an opinion, by POST",
    "/api/v1/queue/(?P<pk>[0-9]{1,18})/release/": "gives a task back, by POST",
    "/office/rules/<int:pk>/": "a pack of rules; cases it would touch by number, nobody named",
    "/office/rules/<int:pk>/change/": "a pack of rules",
    "/office/rules/<int:pk>/do/<slug:verb>/": "a step of a pack of rules, by POST",
    "/office/rules/<int:pk>/progress/": "a pack of rules: counts",
    "/review/<int:pk>/papers/<int:page>/": "a frame; the list and the picture record",
    "/window/<uuid:ref>/household/": "by POST from the desk's page, which records",
    "/window/<uuid:ref>/consent/": "by POST from the desk's page, which records",
    "/window/<uuid:ref>/accept/": "by POST from the desk's page, which records",
    "/window/<uuid:ref>/checks/": "a part of the desk's page, which records",
    "/window/<uuid:ref>/draw-up/": "by POST from the desk's page, which records",
    "/window/<uuid:ref>/left/": "by POST from the desk's page, which records",
    "/window/<uuid:ref>/signed/": "says that somebody signed, and no more",
    "/window/<uuid:ref>/keep/<slug:form>/": "by POST from the desk's page, which records",
    "/window/<uuid:ref>/park/": "by POST from the desk's page, which records",
    "/window/parked/<int:pk>/drop/": "removes what was typed, by POST",
    "/window/employers/<int:pk>/import/": "by POST from the list's page, which records",
    "/review/messages/<int:pk>/": "marks one's own message as read, by POST",
    "/window/employers/<int:pk>/discard/": "by POST from the list's page, which records",
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


def reported_change():
    case = make.application(2, state=states.STREET_REVIEW)
    told = Told("death", clock.today(), case.members.get(relation="10"))
    change = changes.report(case, told, by=case.created_by, key=uuid4()).change
    return reverse("review_change", args=[change.pk]), desk.district(), case


def letter_to_sign():
    letter = desk.refusal_drafted()
    return reverse("review_sign", args=[letter.pk]), desk.district(), letter.application


def letter_pdf():
    letter = desk.refusal_drafted()
    return reverse("letter_preview", args=[letter.pk]), desk.district(), letter.application


def reconsideration():
    letter = decision.sign(desk.refusal_drafted(), by=desk.district())
    asked = reconsiderations.ask(letter, by=letter.application.created_by, text="合同撤销了")
    address = reverse("review_reconsideration", args=[asked.pk])
    return address, desk.district(), letter.application


def objection():
    case = desk.at_district()
    notice = publicity.open_for(case, by=desk.district().user)
    made = publicity.object_to(notice, text="这户人家在外地还有一套住房", contact="13800000000")
    return f"/review/objections/{made.pk}/", desk.district(), case


def letter_on_its_way():
    letter = decision.sign(desk.refusal_drafted(electronic=False), by=desk.district())
    address = reverse("review_deliver", args=["decision", letter.pk])
    return address, desk.district(), letter.application


def written_answer():
    letter = decision.sign(desk.refusal_drafted(), by=desk.district())
    asked = reconsiderations.ask(letter, by=letter.application.created_by, text="合同撤销了")
    reconsiderations.answer(asked, by=desk.district(), overturned=False, text="合同仍在备案")
    return reverse("answer_preview", args=[asked.pk]), desk.district(), letter.application


def poster():
    case = desk.at_district()
    notice = publicity.open_for(case, by=desk.district().user)
    by = accounts.staff(Role.STREET, bureau=case.street)
    return reverse("review_poster", args=[notice.pk]), by, case


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


def office_wait():
    case = make.application(2, state=states.PUBLICITY)
    make.assessment(case)
    waiting.register(case, by=desk.WORKER)
    return f"/office/waiting/{case.case_no}/", accounts.staff(Role.ADMIN), case


def api_case():
    case = make.application(state=states.JOINT_REVIEW)
    return f"/api/v1/cases/{case.case_no}/", accounts.staff(Role.ADMIN), case


def _at_window(name: str) -> tuple[str, Staff, object]:
    case = make.application(state=states.ACCEPTED, channel="window")
    clerk = accounts.staff(Role.WINDOW, bureau=case.street)
    type(case).objects.filter(pk=case.pk).update(created_by=clerk.user)
    return reverse(name, args=[case.ref]), clerk, case


def _waiting_at_window(name: str) -> tuple[str, Staff, object]:
    address, clerk, case = _at_window(name)
    Consent.objects.filter(member__application=case).delete()
    return address, clerk, case


def transferred():
    address, clerk, case = _at_window("window_transfer_receipt")
    transfer.hand_over(case, reason="outside", office="海曙区住房和城乡建设局", by=clerk)
    return address, clerk, case


def _missing_consent():
    case = make.application(2, state=states.ACCEPTED, consents=False)
    make.consent(case.applicant)
    consent.settle(case, by=case.created_by)
    return case, case.members.get(position=1), accounts.staff(Role.WINDOW, bureau=case.street)


def missing_consent():
    case, member, clerk = _missing_consent()
    return f"/window/family/consent/{member.missing_consents.get().pk}/", clerk, case


def stand_in():
    case, member, clerk = _missing_consent()
    row = stand_ins.name(member, "illness", "hospital", signer="某", by=case.created_by)
    return f"/window/family/signing/{row.pk}/", clerk, case


def papers_of_a_task():
    it = _task()
    return reverse("review_papers", args=[it.task.pk]), it.by, it.case


def promise_to_check():
    case = make.application(2, state=states.WAITLISTED)
    row = promises.give(case, BY_KEY["MEMBERS"], by=case.created_by)
    promises.schedule(case)
    by = accounts.staff(Role.STREET, bureau=case.street)
    return reverse("review_promise", args=[row.pk]), by, case


def acceptance_case():
    case = make.application(state=states.ACCEPTED)
    by = accounts.staff(Role.STREET, bureau=case.street)
    return reverse("review_acceptance_case", args=[case.pk]), by, case


def acceptance_letter():
    case = make.application(state=states.ACCEPTED)
    letter = acceptance_letters.issue(case, "follow", items=["x"], due_on=clock.today())
    by = accounts.staff(Role.STREET, bureau=case.street)
    return reverse("acceptance_letter", args=[letter.pk]), by, case


def _visited(told: dict) -> SimpleNamespace:
    it = _task()
    visits = [visit(it.case, it.by, **told) for _n in range(3 if told is NOBODY else 1)]
    return SimpleNamespace(visit=visits[-1], **vars(it))


def visit_form():
    it = _task()
    return reverse("visit_form", args=[it.case.ref]), it.by, it.case


def visit_note():
    it = _task()
    return reverse("visit_note", args=[it.case.ref]), it.by, it.case


def visit_order():
    it = _task()
    return reverse("visit_order", args=[it.task.pk]), it.by, it.case


def visit_done():
    it = _visited(WELL)
    return reverse("visit_done", args=[it.visit.key]), desk.district(), it.case


def visit_call():
    it = _visited(NOBODY)
    return reverse("visit_call", args=[it.case.visit_calls.get().pk]), it.by, it.case


def api_household():
    lease = tenancies.lease()
    return f"/api/v1/households/{lease.number}/", accounts.staff(Role.ADMIN), lease.application


def call_back():
    case = make.application(state=states.JOINT_REVIEW)
    ratings.rate(case, "accepted", by=case.created_by, level=1)
    row = case.ratings.get().call_back
    return f"/office/ratings/{row.pk}/", accounts.staff(Role.ADMIN), case


def question_of_a_desk():
    case = desk.in_joint_review()
    task = desk.task_of(case, Stage.JOINT, "housing")
    land = accounts.bureau("real_estate")
    asked = referrals.ask(
        task, by=desk.reviewer_for(task), bureau=land, question="有住房吗", reason="核对"
    )
    return f"/review/asked/{asked.pk}/", accounts.staff(bureau=land), case


FILES = {
    "/review/asked/<int:pk>/": question_of_a_desk,
    "/office/ratings/<int:pk>/": call_back,
    "/review/<int:pk>/": review_task,
    "/review/<int:pk>/papers/": papers_of_a_task,
    "/review/<int:pk>/visit/": visit_order,
    "/review/visit/<uuid:ref>/": visit_form,
    "/review/visit/<uuid:ref>/note/": visit_note,
    "/review/visit/done/<uuid:key>/": visit_done,
    "/review/visit/calls/<int:pk>/": visit_call,
    "/review/promises/<int:pk>/": promise_to_check,
    "/review/acceptance/<int:pk>/": acceptance_case,
    "/review/acceptance/letters/<int:pk>.pdf": acceptance_letter,
    "/window/<uuid:ref>/papers/": lambda: _at_window("window_papers"),
    "/review/<int:pk>/history/<int:evidence>/": source_history,
    "/review/checks/<int:pk>/": inquiry,
    "/review/changes/<int:pk>/": reported_change,
    "/review/sign/<int:pk>/": letter_to_sign,
    "/review/letters/<int:pk>.pdf": letter_pdf,
    "/review/reconsider/<int:pk>/": reconsideration,
    "/review/objections/<int:pk>/": objection,
    "/review/deliver/<slug:kind>/<int:pk>/": letter_on_its_way,
    "/review/answers/<int:pk>.pdf": written_answer,
    "/review/publicity/<int:pk>/poster/": poster,
    "/office/data/<int:pk>/": question,
    "/office/cases/<str:case_no>/": office_case,
    "/office/waiting/<str:case_no>/": office_wait,
    "/window/<uuid:ref>/": lambda: _at_window("window_desk"),
    "/window/<uuid:ref>/guardian/": lambda: _at_window("window_guardian"),
    "/window/<uuid:ref>/authorisation.pdf": lambda: _at_window("window_authorisation"),
    "/window/<uuid:ref>/codes.pdf": lambda: _waiting_at_window("window_codes"),
    "/window/<uuid:ref>/transfer/": lambda: _at_window("window_transfer"),
    "/window/<uuid:ref>/transfer.pdf": transferred,
    "/window/<uuid:ref>/receipt.pdf": lambda: _at_window("window_receipt"),
    "/window/family/consent/<int:pk>/": missing_consent,
    "/window/family/signing/<int:pk>/": stand_in,
    "/api/v1/cases/(?P<case_no>[A-Za-z0-9-]+)/": api_case,
    "/api/v1/queue/(?P<pk>[0-9]{1,18})/": queue_item,
    "/api/v1/households/(?P<number>[A-Za-z0-9_.-]+)/": api_household,
}
# tried with the tables of the re-check, which know how to make such a household
ELSEWHERE = {
    "/office/duplicates/<int:pk>/": "tests/applications/test_duplicate_pages.py: two people",
    "/window/family/mandate/<int:pk>/": "tests/applications/test_mandates.py: of no case",
    "/office/recheck/household/<int:pk>/": "tests/renewal/test_questions.py",
    "/office/contacts/<int:pk>/": "tests/renewal/test_questions.py",
    "/window/recheck/<int:pk>/": "tests/renewal/test_questions.py",
    "/office/renewals/<int:pk>/": "tests/renewal/test_renewals.py",
    "/office/recheck/sample/<int:pk>/": "tests/renewal/test_campaign_pages.py",
    "/office/exits/<int:pk>/": "tests/renewal/test_exits.py",
    "/office/violations/<int:pk>/": "tests/renewal/test_violation_pages.py",
    "/office/violations/<int:pk>/order.pdf": "tests/renewal/test_violation_pages.py",
    "/office/violations/fines/<int:pk>/": "tests/renewal/test_violation_pages.py",
    "/office/inspections/<int:pk>/": "tests/renewal/test_violation_pages.py",
    "/office/inspections/<int:pk>/visit/": "tests/renewal/test_violation_pages.py",
    "/office/inspections/record/<int:pk>/": "tests/renewal/test_violation_pages.py",
    "/review/outreach/<int:pk>/": "tests/renewal/test_outreach_pages.py",
    "/review/outreach/<int:pk>/letter.pdf": "tests/renewal/test_outreach_pages.py",
    "/office/clues/<int:pk>/": "tests/renewal/test_clue_pages.py",
    "/office/exits/<int:pk>/letters/<int:letter>/": "tests/renewal/test_exit_steps.py",
    "/office/stock/household/<int:pk>/": "tests/renewal/test_stock.py: of no case, or of one",
    # about several people, who are in no case yet or in one each; or reached by POST alone
    **dict.fromkeys(ALLOTMENT, "tests/allocation/test_looks.py"),
    "/window/intention/<uuid:ref>/": "tests/allocation/test_round_pages.py",
    "/window/employers/<int:pk>/": "tests/applications/test_employer_lists.py",
    "/window/employers/<int:pk>/errors.xlsx": "tests/applications/test_employer_lists.py",
    "/window/employers/<int:pk>/codes.pdf": "tests/applications/test_employer_lists.py",
    "/window/parked/<int:pk>/take-up/": "tests/applications/test_window_parking.py",
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
