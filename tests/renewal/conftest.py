"""Fixtures of the re-check's tests."""

from pathlib import Path

import pytest

from applications.eligibility import cast
from tests.applications.registers import registers

__all__ = ["registers"]

CAST = Path(__file__).parent.parent / "cast" / "households.yaml"


@pytest.fixture(scope="session")
def households():
    """The cast households by their code."""
    return {one.case: one for _name, one in cast.load_file(CAST)}
