"""一站式 with minutes and pages of the application, wide and narrow: axe and width."""

import pytest

from accounts.roles import Role
from applications import states
from tests.browsing import enter, look_at
from tests.factories import accounts
from tests.factories import applications as make
from tests.office.conftest import filled_in

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]


def test_the_page_of_figures_is_sound(live_server, page, client):
    for slower in range(1, 7):
        filled_in(make.application(state=states.STREET_REVIEW), slower=slower)
    enter(page, client, live_server, accounts.staff(Role.LEADER).user)
    for address in ("/office/onestop/", "/office/cases/?figure=drafts_left"):
        look_at(page, live_server, address)
