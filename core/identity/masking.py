"""How names and numbers look on screen and in logs (浙江政务服务网 masking rule). Pure Python."""

import re

_ID_IN_TEXT = re.compile(r"(?<![0-9A-Za-z])[1-9][0-9]{16}[0-9Xx](?![0-9A-Za-z])")
_MOBILE_IN_TEXT = re.compile(r"(?<![0-9])1[3-9][0-9]{9}(?![0-9])")


def mask_name(name: str) -> str:
    """Hides the first character: 陈广福 → *广福."""
    return "*" + name[1:] if name else ""


def mask_id(number: str) -> str:
    """Normal masking, where the person must recognise it: characters 1, 5–12 and 18."""
    if len(number) != 18:
        return "*" * len(number)
    return number[0] + "***" + number[4:12] + "*****" + number[17]


def mask_id_strong(number: str) -> str:
    """Strong masking, where nobody needs to check it: first and last character."""
    return number[:1] + "*" * max(len(number) - 2, 0) + number[-1:] if len(number) > 1 else "*"


def mask_phone(number: str) -> str:
    """137****9050; a landline keeps area code and last four."""
    if len(number) == 11 and number.startswith("1"):
        return number[:3] + "****" + number[-4:]
    return number[:4] + "*" * max(len(number) - 8, 0) + number[-4:] if len(number) > 8 else "****"


def group_id(number: str) -> str:
    """330212 19580312 9912, as people read it aloud."""
    return f"{number[:6]} {number[6:14]} {number[14:]}".strip()


def mask_text(text: str) -> str:
    """Masks whatever looks like an ID or mobile number inside running text."""
    text = _ID_IN_TEXT.sub(lambda hit: mask_id_strong(hit[0]), text)
    return _MOBILE_IN_TEXT.sub(lambda hit: mask_phone(hit[0]), text)
