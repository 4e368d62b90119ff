"""查询、被查询人、事由 what is asked, about whom and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from core.identity.numbers import normalise
from core.refusals import Refusal
from datashare.sources import CATALOGUE


class PurposeMissing(Refusal):
    """用数依据不全 a question without case number, matter, operator or authority is not asked."""


@dataclass(frozen=True, slots=True)
class Person:
    """被查询人 name and ID number as declared."""

    name: str
    id_number: str = field(repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "id_number", normalise(self.id_number))


@dataclass(frozen=True, slots=True)
class Question:
    """查询 one source about one person; `params` as text, e.g. the spouse of a national check."""

    source: str
    person: Person
    params: Mapping[str, str] = field(default_factory=dict, hash=False)

    def __post_init__(self) -> None:
        if self.source not in CATALOGUE:
            raise ValueError(f"no such source: {self.source}")
        object.__setattr__(self, "params", dict(sorted(self.params.items())))


@dataclass(frozen=True, slots=True)
class Purpose:
    """事由与依据 why a question is asked: travels to the department and into the call log.

    `matter` is the code of the matter (主项/子项 with a slash), `basis` is `consent:<digest>` or
    `duty:<name>`, `material` the paper that the answer makes unnecessary. `kind` says what the
    answer is for (a purpose that the source's SPEC permits; `authorities.kind_of` says what is
    taken if it is left out). `sponsor` is who applies (办件申请人), if not the person asked about.
    """

    matter: str
    case_no: str
    basis: str
    material: str = ""
    kind: str = ""
    sponsor: Person | None = None

    def refuse_if_incomplete(self, by: str) -> None:
        """Raises PurposeMissing, naming the first thing that is missing."""
        authority, _colon, named = self.basis.partition(":")
        if not self.case_no.strip():
            raise PurposeMissing(_("查询必须写明办件编号。"))
        if not self.matter.strip():
            raise PurposeMissing(_("查询必须写明事由。"))
        if authority not in ("consent", "duty") or not named:
            raise PurposeMissing(_("查询必须有本人授权或法定职责作为依据。"))
        if not by.strip():
            raise PurposeMissing(_("查询必须写明查询人。"))
