"""A settlement is about those whom it was given on, and nobody else."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.roles import BureauKind
from applications import findings, review
from applications.models import Opinion
from applications.models.review import Stage
from tests.factories import applications
from tests.factories import inquiries as questions
from tests.factories import review as desk

pytestmark = pytest.mark.django_db
PEOPLE, LAND = BureauKind.FLOATING_POPULATION, BureauKind.REAL_ESTATE


def doubt(case, *doubtful) -> list[dict]:
    """IDENTITY about each member; unknown about the members at these places."""
    members = case.members.order_by("position")
    return [
        applications.finding(
            "IDENTITY", "unknown" if n in doubtful else "pass", person=member.id_number
        )
        for n, member in enumerate(members)
    ]


def settled_about_the_spouse():
    case = applications.application(applications.couple_with_child(), state="accepted")
    applications.assessment(case, "manual_review", findings=doubt(case, 1))
    review.open_review(case, by=desk.WORKER)
    desk.agree(desk.task_of(case, Stage.STREET))
    desk.settle(desk.task_of(case, Stage.JOINT, PEOPLE), {"IDENTITY": "verified_pass"})
    return case


def unsettled(case):
    return findings.unsettled(case, findings.latest_assessment(case))


def test_what_was_settled_about_the_spouse_settles_nothing_about_the_child():
    case = settled_about_the_spouse()
    assert unsettled(case) == []
    applications.assessment(case, "manual_review", findings=doubt(case, 2))
    assert unsettled(case) == ["IDENTITY"]


def test_a_second_doubt_leaves_the_first_settlement_standing():
    case = settled_about_the_spouse()
    applications.assessment(case, "manual_review", findings=doubt(case, 1, 2))
    assert unsettled(case) == ["IDENTITY"]
    people = findings.settled_of(case, findings.latest_assessment(case))
    spouse = case.members.get(relation="10")
    assert set(people) == {("IDENTITY", findings.person_tag(spouse.id_number))}


def test_the_order_of_the_family_changes_no_settlement():
    case = settled_about_the_spouse()
    turned = list(reversed(doubt(case, 1)))
    applications.assessment(case, "manual_review", findings=turned)
    assert unsettled(case) == []


def test_no_id_number_is_kept_in_a_settlement():
    case = settled_about_the_spouse()
    given = Opinion.objects.get(task__bureau__kind=PEOPLE).settled
    assert given["IDENTITY"]["persons"]
    assert not any(member.id_number in str(given) for member in case.members.all())


def without_persons(case):
    """The row as it was kept before settlements named persons."""
    opinion = Opinion.objects.get(task__bureau__kind=PEOPLE)
    opinion.settled = {rule: {k: v for k, v in how.items() if k != "persons"}
                       for rule, how in opinion.settled.items()}  # fmt: skip
    opinion.save()
    return case


def test_an_old_row_is_about_those_who_were_doubtful_when_it_was_given():
    case = without_persons(settled_about_the_spouse())
    assert unsettled(case) == []
    same_line = doubt(case, 1)
    same_line[1]["person"] = case.members.get(position=2).id_number
    same_line[2]["person"] = case.members.get(position=1).id_number
    made = applications.assessment(case, "manual_review", findings=same_line)
    assert findings.value_of(made, "IDENTITY") == "pass; unknown; pass"
    assert unsettled(case) == ["IDENTITY"]


# -- The API shows two routes as the pages do ------------------------------------------------------


def test_the_api_shows_a_department_its_own_side_alone():
    case = questions.accepted()
    tax = {"NSRSBH": case.applicant.id_number, "ZSPMMC": "存量房", "NSRQ": "2025-01-01",
           "KSSL": "21.37"}  # fmt: skip
    questions.answered(case, "deed_tax", [tax])
    desk.agree(desk.task_of(questions.opened(case), Stage.STREET))

    def read(kind):
        client = Client()
        client.force_login(questions.at_desk(kind).user)
        found = client.get(reverse("case-detail", args=[case.case_no])).json()
        pairs = found["assessment"]["confirmations"]
        return {one["pair"]: one for one in pairs}

    own = read(LAND)["home"]
    assert own["result"] == "disagree" and "21.37" in own["right"]["words"]
    other = read(BureauKind.HOUSING)["home"]
    assert other["result"] == "disagree"
    assert other["left"]["words"] is None and "21.37" not in str(other)
    assert read(BureauKind.HUMAN_RESOURCES) == {}
