"""What a change would do (变化的影响): the very rules on the case with the change applied.

A preview for the family and the desk (预估): the stored answers, and what the family says written
down as the registers would write it. Nothing is stored as evidence, nobody is asked, nothing is
decided. Of a person who joins nothing is looked up before that person has agreed.
"""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import asdict, dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from applications import evaluation, kin, releases, rule_preview
from applications.eligibility import assessment as rules
from applications.eligibility import stated
from applications.eligibility.cast import Case
from applications.models import Application, Change, Member
from core import clock
from core.identity import kinship, numbers

Kind = Change.Kind
AID_SOURCES = ("low_income_aid", "extreme_poverty", "social_assistance")
SAME, GAINS, LOSES, TERMS, OTHER, UNKNOWN = "same", "gains", "loses", "terms", "other", "unknown"
_CLEAR = (rules.ELIGIBLE, rules.ON_COMMITMENT, rules.INELIGIBLE)
_RENT_KEYS = ("rent.market", "rent.coefficient", "units.by_persons")


@dataclass(frozen=True)
class Told:
    """What is said of an event: kind, day, whom it concerns, and the kind's own answers."""

    kind: str
    happened_on: date
    member: Member | None = None
    details: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Effect:
    """预估的影响, as it is shown and kept. Sums in yuan a month, ``from_month`` its first day."""

    word: str  # same, gains, loses, terms, other; unknown: the registers have to answer first
    from_month: str
    tier: tuple[str, str] = ("", "")
    rent: tuple[str, str] = ("", "")
    subsidy: tuple[str, str] = ("", "")
    units: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())
    persons: tuple[int, int] = (0, 0)
    result: dict[str, Any] = field(default_factory=dict)  # of the rules, as a record
    clauses: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()  # codes of the rules that would be in doubt and were not

    @property
    def adverse(self) -> bool:
        """Whether a person must look before anything follows from it."""
        return self.word in (LOSES, OTHER, UNKNOWN)

    def to_record(self) -> dict[str, Any]:
        """Plain data, without the findings: those name people by number."""
        kept = asdict(self)
        result = kept.pop("result")
        kept["sums"] = {key: result.get(key) for key in ("rent_sum", "subsidy_sum")}
        return kept


def preview(application: Application, told: Told) -> Effect:
    """The effect of an event on the case as it is known today."""
    today = clock.today()
    newest = application.assessments.order_by("-created_at", "-id").first()
    if newest is None or told.kind == Kind.MOVED:
        return Effect(SAME if told.kind == Kind.MOVED else UNKNOWN, _next_month(today))
    on = max(today, told.happened_on) if told.kind == Kind.MAJORITY else today
    own = str((newest.inputs or {}).get("recheck_of") or "")  # a lease is no second benefit
    before = evaluation.case_of(application, newest.round, today, recheck_of=own).to_dict()
    after = with_change(before, told, on)
    policy = releases.in_force(today)
    old = rules.assess(Case.from_dict(before), on=today, policy=policy)
    new = rules.assess(Case.from_dict(after), on=on, policy=releases.in_force(on))
    return _effect(old, new, today, (len(before["household"]), len(after["household"])))


def not_known(today: date) -> Effect:
    """Nothing is foreseen: the registers have to answer first."""
    return Effect(UNKNOWN, _next_month(today))


def with_change(case: dict[str, Any], told: Told, on: date) -> dict[str, Any]:
    """The case, as plain data, with the event written into it."""
    after = deepcopy(case)
    after["records"] = {source: dict(rows) for source, rows in (after["records"] or {}).items()}
    _APPLY[told.kind](after, told, on)
    return after


# -- One function a kind -----------------------------------------------------------------------


def _birth(case: dict[str, Any], told: Told, on: date) -> None:
    """The child is in, registered where the applicant is."""
    _join(case, told.details["name"], told.details["id_number"], told.details["relation"])
    _register_like_applicant(case, told.details["name"], told.details["id_number"])


def _marriage(case: dict[str, Any], told: Told, on: date) -> None:
    """The spouse joins; an income only as far as it is said."""
    name, number = told.details["name"], told.details["id_number"]
    head = case["household"][0]
    _join(case, name, number, "10")
    _row(case, "identity_card", number, {"CZRKXM": name, "CZRKGMSFHM": number})
    _register_like_applicant(case, name, number)
    wed = _event("结婚", told.happened_on, head, {"name": name, "id_number": number})
    for one in (head["id_number"], number):
        _row(case, "marriage", one, wed)
    _income(case, number, told.details.get("monthly_income"), on)


