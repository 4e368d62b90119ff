"""Keys that sort, find and compare Chinese names; PostgreSQL here has no Chinese collation."""

import re
import unicodedata
from functools import lru_cache

# what is typed where a rare character cannot be: it stands for any character
UNREADABLE = frozenset("?*□■○〇")
_BETWEEN = re.compile(r"[\s·•・.‧\-]")
_PARTS = re.compile(r"[a-z]+|.", re.DOTALL)


def pinyin_key(name: str) -> str:
    """陈广福 → 'chen guang fu cgf': full syllables to sort by, initials to search by."""
    # Here and not above: its dictionaries cost every process a fifth of a second at the start.
    from pypinyin import Style, lazy_pinyin

    clean = unicodedata.normalize("NFKC", name).strip().lower()
    syllables = lazy_pinyin(clean, style=Style.NORMAL, errors="default")
    return " ".join([*syllables, "".join(part[:1] for part in syllables)])[:200]


def parts(name: str) -> tuple[str, ...]:
    """吉克·阿木 → its characters; pinyin typed for a rare character (王YAN) is one part."""
    clean = _BETWEEN.sub("", unicodedata.normalize("NFKC", name).lower())
    return tuple(_PARTS.findall(clean))


@lru_cache(maxsize=8192)
def readings(part: str) -> tuple[str, ...]:
    """乐 → ('le', 'yue'): every toneless reading, the commonest first; Latin letters as typed."""
    from pypinyin import Style, pinyin

    if len(part) > 1 or part in UNREADABLE:
        return (part,)
    found = pinyin(part, style=Style.NORMAL, heteronym=True, errors="default")
    return tuple(dict.fromkeys(found[0])) if found else (part,)


def folded(syllable: str) -> str:
    """'zheng' → 'zen': readings that the ear and the keyboard of the south do not tell apart."""
    for retroflex, flat in (("zh", "z"), ("ch", "c"), ("sh", "s")):
        if syllable.startswith(retroflex):
            syllable = flat + syllable[2:]
    return syllable.removesuffix("g") if syllable.endswith("ng") else syllable
