"""The household's pages of the allocation under a mandate: seen, done, recorded, or not opened."""

import pytest
from django.urls import reverse

from allocation import by_mandate, states
from applications import acting, mandates
from core.models import AuditEntry, Notice
from tests.allocation.test_pages import citizen_of, text
from tests.factories import accounts
from tests.factories import allocation as make

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("checked")]


@pytest.fixture
def offer():
    return make.opened()


def acts_for(client, application, *scopes):
    """A helper in the browser, from now on in the principal's name."""
    principal, helper = citizen_of(application), accounts.citizen()
    mandate = mandates.give(principal.as_citizen, helper, by=principal, scopes=scopes)
    client.force_login(helper.user)
    client.post(reverse("my_helper_act", args=[mandate.pk]), {"go": "follow"})
    return helper, mandate


def looks_at(mandate):
    rows = AuditEntry.objects.filter(verb="looked", subjects__contains=[mandate.principal_index])
    return rows.filter(purpose="代办查看")


def test_who_may_follow_sees_the_draw_and_the_home_and_each_look_is_kept(client, offer):
    _helper, mandate = acts_for(client, offer.entrant.application, "follow")
    for n, page in enumerate(("my_draw", "my_offer", "my_lease", "my_viewing", "my_keys"), 1):
        answer = client.get(reverse(page))
        assert answer.status_code == 200 and "您正在代" in text(answer), page
        assert looks_at(mandate).count() == n
    assert offer.entrant.ticket in text(client.get(reverse("my_draw")))
    assert offer.home.code in text(client.get(reverse("my_offer")))
    assert "代" in looks_at(mandate).first().actor


def test_who_may_only_follow_sends_nothing(client, offer):
    acts_for(client, offer.entrant.application, "follow", "sign")
    assert client.get(reverse("my_choose", args=["accept"])).status_code == 403
    for page, sent in (("my_viewing", {"part": "am"}), ("my_cause", {"code": "defect"}),
                       ("my_wait", {})):  # fmt: skip
        answer = client.post(reverse(page), sent)
        assert answer.status_code == 403 and "不在委托里" in text(answer), page
    offer.refresh_from_db()
    assert offer.state == states.O_OPEN and not offer.viewings.exists()


def test_who_may_apply_chooses_and_the_principal_hears_of_it(client, offer):
    _helper, mandate = acts_for(client, offer.entrant.application, "follow", "apply")
    for _tap in range(2):
        client.post(reverse("my_choose", args=["accept"]))
    offer.refresh_from_db()
    assert (offer.state, offer.answered_via) == (states.O_ACCEPTED, "phone · 代办")
    told = Notice.objects.filter(code=by_mandate.BY_HELPER.code)
    assert [one.person_index for one in told] == [mandate.principal_index]


def test_a_lease_is_read_under_follow_and_signed_under_sign(client):
    lease = make.to_sign()
    helper, mandate = acts_for(client, lease.application, "follow", "apply")
    page = reverse("my_lease")
    assert "这里只能看" in text(client.get(page))
    assert client.post(page, {"name": helper.name}).status_code == 403
    mandates.revoke(mandate, by=helper.user)
    helper, mandate = acts_for(client, lease.application, "follow", "sign")
    assert "请签您自己的姓名" in text(client.get(page))
    answer = client.post(page, {"name": lease.application.applicant.name})
    assert answer.status_code == 422 and helper.name in text(answer)
    client.post(page, {"name": helper.name})
    slot = lease.texts.get().signatures.get(party="tenant")
    assert slot.mandate == mandate and slot.member == lease.application.applicant


def test_without_acting_and_after_the_end_the_pages_are_ones_own(client, offer):
    helper, mandate = acts_for(client, offer.entrant.application, "follow")
    mandates.revoke(mandate, by=helper.user)
    assert offer.home.code not in text(client.get(reverse("my_offer")))
    assert looks_at(mandate).count() == 0


def test_every_page_that_shows_a_file_is_recorded():
    shown = {page for page in by_mandate._SEEN if page not in by_mandate._NOT_NOTED}
    assert shown <= acting.FILES
    assert {page for page, need in acting.SCOPE_OF_PAGE.items() if page.startswith("my_lease")
            and need != "follow"} == set()  # fmt: skip
