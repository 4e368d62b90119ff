"""How long applying takes, where drafts are put down, and that no small group is shown."""

import pytest

from accounts.roles import Role
from applications import states, submission
from applications.models import StepSeen
from office import applying_page
from office.figures import applying
from office.figures.figure import Moment
from tests.applications.registers import registers
from tests.applications.test_submission import draft_of
from tests.factories import accounts
from tests.factories import applications as make
from tests.office.conftest import STEP_SECONDS, filled_in

__all__ = ["registers"]
pytestmark = pytest.mark.django_db
ONCE = sum(STEP_SECONDS.values())


@pytest.mark.usefixtures("district")
def test_the_time_to_apply_is_fastest_median_and_p90_by_channel():
    online = applying.filling_in(Moment.now())[0]["online"]
    assert (online.cases, online.fastest, online.median, online.p90) == (
        6, ONCE, 3 * ONCE, 6 * ONCE,
    )  # fmt: skip
    raw = sorted(
        round((one.application.submitted_at - one.first_at).total_seconds())
        for one in StepSeen.objects.filter(step="consent").select_related("application")
        if one.application.submitted_at and one.application.channel == "online"
    )
    assert raw == [n * ONCE for n in range(1, 7)]


@pytest.mark.usefixtures("district")
def test_each_page_says_who_came_who_put_it_down_and_how_long_it_took():
    found = {one.step: one for one in applying.filling_in(Moment.now())[1]}
    assert list(found) == list(submission.STEPS[1:])
    assert [found[step].left for step in ("family", "known", "wishes")] == [2, 0, 1]
    assert found["consent"].reached == 6 + 4
    assert found["household"].seconds.fastest == STEP_SECONDS["household"]
    for step, one in found.items():
        drafts = StepSeen.objects.filter(step=step, application__channel="online")
        assert one.reached == drafts.count()


@pytest.mark.usefixtures("district")
def test_small_groups_are_hidden_on_the_page(client):
    client.force_login(accounts.staff(Role.LEADER).user)
    html = client.get("/office/onestop/").content.decode()
    assert "3分00秒" in html and "填写用时" in html
    steps = {str(one["title"]): one for one in applying_page.parts(Moment.now(), 10)["steps"]}
    assert steps["家人授权"]["left"] == "<5" and steps["家人授权"]["share"] == "—"
    window = applying_page.parts(Moment.now(), 10)["minutes"][1]
    assert window["cases"] == "<5" and window["fastest"] == window["p90"] == "—"


@pytest.mark.usefixtures("district")
def test_the_list_of_drafts_names_nobody(client):
    client.force_login(accounts.staff(Role.LEADER).user)
    html = client.get("/office/cases/", {"figure": "drafts_left"}).content.decode()
    for one in applying.DRAFTS_LEFT.rows(Moment.now()):
        assert one.applicant.name not in html and str(one.ref) not in html
    assert "停在「家人授权」" in html


def test_the_verbs_of_a_draft_note_its_pages_and_nothing_else(registers):
    citizen = accounts.citizen()
    row = draft_of(citizen)
    submission.save_step(row, "check", by=citizen.user)
    before = set(row.steps_seen.values_list("step", flat=True))
    submission.save_step(row, "check", by=citizen.user)
    sent = submission.submit(row, by=citizen.user)
    assert {"consent", "check"} <= before
    assert sent.steps_seen.filter(step="done").count() == 1
    fields = {one.name for one in StepSeen._meta.get_fields()}
    assert fields == {"id", "application", "step", "first_at", "last_at"}


def test_nothing_recorded_is_a_dash_and_no_error(client):
    filled_in(make.application(state=states.STREET_REVIEW))
    StepSeen.objects.all().delete()
    found = applying_page.parts(Moment.now(), 0)
    assert found["minutes"][0]["fastest"] == "—" and found["steps"][0]["reached"] == "0"
