"""The code that calls another adult to an application (授权码): six digits, never a link."""

import hmac
from hashlib import sha256

from django.conf import settings

from applications import authority
from applications.models import Member


def code_for(member: Member) -> str:
    """Six digits that bring this member, signed in as themselves, to their consent page."""
    message = f"join\0{member.application.ref}\0{member.id_index}".encode()
    number = int.from_bytes(hmac.new(settings.SECRET_KEY.encode(), message, sha256).digest()[:8])
    return f"{number % 1_000_000:06d}"


def member_by_code(id_index: str, code: str) -> Member | None:
    """The member with this person's index whose code was typed; None if there is none."""
    rows = Member.objects.filter(id_index=id_index, excluded=False).select_related("application")
    for member in rows:
        same = hmac.compare_digest(code_for(member).encode(), code.encode())
        if same and authority.still_asks(member.application):
            return member
    return None
