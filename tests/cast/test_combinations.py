"""Unusual families, each with what the texts say of it, through the real command."""

import io
import json
from pathlib import Path

import pytest
import yaml
from django.core.management import call_command

from tests.cast.expected import assert_as_expected

FILE = Path(__file__).with_name("combinations.yaml")
CASES = {one["case"]: one for one in yaml.safe_load(FILE.read_text(encoding="utf-8"))}


@pytest.fixture(scope="module")
def results() -> dict[str, dict]:
    out = io.StringIO()
    call_command("assess", str(FILE), "--json", stdout=out)
    return {one["case"]: one for one in map(json.loads, out.getvalue().splitlines())}


@pytest.mark.parametrize("name", CASES)
def test_each_family_gets_what_the_texts_say(results, name):
    assert_as_expected(CASES[name]["expect"], results[name])
