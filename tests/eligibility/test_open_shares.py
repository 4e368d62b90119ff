"""Homes owned in shares that no row states (按份共有): between nothing and the whole of them."""

import pytest

from tests.rules.scenarios import built, by_rule, judged, money

OPEN = {"zl": "某路1号101室", "jzmj": "60", "gyqk": "按份共有"}
ALONE_OVER = {"zl": "某路3号101室", "jzmj": "36.01"}
FORMER = "330212198811239947"
DIVORCE = {"registrationType": "离婚", "registrationDate": "20190925", "manCardId": "$A",
           "womanCardId": FORMER}  # fmt: skip


def offplan(area):
    contract = {"contractNo": "Y1", "contractBuyer": [{"idNo": "$A"}], "area": area}
    return {"presale_contract": {"$A": [contract | {"contractDate": "20210101"}]}}


def left(area, on="20200924", way="赠与"):
    return {"zl": "某路2号101室", "jzmj": area, "djsj": "20150101", "zysj": on, "zyyy": way}


def homes(*listed, **more):
    return {"records": {"property": {"$A": list(listed)}} | more}


def judge(change, base="couple"):
    return judged(built(base, change))


@pytest.mark.parametrize(
    ("rule", "base", "change"),
    [
        ("HOUSING_OFFPLAN", "couple", homes(OPEN, **offplan("36.01"))),
        ("TRANSFER_LOOKBACK", "couple", homes(OPEN, left("36.01"))),
        (
            "DIVORCE_LOOKBACK", "single",
            homes(OPEN, left("36.01", "20191001", "离婚析产"), marriage={"$A": [DIVORCE]}),
        ),
    ],
)  # fmt: skip
def test_an_open_share_over_the_limit_hides_no_home_that_crosses_without_it(rule, base, change):
    found = judge(change, base)
    assert by_rule(found)["HOUSING_AREA"] == "unknown" and found.failed == [rule]
    # whoever answers the area alone has not answered for the other home
    settled = {"rules": [{"rule": "HOUSING_AREA", "result": "pass"}]}
    assert judge(change | {"settled": settled}, base).outcome == "ineligible"


@pytest.mark.parametrize(
    ("rule", "change"),
    [
        ("HOUSING_OFFPLAN", homes(OPEN, **offplan("36"))),
        ("HOUSING_OFFPLAN", homes(OPEN | {"jzmj": "30"}, **offplan("30"))),
        ("TRANSFER_LOOKBACK", homes(OPEN, left("20"))),
        ("TRANSFER_LOOKBACK", homes(OPEN, {"zl": "某路2号", "jzmj": "30", "qszt": "历史"})),
    ],
)
def test_what_crosses_only_by_an_open_share_is_a_question_under_its_own_rule(rule, change):
    found = judge(change)
    assert by_rule(found)[rule] == "unknown" and found.outcome == "manual_review"
    settled = {"rules": [{"rule": "HOUSING_AREA", "result": "pass"}]}
    assert judge(change | {"settled": settled}).outcome == "manual_review"


@pytest.mark.parametrize(
    ("rule", "change"),
    [
        ("TRANSFER_LOOKBACK", homes(OPEN, left("52", "20180924"))),
        ("HOUSING_OFFPLAN", homes(OPEN, ALONE_OVER, **offplan("52"))),
        ("TRANSFER_LOOKBACK", homes(OPEN, ALONE_OVER, left("52"))),
    ],
)
def test_what_no_longer_counts_or_comes_after_the_crossing_passes(rule, change):
    assert by_rule(judge(change))[rule] == "pass"


@pytest.mark.parametrize(
    ("home", "subsidy", "forms"),
    [
        (OPEN | {"jzmj": "30"}, None, ("public_rental",)),
        (OPEN | {"jzmj": "30", "gyfe": "1/2"}, "210.00", ("public_rental", "rental_subsidy")),
    ],
)
def test_no_subsidy_is_summed_before_the_share_is_known(home, subsidy, forms):
    found = judge(homes(home))
    assert (found.outcome, money(found.rent.monthly)) == ("eligible", "787.50")
    assert money(found.subsidy.monthly if found.subsidy else None) == subsidy
    assert found.forms == forms


def test_nor_where_a_person_passed_a_home_without_an_area():
    settled = {"rules": [{"rule": "HOUSING_AREA", "result": "pass"}]}
    found = judge(homes({"zl": "某路1号101室"}) | {"settled": settled})
    assert found.outcome == "eligible" and found.rent and found.subsidy is None
