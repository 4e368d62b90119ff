"""Objections as tasks of the centre (异议): number, day, who checks, and what the objector is told.

With a contact an objection holds the case until it is answered; without one it is a clue (线索).
The objector's name and contact are read by the person who checks, and by nobody else. What moves
the case stands in ``publicity``.
"""

import re
import secrets
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Staff
from accounts.roles import Role
from applications import periods, permissions
from applications.letters import PHONE, SIGNS
from applications.models import Application, Objection, Publicity
from core import audit, clock, display, locks, notices
from core.identity import phones
from core.refusals import Refusal

_SHORTEST = 10  # signs that can be checked
_CODE = 10  # signs of the number to follow an objection up by
_REACHABLE = re.compile(r"\d[\d\s()+-]{5,}\d|[^\s@]+@[^\s@]+\.[^\s@]+")
_MOBILE = re.compile(r"(?<!\d)1[3-9]\d(?:[\s-]?\d{4}){2}(?!\d)")

RECEIVED = notices.Template(
    "objection.received",
    gettext_lazy("已收到您反映的情况"),
    gettext_lazy("已收到您反映的情况，查询号{code}，最迟{due}有结论。"),
    sms=gettext_lazy(
        "已收到您反映的情况，查询号{code}，最迟{due_short}有结论。我们不会在短信里要您转账或点链接"
    ),
)
ANSWERED = notices.Template(
    "objection.answered",
    gettext_lazy("您反映的情况有了结论"),
    gettext_lazy("查询号{code}：{result}"),
    sms=gettext_lazy(
        "您反映的情况有了结论，请凭查询号{code}在公示页面查看。我们不会在短信里要您转账或点链接"
    ),
)


class ObjectionRefused(Refusal):
    """The notice is over, or the objection says too little to be checked."""


class ClaimRefused(Refusal):
    """Somebody else checks it, or it is answered."""


# -- Taking in ---------------------------------------------------------------------------------


def keep(
    posted: Publicity, *, text: str, contact: str, raised_by: Staff | None = None
) -> Objection:
    """The row of an objection or a clue, with its number and its day; inside the verb."""
    contact = contact.strip()
    made = Objection.objects.create(
        publicity=posted,
        number=new_number(),
        named=bool(contact) or raised_by is not None,
        text=text.strip(),
        contact=contact,
        made_at=clock.now(),
        due_on=periods.of("objection").after(clock.today()),
        raised_by=raised_by,
    )
    text_objector(made, RECEIVED, due_short=display.day_short(made.due_on), due=made.due_on)
    return made


def refuse_bad_words(text: str, contact: str) -> None:
    """Raises ObjectionRefused for what cannot be checked, or a contact that reaches nobody."""
    if len(text.strip()) < _SHORTEST:
        raise ObjectionRefused(_("请写明情况，至少10个字，方便我们核查。"), "text")
    if contact.strip() and not _REACHABLE.search(contact):
        raise ObjectionRefused(
            _("联系方式要能找到您：手机、座机或者邮箱。不想留的，这一栏空着也可以反映。"), "contact"
        )


def said_before(posted: Publicity, text: str, contact: str) -> Objection | None:
    """The same words by the same contact, sent twice: the one that is kept already."""
    said = (text.strip(), contact.strip())
    same = (one for one in posted.objections.all() if (one.text, one.contact) == said)
    return next(same, None)


def refuse_flood(posted: Publicity, contact: str) -> None:
    """Raises ObjectionRefused for one more clue where too many wait to be looked into.

    An objection with a contact is never turned away by other people's clues.
    """
    if contact.strip():
        return
    waiting = posted.objections.filter(named=False, answered_at=None).count()
    if waiting >= periods.of("objection_clues").value:
        raise ObjectionRefused(
            _("这份公示待查的匿名线索已经很多。请留下联系方式，或者拨%(phone)s。")
            % {"phone": PHONE},
            "contact",
        )


def lapse(posted: QuerySet[Publicity]) -> None:
    """The notice is taken down: what was not answered is closed, and the objector is told."""
    for row in Objection.objects.filter(publicity__in=posted, answered_at=None):
        row.answered_at = clock.now()
        row.answer = _("这份公示已经撤下，没有继续核查。")
        row.save(update_fields=["answered_at", "answer"])
        tell_objector(row)


# -- The desk ----------------------------------------------------------------------------------


def claim(objection: Objection, *, by: Staff) -> Objection:
    """认领: this person checks it, and reads who objected. Raises ClaimRefused."""
    with transaction.atomic():
        row = locks.fresh(objection)
        if why := why_not_claim(row, by):
            raise ClaimRefused(why)
        row.claimed_by = by
        row.claim_expires_at = periods.of("objection_claim").later(clock.now())
        row.save(update_fields=["claimed_by", "claim_expires_at"])
        audit.record("objection.claimed", by=by.user, thing=row, case_no=row.case_no)
        return row


def release(objection: Objection, *, by: Staff) -> Objection:
    """放回: back to the list. Raises ClaimRefused."""
    with transaction.atomic():
        row = locks.fresh(objection)
        if row.claimed_by_id != by.pk or row.answered_at is not None:
            raise ClaimRefused(_("您没有认领这条异议，不用放回。"))
        row.claimed_by = row.claim_expires_at = None
        row.save(update_fields=["claimed_by", "claim_expires_at"])
        audit.record("objection.released", by=by.user, thing=row, case_no=row.case_no)
        return row


