"""A YAML file that people edit, read into a model; what is wrong with it is said with its line.

YAML's own loader forgets where things stood, so the file is composed into nodes first: a problem that pydantic finds at
``slots.0.kind`` is looked up in them.
"""

import re
from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from math import inf
from pathlib import Path
from typing import Any, Literal, TypeVar, get_args

import yaml
from pydantic import BaseModel, ConfigDict, RootModel, ValidationError
from pydantic_core import ErrorDetails

from agent.errors import CompanyError
from agent.events import Language

MAX_BYTES = 1_000_000
MAX_DEPTH = 40
MAX_NODES = 500_000
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_UNPRINTABLE = re.compile(r"[^\t\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

M = TypeVar("M", bound=BaseModel)


class Bilingual(BaseModel):
    """A text in every language that is spoken."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True, str_min_length=1)

    zh: str
    en: str

    def of(self, language: Language) -> str:
        return self.zh if language == "zh" else self.en


def load_yaml(file: Path, model: type[M]) -> M:
    """The file as a model. Raises CompanyError ``FILE:LINE: field: what is wrong``, one line a problem."""
    node = _compose(file)
    problems = list(_duplicates(file, node))
    try:
        read = model.model_validate(_construct(file, node))
    except ValidationError as error:
        problems += [f"{file}:{_line(node, one['loc'])}: {_explain(one, model)}" for one in error.errors()]
    if problems:
        raise CompanyError("\n".join(dict.fromkeys(problems)))
    return read


def load_yaml_map(file: Path, model: type[M]) -> dict[str, M]:
    """A file that maps names to models. Raises as `load_yaml` does."""

    class Named(RootModel[dict[str, model]]):  # type: ignore[valid-type]
        pass

    return load_yaml(file, Named).root


def line_of(file: Path, *path: str | int) -> int:
    """The line where an entry stands, counted from 1; that of the nearest entry above it if it is not there."""
    return _line(_compose(file), path)


def _text(file: Path) -> str:
    try:
        if file.stat().st_size > MAX_BYTES:
            raise CompanyError(f"{file}:1: {file.stat().st_size:,} bytes; at most {MAX_BYTES:,}, divide the file")
        return file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        line = file.read_bytes()[: error.start].count(b"\n") + 1
        raise CompanyError(f"{file}:{line}: not UTF-8; save the file in UTF-8") from error
    except OSError as error:
        raise CompanyError(f"{file}:1: cannot be read: {error.strerror}") from error


def _compose(file: Path) -> yaml.Node:
    text = _text(file)
    try:
        # The composer recurses, in C: what is nested without end would take the process with it.
        _refuse_depth(file, text)
        node = yaml.compose(text, Loader=_LOADER)
    except yaml.YAMLError as error:
        raise _not_yaml(file, text, error) from error
    if node is None:
        raise CompanyError(f"{file}:1: the file is empty")
    if _size(node, {}) > MAX_NODES:
        raise CompanyError(f"{file}:1: aliases make it more than {MAX_NODES:,} entries; write out what is meant")
    return node


def _construct(file: Path, node: yaml.Node) -> Any:
    """The values that the nodes stand for."""
    try:
        return yaml.constructor.SafeConstructor().construct_document(node)
    except yaml.YAMLError as error:
        raise _not_yaml(file, "", error) from error
    except ValueError as error:
        # Of a date such as 2026-13-01; where it stands is not told.
        raise CompanyError(f"{file}:1: {error}; if it is no date or number, put it in quotes") from error


def _not_yaml(file: Path, text: str, error: yaml.YAMLError) -> CompanyError:
    if isinstance(error, yaml.MarkedYAMLError):
        line = _line_at(error.problem_mark)
        return CompanyError(f"{file}:{line}: not YAML: {error.problem}")
    line = next((n for n, one in enumerate(text.split("\n"), 1) if _UNPRINTABLE.search(one)), 1)
    return CompanyError(f"{file}:{line}: not YAML: a character that cannot be shown; remove it")


def _line_at(mark: Any) -> int:
    """Counted from 1; the first where YAML knows of none."""
    return int(mark.line) + 1 if mark is not None else 1


def _refuse_depth(file: Path, text: str) -> None:
    depth = 0
    for event in yaml.parse(text, Loader=_LOADER):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > MAX_DEPTH:
            raise CompanyError(f"{file}:{_line_at(event.start_mark)}: nested more than {MAX_DEPTH} deep")


def _size(node: yaml.Node, known: dict[int, float]) -> float:
    """How many nodes it is when every alias is written out; infinite where one stands inside what it names."""
    if id(node) not in known:
        known[id(node)] = inf
        known[id(node)] = 1 + sum(_size(inner, known) for inner in _inside(node))
    return known[id(node)]


def _inside(node: yaml.Node) -> list[yaml.Node]:
    if isinstance(node, yaml.MappingNode):
        return [inner for pair in node.value for inner in pair]
    return node.value if isinstance(node, yaml.SequenceNode) else []


def _duplicates(file: Path, node: yaml.Node) -> Iterator[str]:
    """YAML lets the second of two equal keys win without a word."""
    if isinstance(node, yaml.MappingNode):
        seen: dict[str, int] = {}
        for key, _ in node.value:
            line = key.start_mark.line + 1
            if str(key.value) in seen:
                yield f"{file}:{line}: {key.value!r} is there twice, first in line {seen[key.value]}"
            seen.setdefault(str(key.value), line)
    for inner in _inside(node):
        yield from _duplicates(file, inner)


def _line(node: yaml.Node, path: Sequence[str | int]) -> int:
    line = node.start_mark.line + 1
    for part in path:
        inner: yaml.Node | None = None
        if isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                if str(key.value) == str(part):
                    line, inner = key.start_mark.line + 1, value
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            inner = node.value[part]
            line = inner.start_mark.line + 1
        if inner is None:
            # The name of a type in a union, or an entry that is missing: stay with what is around it.
            continue
        node = inner
    return line


def _explain(problem: ErrorDetails, model: type[BaseModel]) -> str:
    where = ".".join(str(part) for part in problem["loc"] if part != "[key]") or "the file"
    if problem["type"] == "missing":
        return f"{where} is missing"
    if problem["type"] == "extra_forbidden":
        name = str(problem["loc"][-1])
        near = get_close_matches(name, sorted(_field_names(model)), 1)
        return f"{where}: no such entry" + (f"; did you mean {near[0]}?" if near else "")
    if problem["type"] == "string_type" and not isinstance(problem["input"], dict | list | None):
        return f"{where}: a text is wanted, YAML reads {problem['input']!r}; put it in quotes"
    if problem["type"] == "literal_error" and problem["loc"][-1] == "[key]":
        known = re.findall(r"'([^']*)'", str(problem.get("ctx", {}).get("expected", "")))
        near = get_close_matches(str(problem["input"]), known, 1)
        return f"{where}: no such entry" + (f"; did you mean {near[0]}?" if near else "")
    if problem["type"] == "value_error":
        return f"{where}: {problem['ctx']['error']}"
    given = "" if isinstance(problem["input"], dict | list) else f", got {problem['input']!r}"
    return f"{where}: {problem['msg']}{given}"


def _field_names(model: Any) -> set[str]:
    """Of the model and of all models in it."""
    if not (isinstance(model, type) and issubclass(model, BaseModel)):
        inner = () if getattr(model, "__origin__", None) is Literal else get_args(model)
        return {name for argument in inner for name in _field_names(argument)}
    names = {name for name in model.model_fields if name != "root"}
    return names.union(*(_field_names(field.annotation) for field in model.model_fields.values()))
