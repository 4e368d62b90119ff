"""Every answer is kept, nothing is changed, and any moment can be put together again."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from applications import (
    archive,
    asking,
    consent,
    evaluation,
    outcomes,
    states,
    tasks,
    verification,
)
from applications.archive import DisputeRefused
from applications.models import Correction, Evidence, EvidenceAnswer, Material
from core import clock
from core.models import AuditEntry
from tests.factories import applications as make

pytestmark = pytest.mark.django_db


def accepted(members=1, **fields):
    return make.application(members, state=states.ACCEPTED, **fields)


def asked(row, registers, round="apply"):
    verification.request_checks(row, round=round, by=row.created_by)
    run(row, round)
    return row


def run(row, round="apply"):
    tasks.check_application(row.pk, round)
    row.refresh_from_db()


def asked_anew(row, source):
    """The register is asked once more although it had answered."""
    row.evidence.filter(source=source).update(status="pending", due_at=clock.now())
    run(row)


def home(number, area):
    return [{"qlrzjh": number, "zl": "某路1号", "jzmj": area}]


def test_the_facts_of_each_moment_are_rebuilt_after_answers_changed_and_were_corrected(registers):
    registers.silent["vehicle"] = "http_500"
    row = accepted(2)
    number = row.applicant.id_number
    asked(row, registers)
    registers.order(number)
    moments = [note(row)]

    registers.rows["property", number] = home(number, "50")
    asked_anew(row, "property")
    asked_anew(row, "income_check")
    moments.append(note(row))

    one = row.evidence.get(source="property", member=row.applicant)
    verification.dispute(one, reason="已经卖掉", claim="没有住房", by=row.created_by)
    moments.append(note(row))

    registers.rows["property", number] = []
    registers.silent.clear()
    asked_anew(row, "property")
    asked_anew(row, "vehicle")
    registers.deliver()
    asked_anew(row, "income_check")
    consent.withdraw(row.members.get(position=1), by=row.created_by)
    moments.append(note(row))

    for moment, case, said in moments:
        assert evaluation.case_at(row, "apply", moment).to_dict() == case
        corrections = archive.corrections_at(row, "apply", moment)
        assert [one.claim for one in corrections] == said
    areas = [rows_of(case, "property", number) for _moment, case, _said in moments]
    assert areas == [[], home(number, "50"), home(number, "50"), []]


def note(row):
    """This moment: when it was, what the rules would read now, and what people had said."""
    clock.advance(timedelta(minutes=90))
    row.refresh_from_db()
    case = evaluation.case_of(row, "apply", clock.today()).to_dict()
    said = [one.claim for one in Correction.objects.filter(evidence__application=row)]
    return clock.now(), case, said


def rows_of(case, source, number):
    return case["records"][source][number]


def test_every_stored_assessment_is_rebuilt_from_the_archive_alone(registers):
    registers.silent["property"] = "quota"
    row = asked(accepted(2), registers)
    registers.silent.clear()
    clock.advance(timedelta(minutes=30))
    verification.sweep()
    stored = list(row.assessments.order_by("created_at"))
    assert len(stored) == 2
    for one in stored:
        again = evaluation.case_at(row, "apply", one.created_at)
        assert again.to_dict() == one.inputs
        assert evaluation.recomputed(one) == one.result


def test_an_answer_is_kept_raw_and_read_with_digest_times_and_validity(registers):
    row = accepted()
    number = row.applicant.id_number
    registers.rows["property", number] = home(number, "50")
    asked(row, registers)
    one = row.evidence.get(source="property")
    kept = one.answers.get()
    assert kept.content["rows"] == one.rows and kept.content["records"][0]["area"] == "50"
    assert kept.digest == archive.digest_of(one.rows) and len(kept.digest) == 64
    assert kept.fetched_at == one.fetched_at <= kept.recorded_at
    assert kept.valid_from == clock.today() and kept.valid_to == one.valid_to > clock.today()
    with connection.cursor() as cursor:
        cursor.execute("SELECT content FROM applications_evidenceanswer WHERE id = %s", [kept.pk])
        assert number.encode() not in bytes(cursor.fetchone()[0])


def test_the_digest_tells_equal_answers_and_nothing_else(registers):
    rows = home("1", "50")
    assert archive.digest_of(rows) == archive.digest_of([dict(reversed(rows[0].items()))])
    assert archive.digest_of(rows) != archive.digest_of(home("1", "51"))


def test_answers_and_corrections_cannot_be_changed_or_removed(registers):
    row = asked(accepted(), registers)
    one = row.evidence.get(source="property")
    verification.dispute(one, reason="不对", by=row.created_by)
    for thing in (one.answers.get(), one.corrections.get()):
        rows = type(thing).objects.filter(pk=thing.pk)
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            rows.update(**{"error": "x"} if hasattr(thing, "error") else {"by": "x"})
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            rows.delete()
        assert rows.exists()


def test_lawful_erasure_is_possible_and_leaves_a_trace(registers):
    row = asked(accepted(), registers)
    with transaction.atomic(), archive.erasing("retention", by=row.created_by, thing=row):
        row.evidence.all().delete()
    assert not EvidenceAnswer.objects.exists()
    assert AuditEntry.objects.get(verb="archive.erased").detail["why"] == "retention"


def test_who_is_taken_out_of_a_draft_leaves_no_answer_behind(registers):
    row = make.application(2)
    asked(row, registers)
    assert EvidenceAnswer.objects.filter(evidence__member__position=1).exists()
    row.members.get(position=1).delete()
    assert not EvidenceAnswer.objects.filter(evidence__member__position=1).exists()


def test_a_correction_stands_beside_the_value_with_its_reason_and_its_paper(registers):
    row = accepted()
    number = row.applicant.id_number
    registers.rows["property", number] = home(number, "50")
    asked(row, registers)
    one = row.evidence.get(source="property")
    paper = Material.objects.create(
        application=row, kind="property", file="x", content_type="image/png", size=1, digest="0",
        added_at=clock.now(), added_by="test",
    )  # fmt: skip
    verification.dispute(
        one, reason="已经卖掉", claim="没有住房", document=paper, by=row.created_by
    )
    one.refresh_from_db()
    assert one.rows == home(number, "50") and one.disputed and one.disputed_reason == "已经卖掉"
    newest, first = archive.history_of(one)
    assert (newest.kind, newest.claim, newest.document) == ("correction", "没有住房", paper)
    assert newest.by and newest.reason == "已经卖掉"
    assert (first.kind, list(first.rows)) == ("answer", home(number, "50"))
    assert one.corrections.get().answer == one.answers.get()


def test_a_correction_without_a_reason_or_with_a_foreign_paper_changes_nothing(registers):
    row, other = asked(accepted(), registers), accepted()
    one = row.evidence.get(source="property")
    paper = Material.objects.create(
        application=other, kind="x", file="x", content_type="x", size=1, digest="0",
        added_at=clock.now(), added_by="test",
    )  # fmt: skip
    for wrong in ({"reason": " "}, {"reason": "不对", "document": paper}):
        with pytest.raises(DisputeRefused):
            verification.dispute(one, by=row.created_by, **wrong)
    one.refresh_from_db()
    assert not one.disputed and not Correction.objects.exists()


def test_the_history_tells_silence_receipt_and_report_newest_first(registers):
    registers.silent["income_check"] = "timeout"
    row = asked(accepted(), registers)
    registers.silent.clear()
    registers.order(row.applicant.id_number)
    for wait in (timedelta(minutes=1), timedelta(days=20)):
        clock.advance(wait)
        registers.deliver() if wait.days else None
        verification.sweep()
    one = row.evidence.get(source="income_check")
    history = archive.history_of(one)
    assert [entry.kind for entry in history] == ["answer", "ordered", "silent"]
    assert history[0].receipt == history[1].receipt == one.receipt
    assert history[2].error == "timeout"


def test_a_silence_that_goes_on_is_written_down_once(registers):
    registers.silent["property"] = "timeout"
    row = asked(accepted(), registers)
    for _time in range(4):
        clock.advance(timedelta(hours=5))
        verification.sweep()
    one = row.evidence.get(source="property")
    assert one.attempts == 5 and one.answers.count() == 1
    assert one.silent_since <= one.answers.get().recorded_at < clock.now() - timedelta(hours=20)


def test_a_households_answers_cost_the_same_statements_however_many_they_are(registers):
    small, large = accepted(1), accepted(4)
    counts = []
    for row in (small, large):
        verification.request_checks(row, by=row.created_by)
        token = "a" * 32
        rows = asking.lease(token, "apply", 500, row.pk)
        answers = asking.ask(rows)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            outcomes.write_back(token, rows, answers)
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 4
    assert EvidenceAnswer.objects.count() == Evidence.objects.count()


def test_a_case_ends_though_somebody_spoke_against_a_line_that_nobody_had_answered():
    row = accepted()
    verification.request_checks(row, by=row.created_by)
    said = row.evidence.order_by("pk").first()
    verification.dispute(said, reason="不是我家的", by=row.created_by)
    verification.stop(row)
    assert [one.pk for one in row.evidence.all()] == [said.pk]
    assert said.corrections.count() == 1
    assert asking.lease("a" * 32, None, 10) == []
