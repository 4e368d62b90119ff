"""What a household is asked in its re-check (复核问题): made by rule, answered, looked at.

Asked on one page with what is known filled in. An answer goes to a person, who accepts it or sends
it back with a sentence; the same rules then read the case again with what was accepted beside it. A
promise and a member's own consent need nobody. No answer leads nowhere by itself (see ladder).
"""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Staff
from applications import authority, consent, material_items, periods, permissions, promises
from applications.eligibility.settled import MET, PROMISED, Settled
from applications.models import Assessment, Consent, MaterialPage, Member
from core import audit, clock, display, locks
from core.notices import Template, tell
from core.workflow import Refusal, advance
from renewal import question_rules, states
from renewal.models import HouseholdQuestion, Recheck, RecheckReminder

Kind, Choice, Channel = (
    HouseholdQuestion.Kind, HouseholdQuestion.Choice, HouseholdQuestion.Channel,
)  # fmt: skip
Step = RecheckReminder.Step
_Wanted = tuple[question_rules.Ask, Mapping[str, Any]]
SYSTEM = audit.System("年度复核")
CHOICES = {
    Kind.CONFIRM: (Choice.RIGHT, Choice.WRONG),
    Kind.EXPLAIN: (Choice.RIGHT, Choice.WRONG),
    Kind.PROOF: (Choice.PAPER,),
    Kind.CONSENT: (Choice.CONSENT,),
}

ASKED = Template(
    "recheck_questions",
    gettext_lazy("年度复核只差几个问题"),
    gettext_lazy(
        "今年复核只差{n}个问题，请在{due}前回答，大约1分钟。没有答复，我们会打电话或上门联系您，"
        "不会因此终止保障。"
    ),
    gettext_lazy(
        "您家的年度复核还有几个问题，请看浙里办—住房保障—年度复核，也可以打0574-12345或到窗口回答。"
        "我们不会在短信里要您转账或点链接。"
    ),
)
SENT_BACK = Template(
    "recheck_sent_back",
    gettext_lazy("有一项还要请您补充"),
    gettext_lazy(
        "您回答的「{title}」还要补充：{note}。请在{due}前回答，也可以到窗口或打0574-12345。"
    ),
    gettext_lazy(
        "您家的年度复核有一项还要补充，请看浙里办—住房保障—年度复核。"
        "我们不会在短信里要您转账或点链接。"
    ),
)


class AnswerRefused(Refusal):
    """The question cannot be answered or settled like this now."""


# -- Asking ------------------------------------------------------------------------------------


def make(row: Recheck, *, by: Any) -> list[HouseholdQuestion]:
    """Asks the household what its assessment leaves to it, each point once; returns the new ones.

    The caller holds the re-check's lock. Points that registers have answered meanwhile are dropped.
    """
    wanted = _wanted(row)
    known = {
        (one.member_id, one.rule): one for one in row.questions.exclude(state=states.Q_DROPPED)
    }
    for key, one in known.items():
        if one.state == states.Q_OPEN and key not in wanted:
            advance(one, states.Q_DROPPED, by=by)
    due, now = periods.of("recheck_answer").after(clock.today()), clock.now()
    made = [
        HouseholdQuestion.objects.create(
            recheck=row, member_id=member_id, rule=rule, kind=ask.kind, basis=ask.basis,
            finding=dict(finding), state_since=now, asked_at=now, due_on=due,
        )
        for (member_id, rule), (ask, finding) in wanted.items()
        if (member_id, rule) not in known
    ]  # fmt: skip
    if made:
        audit.record(
            "recheck.asked", by=by, thing=row, rules=[one.rule for one in made],
            subjects=[one.member.id_index for one in made if one.member],
        )  # fmt: skip
        _invite(row, due, by)
    return made


