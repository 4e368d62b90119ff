"""Places of one's own for real servers, in short folders that PostgreSQL's user may enter."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from ops.crew import Crew, Ending
from ops.places import Place


@pytest.fixture
def ground() -> Iterator[Path]:
    """An empty folder of mode 0755 with a short path (pytest's own is private to its user)."""
    folder = Path(tempfile.mkdtemp(prefix="yzt"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def place(ground: Path) -> Place:
    return make_place(ground, "clone")


def make_place(ground: Path, name: str) -> Place:
    root, temp = ground / name, ground / "temp"
    root.mkdir(parents=True)
    temp.mkdir(exist_ok=True)
    return Place(root=root, temp=temp)


@pytest.fixture
def crew(ground: Path) -> Iterator[Crew]:
    """Stopped at the end, whatever the test left running."""
    made = Crew(ground / "run.json", Ending())
    yield made
    made.stop()
