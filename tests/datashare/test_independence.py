"""The mock shares no code with the client: otherwise their agreement would prove nothing."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import datashare

ROOT = Path(datashare.__file__).parent
MOCK = sorted((ROOT / "mock_gateway").rglob("*.py"))


def imports(file: Path) -> set[str]:
    """Every module that a file imports."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
    return found


@pytest.mark.parametrize("file", MOCK, ids=lambda file: str(file.relative_to(ROOT)))
def test_the_mock_knows_neither_client_nor_platform(file: Path) -> None:
    foreign = {
        name
        for name in imports(file)
        if name.split(".")[0] in {"django", "core", "accounts", "redis", "datashare"}
        and not name.startswith("datashare.mock_gateway")
    }
    assert foreign == set()


@pytest.mark.parametrize(
    "file", sorted((ROOT / "gateway").glob("*.py")), ids=lambda file: file.stem
)
def test_the_client_knows_no_mock(file: Path) -> None:
    assert not any(name.startswith("datashare.mock") for name in imports(file))
