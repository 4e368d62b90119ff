"""收入与财产 work and means: insurance, provident fund, vehicles, firms, the income report."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from datashare.mock_gateway import monthly
from datashare.mock_gateway.city_model import Job, Person, in_force
from datashare.mock_gateway.interfaces import Rows
from datashare.mock_gateway.registers.cells import birthday, choice, compact

if TYPE_CHECKING:
    from datashare.mock_gateway.city import City

INSURANCE_ROWS = 40
REPORT_MONTHS = 12


def social_insurance(city: City, person: Person, today: date) -> Rows:
    """职工参保: a row for each month of work up to last month."""
    last = monthly.of(today) - 1
    return [
        _contribution(person, job, month)
        for job in person.jobs
        for month in range(max(monthly.of(job.since), last - INSURANCE_ROWS + 1), last + 1)
        if job.until is None or month < monthly.of(job.until)
    ]


def _contribution(person: Person, job: Job, month: int) -> dict[str, Any]:
    base = max(job.wage, 3_957)
    text = monthly.label(month)
    return {
        "AAC002": person.id_number,
        "AAC003": person.name,
        "AAB004": job.employer,
        "AAE140": "110",
        "AAE002": text,
        "AAE003": text,
        "AAE180": f"{base}.00",
        "AAE020": f"{base * 14 / 100:.2f}",
        "AAE022": f"{base * 8 / 100:.2f}",
        "AAE078": "1",
        "AAE079": text,
    }


def provident_fund(city: City, person: Person, today: date) -> Rows:
    """公积金缴存 of those who work."""
    return [
        {
            "zjh": person.id_number,
            "xingming": person.name,
            "grzh": f"3302{choice(person.id_number, of=10**9):09d}",
            "dwmc": job.employer,
            "tyshxydm": job.uscc,
            "grjcjs": f"{job.wage}.00",
            "grjcbl": "12",
            "gryjce": f"{job.wage * 24 / 100:.2f}",
            "grzhzt": "正常",
            "grkhrq": compact(job.since),
            "grxhrq": "1899-12-31",
        }
        for job in person.jobs
        if job.fund and in_force(job.since, job.until, today)
    ]


def vehicle(city: City, person: Person, today: date) -> Rows:
    """机动车登记."""
    return [
        {
            "syr": person.name,
            "sfzmhm": person.id_number,
            "hphm": car.plate,
            "hpzl": "02",
            "clpp1": car.model,
            "ccdjrq": compact(car.registered),
            "zt": "正常",
            "gzj": str(car.price),
            "syxz": "残疾人专用" if car.for_disabled else car.use,
        }
        for car in person.cars
        if car.registered <= today
    ]


def company(city: City, person: Person, today: date) -> Rows:
    """市场主体 in which the person invests or serves."""
    return [
        {
            "sfzh": person.id_number,
            "xm": person.name,
            "entname": firm.name,
            "uniscid": firm.uscc,
            "regstate": "存续",
            "regcap": str(firm.capital),
            "name": person.name,
            "estdate": compact(firm.established),
            "e_inv": [
                {"inv": person.name, "cerno": person.id_number, "subconam": str(firm.capital)}
            ],
            "e_pri_person": [],
            "role": firm.role,
        }
        for firm in person.firms
        if firm.established <= today
    ]


def income_check(city: City, person: Person, today: date) -> Rows:
    """核对报告: kinds of income over the twelve months before, and a deposit; adults only."""
    if birthday(person, 18) > today:
        return []
    last = monthly.of(today) - 1
    first = last - REPORT_MONTHS + 1
    frame = {
        "xm": person.name,
        "sfzh": person.id_number,
        "hdbgbh": f"HD{today:%Y%m}{choice(person.family, of=10_000):04d}",
        "hdrq": compact(today - timedelta(days=1)),
        "hdzt": "已出具",
        "hdqq": monthly.label(first),
        "hdqz": monthly.label(last),
    }
    rows = [
        {**frame, "srlx": kind, "ny": monthly.label(month), "je": f"{amount}.00"}
        for kind, amount, since, until in _incomes(person)
        for month in range(max(first, monthly.of(since)), last + 1)
        if until is None or month < monthly.of(until)
    ]
    deposit = choice("deposit", person.id_number, of=36) * 1_000
    return [*rows, {**frame, "cclx": "存款", "ccje": f"{deposit}.00"}]


def _incomes(person: Person) -> list[tuple[str, int, date, date | None]]:
    wages = [("工资性收入", job.wage, job.since, job.until) for job in person.jobs]
    return wages + [(item.kind, item.amount, item.since, item.until) for item in person.earnings]
