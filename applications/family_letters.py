"""The letters of a case as its family reads them (我的文书): state, three plain lines, PDF.

Of a letter that is signed and not served yet only its number and where it is are told: neither what
it is nor what it says.
"""

from dataclasses import dataclass
from typing import Any

from django.db.models import Prefetch
from django.utils.translation import gettext as _

from applications import answers, decision, deliveries, reconsiderations
from applications.models import Application, Decision, Delivery, Reconsideration
from core import clock


@dataclass(frozen=True)
class Line:
    """One letter. ``lines``, ``grounds`` and ``text`` are empty until it has been served."""

    kind: str
    pk: int
    title: str
    number: str
    word: str
    served_at: Any
    replaced: bool
    lines: list[str]
    text: str
    grounds: list[dict[str, str]]
    may_ask: bool  # re-consideration can be asked for now
    failed: bool


def of(application: Application) -> list[Line]:
    """Every signed letter, the newest first."""
    tries = Prefetch("deliveries", queryset=Delivery.objects.order_by("attempt"))
    rows = application.decisions.filter(signed_at__isnull=False).prefetch_related(tries)
    # what was taken back before it arrived never reached anybody
    shown = [one for one in rows if (one.served_at or not one.replaced) and not one.addressee]
    asked = Reconsideration.objects.filter(
        decision__application=application, letter_no__isnull=False
    ).select_related("decision")
    lines = [(one.signed_at, _decision(one, application)) for one in shown]
    lines += [(one.answered_at, _answer(one)) for one in asked.prefetch_related(tries)]
    return [line for _at, line in sorted(lines, key=lambda pair: pair[0], reverse=True)]  # type: ignore[arg-type,return-value]


def _decision(letter: Decision, application: Application) -> Line:
    served = letter.served_at is not None
    today = clock.today()
    return Line(
        kind="decision",
        pk=letter.pk,
        title=str(decision.title_of(letter)) if served else _unread(letter),
        number=letter.letter_no,
        word=deliveries.word_of(letter),
        served_at=letter.served_at,
        replaced=letter.replaced,
        lines=decision.plain_lines(letter) if served else [],
        text=letter.text if served else "",
        grounds=decision.grounds(letter) if served else [],
        may_ask=served and not reconsiderations.why_not_ask(letter, application, today=today),
        failed=not served and _failed(letter),
    )


def _answer(request: Reconsideration) -> Line:
    served = request.served_at is not None
    return Line(
        kind="answer",
        pk=request.pk,
        title=answers.title_of(request),
        number=request.letter_no or "",
        word=deliveries.word_of(request),
        served_at=request.served_at,
        replaced=False,
        lines=answers.plain_lines(request) if served else [],
        text=request.answer if served else "",
        grounds=[],
        may_ask=False,
        failed=not served and _failed(request),
    )


def _unread(letter: Decision) -> str:
    return _("一份告知书") if letter.kind == Decision.Kind.NOTICE else _("一份决定书")


def _failed(letter: deliveries.Letter) -> bool:
    tries = list(letter.deliveries.all())
    return bool(tries) and tries[-1].state == "failed"
