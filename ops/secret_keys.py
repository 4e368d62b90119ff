"""The demo's secrets: made once per clone, kept in ``.local/secrets.json`` (mode 0600)."""

import json
import os
import secrets
from pathlib import Path

NAMES = (
    "SECRET_KEY",
    "YZ_FIELD_KEY",
    "YZ_INDEX_KEY",
    "PORTAL_SERVICE_PASSWORD",
    "DATASHARE_APP_KEY",
    "DATASHARE_APP_SECRET",
    "OUTBOX_SECRET",
)


def load(file: Path) -> dict[str, str]:
    """Every secret (64 hex digits each); missing ones are added, known ones never change."""
    known: dict[str, str] = json.loads(file.read_text()) if file.exists() else {}
    missing = [name for name in NAMES if name not in known]
    if missing:
        known |= {name: secrets.token_hex(32) for name in missing}
        write_private(file, json.dumps(known, indent=1))
    return known


def write_private(file: Path, text: str) -> None:
    """Replace ``file`` in one step, readable by its owner alone."""
    draft = file.with_name(f"{file.name}.{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
        out.write(text)
    draft.replace(file)
