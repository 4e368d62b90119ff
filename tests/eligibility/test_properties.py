"""What must hold for any household: found by trying many."""

import copy
from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from datashare import catalogue
from tests.rules.scenarios import BASES, built, by_rule, judged

SOURCES = [one.code for one in catalogue.entries()]
bases = st.sampled_from(sorted(BASES))
money = st.decimals(min_value=0, max_value=200_000, places=2)
areas = st.decimals(min_value=1, max_value=200, places=2)
days = st.dates(date(2015, 1, 1), date(2022, 6, 1))
quick = settings(max_examples=60, deadline=None)
WORSE = ("pass", "unknown", "fail")


@st.composite
def households(draw):
    """A base household with homes, contracts, cars and income drawn at random."""
    entry = built(draw(bases))
    number = draw(st.sampled_from([one["id_number"] for one in entry["household"]]))
    records = entry["records"]
    if draw(st.booleans()):
        home = {"zl": "某路1号101室", "jzmj": str(draw(areas)), "djsj": str(draw(days))}
        if draw(st.booleans()):
            way = draw(st.sampled_from(["买卖", "赠与", "离婚析产"]))
            home |= {"zysj": str(draw(days)), "zyyy": way}
        records["property"] = {number: [home]}
    if draw(st.booleans()):
        contract = {"contractNo": "Y1", "contractBuyer": [{"idNo": number}]}
        contract |= {"area": str(draw(areas)), "contractDate": str(draw(days))}
        records["presale_contract"] = {number: [contract]}
    if draw(st.booleans()):
        records["vehicle"] = {number: [{"hphm": "浙B1", "gzj": str(draw(money))}]}
    income = {"srlx": "工资性", "qsny": "202009", "zzny": "202108", "je": str(draw(money))}
    records["income_check"][entry["household"][0]["id_number"]] = [income]
    return entry


@quick
@given(households(), money)
def test_more_income_never_turns_a_fail_into_a_pass(entry, more):
    before = by_rule(judged(entry)).get("INCOME")
    number = entry["household"][0]["id_number"]
    entry["records"]["income_check"][number].append(
        {"srlx": "经营性", "ny": "202101", "je": str(more)}
    )
    after = by_rule(judged(entry)).get("INCOME")
    assert before is None or WORSE.index(after) >= WORSE.index(before)


@quick
@given(households(), st.sampled_from(SOURCES), st.sampled_from(["quota", "timeout", "garbage"]))
def test_an_unavailable_source_never_fails_anybody(entry, source, mode):
    before = judged(entry)
    after = judged(entry | {"faults": {source: [{"mode": mode}]}})
    assert set(after.failed) <= set(before.failed)


@quick
@given(households(), st.lists(st.sampled_from(SOURCES), max_size=6))
def test_silence_never_fails_a_rule_that_reads_it_as_unknown(entry, silenced):
    unknown = {"identity_card", "population", "income_check", "marriage", "marriage_national"}
    before = judged(entry)
    for source in unknown & set(silenced):
        entry["records"][source] = {}
    assert set(judged(entry).failed) <= set(before.failed)


@quick
@given(households(), st.randoms())
def test_the_order_of_members_and_rows_never_matters(entry, chance):
    turned = copy.deepcopy(entry)
    others = turned["household"][1:]
    chance.shuffle(others)
    turned["household"] = [turned["household"][0], *others]
    for people in turned["records"].values():
        for rows in people.values():
            if isinstance(rows, list):
                chance.shuffle(rows)
    one, other = judged(entry), judged(turned)
    assert by_rule(one) == by_rule(other)
    assert (one.outcome, one.tier, one.rent, one.subsidy, one.priority) == (
        other.outcome, other.tier, other.rent, other.subsidy, other.priority,
    )  # fmt: skip


@quick
@given(households(), st.sampled_from(SOURCES))
def test_a_record_of_a_stranger_changes_nothing(entry, source):
    before = judged(entry).to_json()
    strange = copy.deepcopy(entry)
    rows = [{"jzmj": "500", "deathDate": "20200101", "gzj": "900000", "je": "1"}]
    strange["records"].setdefault(source, {})["330212196801019917"] = rows
    assert judged(strange).to_json() == before


@quick
@given(households(), st.integers(min_value=1, max_value=2000))
def test_what_happens_after_the_day_changes_nothing(entry, later):
    before = judged(entry).to_json()
    number = entry["household"][0]["id_number"]
    day = str(date(2021, 9, 24) + timedelta(days=later))
    records = entry["records"]
    records.setdefault("property", {}).setdefault(number, []).append(
        {"zl": "某路77号", "jzmj": "300", "djsj": day}
    )
    records.setdefault("death", {})[number] = [{"deathDate": day}]
    records.setdefault("presale_contract", {}).setdefault(number, []).append(
        {"contractNo": "Y9", "contractBuyer": [{"idNo": number}], "area": "99", "contractDate": day}
    )
    assert judged(entry).to_json() == before


@quick
@given(households())
def test_the_same_case_judged_from_its_own_plain_data_is_the_same(entry):
    from applications.eligibility.assessment import assess
    from applications.eligibility.cast import Case
    from applications.eligibility.policy import default_for, load

    case = Case.from_dict(entry)
    on = date(2021, 9, 24)
    policy = default_for(on)
    again = assess(Case.from_dict(case.to_dict()), on=on, policy=load(policy.text))
    assert again.to_record() == assess(case, on=on, policy=policy).to_record()


FIELDS = (
    "sfzh", "xm", "jzmj", "zysj", "zl", "srlx", "je", "ny", "ccje", "zt", "contractBuyer", "area",
    "czrkzn", "czrkxm", "deathDate", "AAE002", "byrq", "xlcc", "gzj", "e_inv", "result", "datas",
    "data", "gyfe",
)  # fmt: skip
rows = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.floats(allow_nan=True),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(FIELDS),
            inner,
            max_size=4,
        )
    ),
    max_leaves=8,
)


@settings(max_examples=150, deadline=None)
@given(bases, st.sampled_from(SOURCES), rows)
def test_no_answer_however_odd_breaks_an_assessment(base, source, answer):
    entry = built(base)
    number = entry["household"][0]["id_number"]
    entry["records"].setdefault(source, {})[number] = answer
    assert judged(entry).outcome
