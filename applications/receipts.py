"""Receipts (回执): what a family is told after sending, on the page and on paper."""

from collections.abc import Iterable
from typing import Any

from django.http import Http404, HttpResponse
from django.utils import translation
from django.utils.translation import gettext as _

from applications import (
    archive,
    authority,
    consent,
    consent_waits,
    deadlines,
    inquiries,
    kin,
    letters,
    mandates,
    privacy,
)
from applications.evidence_words import Line, line
from applications.models import Application, Evidence, Member
from applications.models.evidence import APPLY
from core import clock, display
from core.identity import masking

# 第一屏 shows what people look for; the rest is folded away
_FIRST = (
    "household_register", "marriage", "low_income_aid", "property", "presale_contract",
    "resale_contract", "social_insurance", "income_check", "vehicle", "disability",
)  # fmt: skip


def found(application: Application, *, reader: Any) -> dict[str, Any]:
    """Evidence by member as this user may read it, and how far the asking has come.

    The reader's own lines stand first, then those of children in their care; of every other member
    stand the counts alone.
    """
    rows = list(
        application.evidence.filter(round=APPLY, member__excluded=False)
        .select_related("member")
        .order_by("member__position", "id")
    )
    pending = sum(one.status == Evidence.Status.PENDING for one in rows)
    members = list(application.members.filter(excluded=False).prefetch_related("consents"))
    readable = privacy.readable_to(reader, members)
    own = reader.as_citizen.id_index
    members.sort(key=lambda one: (one.id_index != own, one.pk not in readable, one.position))
    differing = inquiries.differing(application)
    kept = archive.newest_kept(one for one in rows if one.member_id in readable)
    answers: dict[int, list[Evidence]] = {}
    for one in rows:
        answers.setdefault(one.member_id, []).append(one)
    return {
        "people_found": [
            _lines_of(one, answers[one.pk], differing, kept)
            if one.pk in readable
            else _counts_of(one, answers[one.pk])
            for one in members
            if one.pk in answers
        ],
        "done": len(rows) - pending,
        "total": len(rows),
        "finished": not pending,
        "as_of": rows and max((one.fetched_at for one in rows if one.fetched_at), default=None),
    }


def _lines_of(
    member: Member,
    rows: list[Evidence],
    differing: inquiries.Differing,
    kept: dict[int, dict[str, Any]],
) -> dict[str, Any]:
    told = [(one, line(one, differs=differing.line(one), kept=kept.get(one.pk))) for one in rows]
    first = [words for one, words in told if _is_first(one) or differing.line(one)]
    more = [words for one, words in told if not (_is_first(one) or differing.line(one))]
    return {"member": member, "open": True, "first": first, "more": more, "count": len(rows)}


def lines(rows: Iterable[Evidence]) -> list[Line]:
    """Lines of a person's own evidence, each with what names the kept answer."""
    told = list(rows)
    kept = archive.newest_kept(told)
    return [line(one, kept=kept.get(one.pk)) for one in told]


def _counts_of(member: Member, rows: list[Evidence]) -> dict[str, Any]:
    """How much was found about somebody else, and nothing of it."""
    return {
        "member": member,
        "open": False,
        "relation": _("申请人") if member.is_applicant else kin.relation_word(member.relation),
        "word": authority.word_of(member),
        "found": sum(one.status == Evidence.Status.FOUND for one in rows),
        "none": sum(one.status == Evidence.Status.NO_RECORD for one in rows),
    }


def _is_first(one: Evidence) -> bool:
    told = one.status == Evidence.Status.FOUND or one.source in _FIRST
    return told or one.disputed or one.status == Evidence.Status.UNAVAILABLE


def sentence(application: Application, waiting: list[Member]) -> str:
    """Sentence 1 or 2 of part 3.3."""
    due = deadlines.told(application.promised_due)
    if waiting:
        due = deadlines.told(consent_waits.due_of(application) or application.promised_due)
        return _(
            "已受理，还差%(n)s位家人授权，请他们在%(due)s前完成。授权之前，我们不会查询他们的信息。"
        ) % {"n": len(waiting), "due": due}
    return _(
        "已受理，编号%(case_no)s。最迟%(due)s答复您，现在不用您办理。"
        "受理不等于通过，后面还要核对和公示。"
    ) % {"case_no": application.case_no, "due": due}


