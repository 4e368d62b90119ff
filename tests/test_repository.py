"""Rules of the repository as a whole: rooms, names, directions, pins."""

import ast
import importlib.metadata
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parent.parent

APPS = ("core", "accounts", "datashare", "applications", "allocation", "renewal", "office")
# Every file stands in one of these rooms, or is one of these files.
ROOMS = {
    *APPS,
    *("subsidy", "renovation", "yinzhou_housing", "ops", "templates", "static", "locale"),
    *("tests", "benchmarks", "docs", ".ci"),
}
TOP_FILES = {
    *("manage.py", "run", "test", "bench", "shots", "pyproject.toml"),
    *("requirements.in", "requirements.txt", "requirements-dev.in", "requirements-dev.txt"),
    *("docker-compose.yml", "Dockerfile", ".dockerignore", ".env.example", ".gitignore"),
    *("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "LICENSE", "NOTICE"),
    *(".gitattributes", ".editorconfig"),
}
HOLDS_ANYTHING = {"services", "selectors", "utils", "helpers", "common", "misc"}
LONGEST_FILE = 550  # lines; "near 400" with room for a last function
LISTS = ("mock_gateway",)  # rooms of long lists: streets, field names, recipes
THE_DRAW_MAY_IMPORT = {
    *("__future__", "hashlib", "hmac", "json", "re", "dataclasses", "collections", "typing"),
    *("allocation", "pathlib"),  # the verifier reads a bundle
}


def tracked() -> list[Path]:
    """Files of the repository, as git or (without git) the folder knows them."""
    command = ["git", "ls-files", "-z"]
    try:
        listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout.decode()
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("not a git clone")
    return [Path(name) for name in listed.split("\0") if name and (ROOT / name).exists()]


def python_files(*rooms: str) -> list[Path]:
    return [p for p in tracked() if p.suffix == ".py" and (not rooms or p.parts[0] in rooms)]


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse((ROOT / path).read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def test_every_file_has_a_room() -> None:
    homeless = [
        str(p) for p in tracked() if p.parts[0] not in (TOP_FILES if len(p.parts) == 1 else ROOMS)
    ]
    assert homeless == []


def test_no_module_has_a_name_that_holds_anything() -> None:
    assert [str(p) for p in python_files(*APPS, "ops") if p.stem in HOLDS_ANYTHING] == []


def test_no_app_uses_signals() -> None:
    users = [
        str(p)
        for p in python_files(*APPS)
        if p.name == "signals.py" or any("django.dispatch" in name for name in imports(p))
    ]
    assert users == []


def test_files_stay_short_enough_to_read() -> None:
    long = {
        str(p): lines
        for p in python_files(*APPS, "ops")
        if not {"migrations", *LISTS} & set(p.parts)
        and (lines := len((ROOT / p).read_text().splitlines())) > LONGEST_FILE
    }
    assert long == {}


def test_the_draw_and_its_verifier_import_nothing_that_could_surprise() -> None:
    for name in ("draw", "verify"):
        path = Path("allocation") / f"{name}.py"
        strange = {found.split(".")[0] for found in imports(path)} - THE_DRAW_MAY_IMPORT
        assert strange == set(), path


def test_the_launcher_needs_nothing_but_the_standard_library() -> None:
    import sys

    inside_the_environment = {"catalogues.py", "messages.py"}  # compile and collect texts (Babel)
    for path in python_files("ops"):
        if path.name not in inside_the_environment:
            found = {name.split(".")[0] for name in imports(path)}
            assert found <= {*sys.stdlib_module_names, "ops"}, path


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_every_requirement_is_pinned_with_hashes(name: str) -> None:
    text = re.sub(r"^\s*#.*$", "", (ROOT / name).read_text(), flags=re.MULTILINE)
    entries = [e for e in re.split(r"\n(?=\S)", text.replace("\\\n", " ")) if e.strip()]
    loose = [e.split()[0] for e in entries if "==" not in e or "--hash=sha256:" not in e]
    assert loose == []


def test_everything_named_in_requirements_in_is_pinned() -> None:
    for source in ("requirements.in", "requirements-dev.in"):
        wanted = re.findall(
            r"^([A-Za-z0-9][\w-]*)", (ROOT / source).read_text(), flags=re.MULTILINE
        )
        pinned = (ROOT / source.replace(".in", ".txt")).read_text().lower()
        missing = [n for n in wanted if not re.search(rf"^{n.lower()}==", pinned, re.MULTILINE)]
        assert missing == [], source


def test_what_runs_in_production_imports_nothing_that_only_developers_install() -> None:
    # The environment of the tests has both lists, so a missing line would show in the image only.
    pinned = re.findall(
        r"^([a-z0-9][\w.-]*)==", (ROOT / "requirements.txt").read_text().lower(), re.MULTILINE
    )
    installed = importlib.metadata.packages_distributions()
    strange = {
        f"{path}: {name}"
        for path in python_files(*APPS, "yinzhou_housing")
        for name in imports(path)
        if (homes := installed.get(name.split(".")[0]))
        and not {home.lower().replace("_", "-") for home in homes} & set(pinned)
    }
    assert strange == set()


def test_a_worker_knows_every_periodic_task() -> None:
    # A process of its own: in this one the tests have imported what a worker would miss.
    asked = (
        "from yinzhou_housing.celery import app; app.loader.import_default_modules();"
        "print(*sorted({r['task'] for r in app.conf.beat_schedule.values()} - set(app.tasks)))"
    )
    answer = subprocess.run(
        [sys.executable, "-c", asked], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert answer.stdout.split() == []


def test_templates_carry_no_inline_script_or_style() -> None:
    inline = re.compile(r"<style\b|\sstyle=|\son(click|change|submit|load)=|javascript:", re.I)
    script = re.compile(r"<script\b(?![^>]*\bsrc=)(?![^>]*type=\"application/json\")", re.I)
    guilty = [
        str(p)
        for p in tracked()
        if p.parts[0] == "templates" and p.suffix == ".html"
        if inline.search(text := (ROOT / p).read_text()) or script.search(text)
    ]
    assert guilty == []


def test_the_commands_can_be_started() -> None:
    listed = subprocess.run(
        ["git", "ls-files", "-s", "run", "test", "bench", "shots", ".ci/run"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    ).stdout.split("\n")
    if not listed[0]:
        pytest.skip("not a git clone")
    assert [line for line in listed if line and not line.startswith("100755")] == []


def test_compiled_catalogues_and_secrets_stay_out_of_the_repository() -> None:
    assert [str(p) for p in tracked() if p.suffix == ".mo" or p.name == ".env"] == []


# -- compose ----------------------------------------------------------------------------------
def compose() -> dict:
    return yaml.safe_load((ROOT / "docker-compose.yml").read_text())


def test_every_lasting_service_has_a_health_check() -> None:
    lasting = {n: s for n, s in compose()["services"].items() if s.get("restart") != "no"}
    assert [name for name, service in lasting.items() if "healthcheck" not in service] == []


def test_no_secret_stands_in_the_compose_file() -> None:
    secret = re.compile(r"PASSWORD|SECRET|KEY")
    for name, service in compose()["services"].items():
        for variable, value in (service.get("environment") or {}).items():
            if secret.search(variable):
                assert str(value).startswith("${"), f"{name}: {variable}"


def test_compose_hands_over_everything_that_production_requires() -> None:
    settings = (ROOT / "yinzhou_housing/settings/production.py").read_text()
    required = set(re.findall(r'env(?:\.\w+)?\("(\w+)"\)', settings))
    given = set(compose()["services"]["web"]["environment"])
    assert required - given == set()
    example = (ROOT / ".env.example").read_text()
    assert [name for name in required if not re.search(rf"^{name}=", example, re.MULTILINE)] == []
