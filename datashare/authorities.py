"""依据 on what authority a department is asked: a person's consent in force, or a named duty.

Consents are registered here by whoever takes them, with the person, the case and the kinds of
purpose that their words cover; datashare knows no application. Duties are a closed table. A
question that neither covers does not go out, whoever wrote the code that asks it.

A check and the call that follows it cannot be one act, because departments are not waited for while
rows are locked. So a check is also a short lease: the consent's row says until when questions may
still start, each question looks at that moment right before it starts, and a withdrawal commits
only after it has passed. Nothing is asked after the withdrawal is said to be done.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from core import audit, clock
from core.identity.ciphers import blind_index
from datashare.duties import DUTIES, NOBODY, Duty
from datashare.gateway.faults import NO_AUTHORITY
from datashare.models import GivenConsent
from datashare.questions import Purpose, PurposeMissing, Question
from datashare.sources import CATALOGUE
from datashare.sources.source import CHECK, COMMITMENT, DRAFT, RECHECK

CONSENT, DUTY = "consent", "duty"
# what the words of the consent card cover: this application and the re-check of each year
CONSENT_KINDS = (CHECK, RECHECK, DRAFT)
LEASE = 0.6  # seconds in which questions may start on one check; a withdrawal waits no longer
MARGIN = 0.1  # seconds of the lease left for the way from the check to the wire

Pair = tuple[Question, Purpose]

_TAKE = """
WITH held AS (
    SELECT id FROM {table}
    WHERE digest = ANY(%(digests)s) AND (ends_at IS NULL OR ends_at > %(now)s)
    ORDER BY id FOR NO KEY UPDATE
)
UPDATE {table} AS one SET starts_until = clock_timestamp() + make_interval(secs => %(lease)s)
FROM held WHERE one.id = held.id
RETURNING one.digest, one.person_index, one.case_no, one.kinds
"""


# -- Consents: told by whoever takes them ----------------------------------------------------------


def register(
    digest: str,
    person_index: str,
    *,
    case_no: str,
    kinds: Iterable[str] = CONSENT_KINDS,
    given_at: datetime | None = None,
) -> GivenConsent:
    """Registers a consent of one person for one case, in the transaction that records it.

    The same digest again is the same consent; one that has ended stays ended.
    """
    row, _new = GivenConsent.objects.get_or_create(
        digest=digest,
        defaults={
            "person_index": person_index, "case_no": case_no, "kinds": sorted(kinds),
            "given_at": given_at or clock.now(),
        },
    )  # fmt: skip
    return row


def end(digests: Collection[str], *, because: str) -> int:
    """Ends consents in the caller's transaction; nothing starts once that is committed.

    `because` is one of GivenConsent.Because. Waits, a fraction of a second, until questions that
    were checked just before have started. Returns how many were in force.
    """
    with transaction.atomic():
        rows = list(
            GivenConsent.objects.select_for_update()
            .filter(digest__in=digests, ends_at=None)
            .order_by("id")
        )
        GivenConsent.objects.filter(pk__in=[one.pk for one in rows]).update(
            ends_at=clock.now(), ended_because=because
        )
        _wait_out([one.starts_until for one in rows if one.starts_until])
        return len(rows)


def _wait_out(leases: list[datetime]) -> None:
    if not leases:
        return
    with connection.cursor() as cursor:  # the database's clock, which also gave the lease
        cursor.execute("SELECT clock_timestamp()")
        (now,) = cursor.fetchone()
    if (left := (max(leases) - now).total_seconds()) > 0:
        time.sleep(min(left, LEASE))


# -- The check that every question passes ----------------------------------------------------------


class Standing:
    """在办依据 which of these questions may be asked; one query, good for `LEASE` seconds."""

    def __init__(self, pairs: Iterable[Pair]) -> None:
        self.pairs = list(dict.fromkeys(pairs))
        self.missing: dict[Pair, str] = {}
        self._until = 0.0
        self.check()

    def check(self) -> None:
        """Reads anew what is missing of each question and takes the lease."""
        began = time.monotonic()
        held = _take({named for one in self.pairs if (named := _digest_of(one[1]))})
        self.missing = {pair: lack for pair in self.pairs if (lack := why_not(*pair, held=held))}
        self._until = began + LEASE - MARGIN

    @property
    def has_lapsed(self) -> bool:
        """Whether the lease is over: `renew` before another question starts.

        Questions that wait for their place in a quota wait longer than a lease.
        """
        return time.monotonic() >= self._until

    def renew(self) -> None:
        """Looks again, unless somebody just did (called in the thread that asks)."""
        if self.has_lapsed:
            self.check()


def why_not(question: Question, purpose: Purpose, *, held: dict[str, tuple[str, str, Any]]) -> str:
    """What a question lacks, as a sentence; '' if it may be asked.

    `held` are the consents in force by digest: person, case, kinds of purpose.
    """
    authority, _colon, named = purpose.basis.partition(":")
    kind = kind_of(purpose)
    if authority == DUTY:
        return _lacks_duty(question, DUTIES.get(named), kind, named)
    if kind not in CATALOGUE[question.source].purposes:
        return _not_for(question, kind)
    return _lacks_consent(question, purpose, kind, held.get(named))


def kind_of(purpose: Purpose) -> str:
    """The kind of purpose: as given, or else the duty's first, or the check of an application."""
    if purpose.kind:
        return purpose.kind
    authority, _colon, named = purpose.basis.partition(":")
    if authority == DUTY and named in DUTIES:
        return DUTIES[named].kinds[0]
    return CHECK


