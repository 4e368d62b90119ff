"""The design's parts: they render, keep the CSP, and what is optional may be left out."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django import forms
from django.conf import settings
from django.template import Context, Template

from core.forms import DateField, IdNumber, PlainWords
from core.templatetags import ui
from tests.browsing import faults_of

PAGES = [
    "/",
    "/help/",
    "/demo/components/",
    "/demo/components/question/",
    "/demo/components/staff/",
    "/demo/components/kiosk/",
    "/demo/components/wall/",
]

# The least a page author may write, one line per tag.
LEAST = [
    '{% icon "phone" %}',
    '{% state_mark "PASS" %}',
    '{% tag "公示中" %}',
    '{% plate "YZ-1" %}',
    '{% button "提交" %}',
    '{% back_link "/" %}',
    "{% service_line %}",
    "{% office_phone as line %}",
    "{% skeleton %}",
    '{% copy_text "YZ-1" %}',
    "{% notice %}一句话{% endnotice %}",
    "{% panel %}一段{% endpanel %}",
    "{% actions %}{% endactions %}",
    "{% empty %}{% endempty %}",
    "{% more %}{% endmore %}",
    "{% spoken %}一段{% endspoken %}",
    '{% next_step "街道正在审核" %}',
    "{% question %}{% endquestion %}",
    '{% summary_list %}{% summary_row "姓名" "张*" %}{% endsummary_list %}',
    '{% evidence_row "社会保险" %}',
    '{% reason_card "收入" %}',
    "{% consent_card %}{% endconsent_card %}",
    '{% timeline %}{% timeline_step "公示" %}{% endtimeline %}',
    "{% workday_clock 3 45 %}",
    "{% stage_rail nothing %}",
    "{% consequence %}{% endconsequence %}",
    "{% progress 0 0 %}",
    "{% printed_sheet %}{% endprinted_sheet %}",
    '{% slot_picker "slot" nothing %}',
    "{% table %}{% endtable %}",
    "{% pagination page %}",
    "{% facet_bar nothing %}",
    "{% inspector %}{% endinspector %}",
    "{% matrix nothing nothing %}",
    '{% compare_pair "面积" "1" "2" %}',
    "{% verdict_strip nothing %}",
    "{% building_picture nothing %}",
    '{% figure_card "在保" "12" %}',
    '{% chart "c" "标题" chart %}',
    "{% chart_scripts %}",
    "{% field form.name %}",
    "{% error_summary form %}",
    "{% state_tag state %}",
    '{% keypad "code" %}',
    '{% term "轮候" %}',
    "{% terms %}",
]


class Sample(PlainWords, forms.Form):
    name = forms.CharField(label="姓名", help_text="与证件一致")
    number = forms.CharField(label="号码", widget=IdNumber)
    born = DateField(label="出生日期")
    way = forms.ChoiceField(
        label="方式", widget=forms.RadioSelect, choices=[("a", "甲"), ("b", "乙")]
    )
    agree = forms.BooleanField(label="我同意")


def rendered(source: str, **context: object) -> str:
    return Template("{% load ui %}" + source).render(Context(context))


class _Inline(HTMLParser):
    """Collects what a strict CSP would refuse."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if "style" in given or tag == "style":
            self.found.append(self.get_starttag_text() or tag)
        if any(name.startswith("on") for name in given):
            self.found.append(self.get_starttag_text() or tag)
        if tag == "script" and "src" not in given and given.get("type") != "application/json":
            self.found.append(self.get_starttag_text() or tag)


@pytest.mark.parametrize("address", PAGES)
@pytest.mark.django_db
def test_a_page_renders_without_inline_style_or_script(client, address):
    response = client.get(address)
    assert response.status_code == 200
    inline = _Inline()
    inline.feed(response.content.decode())
    assert inline.found == []
    assert len(re.findall(r"<h1[ >]", response.content.decode())) == 1


def test_every_tag_renders_with_its_required_parameters_alone():
    from django.core.paginator import Paginator

    from core.workflow import State

    context = {
        "nothing": [],
        "page": Paginator([], 10).page(1),
        "chart": {"kind": "bar", "categories": [], "series": []},
        "form": Sample(),
        "state": State("A", "公示中", "", "going", ""),
    }
    for line in LEAST:
        rendered(line, **context)


def test_every_tag_is_tried_documented_and_shown():
    readme = Path(settings.BASE_DIR, "templates/components/README.md").read_text()
    shown = "".join(
        path.read_text() for path in Path(settings.BASE_DIR, "templates/demo").glob("*.html")
    )
    insides = "".join(
        path.read_text() for path in Path(settings.BASE_DIR, "templates/components").glob("*.html")
    )
    for name in ui.register.tags:
        call = re.compile(r"{% " + name + r"\b")
        assert any(call.match(line) or call.search(line) for line in LEAST), name
        assert call.search(readme), f"{name} is missing in the README"
        if name not in {"state_tag", "field"}:
            assert call.search(shown) or call.search(insides), f"{name} is missing in the gallery"