def _death(case: dict[str, Any], told: Told, on: date) -> None:
    """Who has died is out, and the registers know of the death."""
    if told.member is None:
        return
    gone = told.member.id_number
    on_day = f"{told.happened_on:%Y%m%d}"
    _row(case, "death", gone, {"deathDate": on_day})
    _row(case, "cremation", gone, {"deathDate": on_day})
    _leave(case, {gone})


def _divorce(case: dict[str, Any], told: Told, on: date) -> None:
    """Who goes is out with the children who go along; those are no children of this household."""
    people = case["household"]
    spouse = next((one for one in people if one["relation"] in kinship.SPOUSES), None)
    if spouse is None:
        return
    ended = _event("离婚", told.happened_on, people[0], spouse)
    couple = {people[0]["id_number"], spouse["id_number"]}
    for one in couple:
        _row(case, "marriage", one, ended)
        _say_divorced(case, one)
    gone = set(told.details.get("leave") or [])
    children = gone - couple
    _leave(case, gone)
    for rows in case["records"].get("household_register", {}).values():
        for row in rows:
            for key in ("czrkzn", "czrkhcy"):
                if isinstance(row.get(key), list):
                    row[key] = [one for one in row[key] if one.get("czrkgmsfhm") not in children]


def _majority(case: dict[str, Any], told: Told, on: date) -> None:
    """Nothing is written: the rules read the age of the day."""


def _aid(case: dict[str, Any], told: Told, on: date) -> None:
    """Aid ended, or began, of both routes."""
    for source in AID_SOURCES:
        case["records"].pop(source, None)
    if kind := told.details.get("aid"):
        everybody = [one["id_number"] for one in case["household"]]
        case["records"].update(stated.aid_rows(kind, everybody, on))


def _work(case: dict[str, Any], told: Told, on: date) -> None:
    """Twelve months of the income that is said now."""
    if told.member is not None:
        _income(case, told.member.id_number, told.details.get("monthly_income"), on)


def _home(case: dict[str, Any], told: Told, on: date) -> None:
    """A home more, a home gone, or a contract that was cancelled."""
    if told.member is None:
        return
    number, what = told.member.id_number, told.details["what"]
    if what == "cancelled":
        ended = {"contractStatus": "撤销", "cancelDate": f"{told.happened_on:%Y%m%d}"}
        _on_the_same(case, "presale_contract", number, ("contractNo", "located"), ended)
        return
    area = Decimal(told.details.get("area") or 0)
    if what == "bought":
        rows = stated.home_rows(number, area=area, gone_on=None)
        case["records"].setdefault("property", {}).setdefault(number, []).extend(rows)
        return
    sold = {"zysj": f"{told.happened_on:%Y%m%d}", "zyyy": "买卖", "qszt": "历史"}
    _on_the_same(case, "property", number, ("bdcqzh", "zl"), sold)


def _on_the_same(
    case: dict[str, Any], source: str, number: str, names: tuple[str, ...], written: dict[str, Any]
) -> None:
    """Writes it on a person's rows, and on those about the same thing held together with others."""
    by_person = case["records"].get(source, {})
    mine = {tuple(row.get(name) for name in names) for row in by_person.get(number, [])}
    for rows in by_person.values():
        for row in rows:
            if tuple(row.get(name) for name in names) in mine and not row.get("zysj"):
                row.update(written)


_APPLY: dict[str, Callable[[dict[str, Any], Told, date], None]] = {
    Kind.BIRTH: _birth, Kind.MARRIAGE: _marriage, Kind.DEATH: _death, Kind.DIVORCE: _divorce,
    Kind.MAJORITY: _majority, Kind.AID: _aid, Kind.WORK: _work, Kind.HOME: _home,
}  # fmt: skip


# -- Parts -------------------------------------------------------------------------------------


def _join(case: dict[str, Any], name: str, number: str, relation: str) -> None:
    known = {one["id_number"] for one in case["household"]}
    if number not in known:
        case["household"].append({"name": name, "id_number": number, "relation": relation})