def own_evidence(user: Any, evidence_id: int) -> Evidence:
    """A line that this citizen may speak about: their own, or of a child in their care."""
    row = Evidence.objects.filter(pk=evidence_id).select_related("application", "member").first()
    if row is None or not may_see(user, row.application):
        raise Http404
    people = row.application.members.filter(excluded=False)
    if row.member_id not in privacy.readable_to(user, people):
        raise Http404
    return row


def may_see(user: Any, application: Application) -> bool:
    """Whether the application is this citizen's: applicant, consenting adult or who typed it.

    Who acts for somebody sees that person's cases by the mandate alone; once it has ended, what was
    typed for them is closed, too.
    """
    citizen = user.as_citizen
    if citizen is None:
        return False
    mandate = mandates.acting(user)
    if mandate is not None:
        named = application.members.filter(id_index=mandate.principal_index, excluded=False)
        typed = application.created_by_id == user.pk
        return named.exists() and (typed or mandates.is_in_force(mandate, clock.today()))
    if application.created_by_id == user.pk and application.channel == "online":
        return application.applicant.id_index not in mandates.closed_to(user)
    return application.members.filter(id_index=citizen.id_index, excluded=False).exists()


def receipt_pdf(application: Application) -> bytes:
    """受理回执 as PDF, in Chinese."""
    with translation.override("zh-hans"):
        waiting = authority.pending(application)
        people = application.members.filter(excluded=False).order_by("position")
        data = {
            "number": application.case_no,
            "sentence": sentence(application, waiting),
            "facts": _facts(application),
            "people": [
                [masking.mask_name(one.name), str(kin.relation_word(one.relation))]
                for one in people
            ],
            "waiting": [masking.mask_name(one.name) for one in waiting],
            "commitments": [one.text for one in application.commitments.all()],
            "following": _following(application),
            "next": [
                _("各部门核对信息，不用您交材料。"),
                _("镇街和区里审核，有问题会联系您。"),
                _("符合条件的公示，公示后进入轮候。"),
            ],
        }
        return letters.pdf("receipt", data, check=letters.check_code(application.case_no or ""))


def authorisation_pdf(application: Application, people: list[Member]) -> bytes:
    """查询授权承诺书 as PDF: one page a person, to be signed at the window."""
    with translation.override("zh-hans"):
        data = {
            "number": application.case_no,
            "people": [
                {
                    "name": one.name,
                    "id": masking.mask_id(one.id_number),
                    "relation": str(kin.relation_word(one.relation)),
                }
                for one in people
            ],
            "text": str(consent.TEXT),
            "points": [[str(head), str(body)] for head, body in consent.POINTS],
            "version": consent.VERSION,
            "digest": consent.text_digest()[:16],
        }
        check = letters.check_code(application.case_no or "")
        return letters.pdf("authorisation", data, check=check)


def codes_pdf(people: list[Member]) -> bytes:
    """授权码单 as PDF: one slip a person, for those to whom no message can be sent."""
    with translation.override("zh-hans"):
        data = {
            "people": [
                {"name": masking.mask_name(one.name), "code": consent.code_for(one)}
                for one in people
            ],
            "ways": [
                _("有手机的：浙里办—住房保障—家人授权，用本人账号登录，输入授权码。"),
                _("没有手机的：带身份证和本单到窗口，当场签字。"),
            ],
        }
        return letters.pdf("codes", data)


def as_file(content: bytes, name: str) -> HttpResponse:
    """A PDF to look at in the browser."""
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{name}"'
    response["Cache-Control"] = "private, no-store"
    return response


def _following(application: Application) -> list[str]:
    """What may follow later (容缺), each with its day."""
    rows = application.supplements.to_follow().filter(received_at=None)
    return [
        _("%(item)s：请在%(due)s前补交") % {"item": one.text, "due": display.day(one.due_on)}
        for one in rows.order_by("pk")
    ]


def _facts(application: Application) -> list[list[str]]:
    applicant = application.applicant
    street = application.street
    return [
        [_("申请人"), masking.mask_name(applicant.name)],
        [_("证件号码"), masking.mask_id(applicant.id_number)],
        [_("申请事项"), application.get_programme_display()],
        [_("受理时间"), display.day_time(application.accepted_at)],
        [_("承诺办结"), deadlines.told(application.promised_due)],
        [_("法定期限"), deadlines.told(application.statutory_due)],
        [_("办理单位"), street.name if street else letters.OFFICE],
    ]


__all__ = [
    "Line", "as_file", "authorisation_pdf", "codes_pdf", "found", "line", "lines", "may_see",
    "own_evidence",
    "receipt_pdf", "sentence",
]  # fmt: skip
