"""manage.py mock_cast FILE…: let the running mock gateway serve the people of cast files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml
from django.core.management.base import BaseCommand, CommandError, CommandParser

from datashare import mock_control


class Command(BaseCommand):
    """Posts each file's cases to the mock and forgets what was fetched about their people."""

    help = "把演员表文件中的人员登记到模拟网关"

    def add_arguments(self, parser: CommandParser) -> None:
        """The files."""
        parser.add_argument("files", nargs="+", type=Path, metavar="FILE")

    def handle(self, *args: Any, files: list[Path], **options: Any) -> None:
        """Read all files first: one that is no cast file changes nothing."""
        casts = {path: read_cases(path) for path in files}
        for path, cases in casts.items():
            try:
                people = mock_control.add_cast(cases)
            except mock_control.NotServed as error:
                raise CommandError(str(error)) from error
            self.stdout.write(f"{path}: {len(cases)} cases, {len(people)} people")


def read_cases(path: Path) -> list[dict[str, Any]]:
    """The cases of a cast file: a list of them, several documents, or one."""
    try:
        documents = list(yaml.safe_load_all(path.read_text(encoding="utf-8")))
    except (OSError, yaml.YAMLError) as error:
        raise CommandError(f"{path}: {error}") from error
    cases = [
        case
        for document in documents
        for case in (document if isinstance(document, list) else [document])
        if case
    ]
    if not cases or not all(isinstance(case, dict) and case.get("household") for case in cases):
        raise CommandError(f"{path}: a case needs a household")
    return cases