def test_every_icon_that_a_template_names_is_in_the_sprite():
    sprite = Path(settings.BASE_DIR, "static/icons/sprite.svg").read_text()
    known = set(re.findall(r'<symbol id="([a-z-]+)"', sprite))
    for path in Path(settings.BASE_DIR, "templates").rglob("*.html"):
        named = set(re.findall(r'{% icon "([a-z-]+)"|icon(?:_name)?="([a-z-]+)"', path.read_text()))
        assert {one or other for one, other in named} <= known, path


def test_a_form_links_each_error_to_its_field_and_keeps_what_was_typed():
    form = Sample(
        {"name": "", "number": "3302", "born_year": "1985", "born_month": "2", "born_day": "30"}
    )
    html = rendered('{% include "components/form.html" with form=form only %}', form=form)
    assert 'href="#id_name"' in html and 'id="id_name"' in html
    assert 'href="#id_born_year"' in html and 'id="id_born_year"' in html
    assert 'href="#id_way_0"' in html and 'id="id_way_0"' in html
    assert "没有1985年2月30日这一天" in html
    for typed in ("3302", "1985", "30"):
        assert f'value="{typed}"' in html
    assert "请选择「方式」。" in html and "请填写「姓名」。" in html and "请看过后打勾。" in html
    assert html.index("id_name_error") < html.index('id="id_name"'), "the error stands above"


def test_a_date_in_three_boxes_is_a_date():
    form = Sample(
        {
            "name": "张",
            "number": "330212 19850305 001X",
            "born_year": "1985",
            "born_month": "3",
            "born_day": "5",
            "way": "a",
            "agree": "on",
        }
    )
    assert form.is_valid(), form.errors
    assert form.cleaned_data["born"].isoformat() == "1985-03-05"
    assert form.cleaned_data["number"] == "33021219850305001X"


def test_a_form_rendered_by_itself_looks_like_the_design():
    assert "yz-field" in str(Sample())


def test_a_disabled_button_always_says_why():
    html = rendered('{% button "提交" disabled="还差1位家人授权" %}')
    assert "还差1位家人授权" in html and "aria-disabled" in html
    assert 'type="submit"' not in html


def test_progress_polls_until_it_is_finished():
    assert "hx-get" in rendered('{% progress 3 9 url="/x/" %}')
    assert "hx-get" not in rendered('{% progress 9 9 url="/x/" %}')


def test_text_given_to_a_component_is_never_markup():
    bad = "<script>alert(1)</script>"
    for source in (
        "{% plate bad %}",
        "{% evidence_row bad value=bad note=bad %}",
        "{% button bad href=bad %}",
    ):
        assert "<script>" not in rendered(source, bad=bad)


# -- Looked at by a browser --------------------------------------------------------------------
LOOKS = [
    (address, width, cookie)
    for address in PAGES
    for width, cookie in [(360, ""), (1440, ""), (360, "yz_elder"), (360, "yz_size")]
    if not cookie or ("kiosk" not in address and "wall" not in address)
]


@pytest.mark.browser
@pytest.mark.parametrize(("address", "width", "cookie"), LOOKS)
def test_a_page_passes_axe_fits_its_width_and_says_nothing_in_the_console(
    live_server, page, address, width, cookie
):
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.set_viewport_size({"width": width, "height": 900})
    if cookie:
        value = {"yz_elder": "1", "yz_size": "xlarge"}[cookie]
        page.context.add_cookies([{"name": cookie, "value": value, "url": live_server.url}])
    page.emulate_media(reduced_motion="reduce")
    page.goto(live_server.url + address)
    assert faults_of(page) == []
    root = "document.documentElement"
    assert page.evaluate(f"{root}.scrollWidth <= {root}.clientWidth"), "scrolls sideways"
    assert said == []


@pytest.mark.browser
def test_the_text_size_can_be_chosen_with_the_keyboard_alone(live_server, page):
    page.goto(live_server.url + "/help/")
    page.locator("summary", has_text="字号").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_selector(':root[data-size="large"]')
    assert page.url.endswith("/help/")


@pytest.mark.browser
def test_the_keypad_types_into_its_box(live_server, page):
    page.set_viewport_size({"width": 1080, "height": 1920})
    page.goto(live_server.url + "/demo/components/kiosk/")
    for key in ("4", "1", "7", "退格", "9"):
        page.get_by_role("button", name=key, exact=True).click()
    assert page.locator("#code").input_value() == "419"
    heights = page.evaluate(
        "[...document.querySelectorAll('main button')].map(b => b.getBoundingClientRect().height)"
    )
    assert min(heights) >= 120


@pytest.mark.browser
def test_a_signature_is_drawn_or_typed(live_server, page):
    page.set_viewport_size({"width": 360, "height": 900})
    page.goto(live_server.url + "/demo/components/")
    pad = page.locator("[data-signature-pad]").first
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    page.mouse.move(box["x"] + 40, box["y"] + 40)
    page.mouse.down()
    page.mouse.move(box["x"] + 160, box["y"] + 60, steps=4)
    page.mouse.up()
    value = page.locator("[data-signature-value]").first
    assert value.input_value().startswith("data:image/png;base64,")
    page.get_by_role("button", name="改用键盘输入姓名").click()
    assert value.input_value() == "" and value.is_visible()
