"""Review on what the rules really say: the invented households, from records to a signed letter."""

from pathlib import Path

import pytest
import yaml
from django.test import Client
from django.urls import reverse

from applications import decision, evaluation, findings, review, states
from applications.models.review import Stage
from core import clock
from tests.factories import applications
from tests.factories import review as desk

pytestmark = pytest.mark.django_db
CAST = Path(__file__).parents[1] / "cast" / "households.yaml"


def household(name: str):
    """A household of the cast under review, its answers as the registers gave them."""
    (cast,) = [one for one in yaml.safe_load(CAST.read_text()) if one["case"] == name]
    people = [
        applications.Person(one["name"], str(one["id_number"]), one["relation"])
        for one in cast["household"]
    ]
    case = applications.application(
        people, state=states.ACCEPTED, declared=cast.get("declared", {})
    )
    members = {one.id_number: one for one in case.members.all()}
    for source, answers in cast["records"].items():
        for number, rows in answers.items():
            if str(number) in members:
                applications.evidence(
                    case, source, member=members[str(number)],
                    status="found" if rows else "no_record", rows=rows,
                )  # fmt: skip
    on = cast["as_of"]
    assessment = evaluation.assess_now(case, round="apply", on=on, by=desk.WORKER)
    review.open_review(case, by=desk.WORKER)
    return case, assessment


def walk_to_district(case, how):
    desk.agree(desk.task_of(case, Stage.STREET))
    for task in case.tasks.filter(stage=Stage.JOINT).select_related("bureau"):
        desk.settle(task, dict.fromkeys(task.findings, how))
    case.refresh_from_db()


def test_a_clean_household_passes_every_desk_without_a_question():
    case, assessment = household("H02")
    assert assessment.outcome == "eligible"
    walk_to_district(case, "verified_pass")
    desk.agree(desk.task_of(case, Stage.DISTRICT))
    case.refresh_from_db()
    assert case.state == states.PUBLICITY


def test_an_offplan_contract_is_confirmed_and_told_in_the_letter():
    case, assessment = household("H07")
    assert findings.doubtful(assessment) == ["HOUSING_OFFPLAN"]
    walk_to_district(case, "confirmed_fail")
    task = desk.task_of(case, Stage.DISTRICT)
    review.opine(task, by=desk.district(), verdict="object", text="合同在备案")
    letter = decision.sign(case.decisions.get(), by=desk.district())
    assert "89.50" in letter.text or "29.83" in letter.text
    assert letter.reasons[0]["clause"]
    assert all(one.id_number not in letter.text for one in case.members.all())


def test_every_page_of_the_review_renders_real_findings():
    case, _assessment = household("H07")
    client = Client()
    for _step in range(7):
        task = case.tasks.filter(state=states.TASK_OPEN).select_related("bureau").first()
        client.force_login(desk.reviewer_for(task).user)
        page = client.get(reverse("review_task", args=[task.pk])).content.decode()
        assert case.case_no in page
        assert all(one.id_number not in page for one in case.members.all())
        if task.stage == Stage.DISTRICT:
            break
        desk.settle(task, dict.fromkeys(task.findings, "confirmed_fail"))
    assert task.stage == Stage.DISTRICT
    assert clock.today() >= case.accepted_at.date()
