"""``assess FILE`` (按办件认定): cases of a cast file → one JSON object a line, in file order."""

import argparse
import json
import os
import sys
from collections.abc import Iterator
from datetime import date
from typing import Any, TextIO

from applications.eligibility import policy
from applications.eligibility.assessment import Assessment, assess
from applications.eligibility.cast import Case, CaseError, load_file
from applications.eligibility.explain import report
from applications.eligibility.policy import Policy, PolicyError

# Exit codes: 0 every case was judged; 1 a file, case or policy cannot be used; 2 wrong arguments.
FAILED = 1


class Unusable(ValueError):
    """What was asked cannot be done; the sentence says what and where."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", help="cast file (YAML)")
    parser.add_argument("--case", metavar="ID", help="only this case")
    parser.add_argument("--on", metavar="DATE", help="day of assessment, overrides as_of")
    parser.add_argument("--policy", metavar="ID or PATH", help="policy pack; default: of the day")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    parser.add_argument(
        "--explain", choices=("zh-hans", "en"), help="with --json: add sentences in this language"
    )


def run(options: dict[str, Any], out: TextIO) -> None:
    """Judge and print. Raises Unusable; of an unreadable file nothing is printed."""
    language = options.get("explain")
    try:
        for case, result in judged(options):
            several = len(case.household) > 1
            names = {one.id_number: one.name for one in case.household} if several else {}
            if options.get("json"):
                line = result.to_json()
                if language:
                    line |= {"explanation": report(result, language, names)}
                out.write(json.dumps(line, ensure_ascii=False) + "\n")
            else:
                out.write("\n".join(report(result, language or "zh-hans", names)) + "\n\n")
            out.flush()
    except BrokenPipeError:  # the reader has seen enough, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def judged(options: dict[str, Any]) -> Iterator[tuple[Case, Assessment]]:
    """The cases asked for and their assessments, in file order."""
    wanted = options.get("case")
    on = _day(options.get("on"))
    chosen = _policy(options.get("policy"))
    cases = [case for case in _cases(options["file"]) if wanted in (None, case.case)]
    if wanted and not cases:
        raise Unusable(f"{options['file']}: no case {wanted}")
    # All days and policies first: of a file that cannot be judged to its end nothing is printed.
    plans = [(case, *_plan(options["file"], case, on, chosen)) for case in cases]
    for case, day, pack in plans:
        yield case, assess(case, on=day, policy=pack)


def _plan(path: str, case: Case, on: date | None, chosen: Policy | None) -> tuple[date, Policy]:
    """The day of a case and a policy that knows that day. Raises Unusable."""
    day = on or case.as_of
    if day is None:
        raise Unusable(f"{path}: case {case.case}: field as_of is missing")
    try:
        pack = chosen or policy.default_for(day)
        pack.day(day)
    except PolicyError as error:
        raise Unusable(f"{path}: case {case.case}: {error}") from None
    return day, pack


def _cases(path: str) -> list[Case]:
    try:
        return [case for _raw, case in load_file(path)]
    except CaseError as error:
        raise Unusable(str(error)) from None


def _day(written: str | None) -> date | None:
    try:
        return date.fromisoformat(written) if written else None
    except ValueError:
        raise Unusable(f"--on {written}: not a date (yyyy-mm-dd)") from None


def _policy(name: str | None) -> Policy | None:
    try:
        return policy.find(name) if name else None
    except PolicyError as error:
        raise Unusable(str(error)) from None


def main(arguments: list[str] | None = None) -> int:
    """Without Django: ``python -m applications.eligibility FILE --json``."""
    parser = argparse.ArgumentParser(prog="python -m applications.eligibility")
    add_arguments(parser)
    try:
        run(vars(parser.parse_args(arguments)), sys.stdout)
    except Unusable as error:
        sys.stderr.write(f"assess: {error}\n")
        return FAILED
    return 0
