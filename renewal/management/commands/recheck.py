"""`manage.py recheck --year Y [--dry-run] [--resume] [--limit N]`: an operator's re-check.

Works in the foreground, beside any workers: stopping it anywhere loses nothing, and starting it
again with --resume goes on where it was.
"""

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.models import User
from core.workflow import Refusal
from renewal import campaigns, estimates, states
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
        parser.add_argument(
            "--dry-run", action="store_true", help="only say what would be asked, and how long"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["dry_run"]:
            self._estimate(estimates.of(limit=options["limit"]))
            return
        user = User.objects.filter(username=options["by"], kind=User.Kind.STAFF).first()
        if user is None:
            raise CommandError(f"No member of staff has the user name {options['by']}.")
        try:
            campaign = self._campaign(options, user)
        except Refusal as refusal:
            raise CommandError(str(refusal)) from refusal
        self._run(campaign)

    def _campaign(self, options: dict[str, Any], user: User) -> Campaign:
        known = Campaign.objects.filter(year=options["year"], number=0).first()
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

    def _estimate(self, found: estimates.Estimate) -> None:
        for part in found.parts:
            self.stdout.write(
                f"{part.source}: {part.calls} calls, {part.seconds / 3600:.2f} h at {part.rate:g} a"
                f" second, {part.days} days, {part.cost:.2f} yuan"
            )
        slowest = found.limiting.source if found.limiting else "none"
        self.stdout.write(
            f"{found.households} households ({found.in_force} in force, {found.ever} ever), "
            f"{found.questions} calls, {found.hours:.2f} h, {found.days} days, "
            f"{found.cost:.2f} yuan (unverified); {slowest} sets the pace"
        )

    def _show(self, progress: campaigns.Progress) -> None:
        self.stdout.write(
            f"\r{progress.settled}/{progress.households} households, "
            f"{progress.answered}/{progress.questions} answers, {progress.waiting} waiting, "
            f"{progress.reports} reports under way, {progress.rate:.0f}/s{_left(progress)} ",
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


def _left(progress: campaigns.Progress) -> str:
    left = progress.seconds_left
    return f", {left / 60:.0f} min left" if left is not None else ""
