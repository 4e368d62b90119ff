"""What a benchmark returns, and how it is printed."""

import json
from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """One measured value beside its reference. ``ratio`` is compared with ``goal``.

    ``better`` says which way is good: "high" (a throughput) or "low" (a time).
    """

    name: str
    value: float
    unit: str
    reference: float
    ratio: float
    goal: float
    better: str
    note: str

    def as_json(self) -> str:
        """The line of `--json`."""
        return json.dumps({key: _rounded(getattr(self, key)) for key in _SHOWN})

    def as_text(self) -> str:
        """The line for people."""
        sign = "≥" if self.better == "high" else "≤"
        met = "met" if self.is_met else "missed"
        return (
            f"{self.name:<22} {self.value:9.2f} {self.unit:<8} reference {self.reference:9.2f}   "
            f"ratio {self.ratio:5.2f} (goal {sign} {self.goal:g}: {met})   {self.note}"
        )

    @property
    def is_met(self) -> bool:
        return self.ratio >= self.goal if self.better == "high" else self.ratio <= self.goal


_SHOWN = ("name", "value", "unit", "reference", "ratio", "goal")


def _rounded(item: object) -> object:
    return round(item, 3) if isinstance(item, float) else item
