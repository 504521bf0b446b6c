"""Whether menus can be walked: all that they name is there, nobody is led in a circle, and prompts tell the truth.

Checked when a company is loaded, so that nothing of it can go wrong in a call.
"""

from collections.abc import Collection, Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import NamedTuple

from agent.errors import CompanyError
from agent.routing.menu.config import MAX_LEVELS, Choice, MenuConfig, Menus, Node, Spoken, leads_out
from agent.routing.menu.keys_named import keys_named
from agent.routing.menu.menu import after_failures, after_silence, ways, working_keys
from agent.yaml_file import line_of, load_yaml

FILE = "menu.yaml"

Place = tuple[str | int, ...]


class Fault(NamedTuple):
    """What is wrong at a place of the file."""

    path: Place
    text: str


def load_menus(path: Path) -> Menus:
    """The menus of a file. Raises CompanyError with everything that is wrong, ``FILE:LINE: place: …`` a line."""
    menus = load_yaml(path, Menus)
    problems = list(check_menus(path, menus))
    if problems:
        raise CompanyError("\n".join(problems))
    return menus


def check_menus(
    path: Path, menus: Menus, *, flows: Collection[str] | None = None, skills: Collection[str] | None = None
) -> Iterator[str]:
    """Everything that is wrong, ``FILE:LINE: place: what, and what would be right``.

    Args:
        flows: the company's; None leaves ``flow:`` targets unchecked.
        skills: those that somebody has; None leaves ``queue:`` targets unchecked.
    """
    for name, config in menus.menus.items():
        for fault in faults(config, flows=flows, skills=skills):
            place: Place = ("menus", name, *fault.path)
            where = ".".join(str(part) for part in place)
            yield f"{path}:{line_of(path, *place)}: {where}: {fault.text}"


def faults(
    config: MenuConfig, *, flows: Collection[str] | None = None, skills: Collection[str] | None = None
) -> Iterator[Fault]:
    """What is wrong with one menu."""
    yield from _target_faults(config, flows, skills)
    for name in type(config.sentences).model_fields:
        yield from _translations(config, getattr(config.sentences, name), ("sentences", name))
    for name, node in config.nodes.items():
        at: Place = ("nodes", name)
        yield from _translations(config, node.prompt, (*at, "prompt"))
        yield from _translations(config, node.wrong_key or _SAYS_ALL, (*at, "wrong_key"))
        yield from _choice_faults(config, node, at)
        yield from _key_faults(config, name, at)
        for what, after in (("after_silence", after_silence), ("after_failures", after_failures)):
            if after(config, node) is None:
                yield Fault(at, f"no way on for who says nothing or chooses wrong; {what}: bot, say, here or above")
    yield from _shape_faults(config)


_SAYS_ALL = Spoken(zh=("-",), en=("-",))


def _target_faults(
    config: MenuConfig, flows: Collection[str] | None, skills: Collection[str] | None
) -> Iterator[Fault]:
    if config.top not in config.nodes:
        yield Fault(("top",), f"no node {config.top!r}" + _nearest(config.top, config.nodes))
    known: dict[str, Collection[str] | None] = {"flow": flows, "queue": skills}
    for path, target in _targets(config):
        kind, _, name = target.partition(":")
        if not leads_out(target):
            if target not in config.nodes:
                yield Fault(path, f"no node {target!r}" + _nearest(target, (*config.nodes, "bot", "callback")))
        elif (among := known.get(kind)) is not None and name not in among:
            what = "flow" if kind == "flow" else "skill"
            yield Fault(path, f"no {what} {name!r}" + _nearest(name, among))


def _targets(config: MenuConfig) -> Iterator[tuple[Place, str]]:
    yield ("person",), config.person
    for what in ("after_silence", "after_failures"):
        if (target := getattr(config, what)) is not None:
            yield (what,), target
    for name, node in config.nodes.items():
        for number, choice in enumerate(node.choices):
            yield ("nodes", name, "choices", number, "target"), choice.target
        for what in ("after_silence", "after_failures"):
            if (target := getattr(node, what)) is not None:
                yield ("nodes", name, what), target


def _translations(config: MenuConfig, text: Spoken, at: Place) -> Iterator[Fault]:
    for language in config.languages:
        if not text.of(language):
            yield Fault(at, f"nothing in {language}, which the menu speaks")


