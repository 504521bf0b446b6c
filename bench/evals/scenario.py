"""What a scenario says: who calls, what they say when, and what must come of it. Read from YAML, strictly."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal, Self, TypeVar
from zoneinfo import ZoneInfo

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from agent.events import Language

SETS = Path(__file__).parent.parent / "sets"
WORLD_FILE = Path(__file__).parent / "world.yaml"
STRANGER = "13700009999"
"""A phone that no customer has."""

Trait = Literal[
    "patient", "impatient", "clear", "rambling", "changes_mind", "wrong_data_first", "correction", "digression",
    "volunteers", "mixed_language", "switches_language", "keys", "silent", "angry", "abusive", "asks_human",
    "asks_if_ai", "asks_if_recorded", "asks_repeat", "tool_down", "bad_result", "out_of_hours", "other_phone",
    "unverified", "refused", "several_errands", "vague", "hangs_up",
]  # fmt: skip
Errand = Literal[
    "order_query", "cancel_order", "change_address", "return", "refund", "repair", "installation", "invoice",
    "complaint", "product", "device", "human", "none",
]  # fmt: skip
Routed = Literal["bot", "person", "human", "complaint_specialist", "callback"]
"""Where the call goes: ``person`` is any but the bot."""
M = TypeVar("M", bound=BaseModel)
AttackKind = Literal["role_play", "prompt_fishing", "other_people", "free_refund", "link", "profanity"]

Several = Annotated[tuple[str, ...], BeforeValidator(lambda value: (value,) if isinstance(value, str) else value)]
"""One text or a list of them. ``[keys 2913#]``, ``[silence]`` and ``[hangs up]`` are done rather than said."""


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Person(_Strict):
    """A customer of the demo company with one order, as its back end knows them."""

    name: str
    phone: str
    order: str
    product: str
    tracking: str = ""

    @property
    def tail(self) -> str:
        """What identity is checked by."""
        return self.order[-4:]


class World(_Strict):
    """The demo company as an outsider knows it; the yardstick, so written anew rather than read from the company."""

    at: datetime
    zone: str
    number: str
    personal: frozenset[str] = Field(description="tools that tell or change what belongs to a customer")
    changing: frozenset[str] = Field(description="tools that need the caller's yes before")
    people: tuple[Person, ...]

    def person(self, order: str) -> Person:
        """Who has this order. Raises KeyError."""
        return {person.order: person for person in self.people}[order]

    def when(self, at: datetime | None) -> datetime:
        """A scenario's time of call, in the company's time zone."""
        return (at or self.at).replace(tzinfo=ZoneInfo(self.zone))


class Interjection(_Strict):
    """What the caller does instead of answering, once, when the bot asks for something, says something (a regular
    expression), or has had its n-th turn (the greeting is the first).
    """

    asked: str | None = None
    heard: str | None = None
    turn: int | None = None
    say: str
    gives: Several = Field(default=(), description="what the bot need not ask again after this")

    @model_validator(mode="after")
    def _one_occasion(self) -> Self:
        if sum(value is not None for value in (self.asked, self.heard, self.turn)) != 1:
            raise ValueError("an interjection has one occasion: asked, heard or turn")
        return self


class Called(_Strict):
    """A tool call that must have been made. tool: one name, or several that serve with | between them. with_: values
    that arguments must have; ``D+1`` is a date by days from the call's, ``/…/`` a regular expression.
    came: the code that came back.
    """

    tool: str
    with_: Mapping[str, str | int | bool] = Field(default={}, alias="with")
    came: Literal["ok", "not_found", "rejected", "down", "bad_result"] | None = "ok"


class Expect(_Strict):
    """What must come of it. spoken: regular expressions, each found in what the bot said; ``{D+1}`` stands for that
    date in every way it is said. not_called: tools that must not have been called successfully.
    """

    called: tuple[Called, ...] = ()
    not_called: Several = ()
    spoken: Several = ()
    not_spoken: Several = ()
    ended: Literal["bot", "caller", "transfer"] | None = None
    routed: Routed | None = "bot"
    max_turns: int = 8


class Scenario(_Strict):
    """One call.

    who: the order of the customer who calls; None: nobody that the back end knows.
    from_: the number they call from, their own where it is not given.
    answers: what they say when asked for something; of several, one after the other, the last again and again. The last
    is the right one: until then what they said is wrong or vague, and may be asked for again.
    volunteers: what the opening already gives.
    wishes: what they ask for next, each when the bot is done with the one before.
    again: how they insist where the bot takes their errand for done and it is not.
    """

    name: str
    language: Language = "zh"
    errand: Errand
    traits: tuple[Trait, ...]
    persona: str
    who: str | None = None
    from_: str | None = Field(default=None, alias="from")
    at: datetime | None = None
    faults: Mapping[str, str | int | float] = {}
    opening: str
    volunteers: Several = ()
    answers: Mapping[str, Several] = {}
    then: tuple[Interjection, ...] = ()
    wishes: Several = ()
    again: str | None = None
    expect: Expect


class Attack(_Strict):
    """Somebody tries to get out of the bot what it must not give: says one thing after the other and hangs up.

    not_spoken: what would show that it worked, beside what no call may contain.
    not_called: tools, beside all that change something.
    """

    name: str
    language: Language
    kind: AttackKind
    who: str | None = None
    from_: str = Field(default=STRANGER, alias="from")
    says: tuple[str, ...] = Field(min_length=1)
    not_spoken: Several = ()
    not_called: Several = ()


def load_world(file: Path = WORLD_FILE) -> World:
    """The demo company. Raises ValueError naming the file."""
    return _validated(World, yaml.safe_load(file.read_text(encoding="utf-8")), f"{file}")


def load_scenarios(language: Language, folder: Path = SETS) -> list[Scenario]:
    """The scenarios of a language, in file order. Raises ValueError naming file, scenario and field."""
    file = folder / f"evals_{language}.yaml"
    entries = yaml.safe_load(file.read_text(encoding="utf-8"))
    return [_validated(Scenario, {"language": language, **entry}, f"{file}: {entry['name']}") for entry in entries]


def load_attacks(folder: Path = SETS) -> list[Attack]:
    """The attacks of both languages. Raises ValueError naming file, attack and field."""
    file = folder / "attacks.yaml"
    entries = yaml.safe_load(file.read_text(encoding="utf-8"))
    return [_validated(Attack, entry, f"{file}: {entry['name']}") for entry in entries]


def _validated(model: type[M], value: object, where: str) -> M:
    try:
        return model.model_validate(value)
    except ValidationError as error:
        problem = error.errors()[0]
        field = ".".join(str(part) for part in problem["loc"])
        raise ValueError(f"{where}: {field}: {problem['msg']}") from error
