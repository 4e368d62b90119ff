"""What the page of a re-check is made of: open questions with their forms, and what is confirmed.

Shared by the household's own page and the one at the window: the same questions, the same verbs.
"""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from applications import mandates, material_permissions
from applications.letters import PHONE
from applications.views import papers
from core.refusals import Refusal
from renewal import fact_lines, flags, questions, states
from renewal.forms_household import AnswerForm
from renewal.models import HouseholdQuestion, Recheck

Kind = HouseholdQuestion.Kind


@dataclass
class Asked:
    """One question as the page shows it."""

    question: HouseholdQuestion
    card: flags.Card
    who: str  # the member it is about, "" for the household
    form: AnswerForm | None  # None where this reader cannot answer it
    strip: papers.Strip | None
    own_word: bool  # the reader is the adult whose consent is asked for
    why_not: str

    @property
    def answered(self) -> bool:
        return self.question.state == states.Q_ANSWERED


def asked_of(
    row: Recheck,
    request: HttpRequest,
    *,
    forms: dict[int, AnswerForm] | None = None,
    errors: dict[str, str] | None = None,
) -> list[Asked]:
    """The questions under way, the ones to answer first; sent forms keep what was typed."""
    rows = row.questions.filter(state__in=states.QUESTION.open_ids).select_related("member")
    made = [_asked(one, row, request, forms or {}, errors) for one in rows]
    return sorted(made, key=lambda one: one.answered)


def take(
    row: Recheck, request: HttpRequest, *, channel: str
) -> tuple[bool, dict[int, AnswerForm], dict[str, str]]:
    """What was sent: pictures, a consent or an answer. True once it is kept; else the sent form
    with its sentence, and refusals of papers by item. Raises Refusal for what has no field."""
    question = _sent(row, request)
    if question is None:
        return False, {}, {}
    if "agree" in request.POST:
        if not _is_own(question, request):
            raise questions.AnswerRefused(_("授权要由本人做。"))
        questions.agree(question, by=request.user)
        return True, {}, {}
    if why := why_not_write(question, row, request):
        raise questions.AnswerRefused(why)
    errors = papers.act(request, row.lease.application, [question.item])
    form = AnswerForm(request.POST, question=question)
    if errors or "do" in request.POST:
        # a press on a page's button: shown again with what was typed, nothing is judged yet
        return False, {question.pk: _unjudged(form, question)}, errors or {}
    if form.is_valid():
        try:
            questions.answer(question, by=request.user, channel=channel, **form.cleaned_data)
        except Refusal as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        else:
            return True, {}, {}
    return False, {question.pk: form}, {}


def why_not_write(question: HouseholdQuestion, row: Recheck, request: HttpRequest) -> str:
    """Why this reader does not answer this question: who handles the case does, who acts for them,
    and everybody about themselves; at the window a member of staff for any of them."""
    if question.kind == Kind.CONSENT:
        return _("授权要由本人做。")
    user: Any = request.user
    if user.as_staff is not None or _is_own(question, request):
        return ""
    if material_permissions.hands_in(user, row.lease.application):
        return ""
    return _("由申请人回答。需要帮助时，请拨%(phone)s。") % {"phone": PHONE}


def confirmed(facts: list[fact_lines.Fact]) -> list[dict[str, Any]]:
    """One line each: what, about whom, who confirmed it and when; no value."""
    return [
        {
            "title": one.title,
            "who": one.member.name if one.member else "",
            "sources": one.sources,
            "dated": one.dated,
            "accepted": one.status == fact_lines.ACCEPTED,
        }
        for one in fact_lines.confirmed(facts)
    ]


def waiting(facts: list[fact_lines.Fact]) -> list[fact_lines.Fact]:
    """What others still have to answer."""
    return [one for one in facts if one.status in (fact_lines.WAITING, fact_lines.DOUBTED)]


# -- Parts -------------------------------------------------------------------------------------


def _asked(
    question: HouseholdQuestion,
    row: Recheck,
    request: HttpRequest,
    forms: dict[int, AnswerForm],
    errors: dict[str, str] | None,
) -> Asked:
    why_not = why_not_write(question, row, request)
    form = None
    if not why_not:
        form = forms.get(question.pk) or AnswerForm(question=question)
    user: Any = request.user
    handles = user.as_staff is not None or material_permissions.hands_in(
        user, row.lease.application
    )
    card = flags.cards([question.finding])[0]
    return Asked(
        question=question,
        card=card,
        who=question.member.name if question.member else "",
        form=form,
        strip=papers.strip(row.lease.application, question.item, card.title, errors)
        if form is not None and handles
        else None,
        own_word=question.kind == Kind.CONSENT and _is_own(question, request),
        why_not=why_not,
    )


def _sent(row: Recheck, request: HttpRequest) -> HouseholdQuestion | None:
    number = request.POST.get("question", "")
    if not number.isdecimal():
        return None
    return row.questions.filter(pk=int(number[:18])).select_related("member", "recheck").first()


def _is_own(question: HouseholdQuestion, request: HttpRequest) -> bool:
    """Whether the signed-in person, and nobody acting for them, is the one it is about."""
    user: Any = request.user
    if user.as_citizen is None or question.member is None or mandates.acting(user) is not None:
        return False
    return bool(question.member.id_index == user.as_citizen.id_index)


def _unjudged(form: AnswerForm, question: HouseholdQuestion) -> AnswerForm:
    typed = {name: form.data.get(form.add_prefix(name), "") for name in form.fields}
    return AnswerForm(question=question, initial=typed)
