"""A flow: how one errand is done, as a company writes it down in ``companies/X/flows/NAME.yaml``.

    title: {zh: 取消订单, en: cancelling your order}
    starts:
      intents: [cancel_service]
      says: {zh: ["取消.*订单"], en: ["cancel .*order"]}      # regular expressions: words that ask for just this
    identity: true                                           # the order is proved to be the caller's before any step
    slots:
      reason: {kind: text, ask: {zh: …, en: …}}
    steps:
      - need: [reason]
      - call: cancel_order
        with: {order_number: "{order_number}", reason: "{reason}"}
        confirm: {zh: …, en: …}                              # read back; only a yes makes the call
        outcomes:
          - say: {zh: "…{refund_yuan}元…", en: …}
            then: done
          - {code: rejected, reason: already_shipped, say: …, then: offer return}

Outcomes are tried from the top. Pipecat ships a flow library too (``pipecat.flows``): its nodes hold prompts, and the
language model chooses the transition by calling a function. Here code must decide every transition, ask every question
word for word and hold back every change until it is confirmed, so the flows are our own.
"""

import re
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from agent.dialogue.condition import Condition
from agent.dialogue.moments import ToolCode
from agent.dialogue.values import SlotKind
from agent.events import Intent, Language
from agent.yaml_file import Bilingual

ENDS = ("next", "done", "again", "human", "ticket")
JUMPS = ("goto", "offer")


def _condition(value: Any) -> Any:
    if not isinstance(value, Mapping):
        return value
    return {name: tuple(wanted) if isinstance(wanted, list) else wanted for name, wanted in value.items()}


def _pattern(pattern: str) -> str:
    try:
        re.compile(pattern)
    except re.error as error:
        raise ValueError(f"{pattern!r} is no regular expression: {error}") from error
    return pattern


def _then(value: str) -> str:
    words = value.split()
    if value in ENDS or (len(words) == 2 and words[0] in JUMPS):
        return value
    raise ValueError(f"{value!r}; one of {', '.join(ENDS)}, goto FLOW, offer FLOW")


When = Annotated[Condition, BeforeValidator(_condition)]
Pattern = Annotated[str, AfterValidator(_pattern)]
Then = Annotated[str, AfterValidator(_then)]


class Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Wordings(Part):
    """How a choice is said; the first of each language is also how it is read back."""

    zh: tuple[str, ...] = Field(min_length=1)
    en: tuple[str, ...] = Field(min_length=1)

    def of(self, language: Language) -> tuple[str, ...]:
        return self.zh if language == "zh" else self.en


class Starts(Part):
    """What begins the flow: words that ask for just this, or an intent that has no better flow."""

    intents: tuple[Intent, ...] = ()
    says: Mapping[Language, tuple[Pattern, ...]] = {}


class Slot(Part):
    """Something the caller must tell.

    ``ask_again`` and ``another_way`` are said after the first and the second failure; a common sentence where they are
    missing. ``opening``: the words that began the errand may be its value. ``optional``: taken where volunteered, never
    asked for. ``default``: taken where the caller has volunteered nothing; for a choice, also in words that name it.
    ``among``: only a value that the last list from the back end has under this name.
    """

    kind: SlotKind
    ask: Bilingual
    ask_again: Bilingual | None = None
    another_way: Bilingual | None = None
    choices: Mapping[str, Wordings] = {}
    otherwise: str = ""
    optional: bool = False
    opening: bool = False
    default: str = ""
    among: str = ""
    when: When = {}

    def wordings(self) -> dict[str, tuple[str, ...]]:
        """Of each choice in both languages: callers mix them."""
        return {name: (*words.zh, *words.en) for name, words in self.choices.items()}


class Outcome(Part):
    """What is said and done about a result. ``fill``: slots that it fills.

    ``then``: ``next`` step; ``done``; ``again`` from the top, choosing anew among what the back end has; ``human``;
    ``ticket``: a note that somebody rings back; ``goto FLOW``; ``offer FLOW``: ``say`` ends in a question, and a yes
    begins that flow with what is known already.
    """

    code: ToolCode = "ok"
    reason: str = ""
    when: When = {}
    fill: Mapping[str, str | int | float | bool] = {}
    say: Bilingual | None = None
    then: Then = "next"

    @property
    def target(self) -> str:
        """The flow that may follow; empty where none does."""
        return self.then.partition(" ")[2]


class Step(Part):
    """One of: slots that are needed, a tool that is called, a sentence."""

    need: tuple[str, ...] = ()
    call: str = ""
    with_: Mapping[str, str | int | float | bool] = Field({}, alias="with")
    confirm: Bilingual | None = None
    outcomes: tuple[Outcome, ...] = ()
    say: Bilingual | None = None
    when: When = {}

    @model_validator(mode="after")
    def _one_thing(self) -> "Step":
        if sum((bool(self.need), bool(self.call), self.say is not None)) != 1:
            raise ValueError("a step has exactly one of need, call, say")
        if not self.call and (self.with_ or self.confirm or self.outcomes):
            raise ValueError("with, confirm and outcomes belong to a step that calls a tool")
        return self


class Flow(Part):
    """One errand. ``title`` completes "back to …"."""

    title: Bilingual
    starts: Starts = Starts()
    identity: bool = False
    slots: Mapping[str, Slot] = {}
    steps: tuple[Step, ...] = Field(min_length=1)

    def asked_for_by(self, text: str, language: Language) -> int:
        """How much of the text asks for just this errand, in characters; 0 where nothing does."""
        patterns = (*self.starts.says.get(language, ()), *self.starts.says.get(_other(language), ()))
        matches = (re.search(pattern, text, re.IGNORECASE) for pattern in patterns)
        return max((len(match.group()) for match in matches if match), default=0)


def _other(language: Language) -> Language:
    return "en" if language == "zh" else "zh"
