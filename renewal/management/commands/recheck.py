"""`manage.py recheck --year Y [--resume] [--limit N]`: the annual re-check by an operator.

Works in the foreground, beside any workers: stopping it anywhere loses nothing, and starting it
again with --resume goes on where it was.
"""

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.models import User
from core.workflow import Refusal
from renewal import campaigns, states
from renewal.models import Campaign

_IDLE = 1.0  # seconds between looks while registers are silent or workers are at it
_LOOK = 5.0  # seconds between two lines of progress


class Command(BaseCommand):
    help = "Plans and runs the annual re-check of a year, showing its progress."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--year", type=int, required=True)
        parser.add_argument("--resume", action="store_true", help="go on with a begun campaign")
        parser.add_argument("--limit", type=int, help="at most so many households")
        parser.add_argument("--by", default="admin", help="user name of the operator")

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(username=options["by"], kind=User.Kind.STAFF).first()
        if user is None:
            raise CommandError(f"No member of staff has the user name {options['by']}.")
        try:
            campaign = self._campaign(options, user)
        except Refusal as refusal:
            raise CommandError(str(refusal)) from refusal
        self._run(campaign)

    def _campaign(self, options: dict[str, Any], user: User) -> Campaign:
        known = Campaign.objects.filter(year=options["year"]).first()
        if known is None:
            known = campaigns.plan(options["year"], by=user, limit=options["limit"])
        elif not options["resume"] and known.state != states.C_PLANNED:
            raise CommandError(f"The re-check of {known.year} has begun: add --resume to go on.")
        if known.state in (states.C_PLANNED, states.C_PAUSED):
            known = campaigns.start(known, by=user)
        return known

    def _run(self, campaign: Campaign) -> None:
        silent = 0
        while silent < 30:
            more = campaigns.step(campaign.pk, seconds=_LOOK)
            progress = campaigns.progress(campaign)
            self._show(progress)
            campaign.refresh_from_db()
            if campaign.state != states.C_RUNNING or (not more and progress.only_reports):
                break
            silent = 0 if more else silent + 1
            if not more:
                time.sleep(_IDLE)
        self.stdout.write("")
        self._report(campaign)

    def _show(self, progress: campaigns.Progress) -> None:
        self.stdout.write(
            f"\r{progress.settled}/{progress.households} households, "
            f"{progress.answered}/{progress.questions} answers, {progress.waiting} waiting, "
            f"{progress.reports} reports under way ",
            ending="",
        )
        self.stdout.flush()

    def _report(self, campaign: Campaign) -> None:
        progress = campaigns.progress(campaign)
        if campaign.state == states.C_RUNNING and progress.only_reports:
            self.stdout.write("Reports take days: the workers go on as they come.")
        counts = progress.by_state
        lanes = ", ".join(f"{state} {count}" for state, count in sorted(counts.items()))
        self.stdout.write(f"{campaign.year}: {campaign.state}. {lanes}")
