"""manage.py mock_fault SOURCE MODE: a department of the running mock gateway fails, or works again.

`mock_fault property http_500 --rate 0.2`, `mock_fault "*" mixed --rate 0.2 --seed 7`,
`mock_fault --clear property`, `mock_fault --clear`, `mock_fault --list`.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from datashare import mock_control


class Command(BaseCommand):
    """Breaks and mends mock departments."""

    help = "让模拟部门出故障，或恢复"

    def add_arguments(self, parser: CommandParser) -> None:
        """Source and mode, or what else to do."""
        parser.add_argument("source", nargs="?", help='a source\'s code, or "*" for all')
        parser.add_argument("mode", nargs="?", help="see --list for the modes")
        parser.add_argument("--person", default="", metavar="ID", help="only about this person")
        parser.add_argument("--rate", type=float, help="share of calls, e.g. 0.2")
        parser.add_argument("--seed", type=int, help="which calls of the share")
        parser.add_argument("--from", dest="since", type=date.fromisoformat, metavar="DATE")
        parser.add_argument("--until", type=date.fromisoformat, metavar="DATE", help="inclusive")
        parser.add_argument("--seconds", type=float, help="over after so many seconds")
        parser.add_argument("--calls", type=int, help="over after so many calls were hit")
        parser.add_argument("--clear", action="store_true", help="end a source's faults, or all")
        parser.add_argument("--list", action="store_true", help="show modes and faults in force")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it, then say which faults are in force."""
        try:
            self._do(options)
            self._tell()
        except mock_control.NotServed as error:
            raise CommandError(str(error)) from error

    def _do(self, options: dict[str, Any]) -> None:
        source, mode = options["source"], options["mode"]
        if options["list"]:
            self.stdout.write("modes: " + " ".join(mock_control.stats()["modes"]))
        elif options["clear"]:
            mock_control.mend(source or "*")
        elif source and mode:
            share = {name: options[name] for name in ("rate", "seed", "seconds", "calls")}
            mock_control.break_down(
                source,
                mode,
                person=options["person"],
                since=options["since"],
                until=options["until"],
                **{name: value for name, value in share.items() if value is not None},
            )
        else:
            raise CommandError("name a source and a mode, or --clear or --list")

    def _tell(self) -> None:
        faults = mock_control.broken()
        for fault in faults:
            limits = ("person", "since", "until", "seconds", "calls")
            told = " ".join(f"{name}={fault[name]}" for name in limits if fault[name])
            self.stdout.write(
                f"{fault['number']}: {fault['source']} {fault['mode']} rate={fault['rate']:g} "
                f"hits={fault['hits']} {told}".rstrip()
            )
        if not faults:
            self.stdout.write("all departments work")
