"""What desk pages share: an act with its refusal as a message, or beside its field."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponseRedirect
from django.shortcuts import redirect

from core.refusals import Refusal


def act(request: HttpRequest, verb: Any, target: str, *args: Any) -> HttpResponseRedirect:
    """Runs a verb of one button; a refusal is shown where the person goes next."""
    try:
        verb()
    except Refusal as refusal:
        messages.error(request, str(refusal))
    return redirect(target, *args)


def attempt(form: Any, verb: Any) -> bool:
    """Runs a verb of a form; a refusal is shown at its field."""
    try:
        verb()
    except Refusal as refusal:
        form.add_error(field_of(form, refusal), str(refusal))
        return False
    return True


def field_of(form: Any, refusal: Refusal) -> str | None:
    """The field that a refusal is about, or None for the whole form."""
    return refusal.field if refusal.field in form.fields else None