def _choice_faults(config: MenuConfig, node: Node, at: Place) -> Iterator[Fault]:
    keys: dict[str, int] = {}
    intents: dict[str, int] = {}
    words: dict[str, int] = {}
    for number, choice in enumerate(node.choices):
        here: Place = (*at, "choices", number)
        for what, values, seen in (
            ("keys", choice.keys, keys),
            ("intents", choice.intents, intents),
            ("says", tuple(dict.fromkeys(word.lower() for word in _words(choice))), words),
        ):
            for value in values:
                if value in seen:
                    first = "this choice" if seen[value] == number else f"choice {seen[value] + 1}"
                    place = (*here, "label") if what == "says" and not getattr(choice, what).zh else (*here, what)
                    yield Fault(place, f"{value!r} is {first}'s already")
                seen.setdefault(value, number)
        if not (choice.keys or choice.intents or choice.says.zh or choice.says.en):
            yield Fault(here, "nothing but its label chooses it; give it keys, says or intents")
        for language in config.languages:
            if not getattr(choice.label, language):
                yield Fault((*here, "label"), f"nothing in {language}, which the menu speaks")
        if choice.language is not None and choice.language not in config.languages:
            right = ", ".join(config.languages)
            yield Fault((*here, "language"), f"the menu does not speak {choice.language}; languages has {right}")


def _words(choice: Choice) -> Iterator[str]:
    yield from (word for word in (choice.label.zh, choice.label.en) if word)
    yield from (*choice.says.zh, *choice.says.en)


def _key_faults(config: MenuConfig, name: str, at: Place) -> Iterator[Fault]:
    """A key that a prompt names must do something; and a choice that has keys must be named by one. That 0, star and
    hash work as everywhere need not be said.
    """
    node, works = config.nodes[name], working_keys(config, name)
    for language in config.languages:
        here: Place = (*at, "prompt", language)
        sentences = node.prompt.of(language)
        if not sentences:
            continue
        named = dict.fromkeys(key for sentence in sentences for key in keys_named(sentence))
        for key in named:
            if key not in works:
                yield Fault(here, f"it names the key {key}, which does nothing here")
        for choice in node.choices:
            # Nobody who hears it in English needs to be told how to hear it in English.
            if choice.language == language and choice.target == name:
                continue
            if choice.keys and named.keys().isdisjoint(choice.keys):
                label = choice.label.of(language)
                yield Fault(here, f"it does not name the key {' or '.join(choice.keys)} ({label}), which works here")


def _shape_faults(config: MenuConfig) -> Iterator[Fault]:
    found = ways(config)
    for name in config.nodes:
        if name not in found:
            yield Fault(("nodes", name), "no way leads here; give a choice this target, or remove it")
        elif len(found[name]) > MAX_LEVELS:
            way = " → ".join(found[name])
            yield Fault(("nodes", name), f"level {len(found[name])}, and {MAX_LEVELS} are the most: {way}")
    for what, after in (("after_silence", after_silence), ("after_failures", after_failures)):
        following = {name: after(config, node) or "" for name, node in config.nodes.items()}
        for circle in _circles(following):
            way = " → ".join((*circle, circle[0]))
            yield Fault(("nodes", circle[0]), f"{what} runs in a circle: {way}; one of them must lead out of the menu")
    for name in config.nodes:
        if name in found and not _gets_out(config, name):
            yield Fault(("nodes", name), "no choice from here on ever leads out of the menu")


def _circles(following: Mapping[str, str]) -> Iterator[tuple[str, ...]]:
    """Nodes that each lead to the next and the last to the first; every circle once."""
    done: set[str] = set()
    for start in following:
        path: list[str] = []
        name = start
        while name in following and name not in done and name not in path:
            path.append(name)
            name = following[name]
        if name in path:
            yield tuple(path[path.index(name) :])
        done.update(path)


def _gets_out(config: MenuConfig, name: str) -> bool:
    """By choosing alone; the person's key and giving up are no choices of the tree."""
    reached, todo = {name}, [name]
    while todo:
        for choice in config.nodes[todo.pop()].choices:
            if leads_out(choice.target):
                return True
            if choice.target in config.nodes and choice.target not in reached:
                reached.add(choice.target)
                todo.append(choice.target)
    return False


def _nearest(name: str, known: Collection[str]) -> str:
    near = get_close_matches(name, sorted(known), 1)
    return f"; did you mean {near[0]}?" if near else f"; there are {', '.join(sorted(known)) or 'none'}"
