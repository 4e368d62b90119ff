"""联系方式: phone, address, language, size and SMS; by the person, or by a clerk at the window."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access import citizen_only, staff_only
from accounts.models import Citizen
from accounts.roles import Role
from applications import contact, permissions, service_consents
from applications.forms import after as forms
from applications.models import Member
from core import audit
from core.identity import ciphers, masking
from core.models import Notice
from core.preferences import keep
from core.refusals import Refusal

_MISSED = (Notice.Sms.FAILED, Notice.Sms.UNKNOWN)


@citizen_only
@require_GET
def mine(request: HttpRequest) -> HttpResponse:
    """联系方式: what is known, what did not arrive, what can be changed."""
    index = request.user.as_citizen.id_index
    phone = contact.phone_of(index)
    newest = Notice.objects.filter(person_index=index).exclude(sms_state="").first()
    context = {
        "contact": contact.of(index),
        "phone": masking.mask_phone(phone) if phone else "",
        "waiting": contact.open_change(index),
        "cases": contact.cases_of(index),
        "missed": newest if newest and newest.sms_state in _MISSED else None,
    }
    return render(request, "my/contact.html", context)


@citizen_only
@require_http_methods(["GET", "POST"])
def phone(request: HttpRequest) -> HttpResponse:
    """更换手机: a code goes to the new number; or 没有手机."""
    index = request.user.as_citizen.id_index
    if request.method == "POST" and "none" in request.POST:
        contact.have_none(index, by=request.user)
        messages.success(request, _("已记下您没有手机。消息在这里看，文书寄到收信地址。"))
        return redirect("my_contact")
    form = forms.PhoneForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            contact.send_code(index, form.cleaned_data["phone"], by=request.user)
        except Refusal as refusal:
            form.add_error("phone", str(refusal))
        else:
            return redirect("my_contact_code")
    now = contact.phone_of(index)
    context = {"form": form, "phone": masking.mask_phone(now) if now else ""}
    return render(request, "my/contact_phone.html", context, status=422 if form.errors else 200)


@citizen_only
@require_http_methods(["GET", "POST"])
def code(request: HttpRequest) -> HttpResponse:
    """填验证码: the number is in force once its code came back."""
    index = request.user.as_citizen.id_index
    form = forms.CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            contact.confirm(index, form.cleaned_data["code"], by=request.user)
        except Refusal as refusal:
            form.add_error("code", str(refusal))
        else:
            messages.success(request, _("联系手机已更换，以前的号码也收到了告知。"))
            return redirect("my_contact")
    waiting = contact.open_change(index)
    if waiting is None and not form.errors:
        return redirect("my_contact_phone")
    context = {"form": form, "waiting": waiting,
               "phone": masking.mask_phone(waiting.phone) if waiting else ""}  # fmt: skip
    return render(request, "my/contact_code.html", context, status=422 if form.errors else 200)


@citizen_only
@require_http_methods(["GET", "POST"])
def choices(request: HttpRequest) -> HttpResponse:
    """地址、语言、字号和短信."""
    index = request.user.as_citizen.id_index
    form = forms.ChoicesForm(request.POST or None, initial=forms.initial_of(contact.of(index)))
    if request.method == "POST" and form.is_valid():
        try:
            kept = contact.choose(index, by=request.user, **form.cleaned_data)
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("已保存。"))
            response = redirect("my_contact")
            keep(response, language=kept.language, size=kept.text_size)
            return response
    status = 422 if form.errors else 200
    return render(request, "my/contact_choices.html", {"form": form}, status=status)


@staff_only(Role.WINDOW)
@require_http_methods(["GET", "POST"])
def at_window(request: HttpRequest) -> HttpResponse:
    """窗口更改联系方式: for who has no phone, or cannot use one."""
    form = forms.ContactAtWindow(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            _write_down(request, data)
        except Refusal as refusal:
            form.add_error(getattr(refusal, "field", None) or None, str(refusal))
        else:
            messages.success(request, _("已更改%(name)s的联系方式。") % {"name": data["name"]})
            return redirect("window_contact")
    status = 422 if form.errors else 200
    return render(request, "window/contact.html", {"form": form}, status=status)


def _write_down(request: HttpRequest, data: dict[str, Any]) -> None:
    index = ciphers.blind_index(data["id_number"])
    _refuse_stranger(index, data["name"])
    if why := permissions.why_not_serve(request.user.as_staff, index):
        raise contact.ContactRefused(why)
    known = contact.attest(
        index, by=request.user, phone=data["phone"], address=data["address"], sms=data["sms"]
    )
    if data["electronic"]:
        service_consents.give(index, by=request.user, method=service_consents.Method.WINDOW)
    audit.looked(known, by=request.user, purpose=str(_("窗口更改联系方式")), subjects=[index])


def _refuse_stranger(index: str, name: str) -> None:
    named = Member.objects.filter(id_index=index, name=name).exists()
    if not named and not Citizen.objects.filter(id_index=index, name=name).exists():
        raise contact.ContactRefused(_("没有找到这个人的办件，请核对姓名和身份证号。"), "id_number")
