"""Consents as datashare is told of them, for tests that ask it without an application."""

import itertools
from collections.abc import Iterable
from hashlib import sha256

from core.identity.ciphers import blind_index
from datashare import authorities
from datashare.queries import Person

# covers every source and everybody: for tests that are about something else
DUTY = "duty:annual_recheck"
_count = itertools.count(1)


def consented(
    person: Person,
    *,
    case_no: str = "YZ202603180001",
    kinds: Iterable[str] = authorities.CONSENT_KINDS,
) -> str:
    """The basis of a question about somebody who has agreed, for one case."""
    digest = sha256(f"consent {next(_count)}".encode()).hexdigest()
    authorities.register(digest, blind_index(person.id_number), case_no=case_no, kinds=kinds)
    return f"consent:{digest}"
