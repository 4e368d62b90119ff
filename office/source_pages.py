"""数据目录 (catalogue of sources): what each register is asked for and under which terms."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Max
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from core import display
from datashare import catalogue
from datashare.gateway import faults
from datashare.models import Call
from office import source_words, sources
from office.figures.figure import Moment


@dataclass(frozen=True)
class Failure:
    """One kind of failure of the last thirty days."""

    kind: str
    count: int
    last: datetime

    @property
    def word(self) -> Any:
        return source_words.fault(self.kind)

    @property
    def then(self) -> Any:
        """What the platform does about it."""
        return source_words.VERDICTS[faults.Fault(self.kind).verdict.value]


@dataclass(frozen=True)
class Terms(sources.Named):
    """The terms of one source, as a page says them."""

    @property
    def laws(self) -> list[tuple[str, bool]]:
        """The clauses that let the platform ask, each with whether a lawyer has checked it."""
        return [
            (one.english_text if _english() else one.text, one.verified) for one in self.entry.laws
        ]

    @property
    def purposes(self) -> list[Any]:
        return [source_words.purpose(one) for one in self.entry.purposes]

    @property
    def silence(self) -> str:
        """What an answered, empty list means."""
        return _("不知道") if self.entry.silence_is_unknown else _("没有登记")

    @property
    def silence_note(self) -> str:
        if self.entry.silence_is_unknown:
            return _("查不到不等于没有，由人核对或凭承诺办理")
        return _("查不到就是没有，可以直接采用")

    @property
    def quota(self) -> int:
        return self.entry.quota

    @property
    def pace(self) -> str:
        """Calls a day and a second that the gateway grants."""
        return _("每日%(day)s次，每秒%(second)s次") % {
            "day": display.count(self.entry.quota), "second": self.entry.rate,
        }  # fmt: skip

    @property
    def batch(self) -> str:
        return ngettext("%(n)d人", "%(n)d人", self.entry.batch) % {"n": self.entry.batch}

    @property
    def sensitivity(self) -> Any:
        return source_words.sensitivity(self.entry.sensitivity)

    @property
    def way(self) -> Any:
        """At once, slowly, or ordered and made later."""
        return source_words.LATENCY[self.entry.latency]

    @property
    def way_note(self) -> str:
        return _("受理不等报告，承诺期限已包含出具的时间") if self.entry.ordered else ""

    @property
    def fields(self) -> list["FieldLine"]:
        return [
            FieldLine(one.name, one.english if _english() else one.words, one.also, one.assumed)
            for one in self.entry.fields
        ]

    @property
    def assumed(self) -> bool:
        """Whether any field is our own convention until the department says otherwise."""
        return any(one.assumed for one in self.entry.fields)


@dataclass(frozen=True)
class FieldLine:
    """One field that is read: its name on the wire, what it says, other spellings."""

    name: str
    words: str
    also: tuple[str, ...]
    assumed: bool


def listing() -> dict[str, Any]:
    """Every source in the order of the published list. No query."""
    return {"pages": [Terms(one) for one in catalogue.entries()]}


def _english() -> bool:
    return (get_language() or "").startswith("en")


def one(code: str, moment: Moment) -> dict[str, Any]:
    """One source: its terms, its last day, its failures. Raises KeyError for an unknown code."""
    page = Terms(catalogue.entry(code))
    (health,) = sources.health(moment, code)
    return {
        "page": page,
        "health": health,
        "chart": sources.chart([health.hours]),
        "failures": _failures(code, moment),
    }


def _failures(code: str, moment: Moment) -> list[Failure]:
    """Why a source did not answer in the last thirty days, the latest first."""
    rows = (
        Call.objects.since(moment.at - sources.WRONG_SINCE)
        .failed()
        .filter(source=code, started_at__lte=moment.at)
        .order_by()
        .values("error_kind")
        .annotate(n=Count("pk"), last=Max("started_at"))
        .order_by("-last")
    )
    return [Failure(row["error_kind"], row["n"], row["last"]) for row in rows]
