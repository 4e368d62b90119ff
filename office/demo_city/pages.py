"""How the demo's families filled in their applications (填写步骤): page after page, in seconds."""

import random
from collections.abc import Iterable
from datetime import datetime, timedelta

from applications.models import Application, StepSeen
from applications.models.application import Channel
from applications.submission import STEPS

# seconds that a practised person spends on a page, and how much slower the slowest is
_SECONDS = {"consent": 25, "household": 15, "family": 30, "known": 20, "left": 15, "wishes": 30,
            "check": 20}  # fmt: skip
_SLOWEST = 3.0
_AT_THE_WINDOW = ("consent", "household", "check")


def build(applications: Iterable[Application], seed: int) -> None:
    """One row for each page of each application, before it was sent; the same seed, the same."""
    chance = random.Random(f"pages:{seed}")
    rows = [row for one in applications for row in _of(one, chance)]
    StepSeen.objects.bulk_create(rows, batch_size=2000)


def _of(application: Application, chance: random.Random) -> list[StepSeen]:
    online = application.channel == Channel.ONLINE
    pages = STEPS[1:] if online else _AT_THE_WINDOW
    pace = 1 + chance.random() ** 3 * (_SLOWEST - 1)
    sent: datetime | None = application.submitted_at
    rows = []
    for step in reversed(pages):
        if sent is None:
            break
        sent -= timedelta(seconds=round(_SECONDS[step] * pace * chance.uniform(0.7, 1.3)))
        rows.append(StepSeen(application=application, step=step, first_at=sent, last_at=sent))
    return rows[::-1]
