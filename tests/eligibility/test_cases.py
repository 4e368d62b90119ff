"""Cast files and the command: what is wrong is said with file, case and field."""

import io
import json

import pytest
from django.core.management import CommandError, call_command

from applications.eligibility.cast import Case, CaseError
from applications.eligibility.command import main
from tests.rules.scenarios import built, judged

GOOD = """
- case: A
  as_of: 2021-09-24
  household: [{name: 周一帆, id_number: "330212198609249914", relation: "01"}]
"""


def command(tmp_path, text, *arguments):
    path = tmp_path / "cast.yaml"
    path.write_text(text, encoding="utf-8")
    out = io.StringIO()
    call_command("assess", str(path), *arguments, stdout=out)
    return out.getvalue()


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"household": []}, "case couple: field household must list at least the applicant"),
        ({"household": [{"name": "甲"}]}, r"field household\[0\].id_number is missing"),
        ({"as_of": "yesterday"}, "field as_of is not a date"),
        ({"category": "rich"}, "field category must be one of urban_low_income"),
        ({"programme": "villa"}, "field programme must be one of"),
        ({"records": {"passport": {}}}, "field records: passport is no source"),
        ({"records": {"property": []} | {"vehicle": 3}}, "field records.vehicle must be a mapping"),
        (
            {"faults": {"property": [{"mode": "flood"}]}},
            "faults.property.mode must be one of",
        ),
        ({"faults": {"property": [{"mode": "quota", "from": "x"}]}}, "from is not a date"),
        ({"platform": {"330212198609249914": {"ban_until": "soon"}}}, "ban_until is not a date"),
        ({"platform": {"1": {"active_benefit": {"to": "x"}}}}, "platform.active_benefit.to is not"),
        ({"declared": {"consent": {"1": {"date": "x"}}}}, "declared.consent.date is not a date"),
        ({"settled": {"rules": 5}}, "case couple: field settled: rules must be a list"),
        ({"settled": {"rules": {"INCOME": "pass"}}}, "field settled: rules must be a list"),
        ({"settled": {"rules": "INCOME"}}, "field settled: rules must be a list"),
        ({"settled": {"rules": ["INCOME"]}}, "field settled: rules: each must be a mapping"),
        (
            {"settled": {"rules": [{"rule": "INCOMES", "result": "pass"}]}},
            "field settled: rules: INCOMES is no rule; the rules are IDENTITY, ",
        ),
    ],
)
def test_a_case_that_cannot_be_read_is_named(change, sentence):
    with pytest.raises(CaseError, match=sentence):
        Case.from_dict(built("couple") | change, "x.yaml: entry 1")


def test_no_message_holds_an_id_number():
    entry = built("couple")
    entry["household"].append(entry["household"][0])
    with pytest.raises(CaseError) as refused:
        Case.from_dict(entry, "x.yaml: entry 1")
    assert "3302" not in str(refused.value)


@pytest.mark.parametrize("base", ["urban", "single", "worker", "migrant"])
def test_a_case_survives_being_written_down_as_json(base):
    case = Case.from_dict(built(base, {"faults": {"property": [{"mode": "stale"}]}}))
    assert Case.from_dict(json.loads(json.dumps(case.to_dict()))) == case


@pytest.mark.parametrize(
    ("base", "change", "category"),
    [
        ("urban", {}, "urban_low_income"),
        ("worker", {}, "new_employee"),  # under 35 and alone: not urban
        ("migrant", {}, "migrant_worker"),
        ("single", {}, "urban_low_income"),
    ],
)
def test_a_category_that_is_not_given_is_inferred(base, change, category):
    result = judged(built(base, {"category": None} | change))
    assert (result.category, result.inferred) == (category, True)


def test_json_is_one_object_a_line_and_on_overrides_the_day(tmp_path):
    out = command(
        tmp_path, GOOD + GOOD.replace("case: A", "case: B"), "--json", "--on", "2022-03-01"
    )
    lines = [json.loads(line) for line in out.splitlines()]
    assert [(one["case"], one["on"]) for one in lines] == [("A", "2022-03-01"), ("B", "2022-03-01")]


def test_a_file_of_several_documents_or_under_a_key_is_read_too(tmp_path):
    one = GOOD.replace("- case", "  case").replace("\n  ", "\n")
    assert len(command(tmp_path, f"{one}---{one}", "--json").splitlines()) == 2
    assert len(command(tmp_path, "cases:" + GOOD, "--json").splitlines()) == 1