def drop(row: Recheck, *, by: Any) -> int:
    """The re-check is settled: nothing more is asked. Returns how many points were open."""
    rows = list(row.questions.filter(state__in=states.QUESTION.open_ids))
    for one in rows:
        advance(one, states.Q_DROPPED, by=by)
    return len(rows)


def unheard(row: Recheck) -> bool:
    """Whether an adult of the household has not given their own word on being asked about."""
    people = row.lease.application.members.filter(excluded=False).prefetch_related("consents")
    return bool(_grown_up(list(people), row.on))


def still_open(row: Recheck) -> list[HouseholdQuestion]:
    """What waits for the household."""
    return list(row.questions.filter(state=states.Q_OPEN).select_related("member"))


def accepted(row: Recheck) -> Settled:
    """What people and promises have settled in this re-check, in the shape the rules read."""
    rows = row.questions.filter(state=states.Q_ACCEPTED).exclude(kind=Kind.CONSENT)
    return Settled(
        rules={
            (one.rule, one.member.id_number if one.member else ""): (
                PROMISED if one.choice == Choice.PROMISE else MET
            )
            for one in rows.select_related("member")
        }
    )


# -- Answering ---------------------------------------------------------------------------------


def answer(
    question: HouseholdQuestion, *, choice: str, by: Any, text: str = "", channel: str = "online"
) -> HouseholdQuestion:
    """Keeps one answer at once; answered again it is replaced until a person has looked.

    A promise settles the point, and is checked later like any promise. Raises AnswerRefused, which
    names the field.
    """
    with transaction.atomic():
        row, asked = _locked(question)
        if why := why_not_answer(asked, row):
            raise AnswerRefused(why)
        if choice not in choices(asked):
            raise AnswerRefused(_("请选择一项。"), "choice")
        text = text.strip()
        if choice == Choice.WRONG and not text and not _has_papers(asked):
            raise AnswerRefused(_("请写明应该是怎样的，或者上传证明。"), "text")
        if choice == Choice.PAPER and not text and not _has_papers(asked):
            raise AnswerRefused(_("请拍照上传，或者写上证件的编号和日期。"), "text")
        if asked.state == states.Q_ANSWERED:
            asked = advance(asked, states.Q_OPEN, by=by)
        asked = _answered(asked, choice, text, channel, by)
        if choice == Choice.PROMISE:
            item = material_items.BY_KEY[question_rules.ASKED[asked.finding["reason"]].promise]
            promises.give(row.lease.application, item, by=by)
            promises.schedule(row.lease.application)
            _accept(asked, by)
        _go_on(row, by)
        return asked


def agree(question: HouseholdQuestion, *, by: Any) -> HouseholdQuestion:
    """The member agrees in their own name; from here on registers are asked about them, too.

    Raises AnswerRefused, ConsentRefused.
    """
    with transaction.atomic():
        row, asked = _locked(question)
        if why := why_not_answer(asked, row):
            raise AnswerRefused(why)
        if asked.kind != Kind.CONSENT or asked.member is None:
            raise AnswerRefused(_("这一项不用授权。"))
        consent.give(asked.member, method=Consent.Method.ONLINE, by=by)
        asked = _accept(_answered(asked, Choice.CONSENT, "", Channel.ONLINE, by), by)
        _go_on(row, by)
        return asked


def note_consents(limit: int = 200) -> int:
    """Closes what was asked of members who have agreed elsewhere (at the window, on the family's
    page); returns how many. Safe to repeat."""
    rows = HouseholdQuestion.objects.filter(state=states.Q_OPEN, kind=Kind.CONSENT)
    found = rows.select_related("member").prefetch_related("member__consents").order_by("pk")
    agreed = [one for one in found[:limit] if one.member and authority.may_be_asked(one.member)]
    return sum(_note_consent(one) for one in agreed)


