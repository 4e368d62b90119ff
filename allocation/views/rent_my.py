"""我的租金: what is due, what was paid, why this rent, and help."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import citizen_only
from allocation import (
    aid,
    arrears,
    facts,
    mine,
    months,
    reductions,
    rent_account,
    rent_basis,
    rent_words,
    states,
)
from allocation.forms_rent import AskForm
from allocation.models import Arrangement, Lease
from allocation.rent_account import Account
from applications.receipts import as_file
from core import clock, display
from core.refusals import Refusal

_SHOWN = 12  # months of the statement before the folded rest
_UNSIGNED = (states.L_TO_SIGN, states.L_CANCELLED)


@citizen_only
@require_GET
def rent(request: HttpRequest) -> HttpResponse:
    """租金: the sum first, then every line of it."""
    lease, others = _leases(request)
    if lease is None:
        return render(request, "allocation/my/rent.html", {"lease": None})
    account = rent_account.of([lease])[lease.pk]
    lines = rent_words.statement(account)
    arrangement = arrears.arrangements([lease]).get(lease.pk)
    today = clock.today()
    context = {
        "lease": lease,
        "others": others,
        "now": _now(account, arrangement),
        "sums": rent_words.sums(account),
        "lines": lines[:_SHOWN],
        "older": lines[_SHOWN:],
        "payments": rent_words.payments_of(account),
        "why": rent_words.why(rent_basis.term_in_force(lease, today)),
        "coming": [rent_words.why(one) for one in rent_words.coming(lease, today)],
        "ways": rent_words.ways_to_pay(lease),
        "reductions": [
            (one, states.REDUCTION[one.state], reductions.line_of(one))
            for one in lease.rent_reductions.all()
        ],
        "arrangement": arrangement,
        "arrangement_state": states.ARRANGEMENT[arrangement.state] if arrangement else None,
        "aid": aid.standing(lease),
        "address": facts.address(lease.home),
        "in_force": lease.state in states.L_IN_FORCE,
    }
    return render(request, "allocation/my/rent.html", context)


@citizen_only
@require_GET
def statement(request: HttpRequest) -> HttpResponse:
    """租金对账单 as a PDF."""
    lease, _others = _leases(request)
    if lease is None:
        raise Http404
    return as_file(rent_words.pdf(lease), f"rent-{lease.number}.pdf")


@citizen_only
@require_http_methods(["GET", "POST"])
def ask(request: HttpRequest) -> HttpResponse:
    """申请减免: one question, then a person decides."""
    lease, _others = _leases(request)
    if lease is None:
        raise Http404
    this = months.first(clock.today())
    initial = {"from_month": this, "to_month": months.after(this, 2)}
    form = AskForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            reductions.ask(lease, **form.cleaned_data, by=request.user)
        except Refusal as refusal:
            form.add_error(refusal.field, str(refusal))
        else:
            messages.success(request, _("已收到减免申请。有结果会告诉您，现在不用您办理。"))
            return redirect("my_rent")
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "allocation/my/rent_ask.html", {"form": form}, status=status)


@citizen_only
@require_POST
def answer(request: HttpRequest, pk: int) -> HttpResponse:
    """The household's yes or no to an arrangement."""
    households = mine.applications_of(request.user)
    row = get_object_or_404(Arrangement, pk=pk, lease__application__in=households)
    agreed = request.POST.get("answer") == "yes"
    try:
        arrears.answer(row, agreed=agreed, by=request.user)
    except Refusal as refusal:
        messages.error(request, str(refusal))
    else:
        yes, no = _("已同意分期，按约定的日期付就可以。"), _("已记下您不同意，我们会再和您商量。")
        messages.success(request, yes if agreed else no)
    return redirect("my_rent")


def _leases(request: HttpRequest) -> tuple[Lease | None, list[Lease]]:
    """The lease asked for, or the newest one, and the household's other ones."""
    households = mine.applications_of(request.user)
    rows = list(
        Lease.objects.filter(application__in=households)
        .exclude(state__in=_UNSIGNED)
        .select_related("home__estate", "application")
        .order_by("-created_at", "-pk")
    )
    wanted = request.GET.get("lease", "")
    chosen = next((one for one in rows if one.number == wanted), rows[0] if rows else None)
    return chosen, [one for one in rows if one != chosen]


def _now(account: Account, arrangement: Arrangement | None) -> dict[str, Any]:
    """The banner: whose turn it is, the sum, and until when."""
    today = clock.today()
    if arrangement is not None and arrangement.state == states.G_PROPOSED:
        return {
            "title": _("请看分期，再答复"), "line": _("同意以后才算数。"), "tone": "yours",
            "due": "", "href": "#instalments", "action": _("看分期"),
        }  # fmt: skip
    overdue = account.overdue(today)
    if overdue:
        return _overdue(account, arrangement, len({one.month for one in overdue}))
    open_ = [one for one in account.spread.items if one.left > 0]
    if open_:
        sum_ = sum((one.left for one in open_), months.ZERO)
        return {
            "title": _("现在要付%(sum)s") % {"sum": display.money(sum_)}, "tone": "yours",
            "line": _("付过的，银行通常几天后记到这里。"), "href": "#pay", "action": _("看怎么付"),
            "due": _("请在%(day)s前") % {"day": display.day(open_[0].due_on)},
        }  # fmt: skip
    line = _("现在不用您付。")
    if account.credit:
        line = _("现在不用您付。多付的%(sum)s会抵以后的租金。") % {
            "sum": display.money(account.credit)
        }
    return {"title": _("租金已付清"), "line": line, "tone": "done", "due": "", "href": "",
            "action": ""}  # fmt: skip


def _overdue(account: Account, arrangement: Arrangement | None, number: int) -> dict[str, Any]:
    today = clock.today()
    sum_ = display.money(account.overdue_sum(today))
    if arrangement is not None and arrears.is_kept(arrangement, account, today):
        coming = next(one for one in arrangement.instalments.all() if one.due_on >= today)
        return {
            "title": _("按分期付就可以"), "tone": "going", "href": "#pay",
            "line": _("下一期%(sum)s。") % {"sum": display.money(coming.amount)},
            "due": _("请在%(day)s前") % {"day": display.day(coming.due_on)},
            "action": _("看怎么付"),
        }  # fmt: skip
    words = ngettext("欠%(n)s个月，可以商量分期。", "欠%(n)s个月，可以商量分期。", number)
    return {
        "title": _("还有%(sum)s过了日期") % {"sum": sum_}, "line": words % {"n": number},
        "tone": "yours", "due": "", "href": "#help", "action": _("看能怎么帮您"),
    }  # fmt: skip
