"""Letters on their way (送达): the rows, where each letter stands, service by consent.

A letter is served when its arrival is proven, never by being signed. Who agreed to electronic
service has it when it stands in the app (到达); everybody else when a person records the proof
(applications.serving). Nothing adverse takes effect before.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Prefetch, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Staff
from applications import periods, service_consents, states
from applications.models import Application, Decision, Delivery, Reconsideration
from core import audit, clock, notices, workflow

Letter = Decision | Reconsideration
Channel, Proof = Delivery.Channel, Delivery.Proof
OPEN = (states.DELIVERY_SENT, states.DELIVERY_PROPOSED)
SYSTEM = audit.System("electronic service")
_MOST = 200  # letters of one list

ON_ITS_WAY = notices.Template(
    "letter.sent",
    gettext_lazy("有一份文书正在送达"),
    gettext_lazy(
        "有一份住房保障的文书（{number}）正在送达，方式是{way}。收到以前，您的办件照旧办理。"
    ),
    sms=gettext_lazy("有一份住房保障的文书正在送达，请留意查收。我们不会在短信里要您转账或点链接"),
)
NOT_REACHED = notices.Template(
    "letter.undelivered",
    gettext_lazy("有一份文书没送到，正在联系您"),
    gettext_lazy(
        "文书（{number}）没有送到。请核对联系方式里的收信地址，或者带身份证到窗口领取，也可以拨{office_phone}。"
    ),
    sms=gettext_lazy(
        "有一份文书没有送到，请核对收信地址或带身份证到窗口领取。我们不会在短信里要您转账或点链接"
    ),
)


@dataclass(frozen=True)
class Waiting:
    """A letter that is signed and not served yet, as the list of the desk shows it."""

    letter: Letter
    kind: str  # decision, answer
    application: Application
    number: str
    signed_at: datetime
    last: Delivery | None
    due: date

    @property
    def word(self) -> str:
        """已签发, 送达中 or 没送到."""
        return _word(self.last, served=False)

    @property
    def failed(self) -> bool:
        """Whether the last try came to nothing and another way is to be chosen."""
        return self.last is not None and self.last.state == states.DELIVERY_FAILED


def application_of(letter: Letter) -> Application:
    """The case of a letter."""
    return letter.application if isinstance(letter, Decision) else letter.decision.application


def kind_of(letter: Letter) -> str:
    """The word for the kind of letter in addresses."""
    return "decision" if isinstance(letter, Decision) else "answer"


def of(letter: Letter) -> QuerySet[Delivery]:
    """Every try to serve a letter, the first one first."""
    return letter.deliveries.select_related("sent_by", "second_by", "recorded_by")


def is_ready(letter: Letter) -> bool:
    """Whether a letter is signed, or answered, and still to be served."""
    if letter.served_at is not None:
        return False
    if isinstance(letter, Decision):
        return letter.signed_at is not None and not letter.replaced
    return letter.answered_at is not None and letter.letter_no is not None


def awaiting(application: Application) -> Decision | None:
    """The signed refusal that has not reached the family (决定待送达): the case stands still."""
    rows = application.decisions.filter(
        kind=Decision.Kind.REFUSE, signed_at__isnull=False, served_at=None, replaced=False
    )
    return rows.first()


def word_of(letter: Letter) -> str:
    """已签发 / 送达中 / 已送达 / 没送到，正在联系."""
    tries = sorted(letter.deliveries.all(), key=lambda one: one.attempt)
    return _word(tries[-1] if tries else None, served=letter.served_at is not None)


def _word(last: Delivery | None, *, served: bool) -> str:
    if served:
        return _("已送达")
    if last is not None and last.state in OPEN:
        return _("送达中")
    if last is not None and last.state == states.DELIVERY_FAILED:
        return _("没送到，正在联系")
    return _("已签发")


# -- Service by consent ----------------------------------------------------------------------------


def by_consent(letter: Letter, *, by: Staff) -> Delivery | None:
    """Serves a letter into the app of an applicant who agreed to that; None: it goes on paper.

    Inside the verb that signs. The arrival is what the row records: it is there with it.
    """
    application = application_of(letter)
    consent = service_consents.in_force(application.applicant.id_index)
    if consent is None:
        return None
    row = start(letter, Channel.ELECTRONIC, by=by, consent=consent)
    row.proof, row.proved_on = Proof.ARRIVED, clock.today()
    row.save(update_fields=["proof", "proved_on"])
    return workflow.advance(row, states.DELIVERY_SERVED, by=SYSTEM)


def start(letter: Letter, channel: str, *, by: Staff, **fields: Any) -> Delivery:
    """The row of another try; the caller holds the case's lock and has refused what must be."""
    now = clock.now()
    row = Delivery.objects.create(
        application=application_of(letter),
        decision=letter if isinstance(letter, Decision) else None,
        reconsideration=letter if isinstance(letter, Reconsideration) else None,
        attempt=letter.deliveries.count() + 1,
        channel=channel,
        state_since=now,
        sent_at=now,
        sent_by=by,
        **fields,
    )
    audit.record(
        "delivery.sent", by=by.user, thing=row, channel=channel, attempt=row.attempt,
        letter=letter.letter_no,
    )  # fmt: skip
    return row


