"""Keys that sort and find Chinese names; PostgreSQL here has no Chinese collation."""

import unicodedata

from pypinyin import Style, lazy_pinyin


def pinyin_key(name: str) -> str:
    """陈广福 → 'chen guang fu cgf': full syllables to sort by, initials to search by."""
    clean = unicodedata.normalize("NFKC", name).strip().lower()
    syllables = lazy_pinyin(clean, style=Style.NORMAL, errors="default")
    return " ".join([*syllables, "".join(part[:1] for part in syllables)])[:200]
