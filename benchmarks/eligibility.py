"""The rules beside openfisca-core running the same five of them: one household, and many."""

import json
import time
import tracemalloc
from collections.abc import Callable, Iterator
from dataclasses import fields
from functools import lru_cache
from typing import Any

from applications.eligibility import explain, policy
from applications.eligibility.assessment import Assessment, assess
from applications.eligibility.cast import Case
from benchmarks import bulk, many
from benchmarks.figures import Figure
from benchmarks.many import ON
from datashare.mock_gateway.city import City

MANY, MANY_VECTORS = 2_000, 100_000


def figures(city: City) -> Iterator[Figure]:
    """One household explained in full; the pace of many; the memory one assessment takes."""
    by = policy.default_for(ON)
    case = household()
    other = Peer(by)
    one = best_of(lambda: explained(case, by), 50)
    alone = best_of(lambda: other.judge(1), 3)
    yield Figure(
        "assess_one", one * 1000, "ms", alone * 1000, one / alone, 4.0, "low",
        "19 rules with full explanation; reference: openfisca-core, five rules, no explanation",
    )  # fmt: skip
    cases = [Case.from_dict(json.loads(many.household(place)[0])) for place in range(MANY)]
    pace = MANY / timed(lambda: [assess(one, on=ON, policy=by) for one in cases])
    ready = inputs(MANY_VECTORS)
    vectors = MANY_VECTORS / timed(lambda: other.judged(ready))
    yield Figure(
        "assess_many", pace, "a second", vectors, pace / vectors, 0.001, "high",
        f"whole cases from raw rows; reference: five rules on {MANY_VECTORS:,} ready numbers",
    )  # fmt: skip
    size = memory_of(case, by) / 1024
    yield Figure("assess_memory", size, "KiB", 64.0, size / 64, 1.0, "low", "one whole result")
    yield from bulk.figures(lambda count: other.judged(inputs(count)))


def household() -> Case:
    """A couple in a home of their own, with every source answered."""
    head, spouse = "330212198701189934", "330212198811239947"
    report = {"srlx": "工资性", "qsny": "202009", "zzny": "202108", "hdrq": "20210920"}
    return Case.from_dict(
        {
            "case": "BENCH", "as_of": ON, "category": "urban_low_income",
            "household": [
                {"name": "甲", "id_number": head, "relation": "01"},
                {"name": "乙", "id_number": spouse, "relation": "10"},
            ],
            "records": {
                "identity_card": {head: [{"CZRKXM": "甲"}], spouse: [{"CZRKXM": "乙"}]},
                "household_register": {
                    one: [{"czrkxm": name, "czrkhyzk": "20", "czrkxzjd": "330212011"}]
                    for one, name in ((head, "甲"), (spouse, "乙"))
                },
                "marriage": {head: [{"registrationDate": "20140601", "manCardId": head,
                                     "womanCardId": spouse}]},
                "income_check": {head: [report | {"je": "50000"}], spouse: [report | {"je": "1"}]},
                "property": {head: [{"zl": "某路1号101室", "jzmj": "30", "djsj": "20150101"}]},
            },
        }
    )  # fmt: skip


def explained(case: Case, by: policy.Policy) -> Assessment:
    """A case judged and put into words, with the sums."""
    result = assess(case, on=ON, policy=by)
    explain.explained(result, "zh-hans")
    explain.sums(result, "zh-hans")
    return result


def best_of(work: Callable[[], Any], times: int) -> float:
    """The shortest of several runs, in seconds: what the work itself takes."""
    return min(timed(work) for _ in range(times))


def timed(work: Callable[[], Any]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def memory_of(case: Case, by: policy.Policy) -> float:
    """Bytes that one result keeps, the average of many."""
    explained(case, by)
    tracemalloc.start()
    kept = [assess(case, on=ON, policy=by) for _ in range(200)]
    size, _peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return size / len(kept)


class Peer:
    """openfisca-core with income tier, area, look-back, single age and insurance months."""

    def __init__(self, by: policy.Policy) -> None:
        from importlib import import_module

        entities, periods, systems, variables = (
            import_module(f"openfisca_core.{name}")
            for name in ("entities", "periods", "taxbenefitsystems", "variables")
        )

        values = by.day(ON).values
        home = entities.build_entity(
            "household", "households", "", roles=[{"key": "member", "plural": "members"}]
        )
        person = entities.build_entity("person", "persons", "", is_person=True)
        self.system = systems.TaxBenefitSystem([person, home])

        def number(name: str, formula: Any = None, kind: type = float) -> None:
            content: dict[str, Any] = {
                "value_type": kind, "entity": home, "definition_period": periods.DateUnit.MONTH,
            }  # fmt: skip
            if formula is not None:
                content["formula"] = formula
            self.system.add_variable(type(name, (variables.Variable,), content))

        for name in ("persons", "income", "area", "gone_area", "gone_months", "age", "insured"):
            number(name)
        base, ratio = float(values["income.base"]), float(values["income.ratio_lower_middle"])
        head, small = (float(values[f"housing.{one}"])
                       for one in ("area_per_person", "small_household_area"))  # fmt: skip
        back, old = values["housing.transfer_lookback_months"], values["single.min_age"]
        needed = values["migrant.insured_months"]

        def limit(h: Any, p: Any) -> Any:
            persons = h("persons", p)
            return persons * head + (persons <= 2) * (small - persons * head)

        number("income_ok", lambda h, p: h("income", p) <= base * ratio * h("persons", p), bool)
        number("area_ok", lambda h, p: h("area", p) <= limit(h, p), bool)
        number("lookback_ok", lambda h, p: h("area", p) + h("gone_area", p)
               * (h("gone_months", p) < back) <= limit(h, p), bool)  # fmt: skip
        number("age_ok", lambda h, p: (h("persons", p) > 1) + (h("age", p) >= old) > 0, bool)
        number("insured_ok", lambda h, p: h("insured", p) >= needed, bool)

    def judge(self, count: int) -> list[Any]:
        """The five rules on the first so many invented households."""
        return self.judged(inputs(count))

    def judged(self, stated: dict[str, Any]) -> list[Any]:
        """The five rules on ready numbers, by name of the number."""
        from openfisca_core.simulation_builder import SimulationBuilder

        count = len(stated["persons"])
        simulation = SimulationBuilder().build_default_simulation(self.system, count=count)
        for name, values in stated.items():
            simulation.set_input(name, "2021-09", values)
        rules = ("income_ok", "area_ok", "lookback_ok", "age_ok", "insured_ok")
        return [simulation.calculate(name, "2021-09") for name in rules]


@lru_cache(maxsize=2)
def inputs(count: int) -> dict[str, Any]:
    """Ready numbers of the first so many invented households, one array a number."""
    import numpy

    stated = [many.household(place)[1] for place in range(count)]
    names = [one.name for one in fields(many.Stated)]
    return {name: numpy.array([getattr(one, name) for one in stated]) for name in names}
