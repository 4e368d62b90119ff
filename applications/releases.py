"""Releasing a rule (政策发布): draft → preview over all cases → a second person → its first day.

A released text is immutable and read by the loader of the shipped packs. Whoever judges a case asks
`in_force` for the pack of the day; nothing changes for anybody before the first day of a release.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from applications import permissions, states
from applications.eligibility import policy as policies
from applications.eligibility.policy import Policy, PolicyError
from applications.models import PolicyRelease, PolicyText
from core import audit, clock, locks
from core.refusals import Refusal
from core.workflow import advance


class ReleaseRefused(Refusal):
    """This cannot be done with the release now."""


@dataclass(frozen=True)
class Changed:
    """One value that a release changes, as of its first day."""

    key: str
    description: str
    unit: str
    before: str
    after: str
    citation: str
    unverified: bool


# -- Which pack ---------------------------------------------------------------------------------


def in_force(on: date) -> Policy:
    """The pack of a day: a released one, or where none has begun the shipped one. One query."""
    shipped = policies.default_for(on)
    released = (
        PolicyRelease.objects.filter(state=states.RELEASE_RELEASED, effective_on__lte=on)
        .order_by("-effective_on")
        .first()
    )
    if released is None or released.effective_on < shipped.start:
        return shipped
    return policies.load(released.text)


def text_of(policy: Policy) -> PolicyText:
    """The immutable row of a pack's text, to be named by assessments."""
    row, _made = PolicyText.objects.get_or_create(
        digest=policy.digest,
        defaults={
            "code": policy.id, "text": policy.text, "released_at": clock.now(),
            "released_by": "repository",
        },
    )  # fmt: skip
    return row


def changes(release: PolicyRelease) -> list[Changed]:
    """What the release changes on its first day, beside the pack that it follows."""
    before, after = before_it(release), policies.load(release.text)
    day = release.effective_on
    keys = [key for key in after.parameters if _differs(before, after, key, day)]
    return [
        Changed(
            key=key,
            description=after.parameters[key].description,
            unit=after.parameters[key].unit,
            before=_shown(before, key, day),
            after=_shown(after, key, day),
            citation=after.citation(key, day),
            unverified=after.is_unverified(key, day),
        )
        for key in keys
    ]


def before_it(release: PolicyRelease) -> Policy:
    """The pack that would be in force on the release's first day without it."""
    earlier = (
        PolicyRelease.objects.filter(
            state=states.RELEASE_RELEASED, effective_on__lte=release.effective_on
        )
        .exclude(pk=release.pk)
        .order_by("-effective_on")
        .first()
    )
    shipped = policies.default_for(release.effective_on)
    if earlier is None or earlier.effective_on < shipped.start:
        return shipped
    return policies.load(earlier.text)


def _differs(before: Policy, after: Policy, key: str, day: date) -> bool:
    if key not in before.parameters:
        return True
    same_op = before.op(key) == after.op(key)
    return before.value(key, day) != after.value(key, day) or not same_op


def _shown(policy: Policy, key: str, day: date) -> str:
    if key not in policy.parameters:
        return "—"
    return shown(policy.value(key, day), policy.op(key))


def shown(value: Any, op: str = "") -> str:
    """A value of a pack as people read it: 是 or 否, a list with its commas, pairs by name."""
    if isinstance(value, bool):
        text = str(_("是") if value else _("否"))
    elif isinstance(value, Mapping):
        text = "、".join(f"{name}：{shown(one)}" for name, one in value.items())
    elif isinstance(value, list | tuple):
        text = "、".join(shown(one) for one in value)
    else:
        text = str(value)
    return f"{op} {text}".strip()


# -- Verbs ---------------------------------------------------------------------------------------


def draft(text: str, *, reason: str, by: Any) -> PolicyRelease:
    """Keeps a valid pack as a draft. Raises ReleaseRefused with the line that is at fault."""
    _refuse(permissions.why_not_draft_rules(by.as_staff))
    pack = _checked(text, reason)
    with transaction.atomic():
        _refuse_taken(pack)
        now = clock.now()
        row = PolicyRelease.objects.create(
            code=pack.id, title=pack.title, text=pack.text, digest=pack.digest,
            effective_on=pack.start, reason=reason.strip(), state_since=now, drafted_by=by,
            drafted_at=now,
        )  # fmt: skip
        audit.record("policy.drafted", by=by, thing=row, digest=pack.digest)
        return row


def change(release: PolicyRelease, text: str, *, reason: str, by: Any) -> PolicyRelease:
    """Another text for a draft; whoever changes it is its drafter from now on."""
    _refuse(permissions.why_not_draft_rules(by.as_staff))
    pack = _checked(text, reason)
    with transaction.atomic():
        row = locks.fresh(release)
        _refuse_unless(row, states.RELEASE_DRAFT)
        _refuse_taken(pack, but=row)
        row.code, row.title, row.text, row.digest = pack.id, pack.title, pack.text, pack.digest
        row.effective_on, row.reason, row.drafted_by = pack.start, reason.strip(), by
        row.save()
        audit.record("policy.changed", by=by, thing=row, digest=pack.digest)
        return row


def ask_preview(release: PolicyRelease, *, by: Any) -> PolicyRelease:
    """Counts anew, in the background, whom the draft would touch."""
    from applications import tasks  # tasks import the verbs

    _refuse(permissions.why_not_release_rules(by.as_staff))
    with transaction.atomic():
        row = locks.fresh(release)
        if row.state not in (states.RELEASE_DRAFT, states.RELEASE_PROPOSED):
            raise ReleaseRefused(_("只有起草中和待批准的政策包可以预览。"))
        row.preview, row.preview_of, row.preview_at = None, row.digest, clock.now()
        row.preview_done = row.preview_total = 0
        row.save()
        audit.record("policy.preview_asked", by=by, thing=row, digest=row.digest)
        tasks.preview_release.delay_on_commit(row.pk, row.digest)
        return row


