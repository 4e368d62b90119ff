"""The steps of a lease's page in the office: who may take each, what it asks, what it does."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Staff
from accounts.roles import Role
from allocation import forms_lease as forms
from allocation import states
from allocation.lease_page import requests_of, scan_key
from allocation.leases import (
    changing,
    deposits,
    explaining,
    filing,
    moving,
    renewing,
    requests,
    signing,
    texts,
)
from allocation.leases.terms import LeaseRefused
from allocation.models import Lease, LeaseRequest, LeaseText
from applications import materials
from applications.models import Member
from core import clock

OFFICE = (Role.ADMIN, Role.DISTRICT)
WINDOW = (Role.ADMIN, Role.DISTRICT, Role.WINDOW)
PAPER = (Role.DISTRICT, Role.WINDOW)  # who adds a scan to a case's papers
ANY = (Role.ADMIN, Role.DISTRICT, Role.LEADER, Role.WINDOW)
Kind = LeaseText.Kind
Act = Callable[[Lease, HttpRequest, Any], str]


@dataclass(frozen=True)
class Step:
    """One step: its heading and button, the roles, the form's class (None: a button alone), the
    verb, and what it is taken on: the lease, one of its texts, or one of its requests."""

    title: Any
    button: Any
    roles: tuple[Role, ...]
    form: Any
    act: Act
    on: str = "lease"


def staff_of(request: HttpRequest) -> Staff:
    """Who takes the step; the door lets in nobody else."""
    staff = request.user.as_staff  # type: ignore[union-attr]
    assert staff is not None
    return staff


def form_of(step: Step, row: Lease, request: HttpRequest) -> Any:
    """The form as it was sent; None for a step that is a button."""
    if step.form is None:
        return None
    return _form(step, row, request.POST.get("of", ""), request.POST, request.FILES)


def offered(row: Lease, staff: Staff, sent: dict[str, Any]) -> list[dict[str, Any]]:
    """The steps that this person may take now, each with its form; what was sent keeps it."""
    found = []
    for act, of in _open(row, staff):
        step = STEPS[act]
        if not set(step.roles) & set(staff.roles):
            continue
        slot = f"{act}-{of}" if of else act
        form = sent.get(slot) or (_form(step, row, of) if step.form else None)
        what = _what(row, step, of)
        found.append(
            {"act": act, "of": of, "step": step, "form": form, "heading": _heading(step, what),
             "open": slot in sent}
        )  # fmt: skip
    return found


def is_open(row: Lease, staff: Staff, act: str, of: str) -> bool:
    """Whether a step stands on this person's page now."""
    return (act, of) in _open(row, staff)


# -- Which steps are open --------------------------------------------------------------------


def _open(row: Lease, staff: Staff) -> list[tuple[str, str]]:
    return [*_text_steps(row, staff), *_request_steps(row), *_lease_steps(row, staff)]


def _text_steps(row: Lease, staff: Staff) -> list[tuple[str, str]]:
    found = []
    for text in row.texts.all():
        of = str(text.pk)
        if text.state == states.T_TO_SIGN:
            if text.explained_at is None:
                found.append(("explain", of))
            elif _unsigned(text).exists():
                found.append(("paper", of))
            if text.fixed_at is None and _may_cosign(text).exists():
                found.append(("cosigner", of))
            if text.kind not in (Kind.CONTRACT, Kind.MOVE):
                found.append(("withdraw", of))
        waits = text.signatures.filter(party="lessor", signed_at=None).exists()
        if waits and not signing.why_not_lessor(text, staff):
            found.append(("lessor", of))
    return found


def _request_steps(row: Lease) -> list[tuple[str, str]]:
    found = []
    for one in requests_of(row):
        of = str(one.pk)
        if one.state == states.Q_ASKED:
            renewal = one.kind == LeaseRequest.Kind.RENEWAL
            found += [("renewal" if renewal else "approve", of), ("refuse", of)]
        elif one.state == states.Q_APPROVED and not moving.why_not_carry_out(one, clock.today()):
            found.append(("carry-out", of))
        elif one.state == states.Q_APPROVED and one.kind == LeaseRequest.Kind.RENEWAL:
            new = getattr(row, "successor", None)
            if new is not None and new.state == states.L_TO_SIGN:
                found.append(("cancel", of))
    return found


def _lease_steps(row: Lease, staff: Staff) -> list[tuple[str, str]]:
    found = []
    if not filing.why_not_file(row, staff):
        found.append("file")
    if row.state in (*states.L_IN_FORCE, states.L_ENDED):
        found.append("deposit")
    if row.state in changing.CHANGEABLE:
        found += ["people", "tenant", "joint", "rent"]
        if moving.open_for(row) is None and not hasattr(row, "successor"):
            found.append("move")
        if not renewing.why_not_ask(row) and not renewing.open_for(row):
            found.append("ask-renewal")
    return [(act, "") for act in found]


# -- The verbs -------------------------------------------------------------------------------


