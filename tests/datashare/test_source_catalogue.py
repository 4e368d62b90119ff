"""The catalogue of sources: one file each, and nothing invented that is not marked so."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from datashare import catalogue, reading
from datashare.cells import Row, fold
from datashare.sources import CATALOGUE, PUBLISHED, discover
from datashare.sources.source import SENSITIVE, Source
from tests.contract.recordings import DOCUMENT, examples

TEXT = DOCUMENT.read_text("utf-8")
SECTIONS = {
    part.split(" ", 1)[0]: part
    for part in re.split(r"^## ", TEXT, flags=re.MULTILINE)[1:]
    if part.split(" ", 1)[0] in CATALOGUE
}
SECTIONS["resale_contract"] += SECTIONS["presale_contract"]  # its fields are said to be those
EXAMPLES = examples()
TOY = '''
"""图书证."""
from datashare.cells import Row
from datashare.sources import laws
from datashare.sources.orphan import by_number_and_name
from datashare.sources.source import NONE, Source, assumed, subjects_by

def read(row: Row) -> str | None:
    return row.text("kh") or None

SPEC = Source(
    code="library_card", name="图书证", owner="文旅", english="library cards",
    owner_english="culture", path="api/libraryCard.htm", empty=NONE,
    laws=(laws.HOUSING.clause(8),),
    fields=(assumed("sfzh", "公民身份号码", "ID number"), assumed("kh", "卡号", "card number")),
    dropped=("phone",), request=by_number_and_name, read=read, subjects=subjects_by("sfzh"),
)
'''


def test_the_published_list_is_complete_and_in_its_order() -> None:
    assert tuple(CATALOGUE) == PUBLISHED
    assert len(PUBLISHED) == 25


def test_a_source_is_added_by_one_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "toy_sources"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "library_card.py").write_text(TOY)
    (package / "no_source.py").write_text("WORDS = 1")
    monkeypatch.syspath_prepend(tmp_path)
    found = discover("toy_sources", [str(package)])
    for name in [name for name in sys.modules if name.startswith("toy_sources")]:
        monkeypatch.delitem(sys.modules, name)
    assert list(found) == ["library_card"]
    monkeypatch.setitem(CATALOGUE, "library_card", found["library_card"])
    number = "330212198701189934"
    row = {"sfzh": number, "kh": "A1", "phone": "13800000000"}
    reply = reading.read("library_card", number, [row])
    assert (reply.records, reply.rows) == (("A1",), ({"sfzh": number, "kh": "A1"},))
    entry = catalogue.entries()[-1]
    assert (entry.code, entry.named_in("en"), entry.latency) == (
        "library_card", "library cards", "instant",
    )  # fmt: skip


def test_two_sources_of_one_code_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "twin_sources"
    package.mkdir()
    (package / "__init__.py").write_text("")
    for name in ("one", "two"):
        (package / f"{name}.py").write_text(TOY)
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ValueError, match="library_card"):
        discover("twin_sources", [str(package)])
    for name in [name for name in sys.modules if name.startswith("twin_sources")]:
        monkeypatch.delitem(sys.modules, name)


@pytest.mark.parametrize("entry", catalogue.entries(), ids=lambda one: one.code)
def test_each_source_says_all_that_an_administrator_asks(entry: catalogue.Entry) -> None:
    assert entry.laws
    assert entry.basis == "；".join(law.text for law in entry.laws)
    assert entry.purposes
    assert (entry.rate, entry.quota) == (50, 200_000)
    assert entry.ttl > 0
    assert entry.latency == ("ordered" if entry.code == "income_check" else entry.latency)
    assert entry.fields
    assert not re.search("[\u4e00-\u9fff]", entry.named_in("en") + entry.owner_english)
    assert not re.search("[\u4e00-\u9fff]", entry.basis_in("en"))
    assert not any(re.search("[\u4e00-\u9fff]", one.english) for one in entry.fields)


def test_a_clause_that_was_not_read_says_so() -> None:
    property_, income = catalogue.entry("property"), catalogue.entry("income_check")
    assert "《不动产登记暂行条例》第27条（未核实）" in property_.basis_in("zh-hans")
    assert "art. 27 (not verified)" in property_.basis_in("en")
    assert income.verified
    assert not property_.verified


def test_each_source_rests_on_a_law_of_its_own() -> None:
    bases = {entry.code: entry.basis for entry in catalogue.entries()}
    assert len(set(bases.values())) >= 20
    assert bases["vehicle"] != bases["company"]


def test_health_money_and_identity_are_sensitive() -> None:
    for code in ("identity_card", "disability", "death", "income_check", "property"):
        assert CATALOGUE[code].sensitivity == SENSITIVE


# -- the document ------------------------------------------------------------------------------


class Watched(Row):
    """A row that writes down every field that is asked of it."""

    def __init__(self, raw: dict[str, object], touched: set[str]) -> None:
        super().__init__(raw)
        self.touched = touched

    def cell(self, *names: str) -> object:
        self.touched.update(names)
        return super().cell(*names)


def touched_by(spec: Source) -> set[str]:
    """The fields of a row itself that reader and subject finder look at."""
    found: set[str] = set()
    for rows in ([{}], EXAMPLES[spec.code].rows):
        for raw in rows:
            row = Watched(raw, found)
            spec.subjects(row)
            spec.read(row)
    return found


def assumed_in(section: str) -> set[str]:
    """The names marked [assumed] in the first column of a section's table."""
    if re.search(r"All( answer)? fields \[assumed\]|Names \[assumed\]", section):
        return {fold(name) for name in re.findall(r"\w+", " ".join(_first_cells(section)))}
    found: set[str] = set()
    for cell in _first_cells(section):
        bare = re.sub(r"\([^)]*\)", "", cell)
        *marked, _rest = re.split(r"\[assumed[^\]]*\]", bare)
        found |= {fold(name) for part in marked for name in re.findall(r"\w+", part)}
    return found