def opened(letter: Letter, *, by: Any) -> None:
    """Notes that the family has opened a letter in the app; the first time counts."""
    row = letter.deliveries.filter(
        channel=Channel.ELECTRONIC, state=states.DELIVERY_SERVED, opened_at=None
    ).first()
    if row is not None:
        Delivery.objects.filter(pk=row.pk, opened_at=None).update(opened_at=clock.now())
        audit.record("delivery.opened", by=by, thing=row)


def stop(application: Application, *, by: Any, reason: str) -> None:
    """The case has ended, by the family's own wish for one: what was not served is not served."""
    rows = application.decisions.filter(signed_at__isnull=False, served_at=None, replaced=False)
    for letter in rows.exclude(kind__in=Decision.APART):
        letter.replaced = True
        letter.save(update_fields=["replaced"])
        stop_letter(letter, by=by, reason=reason)


def stop_letter(letter: Letter, *, by: Any, reason: str) -> None:
    """Ends the open tries to serve one letter."""
    for row in letter.deliveries.filter(state__in=OPEN):
        workflow.advance(row, states.DELIVERY_STOPPED, by=by, reason=reason)


# -- Lists -------------------------------------------------------------------------------------


def waiting(*, among: QuerySet[Application] | None = None) -> list[Waiting]:
    """Every letter that is signed and not served, the most urgent first."""
    tries = Prefetch("deliveries", queryset=Delivery.objects.order_by("attempt"))
    decisions, answers = _unserved()
    if among is not None:
        decisions = decisions.filter(application__in=among)
        answers = answers.filter(decision__application__in=among)
    rows = [
        _waiting(one, one.application, one.signed_at)
        for one in decisions.select_related("application").prefetch_related(tries)[:_MOST]
    ] + [
        _waiting(one, one.decision.application, one.answered_at)
        for one in answers.select_related("decision__application").prefetch_related(tries)[:_MOST]
    ]
    return sorted(rows, key=lambda one: (one.due, one.signed_at))


def count_waiting() -> int:
    """How many letters are signed and not served."""
    decisions, answers = _unserved()
    return decisions.count() + answers.count()


def _unserved() -> tuple[QuerySet[Decision], QuerySet[Reconsideration]]:
    return (
        Decision.objects.filter(signed_at__isnull=False, served_at=None, replaced=False),
        Reconsideration.objects.filter(
            answered_at__isnull=False, served_at=None, letter_no__isnull=False
        ),
    )


def _waiting(letter: Letter, application: Application, signed_at: Any) -> Waiting:
    tries: Iterable[Delivery] = letter.deliveries.all()
    last = max(tries, key=lambda one: one.attempt, default=None)
    return Waiting(
        letter=letter,
        kind=kind_of(letter),
        application=application,
        number=letter.letter_no or "",
        signed_at=signed_at,
        last=last,
        due=_due(last, signed_at),
    )


def _due(last: Delivery | None, signed_at: datetime) -> date:
    """By when something has to happen: a proof, or the next try."""
    if last is not None and last.state in OPEN and last.due_on:
        return last.due_on
    since = last.recorded_at if last is not None and last.recorded_at else signed_at
    return periods.of("delivery_send").after(since.astimezone(clock.LOCAL).date())
