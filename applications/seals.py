"""The seal on a letter (电子印章): a slot that an e-seal service fills; else a place for ink.

``settings.LETTER_SEAL`` names a class with the two methods of ``Seal``. The service that keeps the
bureau's seal is not part of this platform; it gets the finished sheet and returns it sealed.
"""

from typing import Protocol

from django.conf import settings
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _


class Seal(Protocol):
    """What a seal service offers to letters."""

    def slot(self) -> str:
        """The words in the place of the seal on the sheet."""

    def sealed(self, content: bytes, *, number: str) -> bytes:
        """The PDF with the seal on it. Raises SealAway if the service does not answer."""


class SealAway(Exception):
    """The seal service does not answer: the letter waits, it is not handed out unsealed."""


class NoSeal:
    """没有配置电子印章: the sheet keeps a place for the stamp, and is stamped by hand."""

    def slot(self) -> str:
        """The place for the ink."""
        return _("（未配置电子印章，请在此处盖章）")

    def sealed(self, content: bytes, *, number: str) -> bytes:
        """The sheet as it is."""
        return content


def configured() -> Seal:
    """The seal of this installation."""
    seal: Seal = import_string(settings.LETTER_SEAL)()
    return seal
