"""Two routes of one fact: agree, disagree, silent; nothing else follows from them."""

import copy
import re
from datetime import date
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from applications.eligibility import routes
from applications.eligibility.cast import Case
from applications.eligibility.facts import Facts
from applications.eligibility.policy import default_for
from applications.eligibility.status import CONFIRMED, DISPUTED, NO_STATUS, status_of
from datashare import catalogue
from tests.rules.scenarios import BASES, built, by_rule, judged

LAGS = routes.Lags(registration=6, presale=48)
SCENARIOS = yaml.safe_load(Path(__file__).with_name("routes.yaml").read_text(encoding="utf-8"))
PAIRED = sorted({code for sides in routes.PAIRS.values() for side in sides for code in side})
ELSEWHERE = sorted({one.code for one in catalogue.entries()} - set(PAIRED))
quick = settings(max_examples=60, deadline=None)


def confirmed(entry: dict) -> dict[tuple[str, str], routes.Confirmation]:
    case = Case.from_dict(entry)
    policy = default_for(case.as_of)
    found = routes.confirm(case, on=case.as_of, policy=policy, lags=LAGS)
    return {(one.pair, one.person): one for one in found}


@pytest.mark.parametrize("scenario", SCENARIOS, ids=[one["says"] for one in SCENARIOS])
def test_what_the_registers_say(scenario):
    entry = built(scenario["base"], scenario.get("change"))
    people = BASES[scenario["base"]]["people"]
    found = confirmed(entry)
    for named, wanted in scenario["expect"].items():
        pair, _blank, who = named.partition(" ")
        one = found[pair, people.get(who, "")]
        assert f"{one.result} {one.reason}".strip() == wanted, named


def test_both_sides_stand_there_with_source_fact_and_day():
    number = BASES["couple"]["people"]["$A"]
    aid = {number: [{"dblx": "低保", "aHAP0015": number, "qsrq": "20200101"}]}
    one = confirmed(built("couple", {"records": {"low_income_aid": aid}}))["aid", number]
    assert [side.source for side in one.left] == ["low_income_aid", "extreme_poverty"]
    fact = one.left[0].facts[0]
    assert (fact.what, fact.person, fact.dated) == ("DB", number, date(2020, 1, 1))
    assert [(side.source, side.state) for side in one.right] == [("social_assistance", routes.NOT)]
    assert one.to_dict()["left"][0]["facts"][0]["dated"] == "2020-01-01"


def test_the_same_disagreement_next_month_is_the_same_question():
    number = BASES["couple"]["people"]["$A"]

    def row(month: int) -> dict:
        return {"dblx": "低保", "aHAP0015": number, "bHAX0114": "2021", "bHAX0115": f"{month:02}"}

    before = built("couple", {"records": {"low_income_aid": {number: [row(9)]}}})
    after = built("couple", {"records": {"low_income_aid": {number: [row(9), row(10)]}}})
    after["as_of"] = date(2021, 10, 8)
    keys = {confirmed(entry)["aid", number].key for entry in (before, after)}
    assert len(keys) == 1 and keys != {""}


def test_another_fact_on_a_side_is_another_question():
    number = BASES["couple"]["people"]["$A"]
    keys = set()
    for kind in ("低保", "低保边缘"):
        aid = {number: [{"dblx": kind, "aHAP0015": number}]}
        keys.add(
            confirmed(built("couple", {"records": {"low_income_aid": aid}}))["aid", number].key
        )
    assert len(keys) == 2


def test_the_assessment_holds_nothing_of_it():
    number = BASES["couple"]["people"]["$A"]
    tax = {"NSRSBH": number, "ZSPMMC": "存量房", "NSRQ": "2021-01-01", "KSSL": "20.00"}
    entry = built("couple", {"records": {"deed_tax": {number: [tax]}}})
    assert confirmed(entry)["home", ""].result == routes.DISAGREE
    result = judged(entry)
    assert result.outcome == "eligible"
    assert not {"ROUTES", "AID", "HOME"} & set(by_rule(result))


# -- What must hold for any answers ------------------------------------------------------------

junk = st.one_of(
    st.none(), st.booleans(), st.integers(-5, 10**9), st.text(max_size=8),
    st.sampled_from(["\\N", "低保", "停保", "20210101", "2021-02-30", "88.00", "330212****1234"]),
)  # fmt: skip
FIELDS = (
    "dblx", "dbHzsfz", "aHAP0015", "bHAX0114", "bHAX0115", "qsrq", "zzrq", "zt", "sfzh", "hzsfzh",
    "jzlx", "cy", "rdrq", "idCardCode", "deathDate", "czrkxm", "czrkswrq", "czrkzxbs", "zl", "jzmj",
    "djsj", "zysj", "contractNo", "located", "contractBuyer", "area", "contractDate", "NSRSBH",
    "NSRQ", "KSSL", "BZ", "ZSPMMC",
)  # fmt: skip
rows = st.one_of(
    st.lists(st.dictionaries(st.sampled_from(FIELDS), junk, max_size=6), max_size=3), junk
)