def _leave(case: dict[str, Any], gone: set[str]) -> None:
    """Takes people out; where the applicant goes, the first adult who stays stands first."""
    head = case["household"][0]
    stay = [one for one in case["household"] if one["id_number"] not in gone]
    if not stay:
        return  # nobody is left: a person's hands, and no sum
    if head["id_number"] in gone:
        stay = _led_by_the_next(stay)
    case["household"] = stay


def _led_by_the_next(people: list[dict[str, Any]]) -> list[dict[str, Any]]:
    ranked = sorted(people, key=lambda one: one["relation"] not in kinship.SPOUSES)
    adults = [one for one in ranked if _is_adult(one["id_number"])]
    head = (adults or ranked)[0]
    others = [
        {**one, "relation": kin.seen_from(head["relation"], one["relation"], one["id_number"])}
        for one in people
        if one is not head
    ]
    return [{**head, "relation": "01"}, *others]


def _is_adult(number: str) -> bool:
    return numbers.is_adult_on(numbers.parse(number).birth_date, clock.today())


def _row(case: dict[str, Any], source: str, number: str, row: dict[str, Any]) -> None:
    rows = case["records"].setdefault(source, {}).setdefault(number, [])
    case["records"][source][number] = [*rows, row]
    faults = (case.get("faults") or {}).get(source, [])
    case.setdefault("faults", {})[source] = [
        one for one in faults if one.get("person") not in (None, "", number)
    ]


def _register_like_applicant(case: dict[str, Any], name: str, number: str) -> None:
    """Registered where the applicant is, since today's preview knows nothing else."""
    head = case["household"][0]["id_number"]
    rows = case["records"].get("household_register", {}).get(head) or []
    place = {key: rows[0][key] for key in ("czrkxzjd", "czrkqrrq") if rows and key in rows[0]}
    if place:
        row = {"czrkgmsfhm": number, "czrkxm": name, **place}
        _row(case, "household_register", number, row)


def _say_divorced(case: dict[str, Any], number: str) -> None:
    for row in case["records"].get("household_register", {}).get(number, []):
        row["czrkhyzk"] = "40"


def _event(word: str, day: date, one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    man, woman = sorted((one, other), key=lambda who: int(who["id_number"][16]) % 2 == 0)
    return {
        "registrationType": word, "registrationDate": f"{day:%Y%m%d}",
        "manName": man["name"], "manCardId": man["id_number"],
        "womanName": woman["name"], "womanCardId": woman["id_number"],
    }  # fmt: skip


def _income(case: dict[str, Any], number: str, monthly: Any, on: date) -> None:
    if monthly in (None, ""):
        return
    case["records"].setdefault("income_check", {})[number] = []
    _row(case, "income_check", number, stated.income_row(number, Decimal(monthly) * 12, on))


def _effect(
    old: rules.Assessment, new: rules.Assessment, today: date, persons: tuple[int, int]
) -> Effect:
    word = rule_preview.kind_of(old, new)
    if new.outcome not in _CLEAR:
        word = UNKNOWN
    elif new.outcome == rules.INELIGIBLE:
        word = LOSES  # whatever it was before: a person looks, and nothing reads as a refusal
    was, now = old.to_record(), new.to_record()
    policy = releases.in_force(today)
    return Effect(
        word=word,
        from_month=_next_month(today),
        tier=(old.tier or "", new.tier or ""),
        rent=(was["rent_monthly"] or "", now["rent_monthly"] or ""),
        subsidy=(was["subsidy_monthly"] or "", now["subsidy_monthly"] or ""),
        units=(old.unit_types, new.unit_types),
        persons=persons,
        result=now,
        clauses=tuple(policy.citation(key, today) for key in _RENT_KEYS),
        changed=_new_doubts(old, new),
    )


def _new_doubts(old: rules.Assessment, new: rules.Assessment) -> tuple[str, ...]:
    """Codes of the rules that would fail or stay open for somebody for whom they did not."""
    was = {(one.rule, one.person): one.result for one in old.findings}
    doubts = [one for one in new.findings if one.result != "pass"]
    return tuple(
        dict.fromkeys(one.rule for one in doubts if was.get((one.rule, one.person)) != one.result)
    )


def _next_month(day: date) -> str:
    """The first day of the month after: terms change with a month, never in the middle of one."""
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1).isoformat()
