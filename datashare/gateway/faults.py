"""错误分类 what can go wrong on the way to a department, as one table.

Every failure of the gateway becomes a `Fault` of a named kind, and the kind alone decides what
follows. A kind is stored in the call log and shown to people, so it never carries content of the
answer: an envelope may repeat somebody's ID number.
"""

from __future__ import annotations

from enum import Enum

NO_AUTHORITY = "no_authority"  # never asked: the consent ended before the question started


class Verdict(Enum):
    """What to do after a failure."""

    RETRY = "retry"  # a passing disturbance: ask again at once, a few times
    RENEW = "renew"  # the secret was refused: get another pair, then ask again
    STOP = "stop"  # the quota is used up: leave this source alone until it returns
    FINAL = "final"  # asking again the same way cannot help
    UNKNOWN = "unknown"  # not understood: neither yes nor no, a person looks


# kind → verdict. The kinds up to `empty` are those of a cast file's `faults`.
VERDICTS: dict[str, Verdict] = {
    "quota": Verdict.STOP,
    "timeout": Verdict.RETRY,
    "http_500": Verdict.RETRY,
    "garbage": Verdict.RETRY,
    "empty": Verdict.RETRY,
    "connection": Verdict.RETRY,
    "signature": Verdict.RENEW,
    "secret_expired": Verdict.RENEW,
    "http_400": Verdict.FINAL,
    "stopped": Verdict.FINAL,  # we did not ask: the source rests after a code 18
    NO_AUTHORITY: Verdict.FINAL,
    "resting": Verdict.FINAL,  # we did not ask: the source failed so often that it is left alone
    "dry_run": Verdict.FINAL,  # we did not ask: the site only logs what it would ask
    "throttled": Verdict.FINAL,  # we did not ask: our own share of the quota is used up
    "no_store": Verdict.FINAL,  # we did not ask: the store of our quotas did not answer
    "no_token": Verdict.FINAL,  # the token endpoint did not give a pair
    "somebody_else": Verdict.FINAL,  # an answer about another person than asked
    "stale": Verdict.FINAL,  # the source answered with what it knew years ago
    "unreadable": Verdict.UNKNOWN,  # rows whose cells make no sense
    "unknown_code": Verdict.UNKNOWN,
    "upstream": Verdict.UNKNOWN,  # the department behind the gateway reported an error
    "shape": Verdict.UNKNOWN,  # `datas` in a shape that nobody has described
    "pages": Verdict.UNKNOWN,  # more pages than one person's records can have
    "internal": Verdict.UNKNOWN,
}
# Kinds that say that nothing was sent: no silence of the department, and no try of its patience.
NOT_ASKED = frozenset(
    {"stopped", "resting", "dry_run", "throttled", "no_store", "no_token", NO_AUTHORITY}
)
# Of these the ones that are our own affair: the question waits its turn, no department is named.
OUR_OWN = frozenset({"throttled", "no_store"})

# Codes of the gateway's envelope (data-sharing.md, C1); "00" is success.
CODES: dict[str, str] = {
    "03": "signature",
    "11": "secret_expired",
    "14": "signature",
    "18": "quota",
}


class Fault(Exception):
    """A call that brought no usable answer; `kind` is a key of `VERDICTS`."""

    def __init__(self, kind: str, detail: str = "") -> None:
        super().__init__(kind)
        self.kind = kind
        self.detail = detail  # a code or an HTTP status, never a person's data

    @property
    def verdict(self) -> Verdict:
        """What the kind calls for; an unlisted kind is not understood."""
        return VERDICTS.get(self.kind, Verdict.UNKNOWN)


def of_code(code: str, words: str = "") -> Fault:
    """The fault of a non-00 code; unlisted codes are evidence of nothing.

    A gateway that says of code 18 whether the quota of the day (日) is meant is believed.
    """
    kind = CODES.get(code, "unknown_code")
    of_the_day = kind == "quota" and "日" in words
    return Fault(kind, detail=f"{code[:8]} day" if of_the_day else code[:8])


def of_status(status: int) -> Fault:
    """The fault of an HTTP status other than 200."""
    return Fault("http_500" if status >= 500 else "http_400", detail=str(status))