def _explain(row: Lease, request: HttpRequest, form: Any) -> str:
    text = _text(row, request)
    explaining.read(text, texts.key_clauses(text), by=request.user)
    return _("已记录：条款已当面说明。")


def _paper(row: Lease, request: HttpRequest, form: Any) -> str:
    text, staff = _text(row, request), staff_of(request)
    materials.add(row.application, scan_key(row), form.cleaned_data["scan"].read(), by=request.user)
    signing.sign_on_paper(text, form.cleaned_data["member"], by=staff)
    return _("已登记纸上签字，扫描件在材料里。")


def _cosigner(row: Lease, request: HttpRequest, form: Any) -> str:
    signing.ask_cosigner(_text(row, request), form.cleaned_data["member"], by=staff_of(request))
    return _("已加上这位家人，签齐以后生效。")


def _withdraw(row: Lease, request: HttpRequest, form: Any) -> str:
    changing.withdraw(_text(row, request), by=staff_of(request), reason=form.cleaned_data["reason"])
    return _("已撤回这份协议，原来的内容不变。")


def _lessor(row: Lease, request: HttpRequest, form: Any) -> str:
    value = form.cleaned_data["name"]
    signing.sign_as_lessor(_text(row, request), by=staff_of(request), value=value)
    return _("已代表出租人签字。")


def _renewal(row: Lease, request: HttpRequest, form: Any) -> str:
    data = form.cleaned_data
    renewing.approve(
        _request(row, request), by=staff_of(request), months=data["months"], tier=data["tier"],
        note=data["note"],
    )  # fmt: skip
    return _("已同意续租，已请承租人签新的合同。")


def _approve(row: Lease, request: HttpRequest, form: Any) -> str:
    data = form.cleaned_data
    moving.approve(_request(row, request), data["on"], by=staff_of(request), note=data["note"])
    return _("已同意换房，已请各家签协议。")


def _refuse(row: Lease, request: HttpRequest, form: Any) -> str:
    reason = form.cleaned_data["reason"]
    requests.refuse(_request(row, request), by=staff_of(request), reason=reason)
    return _("已答复没有同意，原来的租约不受影响。")


def _carry_out(row: Lease, request: HttpRequest, form: Any) -> str:
    note = form.cleaned_data["note"]
    moving.carry_out(_request(row, request), by=staff_of(request), note=note)
    return _("换房已办好，新的租约已经开始。")


def _cancel(row: Lease, request: HttpRequest, form: Any) -> str:
    reason = form.cleaned_data["reason"]
    renewing.cancel(_request(row, request), by=staff_of(request), reason=reason)
    return _("已取消续租合同，现在的租约不受影响。")


def _file(row: Lease, request: HttpRequest, form: Any) -> str:
    filing.file_by_hand(row, form.cleaned_data["number"], by=staff_of(request))
    return _("备案号已登记。")


def _deposit(row: Lease, request: HttpRequest, form: Any) -> str:
    data, staff = form.cleaned_data, staff_of(request)
    kept = {"on": data["on"], "reason": data["reason"], "by": staff}
    if data["kind"] == deposits.Kind.KEPT:
        deposits.keep(row, data["amount"], **kept)
    else:
        verb = deposits.receive if data["kind"] == deposits.Kind.RECEIVED else deposits.give_back
        verb(row, data["amount"], receipt_no=data["receipt_no"], **kept)
    return _("押金已登记。")


def _people(row: Lease, request: HttpRequest, form: Any) -> str:
    changing.change_people(row, by=staff_of(request))
    return _("补充协议已拟好，请承租人看过签字。")


def _tenant(row: Lease, request: HttpRequest, form: Any) -> str:
    changing.change_tenant(row, by=staff_of(request))
    return _("补充协议已拟好，请新的承租人看过签字。")


def _joint(row: Lease, request: HttpRequest, form: Any) -> str:
    changing.add_joint_tenant(row, form.cleaned_data["member"], by=staff_of(request))
    return _("补充协议已拟好，请承租人和这位家人看过签字。")


def _rent(row: Lease, request: HttpRequest, form: Any) -> str:
    data = form.cleaned_data
    changing.change_rent(row, data["tier"], data["first"], by=staff_of(request))
    return _("补充协议已拟好，请承租人看过签字。")


def _move(row: Lease, request: HttpRequest, form: Any) -> str:
    data = form.cleaned_data
    moving.offer_move(row, data["home"], by=staff_of(request), reason=data["reason"])
    return _("已告诉承租人，这套房为这一户留着。")


def _ask_renewal(row: Lease, request: HttpRequest, form: Any) -> str:
    renewing.ask(row, by=request.user, reason=form.cleaned_data["reason"])
    return _("已代承租人登记续租申请。")


