"""`manage.py audit_verify`: does the hash chain of the audit log hold?"""

from typing import Any

from django.core.management.base import BaseCommand

from core import audit


class Command(BaseCommand):
    help = "Walks the hash chain of the audit log; exit 1 and the first broken entry if one is."

    def handle(self, *args: Any, **options: Any) -> None:
        broken = audit.verify()
        if broken is None:
            position, root = audit.root()
            self.stdout.write(f"The chain holds: {position} entries, root {root}")
            return
        self.stderr.write(
            f"Broken at position {broken.position}, entry {broken.entry_id}: {broken.why}"
        )
        raise SystemExit(1)