def _note_consent(question: HouseholdQuestion) -> bool:
    with transaction.atomic():
        row, asked = _locked(question)
        if asked.state != states.Q_OPEN:
            return False
        _accept(_answered(asked, Choice.CONSENT, "", Channel.SYSTEM, SYSTEM), SYSTEM)
        _go_on(row, SYSTEM)
        return True


def choices(question: HouseholdQuestion) -> list[str]:
    """What may be answered to a question on the household's page."""
    found = [str(one) for one in CHOICES[Kind(question.kind)]]
    if question_rules.promise_of(question.finding.get("reason", "")):
        found.append(str(Choice.PROMISE))
    return found


def why_not_answer(question: HouseholdQuestion, row: Recheck) -> str:
    """Why this is not to be answered now; late is taken, too."""
    if row.state != states.K_QUESTION:
        return _("这次复核已经办好，不用再回答。")
    if question.state not in (states.Q_OPEN, states.Q_ANSWERED):
        return _("这一项已经核对好，不用再回答。")
    return ""


# -- The desk ----------------------------------------------------------------------------------


def accept(question: HouseholdQuestion, *, by: Staff, note: str) -> HouseholdQuestion:
    """A person has looked at the answer, and it holds; the rules read the case again with it."""
    with transaction.atomic():
        row, asked = _locked(question)
        _refuse_desk(asked, row, by)
        asked.note = note.strip()[:1000]
        asked.save(update_fields=["note"])
        asked = _accept(asked, by.user)
        _go_on(row, by.user)
        return asked


def send_back(question: HouseholdQuestion, *, by: Staff, note: str) -> HouseholdQuestion:
    """The answer leaves something open; the household reads what, and has its days anew."""
    with transaction.atomic():
        row, asked = _locked(question)
        _refuse_desk(asked, row, by)
        if not note.strip():
            raise AnswerRefused(_("请写明还要补充什么，家庭会看到。"), "note")
        asked.note = note.strip()[:1000]
        asked.due_on = periods.of("recheck_answer").after(clock.today())
        asked.save(update_fields=["note", "due_on"])
        asked = advance(asked, states.Q_OPEN, by=by.user, reason=asked.note[:400])
        applicant = row.lease.application.applicant
        tell(
            applicant.id_index, SENT_BACK, by=by.user, case_no=row.case_no,
            phone=applicant.phone or "", title=lambda: title_of(asked), note=asked.note,
            due=asked.due_on,
        )  # fmt: skip
        return asked


def why_not_desk(question: HouseholdQuestion, row: Recheck, staff: Staff) -> str:
    """Why this person may not settle the answer; nobody does their own household's."""
    if why := permissions.why_not_free(staff, row.lease.application):
        return why
    if row.state != states.K_QUESTION or question.state != states.Q_ANSWERED:
        return _("这一项现在没有要核对的回答，请刷新页面。")
    return ""


def title_of(question: HouseholdQuestion) -> str:
    """住房面积, 居住证: what the question is about, in the language of the moment."""
    from renewal import flags

    return flags.cards([question.finding])[0].title


# -- Parts -------------------------------------------------------------------------------------


def _wanted(
    row: Recheck,
) -> dict[tuple[int | None, str], tuple[question_rules.Ask, Mapping[str, Any]]]:
    people = list(row.lease.application.members.filter(excluded=False).prefetch_related("consents"))
    by_number = {one.id_number: one for one in people}
    wanted: dict[tuple[int | None, str], _Wanted] = {}
    also: dict[tuple[int | None, str], _Wanted] = {}  # asked together with others, never alone
    for finding in _findings(row.assessment):
        ask = question_rules.ask_for(finding)
        member = by_number.get(finding.get("person") or "")
        if ask is None or (ask.kind == Kind.CONSENT and member is None):
            continue
        key = (member.pk if member else None, finding["rule"])
        if not question_rules.rests_on_a_word(finding):
            wanted.setdefault(key, (ask, finding))
        elif not _shown_before(row, ask.promise):
            also.setdefault(key, (ask, finding))
    for member in _grown_up(people, row.on):
        wanted.setdefault((member.pk, "CONSENT"), _own_word(member))
    return also | wanted if wanted else {}


