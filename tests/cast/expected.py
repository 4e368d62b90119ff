"""What a case of a cast file expects, against what was judged of it."""

from typing import Any


def assert_as_expected(expect: dict[str, Any], got: dict[str, Any]) -> None:
    """`expect` of a cast file's entry against one line of `assess --json`."""
    plain = ("outcome", "category", "tier", "unit_types", "rent_monthly", "subsidy_monthly")
    for key in (*plain, "priority"):
        if key in expect:
            assert got[key] == expect[key], (key, got)
    by_result = {
        result: sorted({one["rule"] for one in got["findings"] if one["result"] == result})
        for result in ("fail", "unknown")
    }
    assert by_result["fail"] == sorted(expect["fails"])
    if "unknown" in expect:
        assert by_result["unknown"] == sorted(expect["unknown"])
    assert set(expect.get("pending", [])) <= set(by_result["unknown"])
    listed = {one["rule"]: one for one in got["findings"]}
    assert not set(expect.get("not_listed", [])) & set(listed)
    for rule, shown in expect.get("findings", {}).items():
        assert {key: listed[rule][key] for key in shown} == shown
