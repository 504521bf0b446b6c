"""A menu ready to be walked: every node with what holds for it, its level, and the way to it. Immutable."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from agent.dialogue.cues import plainly_in
from agent.events import Intent, Language
from agent.routing.menu.config import (
    PERSON_KEY,
    Choice,
    Function,
    MenuConfig,
    Menus,
    Node,
    Sentences,
    Spoken,
)


@dataclass(frozen=True)
class Place:
    """A node with what it takes from its menu. ``level``: 1 is the top. ``way``: the nodes from the top to it."""

    name: str
    level: int
    way: tuple[str, ...]
    prompt: Spoken
    choices: tuple[Choice, ...]
    timeout_ms: int
    repeats: int
    after_silence: str
    failures: int
    after_failures: str
    wrong_key: Spoken
    star: Function
    hash: Function

    def by_key(self, key: str) -> Choice | None:
        return next((choice for choice in self.choices if key in choice.keys), None)

    def by_intent(self, intent: Intent) -> Choice | None:
        return next((choice for choice in self.choices if intent in choice.intents), None)


@dataclass(frozen=True)
class Menu:
    """``places``: by name, from the top down. ``errands``: the flow of each intent that has one."""

    name: str
    languages: tuple[Language, ...]
    top: str
    person: str
    most_steps: int
    intent_from: float
    said: Sentences
    places: Mapping[str, Place]
    errands: Mapping[Intent, str] = field(default_factory=dict)

    def sentences(self, language: Language) -> tuple[str, ...]:
        """All that it may say in that language's voice, each sentence by itself, the top's first: to be spoken into the
        phrase cache.
        """
        texts = [text for place in self.places.values() for text in (place.prompt, place.wrong_key)]
        texts += [getattr(self.said, name) for name in type(self.said).model_fields]
        written = [(sentence, one) for one in self.languages for text in texts for sentence in text.of(one)]
        return tuple(dict.fromkeys(sentence for sentence, one in written if voice_of(sentence, one) == language))

    def led_to_by(self, intent: Intent, trail: tuple[str, ...]) -> tuple[str, Choice] | None:
        """The nearest choice that has the intent, and where it stands: here, on the way back, then from the top."""
        for name in dict.fromkeys((*reversed(trail), *self.places)):
            choice = self.places[name].by_intent(intent) if name in self.places else None
            if choice is not None:
                return name, choice
        return None


def voice_of(sentence: str, language: Language) -> Language:
    """The language whose voice speaks a sentence of a prompt: "For English, press 9" stands in a Chinese one."""
    return plainly_in(sentence) or language


def build_menu(menus: Menus, name: str, errands: Mapping[Intent, str] | None = None) -> Menu:
    """The menu of that name. Raises KeyError where there is none.

    Args:
        errands: the company's flow for each intent that has one; what is understood leads there where no choice has it.
    """
    config = menus.menus[name]
    places = {place.name: place for place in _places(config)}
    return Menu(
        name,
        config.languages,
        config.top,
        config.person,
        config.most_steps,
        menus.intent_from,
        config.sentences,
        places,
        dict(errands or {}),
    )


def ways(config: MenuConfig) -> dict[str, tuple[str, ...]]:
    """The shortest way to every node that can be reached, from the top down."""
    found: dict[str, tuple[str, ...]] = {config.top: (config.top,)} if config.top in config.nodes else {}
    level = list(found)
    while level:
        below: list[str] = []
        for name in level:
            for target in onward(config, name):
                if target in config.nodes and target not in found:
                    found[target] = (*found[name], target)
                    below.append(target)
        level = below
    return found


def onward(config: MenuConfig, name: str) -> Iterator[str]:
    """Where a node leads, in whatever way."""
    node = config.nodes[name]
    yield from (choice.target for choice in node.choices)
    yield config.person
    yield from (target for target in (after_silence(config, node), after_failures(config, node)) if target is not None)


def after_silence(config: MenuConfig, node: Node) -> str | None:
    return node.after_silence or config.after_silence


def after_failures(config: MenuConfig, node: Node) -> str | None:
    return node.after_failures or config.after_failures


def working_keys(config: MenuConfig, name: str) -> dict[str, Choice | Function | None]:
    """What every key that does something does at a node; None for the person's key."""
    node = config.nodes[name]
    keys: dict[str, Choice | Function | None] = {PERSON_KEY: None}
    keys |= {key: choice for choice in node.choices for key in choice.keys}
    for key, function in (("*", node.star or config.star), ("#", node.hash or config.hash)):
        useless = function == "nothing" or (name == config.top and function in ("back", "top"))
        if not useless:
            keys[key] = function
    return keys


def _places(config: MenuConfig) -> Iterator[Place]:
    for name, way in ways(config).items():
        node = config.nodes[name]
        yield Place(
            name=name,
            level=len(way),
            way=way,
            prompt=node.prompt,
            choices=node.choices,
            timeout_ms=node.timeout_ms or config.timeout_ms,
            repeats=config.repeats if node.repeats is None else node.repeats,
            after_silence=after_silence(config, node) or config.person,
            failures=node.failures or config.failures,
            after_failures=after_failures(config, node) or config.person,
            wrong_key=node.wrong_key or config.sentences.wrong_key,
            star=node.star or config.star,
            hash=node.hash or config.hash,
        )