def _shown_before(row: Recheck, item: str) -> bool:
    """Whether the household has promised it, or brought papers to it, when it applied or since."""
    case = row.lease.application
    promised = case.commitments.filter(fact=item).exists()
    return promised or case.supplements.filter(item=item, received_at__isnull=False).exists()


def _findings(assessment: Assessment | None) -> Iterable[Mapping[str, Any]]:
    return assessment.result["findings"] if assessment else ()


def _grown_up(people: list[Member], on: date) -> list[Member]:
    """Adults of whom registers may not be asked: a guardian's word ran out, or there is none."""
    return [
        one for one in people
        if authority.is_adult(one, max(on, clock.today())) and authority.still_to_agree(one)
    ]  # fmt: skip


def _own_word(member: Member) -> _Wanted:
    """The question to an adult, in the shape of a finding."""
    finding = {
        "rule": "CONSENT", "result": "unknown", "person": member.id_number, "actual": None,
        "limit": None, "op": None, "citation": "", "evidence": [], "route": "manual",
        "reason": "CONSENT_FAIL", "values": {},
    }  # fmt: skip
    return question_rules.ASKED["CONSENT_FAIL"], finding


def _locked(question: HouseholdQuestion) -> tuple[Recheck, HouseholdQuestion]:
    """The re-check first, then its question: one order for everybody."""
    locks.fresh(question.recheck)
    related = Recheck.objects.select_related("lease__application", "lease__home", "campaign")
    row = related.get(pk=question.recheck_id)
    return row, locks.fresh(question)


def _answered(
    asked: HouseholdQuestion, choice: str, text: str, channel: str, by: Any
) -> HouseholdQuestion:
    asked.choice, asked.text, asked.channel = choice, text[:2000], channel
    asked.answered_at, asked.answered_by = clock.now(), audit.label(by)[:80]
    asked.save(update_fields=["choice", "text", "channel", "answered_at", "answered_by"])
    audit.record(
        "recheck.answered", by=by, thing=asked, rule=asked.rule, choice=choice, channel=channel,
        subjects=[asked.member.id_index] if asked.member else [],
    )  # fmt: skip
    return advance(asked, states.Q_ANSWERED, by=by)


def _accept(asked: HouseholdQuestion, by: Any) -> HouseholdQuestion:
    asked.settled_at, asked.settled_by = clock.now(), audit.label(by)[:80]
    asked.save(update_fields=["settled_at", "settled_by"])
    return advance(asked, states.Q_ACCEPTED, by=by)


def _go_on(row: Recheck, by: Any) -> None:
    """With nothing left to answer or to look at, the re-check goes on by the same rules."""
    from renewal import recheck  # which asks the questions of this module

    if not row.questions.filter(state__in=states.QUESTION.open_ids).exists():
        recheck.go_on(row, by=by)


def _refuse_desk(asked: HouseholdQuestion, row: Recheck, by: Staff) -> None:
    if why := why_not_desk(asked, row, by):
        raise AnswerRefused(why)


def _has_papers(asked: HouseholdQuestion) -> bool:
    case = asked.recheck.lease.application_id
    return MaterialPage.objects.filter(application=case, item=asked.item).exists()


def _invite(row: Recheck, due: date, by: Any) -> None:
    """One message for all that is asked; a later point joins it."""
    _rung, new = RecheckReminder.objects.get_or_create(
        recheck=row, step=Step.ASKED, defaults={"at": clock.now()}
    )
    if not new:
        return
    applicant, count = row.lease.application.applicant, len(still_open(row))
    tell(
        applicant.id_index, ASKED, by=by, case_no=row.case_no, phone=applicant.phone or "",
        n=count, due=lambda: display.day(due),
    )  # fmt: skip
