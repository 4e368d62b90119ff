"""Reading a policy pack (政策包校验): every fault refused in a sentence with its line and value."""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from itertools import pairwise
from typing import Any

import yaml

from applications.eligibility.policy import UNVERIFIED, Dated, Parameter, Policy, PolicyError
from applications.eligibility.schema import FLAG, KEYS, LIST, NUMBER, TABLE, TEXT, WHOLE, Key

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_PACK_KEYS = {"id", "title", "effective_from", "effective_to", "note", "documents", "values"}
_DOCUMENT_KEYS = {"title", "number", "link", "read"}
_VALUE_KEYS = {"description", "unit", "op", "clause", "values"}
_DATED_KEYS = {"from", "to", "value", "source", "article", "mark", "note"}
_WORDS = {NUMBER: "a number", WHOLE: "a whole number", TEXT: "a text", LIST: "a list",
          TABLE: "a table", FLAG: "true or false"}  # fmt: skip


class _Fault(Exception):
    """What is wrong, and the path of keys that leads to it."""

    def __init__(self, path: tuple[Any, ...], sentence: str) -> None:
        super().__init__(sentence)
        self.path = path


@lru_cache(maxsize=64)
def read(text: str) -> Policy:
    """A text is immutable and so is its policy; replay reads one text thousands of times.

    Raises PolicyError.
    """
    loader = _LOADER(text)
    try:
        node = loader.get_single_node()
        twice = next(_repeated(node), None)
        if twice:
            raise PolicyError(f"line {twice[1]}: {twice[0]} stands twice")
        raw = loader.construct_document(node) if node is not None else None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f" at line {mark.line + 1}" if mark else ""
        raise PolicyError(f"not YAML{where}") from None
    finally:
        loader.dispose()
    try:
        return _policy(raw, text)
    except _Fault as fault:
        raise PolicyError(f"line {_line(node, fault.path)}: {fault}") from None


def _repeated(node: Any) -> Iterator[tuple[str, int]]:
    """Keys that stand twice in one mapping; YAML itself would take the last without a word."""
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            if key.value in seen:
                yield key.value, key.start_mark.line + 1
            seen.add(key.value)
            yield from _repeated(value)
    elif isinstance(node, yaml.SequenceNode):
        for value in node.value:
            yield from _repeated(value)


def _line(node: Any, path: tuple[Any, ...]) -> int:
    """The line of the deepest part of ``path`` that is there."""
    line = node.start_mark.line if node is not None else 0
    for step in path:
        if isinstance(node, yaml.MappingNode):
            pair = next((one for one in node.value if one[0].value == step), None)
            if pair is None:
                break
            line, node = pair[0].start_mark.line, pair[1]
        elif isinstance(node, yaml.SequenceNode) and step < len(node.value):
            node = node.value[step]
            line = node.start_mark.line
    return int(line) + 1


# -- The pack ------------------------------------------------------------------------------------


def _policy(raw: Any, text: str) -> Policy:
    if not isinstance(raw, Mapping):
        raise _Fault((), "a pack is a mapping with id, effective_from, documents and values")
    _only(raw, _PACK_KEYS, "pack", ())
    if not raw.get("id"):
        raise _Fault((), "pack: id is missing")
    start = _day(raw.get("effective_from"), "effective_from", ("effective_from",))
    end = raw.get("effective_to")
    end = _day(end, "effective_to", ("effective_to",)) if end else None
    if end and end < start:
        raise _Fault(("effective_to",), "effective_to: before effective_from")
    documents = _documents(raw.get("documents") or {})
    values = raw.get("values") or {}
    _only(values, set(KEYS), "values", ("values",))
    missing = [key for key in KEYS if key not in values]
    if missing:
        raise _Fault(("values",), f"values: missing {', '.join(missing)}")
    parameters = {key: _parameter(key, values[key], documents, (start, end)) for key in KEYS}
    made = Policy(
        str(raw["id"]), str(raw.get("title", raw["id"])), start, end, documents, parameters, text
    )
    _agree(made)
    return made


