"""Every template of the platform, in both languages: whole, short, and without personal data."""

import pytest

from accounts.roles import Role
from core.notices import Template
from office import messages
from tests.factories import accounts

ALL = messages.templates()


def named(pair):
    return pair[1]


def test_templates_are_found_where_they_stand():
    apps = {where.split(".")[0] for _template, where in ALL}
    assert apps == {"applications", "allocation", "renewal"}
    assert len(ALL) > 30


@pytest.mark.parametrize("pair", ALL, ids=named)
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_a_template_reads_whole_with_sample_values(pair, language):
    shown = messages.shown(pair[0], language)
    for text in (shown.title, shown.text, shown.sms):
        assert "{" not in text and "None" not in text and "object at" not in text
    assert shown.title and shown.text


@pytest.mark.parametrize("pair", ALL, ids=named)
def test_an_english_reader_gets_english(pair):
    chinese, english = (messages.shown(pair[0], one) for one in ("zh-hans", "en"))
    assert chinese.title != english.title and chinese.text != english.text
    assert not chinese.sms or chinese.sms != english.sms


@pytest.mark.parametrize("pair", ALL, ids=named)
def test_an_sms_carries_no_link_no_number_no_name_and_is_short(pair):
    assert messages.faults(pair[0]) == []


@pytest.mark.parametrize("pair", ALL, ids=named)
def test_an_sms_warns_of_fraud(pair):
    if pair[0].sms:
        assert "我们不会在短信里要您转账或点链接" in str(pair[0].sms)


@pytest.mark.parametrize(
    "sms",
    [
        "请看 https://example.com",
        "请看 www.example",
        "您好{name}",
        "证件号330212199001010000",
        "请到3幢502室",
        "字" * 80,
    ],
)
def test_a_bad_sms_is_named(sms):
    template = Template("test.bad", "标题", "正文", sms)
    known = {**messages.SAMPLES, "name": "某某"}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(messages, "SAMPLES", known)
        assert messages.faults(template)


@pytest.mark.django_db
@pytest.mark.parametrize(("role", "status"), [(Role.ADMIN, 200), (Role.REVIEWER, 403)])
def test_the_page_is_for_administrators(client, role, status):
    client.force_login(accounts.staff(role).user)
    answer = client.get("/office/messages/")
    assert answer.status_code == status
    if status == 200:
        assert "【鄞州住建】" in answer.content.decode()
