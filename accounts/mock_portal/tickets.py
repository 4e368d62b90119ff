"""One-time tickets and tokens of the mock portal, and the faults it can play."""

import hashlib
import secrets
import time
from dataclasses import dataclass, field

from core.identity import numbers

TICKET_LIFE = 120  # seconds
TOKEN_LIFE = 600

# fault → what it does; the page offers them, and tests ask for them by name
FAULTS = {
    "": "正常",
    "ticket_expired": "票据超时（6001）",
    "ticket_unknown": "不认这张票据（6002）",
    "other_service": "不是这个服务的票据（6003）",
    "token_expired": "令牌超时（6501）",
    "level_2": "只有初级实名",
    "other_document": "不是身份证",
    "bad_number": "证件号码有错",
    "silent": "不答复",
    "broken": "答复不是 JSON",
    "error_500": "服务器出错（500）",
}


@dataclass(frozen=True)
class Account:
    """A person as the portal knows them, and the fault that their sign-in is to meet."""

    name: str
    id_number: str = field(repr=False)
    fault: str = ""

    def fields(self) -> dict[str, str]:
        """The fields of getUserInfo."""
        number = numbers.parse(self.id_number)
        digest = hashlib.sha256(number.text.encode()).hexdigest()
        shown = number.text[:-1] + ("0" if number.text[-1] != "0" else "1")
        return {
            "userid": digest[:32],
            "authlevel": "2" if self.fault == "level_2" else "3",
            "idtype": "6" if self.fault == "other_document" else "1",
            "username": self.name,
            "idnum": shown if self.fault == "bad_number" else number.text,
            "sex": number.sex,
            "nation": "01",
            "loginname": f"zj{digest[:10]}",
            "mobile": f"139{int(digest[:10], 16) % 10**8:08d}",
            "birthday": f"{number.birth_date:%Y%m%d}",
            "homeaddress": "",
            "useable": "1",
        }


class Register:
    """Tickets and tokens in memory; each ticket is good once."""

    def __init__(self) -> None:
        self._tickets: dict[str, tuple[float, Account]] = {}
        self._tokens: dict[str, tuple[float, Account]] = {}

    def issue(self, account: Account) -> str:
        """A fresh ticket."""
        ticket = f"ST-{secrets.token_urlsafe(24)}"
        self._tickets[ticket] = (time.monotonic() + TICKET_LIFE, account)
        return ticket

    def peek(self, ticket: str) -> Account | None:
        """The account of a ticket, without spending it."""
        held = self._tickets.get(ticket)
        return held[1] if held else None

    def redeem(self, ticket: str) -> tuple[str, dict[str, str]]:
        """Result code and, if it is 0, the fields of ticketValidation."""
        until, account = self._tickets.pop(ticket, (0.0, None))
        if account is None or account.fault == "ticket_unknown":
            return "6002", {}
        if account.fault == "ticket_expired" or until < time.monotonic():
            return "6001", {}
        if account.fault == "other_service":
            return "6003", {}
        token = secrets.token_urlsafe(24)
        self._tokens[token] = (time.monotonic() + TOKEN_LIFE, account)
        fields = account.fields()
        names = ("userid", "loginname", "username")
        return "0", {"token": token, "orgcoding": "", **{name: fields[name] for name in names}}

    def person(self, token: str) -> tuple[str, dict[str, str]]:
        """Result code and, if it is 0, the fields of getUserInfo."""
        until, account = self._tokens.get(token, (0.0, None))
        if account is None:
            return "6502", {}
        if account.fault == "token_expired" or until < time.monotonic():
            return "6501", {}
        return "0", account.fields()
