"""Compiles the translation catalogues: locale/*/LC_MESSAGES/*.po → .mo, only what changed.

Runs inside the environment (``python -m ops.catalogues``), because it needs Babel. Compiled
catalogues are not kept in the repository.
"""

import os
import sys
from pathlib import Path

from ops.places import ROOT


def stale(folder: Path) -> list[Path]:
    """Catalogues without a compiled file that is newer."""
    return [po for po in sorted(folder.glob("*/LC_MESSAGES/*.po")) if _is_stale(po)]


def _is_stale(po: Path) -> bool:
    mo = po.with_suffix(".mo")
    return not mo.exists() or mo.stat().st_mtime_ns < po.stat().st_mtime_ns


def compile_one(po: Path) -> None:
    """Write the .mo beside its .po in one step; unfinished (fuzzy) entries are left out."""
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    with po.open("rb") as source:
        catalogue = read_po(source)
    draft = po.with_suffix(f".mo.{os.getpid()}")
    with draft.open("wb") as out:
        write_mo(out, catalogue)
    draft.replace(po.with_suffix(".mo"))


def compile_all(folder: Path = ROOT / "locale") -> int:
    """How many catalogues were compiled."""
    found = stale(folder)
    for po in found:
        compile_one(po)
    return len(found)


if __name__ == "__main__":
    count = compile_all()
    if count:
        print(f"· {count} catalogues compiled")
    sys.exit(0)
