"""A menu in words for supervisors, shared by the tree on the terminal and the picture."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import yaml

from agent.events import Language
from agent.routing.menu.config import Choice, leads_out
from agent.routing.menu.menu import Menu, Place

_FILE = Path(__file__).with_name("drawing.yaml")


@dataclass(frozen=True)
class Wording:
    """``titles``: what the company's flows are called, by name; ``intents``: what intents are. Else their own names."""

    menu: Menu
    language: Language
    titles: Mapping[str, str] = field(default_factory=dict)
    intents: Mapping[str, str] = field(default_factory=dict)

    def of(self, entry: str, **values: object) -> str:
        """An entry of ``drawing.yaml`` with the values filled in."""
        return _read()[self.language][entry].format(**values)

    def title(self) -> str:
        return self.of("title", name=self.menu.name)

    def target(self, target: str) -> str:
        """Where it leads, in words: 排队 service, 办理 报修."""
        kind, _, name = target.partition(":")
        if not leads_out(target):
            return self.of("node", name=target)
        return self.of(kind, name=self.titles.get(name, name) if kind == "flow" else name)

    def speech(self, choice: Choice) -> str:
        """How it is chosen in words, beside its label; empty where it is not."""
        words = choice.says.of(self.language)
        comma = "、" if self.language == "zh" else ", "
        parts = [self.of("says", words=comma.join(words))] if words else []
        named = comma.join(self.intents.get(intent, intent) for intent in choice.intents)
        parts += [self.of("intents", intents=named)] if named else []
        return " · ".join(parts)

    def name(self, place: Place) -> str:
        """What the choice that leads to a node calls it; the top has the menu's own name."""
        above = self.menu.places[place.way[-2]] if len(place.way) > 1 else None
        choices = above.choices if above is not None else ()
        return next((one.label.of(self.language) for one in choices if one.target == place.name), place.name)

    def head(self, place: Place) -> str:
        """Its name in the file, how deep it lies, what star and hash do there."""
        name = place.name if self.name(place) != place.name else ""
        parts = (name, self.of("level", level=place.level), self.functions(place))
        return " · ".join(part for part in parts if part)

    def switch(self, choice: Choice) -> str:
        return self.of(f"language_{choice.language}") if choice.language is not None else ""

    def on_silence(self, place: Place) -> str:
        return self.of("silence", seconds=f"{place.timeout_ms / 1000:g}", repeats=place.repeats)

    def on_failures(self, place: Place) -> str:
        return self.of("failures", failures=place.failures)

    def functions(self, place: Place) -> str:
        """What star and hash do there."""
        keys = (("*", place.star), ("#", place.hash))
        useless = {"back", "top"} if place.level == 1 else set()
        return " · ".join(f"{key} {self.of(does)}" for key, does in keys if does != "nothing" and does not in useless)

    def anywhere(self) -> str:
        return f"{self.of('anywhere')} → {self.target(self.menu.person)}"

    def understood(self) -> str:
        return self.of("understood", percent=round(self.menu.intent_from * 100))


def children(menu: Menu, place: Place) -> Iterator[Place]:
    """The nodes to which the shortest way from the top leads through this one, in the order of their choices."""
    order = {choice.target: number for number, choice in reversed(list(enumerate(place.choices)))}
    below = [one for one in menu.places.values() if one.way[:-1] == place.way]
    yield from sorted(below, key=lambda one: order.get(one.name, len(order)))


@cache
def _read() -> dict[str, dict[str, str]]:
    words: dict[str, dict[str, str]] = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return words
