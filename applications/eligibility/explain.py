"""Explanations (说明)."""

from applications.eligibility.assessment import Assessment


def report(result: Assessment, language: str) -> list[str]:
    return [f"{result.case}: {result.outcome}"]