STEPS: dict[str, Step] = {
    "explain": Step(gettext_lazy("当面说明条款"), gettext_lazy("条款已逐条说明"), WINDOW, None,
                    _explain, "text"),
    "paper": Step(gettext_lazy("登记纸上签字"), gettext_lazy("登记签字"), PAPER, forms.PaperForm,
                  _paper, "text"),
    "cosigner": Step(gettext_lazy("请家人一起签字"), gettext_lazy("加上这位家人"), WINDOW,
                     forms.MemberForm, _cosigner, "text"),
    "withdraw": Step(gettext_lazy("撤回这份协议"), gettext_lazy("撤回"), OFFICE, forms.ReasonForm,
                     _withdraw, "text"),
    "lessor": Step(gettext_lazy("代表出租人签字"), gettext_lazy("签字"), ANY, forms.SignForm,
                   _lessor, "text"),
    "renewal": Step(gettext_lazy("同意续租"), gettext_lazy("同意续租"), OFFICE, forms.RenewalForm,
                    _renewal, "request"),
    "approve": Step(gettext_lazy("同意换房"), gettext_lazy("同意换房"), OFFICE, forms.DayForm,
                    _approve, "request"),
    "refuse": Step(gettext_lazy("不同意"), gettext_lazy("答复没有同意"), OFFICE, forms.ReasonForm,
                   _refuse, "request"),
    "carry-out": Step(gettext_lazy("办理换房"), gettext_lazy("办理换房"), OFFICE, forms.NoteForm,
                      _carry_out, "request"),
    "cancel": Step(gettext_lazy("取消续租合同"), gettext_lazy("取消续租合同"), OFFICE,
                   forms.ReasonForm, _cancel, "request"),
    "file": Step(gettext_lazy("登记备案号"), gettext_lazy("登记备案"), OFFICE, forms.FilingForm,
                 _file),
    "deposit": Step(gettext_lazy("登记押金"), gettext_lazy("登记"), OFFICE, forms.DepositForm,
                    _deposit),
    "people": Step(gettext_lazy("同住人变了"), gettext_lazy("拟补充协议"), OFFICE, None, _people),
    "tenant": Step(gettext_lazy("承租人变了"), gettext_lazy("拟补充协议"), OFFICE, None, _tenant),
    "joint": Step(gettext_lazy("加共同承租人"), gettext_lazy("拟补充协议"), OFFICE,
                  forms.MemberForm, _joint),
    "rent": Step(gettext_lazy("租金档次变了"), gettext_lazy("拟补充协议"), OFFICE, forms.RentForm,
                 _rent),
    "move": Step(gettext_lazy("调换到另一套房"), gettext_lazy("提出调换"), OFFICE,
                 forms.OfferMoveForm, _move),
    "ask-renewal": Step(gettext_lazy("代承租人提出续租"), gettext_lazy("登记续租申请"), WINDOW,
                        forms.WishForm, _ask_renewal),
}  # fmt: skip


# -- Parts ----------------------------------------------------------------------------------


def _form(step: Step, row: Lease, of: str, data: Any = None, files: Any = None) -> Any:
    slot = f"{step.form.__name__}-{of}".lower()
    kind = step.form
    more: dict[str, Any] = {}
    if kind is forms.PaperForm:
        more["members"] = _members(row, _unsigned(_text_of(row, of)).values("member"))
    elif kind is forms.MemberForm:
        text = _text_of(row, of) if of else None
        adults = _may_cosign(text) if text else _adults(row)
        more["members"] = adults
    elif kind is forms.RenewalForm:
        more["initial"] = {"tier": row.tier}
    return kind(data, files, auto_id=f"{slot}-%s", **more)


def _text(row: Lease, request: HttpRequest) -> LeaseText:
    return _text_of(row, request.POST.get("of", ""))


def _text_of(row: Lease, of: str) -> LeaseText:
    found = row.texts.filter(pk=int(of)).first() if of.isdecimal() else None
    if found is None:
        raise LeaseRefused(_("没有找到这份文本，请刷新页面。"))
    return found


def _request(row: Lease, request: HttpRequest) -> LeaseRequest:
    of = request.POST.get("of", "")
    found = next((one for one in requests_of(row) if str(one.pk) == of), None)
    if found is None:
        raise LeaseRefused(_("没有找到这份请求，请刷新页面。"))
    return found


def _unsigned(text: LeaseText) -> Any:
    return text.signatures.filter(signed_at=None).exclude(party="lessor")


def _members(row: Lease, pks: Any) -> Any:
    return Member.objects.filter(application=row.application_id, pk__in=pks).order_by("position")


def _adults(row: Lease) -> Any:
    joint = texts.joint_tenants(row)
    return _members(row, [one.pk for one in texts.adults_of(row) if one.pk not in joint])


def _may_cosign(text: LeaseText) -> Any:
    signs = text.signatures.exclude(member=None).values("member")
    return _members(text.lease, [one.pk for one in texts.adults_of(text.lease)]).exclude(
        pk__in=signs
    )


def _heading(step: Step, what: str) -> str:
    """The step's title, with the text or request that it belongs to."""
    return _("%(title)s（%(what)s）") % {"title": step.title, "what": what} if what else step.title


def _what(row: Lease, step: Step, of: str) -> str:
    if step.on == "text":
        return str(_text_of(row, of).get_kind_display())
    if step.on == "request":
        return str(next(one for one in requests_of(row) if str(one.pk) == of).get_kind_display())
    return ""
