"""`manage.py note_named_people`: whom registers named in evidence kept before 回避 knew of them.

Once after the update; harmless to repeat, and stopped anywhere it begins again at the start.
"""

from typing import Any

from django.core.management.base import BaseCommand

from applications import conflicts


class Command(BaseCommand):
    help = "Index the people whom registers of families name in evidence kept so far."

    def handle(self, *args: Any, **options: Any) -> None:
        last = 0
        while last := conflicts.note_stored(last):
            self.stdout.write(f"read up to evidence {last}", ending="\r")
        freed = conflicts.give_back_everywhere()
        self.stdout.write(f"done; {freed} claimed tasks went back to the queue")
