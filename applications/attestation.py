"""Attested typing (录入说明): a card that fails, a rare character or a former name is no dead end.

The clerk types by hand, says why and which papers were on the table instead. The word is recorded
in the audit log and stands on the case, where every reviewer reads it.
"""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Staff
from applications import guardians
from applications.models import Application, Attestation, Member
from core import audit, clock, display, locks
from core.refusals import Refusal


class NotAttested(Refusal):
    """The clerk's word is incomplete."""


def attest(member: Member, *, reason: str, papers: str, remark: str = "", by: Staff) -> Attestation:
    """Records the clerk's word for what was typed; the same reason again changes nothing.

    Raises NotAttested without a reason of the list or without the papers seen.
    """
    if reason not in Attestation.Reason.values:
        raise NotAttested(gettext_lazy("请选择手工录入的原因。"), "reason")
    if not papers.strip():
        raise NotAttested(gettext_lazy("请写明核对了哪种证件，例如户口簿、临时身份证。"), "papers")
    with transaction.atomic():
        application = locks.fresh(member.application)
        if not application.is_open:
            raise NotAttested(gettext_lazy("这份申请已经结束。"))
        made, new = Attestation.objects.get_or_create(
            member=member, reason=reason,
            defaults={
                "application": application, "papers": papers.strip()[:100],
                "remark": remark.strip()[:200], "by": by, "at": clock.now(),
            },
        )  # fmt: skip
        if new:
            audit.record(
                "identity.attested", by=by.user, thing=made, case_no=application.case_no or "",
                subjects=[member.id_index], reason=reason, papers=papers.strip()[:100],
            )  # fmt: skip
        return made


def told(application: Application) -> list[tuple[Any, Any]]:
    """What reviewers read: attested typing, and that the family has no phone."""
    rows = [
        (
            f"{one.member.name} · {one.get_reason_display()}",
            _("已核对%(papers)s。%(remark)s（%(who)s，%(time)s）")
            % {
                "papers": one.papers,
                "remark": f"{one.remark}。" if one.remark else "",
                "who": one.by.name,
                "time": display.day_time(one.at),
            },
        )
        for one in application.attestations.select_related("member", "by")
    ]
    sheet = getattr(application, "desk_sheet", None)
    if sheet is not None and sheet.no_phone:
        rows.append((_("没有手机"), _("通知和文书用纸质送达，不发短信。")))
    if guardian := guardians.named(application):
        word = dict(guardians.KINDS).get(guardian.get("kind", ""), "—")
        rows.append(
            (
                _("监护人"),
                _("%(name)s（%(kind)s），已看%(evidence)s")
                % {
                    "name": guardian["name"],
                    "kind": word,
                    "evidence": guardian.get("evidence") or "—",
                },
            )
        )
    if entry := getattr(application, "employer_entry", None):
        rows.append((_("单位代办"), entry.list.employer))
    return rows
