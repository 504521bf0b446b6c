"""What the documents say is there, is there: links, commands, settings, events and layers."""

import re
import shlex
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
import typer
import yaml
from pydantic import BaseModel

from agent.cli import app
from agent.config import ENV_PREFIX, Settings
from agent.events import Body, measured_fields

ROOT = Path(__file__).parent.parent
READMES = (ROOT / "README.md", ROOT / "README.zh.md")
DOCUMENTS = (*READMES, *sorted((ROOT / "docs").glob("*.md")), ROOT / "audio_fixtures" / "README.md")
ENVIRONMENTS = (ROOT / "Dockerfile.gpu", ROOT / "compose.gpu.yaml", ROOT / "hotline.example.toml")
ARCHITECTURE = ROOT / "docs" / "architecture.md"

_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_INLINE = re.compile(r"`([^`\n]+)`")
_LINK = re.compile(r"\]\(([^)\s]+)\)")

per_document = pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))


def text_of(document: Path) -> str:
    return document.read_text(encoding="utf-8")


def inline_code(document: Path) -> list[str]:
    """What stands between backticks in running text and tables."""
    return _INLINE.findall(_FENCE.sub("", text_of(document)))


def shell_lines(document: Path) -> Iterator[str]:
    """Commands that a reader would copy."""
    for language, block in _FENCE.findall(text_of(document)):
        if language == "sh":
            yield from block.splitlines()
        elif language == "console":
            yield from (line[2:] for line in block.splitlines() if line.startswith("$ "))


def commands(lines: Iterable[str], program: str) -> list[list[str]]:
    """The arguments of every call of a program in these lines."""
    found = []
    for line in lines:
        words = shlex.split(line, comments=True)
        while words and re.fullmatch(r"[A-Z_]+=\S*", words[0]):
            words.pop(0)
        if words and words[0] == program:
            found.append(words[1:])
    return found


def mentions(document: Path, program: str) -> list[list[str]]:
    return commands([*shell_lines(document), *inline_code(document)], program)


def leaf(arguments: list[str]) -> tuple[Any, list[str]]:
    """The command that these arguments name, and the arguments that are left for it."""
    command, left = typer.main.get_command(app), list(arguments)
    while hasattr(command, "commands") and left:
        assert left[0] in command.commands, f"there is no command {left[0]!r}"
        command = command.commands[left.pop(0)]
    return command, left


def parse(arguments: list[str]) -> None:
    """Parse as the command line would, without running anything. Raises what it raises for a wrong one."""
    command, left = leaf(arguments)
    command.make_context(command.name, left)


def options(arguments: list[str]) -> set[str]:
    """The options that the named command has."""
    return {name for parameter in leaf(arguments)[0].params for name in (*parameter.opts, *parameter.secondary_opts)}


def settings_paths(model: type[BaseModel] = Settings, prefix: str = "") -> dict[str, Any]:
    """Every setting by its dotted name, and its default."""
    paths: dict[str, Any] = {}
    for name, field in model.model_fields.items():
        default = field.get_default(call_default_factory=True)
        if isinstance(default, BaseModel):
            paths |= settings_paths(type(default), f"{prefix}{name}.")
        else:
            paths[prefix + name] = default
    return paths


SETTINGS = settings_paths()
SECTIONS = {path.split(".")[0] for path in SETTINGS if "." in path}


