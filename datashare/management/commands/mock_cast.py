"""manage.py mock_cast FILE…: let the running mock gateway serve the people of cast files."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.parse import urljoin
from urllib.request import ProxyHandler, Request, build_opener

import yaml
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from core.identity.ciphers import blind_index
from datashare.models import FreshAnswer


class Command(BaseCommand):
    """Posts each file's cases to the mock and forgets what was fetched about their people."""

    help = "把演员表文件中的人员登记到模拟网关"

    def add_arguments(self, parser: CommandParser) -> None:
        """The files."""
        parser.add_argument("files", nargs="+", type=Path, metavar="FILE")

    def handle(self, *args: Any, files: list[Path], **options: Any) -> None:
        """Post, then clear."""
        for path in files:
            cases = read_cases(path)
            people = post("cast", {"cases": cases})["people"]
            forgotten = forget(people)
            self.stdout.write(
                f"{path}: {len(cases)} cases, {len(people)} people; {forgotten} answers forgotten"
            )


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
    if not all(isinstance(case, dict) and case.get("household") for case in cases):
        raise CommandError(f"{path}: a case needs a household")
    return cases


def post(name: str, content: dict[str, Any]) -> dict[str, Any]:
    """Post to the mock's own path /_mock/<name>; CommandError when it does not listen."""
    address = urljoin(settings.DATASHARE_GATEWAY_URL, f"/_mock/{name}")
    body = json.dumps(content, ensure_ascii=False, default=_text).encode()
    request = Request(address, body, {"Content-Type": "application/json"})
    try:
        # loopback only: a proxy configured for the machine is none of its business
        with build_opener(ProxyHandler({})).open(request, timeout=20) as response:
            return json.load(response)
    except URLError as error:
        raise CommandError(f"the mock gateway at {address} did not take it: {error}") from error


def forget(people: list[str]) -> int:
    """Delete kept answers about these people: the registers have changed; how many there were."""
    indexes = [blind_index(person) for person in people]
    return FreshAnswer.objects.filter(person_index__in=indexes).delete()[0]


def _text(value: Any) -> str:
    """Dates as ISO texts, as the gateway's JSON would have them."""
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} in a cast file")
