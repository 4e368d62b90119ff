"""The log formatter through which every line goes."""

import logging

from core.identity.masking import mask_text


class MaskingFormatter(logging.Formatter):
    """Masks ID and mobile numbers whatever a caller put into a message or traceback."""

    def format(self, record: logging.LogRecord) -> str:
        return mask_text(super().format(record))