def refuse_naming(application: Application, words: str) -> None:
    """Raises ObjectionRefused where words for the family hold a part of an objector's contact."""
    made = Objection.objects.filter(publicity__application=application, named=True)
    for one in made:
        if names_contact(one.contact, words):
            raise ObjectionRefused(
                _("这段话会给被公示的家庭看到，里面有反映人的姓名或联系方式，请删掉。"), "fact"
            )


def open_ones(staff: Staff) -> QuerySet[Objection]:
    """Objections and clues that wait for the centre, the earliest day first."""
    if Role.DISTRICT not in staff.roles:
        return Objection.objects.none()  # the objector's words are for the checker alone
    waiting = Q(answered_at=None) | Q(upheld=True, publicity__closed_at=None)
    rows = Objection.objects.filter(waiting).select_related("publicity__application", "claimed_by")
    return rows.order_by("-named", "due_on", "pk")


def unanswered(staff: Staff) -> QuerySet[Objection]:
    """Of these, those that nobody has answered yet."""
    return open_ones(staff).filter(answered_at=None)


def holding(posted: Publicity) -> QuerySet[Objection]:
    """The objections that hold a case up: made by name, not answered or upheld. A clue never."""
    return posted.objections.filter(named=True).filter(Q(answered_at=None) | Q(upheld=True))


def is_held(objection: Any) -> bool:
    """Whether somebody's claim on it has not run out."""
    until = objection.claim_expires_at
    return objection.claimed_by_id is not None and until is not None and until > clock.now()


def why_not_mine(objection: Any, staff: Staff) -> str:
    """Why this person may not settle it: a colleague checks it."""
    if is_held(objection) and objection.claimed_by_id != staff.pk:
        return _("%(who)s正在核查这条异议，保留到%(time)s。") % {
            "who": objection.claimed_by.name,
            "time": display.day_time(objection.claim_expires_at),
        }
    return ""


def why_not_claim(objection: Objection, staff: Staff) -> str:
    """Why this person may not take the check on."""
    if objection.answered_at is not None:
        return _("这条异议已经答复。")
    return why_not_mine(objection, staff) or permissions.why_not_draft(
        staff, objection.publicity.application
    )


def may_read_contact(objection: Objection, staff: Staff) -> bool:
    """Only the checker reads who objected: whoever holds the claim, or gave the answer."""
    held = is_held(objection) and objection.claimed_by_id == staff.pk
    return held or objection.answered_by_id == staff.pk


# -- The objector ------------------------------------------------------------------------------


def by_number(number: str) -> Objection | None:
    """The objection of a number as typed."""
    clean = "".join(number.upper().replace("-", "").split())
    if len(clean) != _CODE:
        return None
    return Objection.objects.filter(number=clean).select_related("publicity").first()


def grouped(number: str) -> str:
    """ABCDE-FGHJK, as it is read aloud."""
    return f"{number[:5]}-{number[5:]}"


def result_of(objection: Objection) -> str:
    """What the objector is told: no more than what follows, nothing about the family."""
    if objection.answered_at is None:
        return _("正在核查")
    if objection.upheld is None:
        return _("这份公示已经撤下，没有继续核查")
    if objection.upheld:
        return _("经核查，您反映的情况属实，我们会依法处理")
    return _("经核查，没有发现影响申请条件的情况")


def tell_objector(objection: Objection) -> None:
    """An SMS to who left a mobile number; everybody may look the number up."""
    text_objector(objection, ANSWERED, result=result_of(objection))


def text_objector(objection: Any, template: notices.Template, **words: Any) -> None:
    """Sends an SMS about an objection with ``contact`` and ``number``, if it left a mobile."""
    mobile = next(map(phones.narrow, _MOBILE.findall(objection.contact)), "")
    if mobile and objection.number:
        key = f"{template.code}-{objection.pk}"
        notices.text_only(mobile, template, key=key, code=grouped(objection.number), **words)


def names_contact(contact: str, words: str) -> bool:
    """Whether words for others hold a part of an objector's contact: a name, number, address."""
    bare = "".join(words.split())
    return any(part in bare for part in _parts(contact))


def new_number() -> str:
    """A number to follow an objection up by; cannot be guessed."""
    return "".join(secrets.choice(SIGNS) for _n in range(_CODE))


def _parts(contact: str) -> list[str]:
    """What of a contact would tell who it is: its numbers, addresses and names."""
    found = re.split(r"[\s,，;；、:：/()（）]+", contact)
    bare = [
        "".join(re.findall(r"\d", one)) if re.fullmatch(r"[\d+-]+", one) else one for one in found
    ]
    return [one for one in {*found, *bare} if len(one) > 1 and one not in _COMMON]


_COMMON = frozenset(
    {
        "手机",
        "电话",
        "邮箱",
        "先生",
        "女士",
        "姓名",
        "联系方式",
        "微信",
        "邻居",
        "业主",
        "居民",
        "群众",
    }
)
