"""Printed sheets: text is never markup, rare characters are named, codes prove the office."""

import re

import pytest

from applications import authority, letters, receipts, states
from tests.factories import applications as make


def test_text_is_never_markup():
    data = {"number": "YZ1", "sentence": '#panic("x") *粗* $x$ \\', "facts": [["#let", "]"]],
            "people": [], "waiting": [], "commitments": [], "next": []}  # fmt: skip
    assert letters.pdf("receipt", data).startswith(b"%PDF-1.7")


def test_a_character_the_font_lacks_is_named_and_the_sheet_still_prints():
    assert letters.missing_signs("王𠮷强") == ["𠮷"]
    assert letters.missing_signs("王小强，：ABC123①") == []
    data = {"number": "YZ1", "sentence": "王𠮷强", "facts": [], "people": [], "waiting": [],
            "commitments": [], "next": []}  # fmt: skip
    assert letters.pdf("receipt", data).startswith(b"%PDF")


def test_a_code_proves_the_office_and_one_wrong_sign_does_not():
    code = letters.check_code("YZ2026-000123")
    assert re.fullmatch(r"YZ2026-000123-[2-9A-HJ-NP-Z]{6}", code)
    assert letters.is_genuine(code.lower())
    assert not letters.is_genuine(code[:-1] + ("2" if code[-1] != "2" else "3"))
    assert not letters.is_genuine("")


@pytest.mark.django_db
def test_a_receipt_and_an_authorisation_print_for_a_real_case(registers):
    row = make.application(make.couple_with_child(), state=states.ACCEPTED, consents=False)
    assert receipts.receipt_pdf(row).startswith(b"%PDF")
    adults = [one for one in row.members.all() if one.is_applicant]
    assert receipts.authorisation_pdf(row, adults).startswith(b"%PDF")
    assert len(authority.pending(row)) == 3
