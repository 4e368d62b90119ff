"""Fixtures of the applications' tests."""

from tests.applications.registers import registers

__all__ = ["registers"]
