"""The menu as a supervisor writes it down, in ``companies/X/routing/menu.yaml``.

    intent_from: 0.7
    menus:
      main:
        languages: [zh, en]
        top: main
        person: queue:service
        timeout_ms: 5000
        repeats: 2
        after_silence: bot
        failures: 3
        after_failures: queue:service
        sentences: {wrong_key: {zh: …, en: …}, …}
        nodes:
          main:
            prompt: {zh: [您好。, 报修请按1。], en: [Hello., "For repairs, press 1."]}
            choices:
              - {keys: "1", label: {zh: 报修, en: repair}, intents: [repair], target: flow:repair}

A target is a node of the same menu, ``bot``, ``queue:<skill>``, ``flow:<name>``, ``callback`` or ``number:<digits>``.
"""

import re
from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from agent.events import Intent, Language

MAX_LEVELS = 9
PERSON_KEY = "0"
"""The key that leads to a person on every Chinese hotline."""

Key = Literal["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"]
Function = Literal["back", "repeat", "top", "nothing"]
"""What star or hash does: one level up, the prompt again, to the top."""

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_LEADS_OUT = re.compile(r"bot|callback|(queue|flow):[A-Za-z][A-Za-z0-9_-]*|number:\+?[0-9]{3,20}")


def leads_out(target: str) -> bool:
    """Whether the target is outside the menu, and not a node."""
    return ":" in target or target in ("bot", "callback")


def _target(value: str) -> str:
    if not _LEADS_OUT.fullmatch(value) and (leads_out(value) or not _NAME.fullmatch(value)):
        raise ValueError(f"{value!r}; a node, bot, queue:SKILL, flow:NAME, callback or number:DIGITS")
    return value


def _node_name(value: str) -> str:
    if leads_out(value) or not _NAME.fullmatch(value):
        raise ValueError(f"{value!r} cannot name a node: small letters, digits and _; not bot, not callback")
    return value


def _one_or_more(value: object) -> object:
    """A single value stands for a list of one, so that the common case reads well."""
    return value if value is None or isinstance(value, list | tuple) else [value]


def _keys(value: object) -> object:
    """YAML reads a bare 1 as a number; which key is meant is plain."""
    values = _one_or_more(value)
    if not isinstance(values, list | tuple):
        return values
    return [str(one) if isinstance(one, int) and not isinstance(one, bool) else one for one in values]


Target = Annotated[str, AfterValidator(_target)]
NodeName = Annotated[str, AfterValidator(_node_name)]
Keys = Annotated[tuple[Key, ...], BeforeValidator(_keys)]
Text = Annotated[str, Field(min_length=1)]
Texts = Annotated[tuple[Text, ...], BeforeValidator(_one_or_more)]
TimeoutMs = Annotated[int, Field(ge=1000, le=30_000)]


class Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class Spoken(Part):
    """Sentences one after the other, each spoken from the phrase cache. A language that the menu does not speak may be
    left out.
    """

    zh: Texts = ()
    en: Texts = ()

    def of(self, language: Language) -> tuple[str, ...]:
        return self.zh if language == "zh" else self.en


class Label(Part):
    """What a choice is called, on the telephone and for supervisors."""

    zh: str = ""
    en: str = ""

    def of(self, language: Language) -> str:
        """In that language; in the other where it has none."""
        return (self.zh or self.en) if language == "zh" else (self.en or self.zh)


class Choice(Part):
    """One thing that can be chosen: by key, by its label, by other words of it (``says``), or by what is understood.

    ``language``: the menu goes on in it ("For English, press 9").
    """

    keys: Keys = ()
    label: Label
    says: Spoken = Spoken()
    intents: tuple[Intent, ...] = ()
    target: Target
    language: Language | None = None


class Node(Part):
    """Where a caller hears a prompt and chooses. What is left out is as the menu has it.

    ``timeout_ms``: silence, once the prompt is over, after which it is repeated; after ``repeats`` repetitions the call
    goes on to ``after_silence``. So many wrong keys or words that are not understood (``failures``) lead to
    ``after_failures``.
    """

    prompt: Spoken
    choices: tuple[Choice, ...] = ()
    timeout_ms: TimeoutMs | None = None
    repeats: int | None = Field(None, ge=0, le=9)
    after_silence: Target | None = None
    failures: int | None = Field(None, ge=1, le=9)
    after_failures: Target | None = None
    wrong_key: Spoken | None = None
    star: Function | None = None
    hash: Function | None = None


class Sentences(Part):
    """What is said beside the prompts. ``greeting``: once in each language, before the top's prompt. ``at_top``: there
    is nothing to go back to. ``silent`` and ``failed``: before the call goes on without a choice. ``person``: before it
    goes to a person who was asked for.
    """

    greeting: Spoken

    wrong_key: Spoken
    not_understood: Spoken
    at_top: Spoken
    silent: Spoken
    failed: Spoken
    person: Spoken


class MenuConfig(Part):
    """One menu. ``languages``: those that it speaks. ``top``: where it begins. ``person``: where key 0 and 转人工 lead.

    ``most_steps``: after so many moves without a result the call goes to ``after_failures``.
    """

    languages: tuple[Language, ...] = Field(("zh", "en"), min_length=1)
    top: NodeName
    person: Target
    timeout_ms: TimeoutMs = 5000
    repeats: int = Field(2, ge=0, le=9)
    after_silence: Target | None = None
    failures: int = Field(3, ge=1, le=9)
    after_failures: Target | None = None
    star: Function = "back"
    hash: Function = "repeat"
    most_steps: int = Field(40, ge=5, le=500)
    sentences: Sentences
    nodes: Mapping[NodeName, Node] = Field(min_length=1)


class Menus(Part):
    """All menus of a company. ``intent_from``: how probable what was understood must be to lead anywhere, 0..1."""

    intent_from: float = Field(0.7, gt=0, le=1)
    menus: Mapping[NodeName, MenuConfig] = Field(min_length=1)