def _documents(raw: Any) -> Mapping[str, Any]:
    if not isinstance(raw, Mapping):
        raise _Fault(("documents",), "documents: must be a mapping")
    for code, document in raw.items():
        path = ("documents", code)
        _only(document, _DOCUMENT_KEYS, f"documents.{code}", path)
        if not document.get("title"):
            raise _Fault(path, f"documents.{code}: title is missing")
        if document.get("read"):
            _day(document["read"], f"documents.{code}.read", (*path, "read"))
    return raw


def _parameter(
    key: str, raw: Any, documents: Mapping[str, Any], span: tuple[date, date | None]
) -> Parameter:
    path, spec = ("values", key), KEYS[key]
    _only(raw, _VALUE_KEYS, key, path)
    for needed in ("description", "unit", "clause", "values"):
        if not raw.get(needed):
            raise _Fault(path, f"{key}: {needed} is missing")
    if raw["unit"] != spec.unit:
        raise _Fault((*path, "unit"), f"{key}: unit must be {spec.unit}")
    op = _operator(key, str(raw.get("op") or ""), spec)
    if not isinstance(raw["values"], list):
        raise _Fault((*path, "values"), f"{key}: values must be a list by start date")
    dated = tuple(
        _dated(key, one, documents, (*path, "values", place))
        for place, one in enumerate(raw["values"])
    )
    _in_order(key, dated, span, (*path, "values"))
    return Parameter(key, str(raw["description"]), spec.unit, op, str(raw["clause"]), dated)


def _operator(key: str, op: str, spec: Key) -> str:
    path = ("values", key, "op")
    if op and not spec.ops:
        raise _Fault(path, f"{key}: op does not fit, the value is no limit")
    if spec.ops and op not in spec.ops:
        raise _Fault(path, f"{key}: op must be one of {' '.join(spec.ops)}")
    return op


def _dated(key: str, raw: Any, documents: Mapping[str, Any], path: tuple[Any, ...]) -> Dated:
    _only(raw, _DATED_KEYS, key, path)
    if "value" not in raw:
        raise _Fault(path, f"{key}: value is missing")
    source, mark = str(raw.get("source") or ""), str(raw.get("mark") or "")
    article = str(raw.get("article") or "")
    _provenance(key, (source, article, mark), documents, path)
    start = _day(raw.get("from"), f"{key}.from", path)
    end = _day(raw["to"], f"{key}.to", path) if raw.get("to") else None
    if end and end < start:
        raise _Fault(path, f"{key}: ends on {end.isoformat()}, before it starts")
    value = _value(key, raw["value"], path)
    return Dated(start, end, value, source, mark, article, str(raw.get("note") or ""))


def _provenance(
    key: str, stated: tuple[str, str, str], documents: Mapping[str, Any], path: tuple[Any, ...]
) -> None:
    """A value names document, number, article, link and the day it was read, or is unverified."""
    source, article, mark = stated
    if not source and not mark:
        raise _Fault(path, f"{key}: a value has neither source nor mark")
    if source and source not in documents:
        raise _Fault(path, f"{key}: source {source} is no document of the pack")
    if mark and mark != UNVERIFIED:
        raise _Fault(path, f"{key}: mark can only be {UNVERIFIED}")
    if article and not source:
        raise _Fault(path, f"{key}: article {article} of no document")
    if mark:
        return
    absent = [part for part in ("number", "link", "read") if not documents[source].get(part)]
    absent += [] if article else ["article"]
    if absent:
        raise _Fault(
            path, f"{key}: {source} is cited without {', '.join(absent)}; or mark it {UNVERIFIED}"
        )


def _in_order(
    key: str, dated: tuple[Dated, ...], span: tuple[date, date | None], path: tuple[Any, ...]
) -> None:
    """No overlap, no gap, and a value from the pack's first day to its last."""
    start, end = span
    if dated[0].start > start:
        raise _Fault((*path, 0), f"{key}: no value on the pack's first day {start.isoformat()}")
    for place, (one, after) in enumerate(pairwise(dated), start=1):
        if after.start <= one.start or (one.end and after.start <= one.end):
            raise _Fault((*path, place), f"{key}: values overlap at {after.start.isoformat()}")
        if one.end and after.start > one.end + timedelta(days=1):
            raise _Fault((*path, place), f"{key}: no value after {one.end.isoformat()}")
    last = dated[-1].end
    if last and (end is None or last < end):
        raise _Fault((*path, len(dated) - 1), f"{key}: no value after {last.isoformat()}")


