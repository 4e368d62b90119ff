"""Adds the first members of staff of an installation, from which the others follow."""

import getpass
import sys
from argparse import ArgumentParser
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from accounts.models import Bureau, Staff, User
from accounts.roles import Role
from core import audit


class Command(BaseCommand):
    """`manage.py add_staff USERNAME --name 姓名 --bureau CODE --role ROLE [--role ROLE]`."""

    help = (
        "Adds a member of staff; asks for the password. The first sign-in binds the second factor."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username")
        parser.add_argument("--name", required=True)
        parser.add_argument("--bureau", required=True, help="code of the bureau")
        parser.add_argument("--role", action="append", required=True, choices=Role.values)

    def handle(self, *args: Any, **options: Any) -> None:
        """The password comes from the terminal, or from standard input; never as an argument."""
        bureau = Bureau.objects.filter(code=options["bureau"]).first()
        if bureau is None:
            raise CommandError(f"There is no bureau {options['bureau']}.")
        user = User(username=options["username"].strip().lower(), kind=User.Kind.STAFF)
        if User.objects.filter(username=user.username).exists():
            raise CommandError(f"{user.username} exists already.")
        user.set_password(self._password(user))
        staff = Staff(name=options["name"], bureau=bureau, roles=options["role"])
        self._keep(user, staff)
        self.stdout.write(f"{user.username}: {staff.audit_label}")

    @transaction.atomic
    def _keep(self, user: User, staff: Staff) -> None:
        staff.user = user
        try:
            staff.validate_constraints(exclude={"user", "bureau"})
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from None
        user.save()
        staff.user = user
        staff.save()
        audit.record("staff_added", by=audit.System("add_staff"), thing=staff, roles=staff.roles)

    def _password(self, user: User) -> str:
        terminal = sys.stdin.isatty()
        password = getpass.getpass("Password: ") if terminal else sys.stdin.readline().rstrip("\n")
        try:
            validate_password(password, user)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from None
        return password
