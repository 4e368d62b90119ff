"""Agreeing to electronic service (电子送达确认): in writing, by a versioned text, withdrawable.

Whoever has not agreed gets paper. What has arrived before a withdrawal stays served.
"""

from hashlib import sha256
from typing import Any

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from applications.models import ServiceConsent
from core import audit, clock, locks
from core.refusals import Refusal

Method = ServiceConsent.Method
VERSION = "2026-01"

POINTS = (
    (gettext_lazy("哪些文书"), gettext_lazy("住房保障的决定书、复核答复和其他书面决定。")),
    (gettext_lazy("送到哪里"), gettext_lazy("送到这里的「我的」，同时按您的选择发短信提醒。")),
    (
        gettext_lazy("什么时候算送达"),
        gettext_lazy(
            "文书到达这里的时间就是送达时间，申请复核、行政复议和行政诉讼的期限从第二天算起。"
        ),
    ),
    (
        gettext_lazy("可以改回纸质"),
        gettext_lazy("随时可以改回邮寄或者到窗口领取；改之前已经到达的，仍然算送达。"),
    ),
)
TEXT = gettext_lazy("我确认用电子方式接收住房保障的文书。")


class ServiceConsentRefused(Refusal):
    """There is nothing to withdraw, or the words were not read."""


def text_digest() -> str:
    """The digest of the words in force, in Chinese whatever the page's language."""
    with translation.override("zh-hans"):
        words = "\n".join([VERSION, *(f"{head}：{body}" for head, body in POINTS), str(TEXT)])
    return sha256(words.encode()).hexdigest()


def in_force(person_index: str) -> ServiceConsent | None:
    """The consent of this person that stands now; None: letters go on paper."""
    return ServiceConsent.objects.filter(person_index=person_index, withdrawn_at=None).first()


def give(person_index: str, *, by: Any, method: str = Method.ONLINE) -> ServiceConsent:
    """Records the written consent; the one that stands already is returned as it is."""
    with transaction.atomic():
        locks.advisory("service consent", person_index)
        standing = in_force(person_index)
        if standing is not None:
            return standing
        made = ServiceConsent.objects.create(
            person_index=person_index, method=method, text_version=VERSION,
            text_digest=text_digest(), given_at=clock.now(), recorded_by=audit.label(by)[:80],
        )  # fmt: skip
        audit.record(
            "service_consent.given", by=by, thing=made, subjects=[person_index], text=VERSION,
            method=method,
        )  # fmt: skip
        return made


def withdraw(person_index: str, *, by: Any) -> ServiceConsent:
    """Back to paper, from the next letter on. Raises ServiceConsentRefused."""
    with transaction.atomic():
        locks.advisory("service consent", person_index)
        standing = in_force(person_index)
        if standing is None:
            raise ServiceConsentRefused(_("现在就是纸质送达，不用更改。"))
        standing.withdrawn_at = clock.now()
        standing.save(update_fields=["withdrawn_at"])
        audit.record("service_consent.withdrawn", by=by, thing=standing, subjects=[person_index])
        return standing
