"""谁查过我的数据: the list, a question about one line, and the withdrawal of a consent."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access import citizen_only
from applications import consent, look_questions, looks, periods, privacy
from applications.forms.looks import AskForm
from applications.models import Consent, Member
from core.identity import masking
from core.refusals import Refusal


@dataclass(frozen=True)
class _Reader:
    """Whose list is read: the citizen's own, or that of a minor in their care."""

    index: str
    label: str  # how the logs call the citizen themselves; nobody else's looks are theirs
    of: str  # the minor's key in addresses, empty for oneself
    name: str
    wards: list[Member]


@citizen_only
@require_GET
def mine(request: HttpRequest) -> HttpResponse:
    """谁查过我的数据: every call, reading and refusal, with what it changed."""
    reader = _reader(request)
    wanted = _wanted(request)
    page = looks.page(reader.index, wanted, request.GET.get("page"), reader.label)
    context = {
        "reader": reader,
        "page_obj": page,
        "days": page.object_list,
        "wanted": wanted,
        "choices": looks.choices(reader.index),
        "announced": looks.announced(reader.index),
        "consents": _consents(reader.index),
        "unfold": "all" in request.GET,
        "query": _query(request, "all"),
        "days_to_answer": periods.of("look_question").value,
    }
    return render(request, "my/data.html", context)


@citizen_only
@require_http_methods(["GET", "POST"])
def ask(request: HttpRequest, kind: str, ref: int) -> HttpResponse:
    """提出疑问: one line, one question, a day by which somebody answers."""
    reader = _reader(request)
    look = looks.one(reader.index, kind, ref, reader.label)
    if look is None:
        raise Http404
    back = _back(reader)
    form = AskForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        text = form.cleaned_data["text"]
        try:
            made = look_questions.ask(look, reader.index, text=text, by=request.user)
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(
                request,
                _("已收到您的疑问，%(day)s前答复，答复会写在这条记录下面。")
                % {"day": look_questions.due_word(made)},
            )
            return redirect(back)
    context = {
        "look": look,
        "form": form,
        "back": back,
        "days_to_answer": periods.of("look_question").value,
    }
    return render(request, "my/data_ask.html", context, status=422 if form.errors else 200)


@citizen_only
@require_http_methods(["GET", "POST"])
def withdraw_consent(request: HttpRequest, pk: int) -> HttpResponse:
    """撤回授权: what follows is said first; one's own, or that of a minor in one's care."""
    reader = _reader(request)
    row = _consents(reader.index).filter(pk=pk).first()
    if row is None:
        raise Http404
    refused = ""
    if request.method == "POST":
        try:
            consent.withdraw(row.member, by=request.user)
        except Refusal as refusal:
            refused = str(refusal)
        else:
            messages.success(request, _("已撤回授权。从现在起不再查询。"))
            return redirect(_back(reader))
    effects = [
        _("从现在起，不再向任何部门查询这份授权说的信息。"),
        _("已经查到的留在办件里，按规定保存；您可以要求更正。"),
        _("没有授权就核对不了条件，申请改由人工办理，也可能因此办不成。"),
    ]
    context = {"consent": row, "effects": effects, "refused": refused, "back": _back(reader)}
    return render(request, "my/consent_withdraw.html", context, status=409 if refused else 200)


def _reader(request: HttpRequest) -> _Reader:
    """Whose list the address names; 404 for anybody who is not in this citizen's care."""
    citizen, of = request.user.as_citizen, request.GET.get("of", "")
    wards = privacy.wards_of(request.user)
    if not of:
        return _Reader(citizen.id_index, citizen.audit_label, "", _("您本人"), wards)
    ward = next((one for one in wards if str(one.pk) == of), None)
    if ward is None:
        raise Http404
    return _Reader(ward.id_index, citizen.audit_label, of, masking.mask_name(ward.name), wards)


def _wanted(request: HttpRequest) -> looks.Wanted:
    year = request.GET.get("year", "")
    return looks.Wanted(
        year=int(year) if year.isdigit() and len(year) == 4 else 0,
        case_no=request.GET.get("case", "").strip()[:40],
        owner=request.GET.get("office", "").strip()[:40],
    )


def _consents(person_index: str) -> Any:
    """The consents in force about a person, the newest case first."""
    rows = Consent.objects.filter(
        member__id_index=person_index, member__excluded=False, withdrawn_at=None
    )
    open_ones = rows.filter(given_at__isnull=False).exclude(pk__in=consent.lapsed(rows))
    return open_ones.select_related("member__application").order_by("-given_at")


def _query(request: HttpRequest, *without: str) -> str:
    """The address's question, without some of its parts."""
    values = request.GET.copy()
    for name in (*without, "page"):
        values.pop(name, None)
    return values.urlencode()


def _back(reader: _Reader) -> str:
    return reverse("my_data") + (f"?of={reader.of}" if reader.of else "")
