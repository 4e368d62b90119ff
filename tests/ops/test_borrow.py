"""A borrowed demo notices that its tables were made by other migrations."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from ops.borrow import forget_if_stale


@pytest.mark.parametrize(
    ("noted", "digest", "starts_over"),
    [("old", "new", True), ("same", "same", False), (None, "new", False), ("old", "", False)],
)
def test_changed_migrations_start_the_borrowed_demo_over(
    tmp_path: Path, noted: str | None, digest: str, starts_over: bool
) -> None:
    if noted is not None:
        (tmp_path / "prepared").write_text(noted)
    forgotten: list[bool] = []
    stack: Any = SimpleNamespace(
        place=SimpleNamespace(local=tmp_path),
        prepared_digest=lambda: digest,
        forget=lambda: forgotten.append(True),
    )
    forget_if_stale(stack)
    assert bool(forgotten) is starts_over


def test_a_first_run_has_nothing_to_start_over(tmp_path: Path) -> None:
    def no_tables_yet() -> str:
        raise FileNotFoundError

    stack: Any = SimpleNamespace(
        place=SimpleNamespace(local=tmp_path), prepared_digest=no_tables_yet, forget=no_tables_yet
    )
    forget_if_stale(stack)
    assert not (tmp_path / "prepared").exists()