@st.composite
def grants(draw, base="urban"):
    """A family with aid, deaths and homes drawn at random, each row well formed."""
    entry = built(base)
    numbers = [one["id_number"] for one in entry["household"]]
    records = entry["records"]
    kinds = st.sampled_from(["低保", "低保边缘", "特困"])
    for source, own in (("low_income_aid", "aHAP0015"), ("social_assistance", "sfzh")):
        for number in draw(st.sets(st.sampled_from(numbers))):
            field = "dblx" if source == "low_income_aid" else "jzlx"
            row = {own: number, field: draw(kinds), "zt": draw(st.sampled_from(["在保", "停保"]))}
            if draw(st.booleans()):
                row["dbHzsfz" if own == "aHAP0015" else "hzsfzh"] = draw(st.sampled_from(numbers))
            records.setdefault(source, {})[number] = [row]
    for number in draw(st.sets(st.sampled_from(numbers))):
        records.setdefault("death", {})[number] = [{"idCardCode": number, "deathDate": "20210801"}]
    for number in draw(st.sets(st.sampled_from(numbers))):
        records.setdefault("cremation", {})[number] = [{"sfzh": number, "hhrq": "20210803"}]
    area = st.sampled_from(["60.00", "88.00"])
    for number in draw(st.sets(st.sampled_from(numbers))):
        tax = {"NSRSBH": number, "ZSPMMC": "存量房", "NSRQ": "2020-05-01", "KSSL": draw(area)}
        records.setdefault("deed_tax", {})[number] = [tax]
    for number in draw(st.sets(st.sampled_from(numbers))):
        home = {"zl": "某路1号101室", "jzmj": draw(area), "djsj": "20200601"}
        records.setdefault("property", {})[number] = [home]
    return entry


@quick
@given(st.sampled_from(sorted(BASES)), st.dictionaries(st.sampled_from(PAIRED), rows))
def test_no_answer_whatever_raises(base, answers):
    entry = built(base)
    for source, answer in answers.items():
        for one in entry["household"]:
            entry["records"].setdefault(source, {})[one["id_number"]] = copy.deepcopy(answer)
    found = confirmed(entry).values()
    assert {one.result for one in found} <= {routes.AGREE, routes.DISAGREE, routes.SILENT}
    assert all(bool(one.key) == (one.result == routes.DISAGREE) for one in found)
    assert all(bool(one.reason) == (one.result == routes.SILENT) for one in found)


@quick
@given(grants(), st.randoms())
def test_the_order_of_rows_and_of_the_family_never_matters(entry, chance):
    turned = copy.deepcopy(entry)
    others = turned["household"][1:]
    chance.shuffle(others)
    turned["household"] = [turned["household"][0], *others]
    for source, by_person in list(turned["records"].items()):
        listed = list(by_person.items())
        chance.shuffle(listed)
        turned["records"][source] = {number: chance.sample(one, len(one)) for number, one in listed}
    assert confirmed(turned) == confirmed(entry)


@quick
@given(grants(), st.sampled_from(ELSEWHERE), rows)
def test_records_of_other_registers_change_nothing(entry, source, answer):
    before = confirmed(entry)
    number = entry["household"][0]["id_number"]
    entry["records"].setdefault(source, {})[number] = answer
    assert confirmed(entry) == before


@quick
@given(grants(), st.sampled_from(PAIRED))
def test_a_register_that_goes_away_never_makes_a_disagreement(entry, source):
    before = confirmed(entry)
    after = confirmed(entry | {"faults": {source: [{"mode": "timeout"}]}})
    for at, one in after.items():
        if one.result == routes.DISAGREE and before[at].result != routes.DISAGREE:
            # what agreed by two of three may stand alone now, but not against silence
            assert at[0] == routes.DEATH
            assert all(side.state != routes.UNAVAILABLE or side.source == source
                       for side in one.left + one.right)  # fmt: skip


@quick
@given(grants())
def test_the_rules_and_the_routes_doubt_the_same_aid(entry):
    case = Case.from_dict(entry)
    facts = Facts(case, case.as_of, default_for(case.as_of), "urban_low_income")
    state = status_of(facts, facts.look()).state
    one = confirmed(entry)["aid", case.applicant.id_number]
    assert (one.result == routes.DISAGREE) == (state == DISPUTED)
    assert (one.result == routes.AGREE) == (state in (CONFIRMED, NO_STATUS))


@quick
@given(grants())
def test_a_death_is_confirmed_by_the_rule_exactly_where_two_routes_agree(entry):
    found = confirmed(entry)
    for finding in judged(entry).findings:
        if finding.rule == "DECEASED":
            one = found["death", finding.person]
            dead = sum(side.state == routes.SAYS for side in one.left + one.right)
            assert (finding.result == "fail") == (one.result == routes.AGREE and dead >= 2)
            assert (finding.result == "unknown") == (one.result == routes.DISAGREE)


def test_no_id_number_stands_in_a_key():
    number = BASES["couple"]["people"]["$A"]
    death = {number: [{"idCardCode": number, "deathDate": "20210901"}]}
    found = confirmed(built("couple", {"records": {"death": death}}))
    assert not re.search(r"\d{17}", "".join(one.key for one in found.values()))