@pytest.mark.parametrize(
    ("text", "arguments", "sentence"),
    [
        (": [", (), "cast.yaml: is not YAML at line"),
        ("- 3", (), "cast.yaml: entry 1: a case must be a mapping"),
        (GOOD, ("--case", "Z"), "no case Z"),
        (GOOD, ("--on", "24.9.2021"), "not a date"),
        (GOOD, ("--on", "2001-01-01"), "case A: .*no value is in force on 2001-01-01"),
        (GOOD, ("--policy", "none"), "neither a pack"),
        (GOOD.replace("2021-09-24", ""), (), "case A: field as_of is missing"),
    ],
)
def test_the_command_refuses_with_a_sentence(tmp_path, text, arguments, sentence):
    with pytest.raises(CommandError, match=sentence) as refused:
        command(tmp_path, text, "--json", *arguments)
    assert refused.value.returncode == 1


def test_the_command_without_django_gives_the_same(tmp_path, capsys):
    wanted = command(tmp_path, GOOD, "--json")
    assert main([str(tmp_path / "cast.yaml"), "--json"]) == 0
    assert capsys.readouterr().out == wanted
    assert main([str(tmp_path / "none.yaml")]) == 1
    assert "none.yaml: cannot be read" in capsys.readouterr().err


STATED = GOOD.rstrip() + "\n  declared: {%s}\n"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "cast.yaml: lists no case"),
        ("# nothing\n", "cast.yaml: lists no case"),
        (GOOD + "  as_of: 2021-09-25\n", "case A: field as_of is given twice at line 5"),
        (
            GOOD + "  records:\n    property: {}\n    vehicle: {}\n    property: {}\n",
            "case A: field property is given twice at line 8",
        ),
        (
            GOOD + '  platform: {"330212198609249914": {}, "330212198609249914": {}}\n',
            "case A: field … is given twice at line 5",
        ),
        (GOOD.replace("2021-09-24", "2021-02-30"), "holds a date or a number that does not exist"),
        ("[" * 20000, "is not YAML"),
        (GOOD.replace("case: A", "case: [A]"), "field case must be a name"),
        (STATED % "consent: {周一帆: perhaps}", "case A: field declared.consent must be given"),
        (STATED % "consent: {周一帆: {on: 2021-09-01}}", "field declared.consent must be given"),
        (STATED % "consent: [周一帆]", "field declared.consent must be a mapping of people"),
        (STATED % "actual_rent: much", "field declared.actual_rent must be yuan a month"),
        (STATED % "actual_rent: -5", "field declared.actual_rent must be yuan a month"),
        (GOOD + "  guardian: {name: 甲, kind: robot}\n", "field guardian.kind must be"),
        (GOOD + "  guardian: {name: 甲, consent: perhaps}\n", "field guardian.consent must be"),
        (
            GOOD + "  faults: {vehicle: [{mode: stale, from: 2021-09-24, to: 2021-09-23}]}\n",
            "case A: field faults.vehicle.to is before from",
        ),
    ],
)
def test_a_file_that_cannot_be_read_says_where_and_prints_nothing(tmp_path, capsys, text, sentence):
    path = tmp_path / "cast.yaml"
    path.write_text(text, encoding="utf-8")
    assert main([str(path), "--json"]) == 1
    told = capsys.readouterr()
    assert told.out == ""
    assert sentence in told.err and told.err.count("\n") == 1
    assert "3302" not in told.err


def test_a_last_case_without_a_day_leaves_no_half_printed_file(tmp_path, capsys):
    path = tmp_path / "cast.yaml"
    path.write_text(GOOD + GOOD.replace("case: A", "case: B").replace("  as_of: 2021-09-24\n", ""))
    assert main([str(path), "--json"]) == 1
    told = capsys.readouterr()
    assert (told.out, told.err.count("\n")) == ("", 1)
    assert "case B: field as_of is missing" in told.err


def test_what_a_merge_key_brings_may_be_written_over(tmp_path):
    text = GOOD.replace("- case", "- &a\n  case") + "- {<<: *a, case: B}\n"
    lines = command(tmp_path, text, "--json").splitlines()
    assert [json.loads(one)["case"] for one in lines] == ["A", "B"]
