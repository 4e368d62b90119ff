"""What the members of one household read of each other."""

import pytest

from applications import receipts, states
from core import display
from tests.factories import accounts
from tests.factories import applications as make

pytestmark = pytest.mark.django_db
HIS, HERS, CHILDS = "鄞州区甲路1号", "鄞州区乙路2号", "鄞州区丙路3号"


@pytest.fixture
def family():
    """An accepted case of a couple and a child, each with an address in the register."""
    husband, wife = accounts.citizen(name="林一"), accounts.citizen(name="周二")
    people = [
        make.person("01"),
        make.person("10", name=wife.name, number=wife.id_number),
        make.person("20", name="林三", child=True),
    ]
    case = make.application(people, applicant=husband, state=states.ACCEPTED)
    for member, address in zip(case.members.order_by("position"), (HIS, HERS, CHILDS), strict=True):
        rows = [{"gmsfhm": member.id_number, "xm": member.name, "czrkzz": address}]
        make.evidence(case, "vehicle", member=member)
        make.evidence(case, "household_register", member=member, status="found", rows=rows)
    return case, husband, wife


def line_of(case, position, source="household_register"):
    return case.evidence.get(member__position=position, source=source)


def read(client, user, address):
    client.force_login(user)
    answer = client.get(address)
    assert answer.status_code in (200, 286), address
    return answer.content.decode()


def pages(case):
    number = case.case_no
    return (f"/my/case/{number}/", f"/apply/done/{number}/", f"/apply/done/{number}/rows/")


def test_each_adult_reads_their_own_lines_and_the_childs(client, family):
    case, husband, wife = family
    addresses = (HIS, HERS, CHILDS)
    for user, own, others in ((husband.user, 0, 1), (wife.user, 1, 0)):
        for address in pages(case):
            text = read(client, user, address)
            assert f"/apply/dispute/{line_of(case, own).pk}/" in text, address
            assert f"/apply/dispute/{line_of(case, 2).pk}/" in text, address
            assert f"/apply/dispute/{line_of(case, others).pk}/" not in text, address
            assert addresses[own] in text and CHILDS in text and addresses[others] not in text


def test_of_another_adult_stand_name_relation_consent_and_counts_alone(client, family):
    case, husband, wife = family
    told = receipts.found(case, reader=husband.user)["people_found"]
    assert [(one["member"].name, one["open"]) for one in told] == [
        ("林一", True), ("林三", True), ("周二", False),
    ]  # fmt: skip
    assert set(told[-1]) == {"member", "open", "relation", "word", "found", "none"}
    for address in pages(case):
        text = read(client, husband.user, address)
        assert "周二" in text and "配偶" in text and "已同意" in text
        assert "已查到1项，没有登记1项" in text
        text = read(client, wife.user, address)
        assert "林一" in text and "申请人" in text and "已查到1项，没有登记1项" in text


def test_the_page_before_sending_keeps_the_spouses_records_from_the_applicant(client):
    husband, wife = accounts.citizen(), make.person("10", name="周二")
    draft = make.application([make.person("01"), wife], applicant=husband)
    own = make.evidence(draft, "property")
    hers = make.evidence(draft, "property", member=draft.members.get(position=1), status="found")
    for address in ("/apply/known/", "/apply/known/rows/"):
        text = read(client, husband.user, address)
        assert f"/apply/dispute/{own.pk}/" in text and f"/apply/dispute/{hers.pk}/" not in text
        assert "已查到1项，没有登记0项" in text


def test_who_only_typed_the_application_reads_nobodys_lines(client, family):
    case, _husband, _wife = family
    helper = accounts.citizen(name="某姐")
    case.created_by = helper.user
    case.save()
    text = read(client, helper.user, pages(case)[0])
    assert "yz-evidence-title" not in text and "周二" in text


def test_a_grown_child_reads_neither_parents_nor_siblings_lines(client):
    grown = accounts.citizen(name="林大")
    people = [
        make.person("01"),
        make.person("20", name=grown.name, number=grown.id_number),
        make.person("30", child=True),
    ]
    case = make.application(people, state=states.ACCEPTED)
    rows = [make.evidence(case, "property", member=one) for one in case.members.all()]
    text = read(client, grown.user, pages(case)[0])
    shown = [f"/apply/dispute/{one.pk}/" in text for one in rows]
    assert shown == [False, True, False]


def test_a_line_is_disputed_by_whom_it_is_about_or_the_childs_parent(client, family):
    case, husband, wife = family
    allowed = {(husband, 0), (husband, 2), (wife, 1), (wife, 2)}
    for citizen in (husband, wife):
        client.force_login(citizen.user)
        for position in range(3):
            row = line_of(case, position, "vehicle")
            address = f"/apply/dispute/{row.pk}/"
            expected = 200 if (citizen, position) in allowed else 404
            assert client.get(address).status_code == expected, position
            sent = client.post(address, {"reason": "已卖掉"}).status_code
            assert sent == (302 if expected == 200 else 404), position
            row.refresh_from_db()
            assert row.disputed is (expected == 200)
            type(row).objects.filter(pk=row.pk).update(disputed=False)


def test_findings_about_the_whole_household_stay_open_to_each_adult(client, family):
    case, husband, wife = family
    income = make.finding("INCOME", actual="52000.00", limit="54406.40", op="<=")
    make.assessment(case, findings=[income])
    for user in (husband.user, wife.user):
        assert display.money("52000.00") in read(client, user, f"/my/case/{case.case_no}/why/0/")