def _first_cells(section: str) -> list[str]:
    lines = [line for line in section.splitlines() if line.startswith("| ")]
    return [line.split("|")[1] for line in lines if "| field |" not in line]


@pytest.mark.parametrize("spec", CATALOGUE.values(), ids=CATALOGUE)
def test_every_field_that_is_read_stands_in_the_document_and_the_spec(spec: Source) -> None:
    documented = {fold(word) for word in re.findall(r"\w+", SECTIONS[spec.code])}
    touched = {fold(name) for name in touched_by(spec)}
    assert touched - documented == set()
    assert touched - spec.known == set()
    assert {fold(one.name) for one in spec.fields} - documented == set()


@pytest.mark.parametrize("spec", CATALOGUE.values(), ids=CATALOGUE)
def test_what_is_invented_is_marked_in_the_document_and_in_the_spec(spec: Source) -> None:
    marked = assumed_in(SECTIONS[spec.code])
    for one in spec.fields:
        assert one.assumed == (fold(one.name) in marked), one.name


@pytest.mark.parametrize("spec", CATALOGUE.values(), ids=CATALOGUE)
def test_the_document_lists_the_other_spellings_and_what_is_dropped(spec: Source) -> None:
    also = "; ".join(f"{one.name} = {', '.join(one.also)}" for one in spec.fields if one.also)
    dropped = ", ".join(spec.dropped)
    section = SECTIONS[spec.code]
    assert not also or f"Also read: {also}.\n" in section
    assert not dropped or f"Dropped before anything is stored: {dropped}.\n" in section


@pytest.mark.parametrize("spec", CATALOGUE.values(), ids=CATALOGUE)
def test_nothing_is_thrown_away_that_is_read(spec: Source) -> None:
    assert {fold(name) for name in spec.dropped} & spec.known == set()


def test_what_no_purpose_needs_is_not_kept() -> None:
    example = EXAMPLES["disability"]
    row = {**example.rows[0], "PHONE": "13800000000", "guardian_name": "某人"}
    (kept,) = reading.read("disability", example.person.id_number, [row]).rows
    assert kept == example.rows[0]
