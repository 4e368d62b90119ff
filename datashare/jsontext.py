"""JSON as gateways write it (JSON 文本): read strictly enough that what comes out can be stored.

Pure. A lone half of a surrogate pair, an endless number or a pit of brackets is no JSON here: it
would only fail later, when an answer is encrypted, or stop whoever reads it.
"""

import json
from typing import Any

DEPTH = 24  # levels of lists and objects; twice as deep as any answer seen


def parse(text: str | bytes) -> Any:
    """The value of a JSON text. Raises ValueError for anything that is none.

    NaN is read as null: where a program wrote it, there was no value.
    """
    if isinstance(text, bytes):
        text = text.decode("utf-8-sig")
    else:
        text = text.removeprefix("\ufeff")
    try:
        value = json.loads(text, parse_constant=_constant, parse_float=_float)
    except RecursionError:
        raise ValueError("nested too deep") from None
    if "\\u" in text and ("\\ud" in text or "\\uD" in text):
        _refuse_halves(value)
    if _deeper(value, DEPTH):
        raise ValueError("nested too deep")
    return value


def _constant(name: str) -> None:
    if name != "NaN":
        raise ValueError("no number")


def _float(written: str) -> float:
    found = float(written)
    if found in (float("inf"), float("-inf")):
        raise ValueError("no number")
    return found


def _refuse_halves(value: Any) -> None:
    """Half a character cannot be written as UTF-8. Raises UnicodeEncodeError (a ValueError)."""
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except RecursionError:
        raise ValueError("nested too deep") from None


def _deeper(value: Any, levels: int) -> bool:
    """Whether lists and objects nest deeper; walks without recursion."""
    level = [value] if isinstance(value, (dict, list)) else []
    while level:
        if levels == 0:
            return True
        levels -= 1
        level = [
            inner
            for outer in level
            for inner in (outer.values() if isinstance(outer, dict) else outer)
            if isinstance(inner, (dict, list))
        ]
    return False
