"""怎么核对: the page a layman follows, and where it is found."""

import pytest
from django.urls import reverse
from django.utils import translation

from allocation import explained, selfcheck, slips, verify
from allocation.models import Offer
from tests import browsing
from tests.allocation.test_pages import citizen_of, text
from tests.factories import allocation as make

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("checked")]


def page_of(client, row):
    return text(client.get(reverse("public_draw_check", args=[row.code])))


def test_every_check_of_the_verifiers_has_its_words_and_stands_in_one_step():
    listed = [name for step in explained.STEPS for name in step.checks]
    assert sorted(listed) == sorted(verify.NAMES) == sorted(explained.CHECKS)
    assert len(explained.STEPS) == 4


def test_every_dimension_of_the_self_check_has_its_words():
    assert list(explained.DIMENSIONS) == [one.name for one in selfcheck.check([])]


def test_the_page_says_the_steps_each_check_and_what_to_do_when_one_fails(client):
    row = make.revealed(2, 1)
    page = page_of(client, row)
    for words in explained.CHECKS.values():
        assert str(words.title) in page and str(words.asks) in page and str(words.failed) in page
    assert "一共18项" in page and "没有通过怎么办" in page
    assert row.roster_sha256 in page and row.reveal.entropy in page
    assert reverse("public_draw_file", args=[row.code, "bundle.zip"]) in page


def test_before_the_reveal_the_digest_is_there_and_no_bundle(client):
    row = make.frozen(2, 1)
    page = page_of(client, row)
    assert row.roster_sha256 in page and 'bundle.zip"' not in page and "还没有公布" in page
    assert row.secret not in page


def test_without_a_round_it_is_a_page_of_its_own_and_an_unknown_round_is_a_404(client):
    assert "怎么核对摇号结果" in text(client.get(reverse("public_check")))
    assert client.get(reverse("public_draw_check", args=["NOPE"])).status_code == 404


def test_it_is_reached_from_the_public_draw_the_phone_and_the_slip(client):
    row = make.revealed(2, 1)
    address = reverse("public_draw_check", args=[row.code])
    assert address in text(client.get(reverse("public_draw", args=[row.code])))
    offer = Offer.objects.get(entrant__round=row)
    assert slips.of(offer.entrant, site="https://x").check == f"https://x{address}"
    client.force_login(citizen_of(offer.entrant.application))
    assert address in text(client.get(reverse("my_draw")))


CHANCE = "完全随机时，出现这么大或更大的差别，机会是"


@pytest.mark.parametrize(
    ("p", "verdict", "words"),
    [
        (0.354, "independent", f"没有哪个镇街的家庭位置靠前。{CHANCE}约35.4%。"),
        (0.00002, "unusual", f"有的镇街位置靠前，少见。已请人查看。{CHANCE}不到0.1%。"),
        (None, "too_few", "能比较的户数太少，或者只有一组，比不出来。"),
    ],
)
def test_a_p_value_is_said_in_plain_words(p, verdict, words):
    with translation.override("zh-hans"):
        assert explained.finding("street", verdict, p) == words


def test_the_public_result_shows_each_finding_with_its_p_and_a_sentence(client):
    row = make.revealed(30, 3)
    page = text(client.get(reverse("public_draw", args=[row.code])))
    for name, found in row.selfcheck.items():
        assert str(explained.DIMENSIONS[name].title) in page
        assert explained.finding(name, found["verdict"], found["p"]) in page
        assert found["p"] is None or f"{found['p']:.3f}" in page


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_the_page_fits_every_window_and_axe_finds_nothing(page, live_server):
    row = make.revealed(2, 1)
    page.goto(live_server.url + reverse("public_draw_check", args=[row.code]))
    for more in page.locator("main summary").all():
        more.click()
    assert browsing.faults_of(page) == []
    for width in (360, 768, 1440):
        page.set_viewport_size({"width": width, "height": 900})
        assert browsing.width_of(page) == 0