def note_refused(missing: dict[Pair, str], *, by: Any) -> None:
    """Writes into the audit what was not asked and why: one entry a case, person and reason."""
    found: dict[tuple[str, str, str, str, str], list[str]] = defaultdict(list)
    for (question, purpose), lack in missing.items():
        index = blind_index(question.person.id_number)
        key = (purpose.case_no, index, lack, purpose.matter, purpose.basis.partition(":")[0])
        found[key].append(question.source)
    for (case_no, index, lack, matter, authority), sources in found.items():
        audit.record(
            "call.refused", by=by, case_no=case_no[:40], subjects=[index], purpose=matter,
            missing=lack, authority=authority, sources=sorted(sources),
        )  # fmt: skip


def refuse_any(missing: dict[Pair, str], *, by: Any) -> None:
    """Raises PurposeMissing for the first question that lacks something, after noting them all."""
    if missing:
        note_refused(missing, by=by)
        raise PurposeMissing(next(iter(missing.values())))


def _take(digests: Collection[str]) -> dict[str, tuple[str, str, Any]]:
    """The consents in force among these, leased: in the order of their keys, so none deadlock."""
    if not digests:
        return {}
    table = connection.ops.quote_name(GivenConsent._meta.db_table)
    values: dict[str, Any] = {"digests": sorted(digests), "now": clock.now(), "lease": LEASE}
    with connection.cursor() as cursor:
        cursor.execute(_TAKE.format(table=table), values)
        return {row[0]: (row[1], row[2], row[3]) for row in cursor.fetchall()}


def _digest_of(purpose: Purpose) -> str:
    authority, _colon, named = purpose.basis.partition(":")
    return named if authority == CONSENT else ""


def _lacks_duty(question: Question, duty: Duty | None, kind: str, named: str) -> str:
    if duty is None:
        return _("没有名为%(name)s的法定职责。") % {"name": named[:40]}
    if duty.nobody_only:
        known = question.person.id_number in NOBODY
        return "" if known else _("接口自检只能用不属于任何人的号码。")
    if kind not in duty.kinds or question.source not in duty.sources:
        return _("法定职责“%(duty)s”不包括查询%(source)s。") % {
            "duty": duty.name,
            "source": CATALOGUE[question.source].name,
        }
    return "" if kind in CATALOGUE[question.source].purposes else _not_for(question, kind)


def _lacks_consent(
    question: Question, purpose: Purpose, kind: str, given: tuple[str, str, Any] | None
) -> str:
    if given is None:
        return _("没有本人有效的授权：没有登记、已经撤回或已经到期。")
    person_index, case_no, kinds = given
    if person_index != blind_index(question.person.id_number):
        return _("这份授权不是被查询人本人的。")
    if case_no != purpose.case_no:
        return _("这份授权不是为这个办件给的。")
    return "" if kind in kinds else _("授权的用途不包括这次查询。")


def _not_for(question: Question, kind: str) -> str:
    return _("%(source)s不能用于这个用途（%(kind)s）。") % {
        "source": CATALOGUE[question.source].name,
        "kind": kind,
    }


__all__ = [
    "COMMITMENT",
    "CONSENT_KINDS",
    "DUTIES",
    "NO_AUTHORITY",
    "Standing",
    "end",
    "kind_of",
    "note_refused",
    "refuse_any",
    "register",
    "why_not",
]