@per_document
def test_every_relative_link_leads_somewhere(document: Path) -> None:
    for link in _LINK.findall(text_of(document)):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = link.partition("#")
        target = document.parent / path if path else document
        assert target.exists(), f"{link} in {document.name}"
        if anchor:
            headings = re.findall(r"^#+ (.+)$", _FENCE.sub("", text_of(target)), re.MULTILINE)
            assert anchor in {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


@per_document
def test_every_hotline_command_to_copy_parses(document: Path) -> None:
    for arguments in commands(shell_lines(document), "hotline"):
        try:
            parse(arguments)
        except Exception as error:
            pytest.fail(f"hotline {' '.join(arguments)} in {document.name}: {error}")


@per_document
def test_every_hotline_command_mentioned_exists_with_its_options(document: Path) -> None:
    for arguments in mentions(document, "hotline"):
        # In running text a command may stand without its arguments: `hotline replay --check`.
        used = {word for word in leaf(arguments)[1] if word.startswith("--")}
        assert used <= options(arguments), f"hotline {' '.join(arguments)} in {document.name}"


@pytest.mark.parametrize("wrong", ["reply", "replay", "replay x --run-often 3", "models pulls", "db upgrade now"])
def test_a_wrong_command_would_be_noticed(wrong: str) -> None:
    with pytest.raises((Exception, SystemExit)):
        parse(wrong.split())


@per_document
def test_every_make_target_exists(document: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    for arguments in mentions(document, "make"):
        assert set(arguments) <= targets, f"make {' '.join(arguments)} in {document.name}"


def test_both_readmes_show_every_command() -> None:
    everything = {
        ("serve",),
        ("prepare",),
        ("replay",),
        ("calls",),
        ("latency",),
        ("alerts",),
        ("db", "upgrade"),
        ("db", "current"),
    }
    everything |= {(name,) for name in ("route", "menu", "seat", "simulate", "report", "cdr", "tasks")}
    everything |= {("models", name) for name in ("pull", "list", "verify")}
    mentioned = [sorted(map(tuple, mentions(readme, "hotline"))) for readme in READMES]
    made = [sorted(map(tuple, mentions(readme, "make"))) for readme in READMES]
    assert mentioned[0] == mentioned[1]
    assert made[0] == made[1]
    assert {name for name in everything if any(words[: len(name)] == name for words in mentioned[0])} == everything


def test_no_command_is_left_out_of_the_list_above() -> None:
    group: Any = typer.main.get_command(app)
    assert set(group.commands) == {
        "serve",
        "prepare",
        "replay",
        "calls",
        "latency",
        "alerts",
        "db",
        "models",
        "nlu",
        "company",
        "knowledge",
        "route",
        "menu",
        "seat",
        "simulate",
        "report",
        "cdr",
        "tasks",
    }
    assert set(group.commands["db"].commands) == {"upgrade", "current"}
    assert set(group.commands["models"].commands) == {"pull", "list", "verify"}


@per_document
def test_every_setting_named_exists(document: Path) -> None:
    for code in inline_code(document):
        if re.fullmatch(r"[a-z]+\.[a-z_]+", code) and code.split(".")[0] in SECTIONS:
            assert code in SETTINGS, f"{code} in {document.name}"


@pytest.mark.parametrize("file", [*DOCUMENTS, *ENVIRONMENTS], ids=lambda path: str(path.relative_to(ROOT)))
def test_every_environment_variable_named_is_a_setting(file: Path) -> None:
    for variable in re.findall(rf"{ENV_PREFIX}[A-Z_]+", text_of(file)):
        path = variable.removeprefix(ENV_PREFIX).lower().replace("__", ".")
        assert variable == "HOTLINE_CONFIG" or path in SETTINGS, f"{variable} in {file.name}"


@per_document
def test_every_file_named_exists(document: Path) -> None:
    for code in inline_code(document):
        if re.match(r"(agent|models|prompts|audio_fixtures|docs|tests|bench)/", code) and "NAME" not in code:
            assert (ROOT / code).exists(), f"{code} in {document.name}"


def test_the_example_file_shows_every_setting_with_its_default() -> None:
    text = text_of(ROOT / "hotline.example.toml")
    assert Settings.model_validate(tomllib.loads(text)) == Settings(), "as it stands it changes nothing"
    lines = text.splitlines()
    active = "\n".join(re.sub(r"^# (?=\w+ = )", "", line) for line in lines)
    values = tomllib.loads(active)
    shown = {f"{section}.{name}" for section, part in values.items() if isinstance(part, dict) for name in part}
    shown |= {name for name, value in values.items() if not isinstance(value, dict)}
    assert shown == set(SETTINGS)
    uncommented = settings_of(Settings.model_validate(values))
    examples = {path for path in SETTINGS if re.search(rf"^# {path.split('.')[-1]} = .*e\.g\..*default: ", text, re.M)}
    examples |= {"models.local_sources"}
    for path, default in SETTINGS.items():
        if path not in examples:
            assert uncommented[path] == default, path


def settings_of(settings: BaseModel, prefix: str = "") -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name, value in settings:
        values |= settings_of(value, f"{prefix}{name}.") if isinstance(value, BaseModel) else {prefix + name: value}
    return values


def test_the_event_table_is_the_vocabulary() -> None:
    rows = re.findall(r"^\| `([a-z-]+)` \| [^|]+ \| ([^|]+) \|$", text_of(ARCHITECTURE), re.MULTILINE)
    told = {kind: set(re.findall(r"`(\w+)`", fields)) for kind, fields in rows}
    measured = {kind: set(re.findall(r"\*`(\w+)`\*", fields)) for kind, fields in rows}
    bodies: tuple[type[BaseModel], ...] = get_args(get_args(Body)[0])
    assert told == {str(body.model_fields["type"].default): set(body.model_fields) - {"type"} for body in bodies}
    assert measured == {
        str(body.model_fields["type"].default): measured_fields(body.model_construct()) for body in bodies
    }


def test_the_layers_are_those_that_are_held() -> None:
    contracts = tomllib.loads(text_of(ROOT / "pyproject.toml"))["tool"]["importlinter"]["contracts"]
    layers = next(contract["layers"] for contract in contracts if contract["type"] == "layers")
    blocks = [block for language, block in _FENCE.findall(text_of(ARCHITECTURE)) if language == "text"]
    assert "\n".join(layers) + "\n" in blocks


def test_the_phrases_that_a_failure_speaks_exist() -> None:
    phrases = yaml.safe_load(text_of(ROOT / "prompts" / "phrases" / "zh.yaml"))
    failures = text_of(ARCHITECTURE).split("## When something fails")[1].split("## ")[0]
    named = re.findall(
        r"`([a-z]+(?:_[a-z]+)?)`", "".join(row.split("|")[2] for row in failures.splitlines() if "|" in row)
    )
    assert named
    assert set(named) <= set(phrases)