# -- Values --------------------------------------------------------------------------------------


def _value(key: str, raw: Any, path: tuple[Any, ...]) -> Any:
    spec = KEYS[key]
    try:
        value = _typed(spec.kind, raw)
    except (InvalidOperation, ValueError):
        raise _Fault(path, f"{key}: the value must be {_WORDS[spec.kind]}") from None
    if spec.kind in (NUMBER, WHOLE) and not spec.low <= value <= spec.high:
        raise _Fault(path, f"{key}: {raw} is not from {spec.low} to {spec.high}")
    fault = spec.check(value) if spec.check else ""
    if fault:
        raise _Fault(path, f"{key}: {fault}")
    return value


def _typed(kind: str, raw: Any) -> Any:
    """The value in its Python type. Raises ValueError, InvalidOperation."""
    if kind == NUMBER and isinstance(raw, (int, float, str)) and not isinstance(raw, bool):
        value = Decimal(str(raw))
        if value.is_finite():
            return value
    if kind == WHOLE and isinstance(raw, int) and not isinstance(raw, bool):
        return raw
    if kind == TEXT and isinstance(raw, (str, int)) and not isinstance(raw, bool) and str(raw):
        return str(raw)
    if kind == FLAG and isinstance(raw, bool):
        return raw
    if kind == LIST and isinstance(raw, list):
        return tuple(str(one) for one in raw)
    if kind == TABLE and isinstance(raw, Mapping) and raw:
        return {str(name): _entry(one) for name, one in raw.items()}
    raise ValueError(kind)


def _entry(raw: Any) -> Any:
    if isinstance(raw, list):
        return tuple(str(one) for one in raw)
    if isinstance(raw, str):
        return raw
    if isinstance(raw, bool):
        raise ValueError
    return Decimal(str(raw))


def disagreement(policy: Policy, on: date) -> str:
    """Which values do not fit together on a day, in a sentence; '' where all do."""
    try:
        _agree_on(policy, on)
    except _Fault as fault:
        return str(fault)
    return ""


def _agree(policy: Policy) -> None:
    """Values that stand or fall together, on every day on which one of them changes."""
    for on in sorted({one.start for key in policy.parameters.values() for one in key.dated}):
        if on >= policy.start:
            _agree_on(policy, on)


def _agree_on(policy: Policy, on: date) -> None:
    def at(key: str) -> Any:
        return policy.value(key, on)

    day = on.isoformat()
    for low, high in (
        ("income.ratio_low", "income.ratio_lower_middle"),
        ("subsidy.area_floor", "subsidy.area_cap"),
    ):
        if at(low) > at(high):
            raise _Fault(("values", low), f"{low}: above {high} on {day}")
    types = {one for kinds in at("units.by_persons").values() for one in kinds}
    for key in ("units.reference_area", "units.names"):
        missing = sorted(types - set(at(key)))
        if missing:
            raise _Fault(("values", key), f"{key}: missing {', '.join(missing)} on {day}")


def _day(raw: Any, where: str, path: tuple[Any, ...]) -> date:
    if isinstance(raw, date):
        return raw
    try:
        return date.fromisoformat(str(raw))
    except ValueError:
        raise _Fault(path, f"{where}: not a date") from None


def _only(raw: Any, allowed: set[str], where: str, path: tuple[Any, ...]) -> None:
    if not isinstance(raw, Mapping):
        raise _Fault(path, f"{where}: must be a mapping")
    unknown = sorted(str(key) for key in raw if key not in allowed)
    if unknown:
        raise _Fault((*path, unknown[0]), f"{where}: unknown {', '.join(unknown)}")