def propose(release: PolicyRelease, *, by: Any) -> PolicyRelease:
    """Hands a previewed draft to a second person."""
    _refuse(permissions.why_not_release_rules(by.as_staff))
    with transaction.atomic():
        row = locks.fresh(release)
        if why := why_not_propose(row):
            raise ReleaseRefused(why)
        audit.record("policy.proposed", by=by, thing=row, digest=row.digest)
        return advance(row, states.RELEASE_PROPOSED, by=by)


def approve(release: PolicyRelease, *, by: Any) -> PolicyRelease:
    """Puts it into force from its first day; by somebody else than its drafter."""
    _refuse(permissions.why_not_release_rules(by.as_staff))
    with transaction.atomic():
        row = locks.fresh(release)
        if why := why_not_approve(row, by):
            raise ReleaseRefused(why)
        if _others_on(row.effective_on).exclude(pk=row.pk).exists():
            raise ReleaseRefused(_("这一天已经有一个政策包生效。"))
        row.decided_by, row.decided_at = by, clock.now()
        row.save(update_fields=["decided_by", "decided_at"])
        text_of(policies.load(row.text))
        audit.record("policy.released", by=by, thing=row, digest=row.digest)
        return advance(row, states.RELEASE_RELEASED, by=by)


def send_back(release: PolicyRelease, *, note: str, by: Any) -> PolicyRelease:
    """Back to its drafter with words."""
    _refuse(permissions.why_not_release_rules(by.as_staff))
    with transaction.atomic():
        row = _noted(locks.fresh(release), note)
        _refuse_unless(row, states.RELEASE_PROPOSED)
        row.save(update_fields=["note"])
        audit.record("policy.sent_back", by=by, thing=row, digest=row.digest)
        return advance(row, states.RELEASE_DRAFT, by=by, reason=note)


def withdraw(release: PolicyRelease, *, note: str, by: Any) -> PolicyRelease:
    """Takes it back before its first day; later only another release can change the rules."""
    _refuse(permissions.why_not_release_rules(by.as_staff))
    with transaction.atomic():
        row = _noted(locks.fresh(release), note)
        if why := why_not_withdraw(row):
            raise ReleaseRefused(why)
        row.save(update_fields=["note"])
        audit.record("policy.withdrawn", by=by, thing=row, digest=row.digest)
        return advance(row, states.RELEASE_WITHDRAWN, by=by, reason=note)


# -- Why not: one sentence for the button, the page and the verb --------------------------------


def why_not_propose(row: PolicyRelease) -> Any:
    if row.state != states.RELEASE_DRAFT:
        return _("只有起草中的政策包可以提交。")
    if not row.is_previewed:
        return _not_previewed()
    return _late(row)


def why_not_approve(row: PolicyRelease, by: Any) -> Any:
    if row.state != states.RELEASE_PROPOSED:
        return _("只有待批准的政策包可以批准。")
    if row.drafted_by_id == by.pk:
        return _("起草人不能自己批准，请另一人批准。")
    if not row.is_previewed:  # it was asked for anew since it was proposed
        return _not_previewed()
    return _late(row)


def why_not_withdraw(row: PolicyRelease) -> Any:
    if row.state == states.RELEASE_WITHDRAWN:
        return _("已经撤回。")
    if row.state == states.RELEASE_RELEASED and row.effective_on <= clock.today():
        return _("已经生效，不能撤回。请发布新的政策包。")
    return ""


def _not_previewed() -> Any:
    return _("请先预览：看清楚会影响哪些家庭，再提交。")


def _late(row: PolicyRelease) -> Any:
    """Its first day must still come, or cases of today would change under a reviewer's hands."""
    if row.effective_on <= clock.today():
        return _("生效日期已到或已过，请改成以后的日期。")
    return ""


def _checked(text: str, reason: str) -> Policy:
    try:
        pack = policies.load(text if "\n" in text else f"{text}\n")
    except PolicyError as error:
        raise ReleaseRefused(_("内容有错：%(fault)s") % {"fault": error}, "text") from None
    if pack.start <= clock.today():
        raise ReleaseRefused(_("生效日期要在今天以后。"), "text")
    if not reason.strip():
        raise ReleaseRefused(_("请写一句为什么改。"), "reason")
    return pack


def _refuse(why: str) -> None:
    if why:
        raise ReleaseRefused(why)


def _refuse_taken(pack: Policy, but: PolicyRelease | None = None) -> None:
    others = PolicyRelease.objects.exclude(state=states.RELEASE_WITHDRAWN).filter(code=pack.id)
    if but is not None:
        others = others.exclude(pk=but.pk)
    if pack.id in policies.shipped() or others.exists():
        raise ReleaseRefused(_("编号%(code)s已经用过，请换一个。") % {"code": pack.id}, "text")


def _refuse_unless(row: PolicyRelease, state: str) -> None:
    if row.state != state:
        raise ReleaseRefused(_("状态已经变了，请刷新页面。"))


def _noted(row: PolicyRelease, note: str) -> PolicyRelease:
    if not note.strip():
        raise ReleaseRefused(_("请写一句为什么。"), "note")
    row.note = note.strip()[:400]
    return row


def _others_on(day: date) -> Any:
    return PolicyRelease.objects.filter(state=states.RELEASE_RELEASED, effective_on=day)
