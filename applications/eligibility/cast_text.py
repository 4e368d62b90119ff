"""Text of a cast file (案卷文件): YAML in which every field is written once.

YAML itself lets the second of two equal keys win without a word; here half the homes of a family
would vanish with the first of two ``property:`` blocks.
"""

import re
from typing import Any

import yaml

_Base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_MERGE = "tag:yaml.org,2002:merge"
_CASE = re.compile(r"^[-\s{]*case\s*:\s*['\"]?([^'\",}#\n]+)", re.MULTILINE)
_NUMBER = re.compile(r"\d{6,}")  # a person's number is in no message


class TextFault(ValueError):
    """The text cannot be used; the sentence says where and why, and holds no ID number."""


def documents(written: str) -> list[Any]:
    """The documents of the text. Raises TextFault."""
    try:
        return list(yaml.load_all(written, Loader=_Loader))
    except _Twice as fault:
        where = _case_before(written, fault.line)
        raise TextFault(f"{where}field {fault} is given twice at line {fault.line + 1}") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f" at line {mark.line + 1}" if mark else ""
        raise TextFault(f"is not YAML{line}") from None
    except RecursionError:
        raise TextFault("is not YAML: its lists are nested too deep") from None
    except ValueError:  # a day such as 2021-02-30 without quotes, a number of thousands of digits
        raise TextFault("holds a date or a number that does not exist") from None


class _Twice(Exception):
    """A field is written twice in one mapping; the second time on this line, from nought."""

    def __init__(self, name: str, line: int) -> None:
        super().__init__(_NUMBER.sub("…", name))
        self.line = line


class _Loader(_Base):  # type: ignore[misc]
    def construct_mapping(self, node: Any, deep: bool = False) -> Any:
        _refuse_twice(node)
        return super().construct_mapping(node, deep)


def _refuse_twice(node: Any) -> None:
    """Own keys only: what ``<<`` merged in stands elsewhere and may be written over."""
    if not isinstance(node, yaml.MappingNode):
        return
    start, end = node.start_mark.index, node.end_mark.index
    seen: set[tuple[str, str]] = set()
    for key, _value in node.value:
        if not isinstance(key, yaml.ScalarNode) or key.tag == _MERGE:
            continue
        if not start <= key.start_mark.index <= end:
            continue
        if (key.tag, key.value) in seen:
            raise _Twice(key.value, key.start_mark.line)
        seen.add((key.tag, key.value))


def _case_before(written: str, line: int) -> str:
    """``case X: `` of the last case that begins above or on this line."""
    above = "".join(written.splitlines(keepends=True)[: line + 1])
    names = _CASE.findall(above)
    return f"case {names[-1].strip()}: " if names else ""
