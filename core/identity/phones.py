"""Mobile numbers (手机号) as people type them: spaces, hyphens, +86, full-width digits."""

import re
import unicodedata

_MOBILE = re.compile(r"1[3-9][0-9]{9}")
_BETWEEN = re.compile(r"[\s-]")


def narrow(text: str) -> str:
    """The number as it is kept, right or wrong: no spaces, no country code."""
    return _BETWEEN.sub("", unicodedata.normalize("NFKC", text)).removeprefix("+86")


def is_mobile(number: str) -> bool:
    """Whether it is a mobile number of China's mainland: eleven digits."""
    return _MOBILE.fullmatch(number) is not None
