"""The sentences of the dialogue that belong to no flow, from ``companies/X/phrases/{zh,en}.yaml``.

Each has one wording or several; where a sentence would be said twice running, another wording is taken.
"""

from collections.abc import Mapping
from pathlib import Path
from string import Formatter
from typing import Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, RootModel

from agent.errors import CompanyError
from agent.events import Language
from agent.yaml_file import line_of, load_yaml

PhraseName = Literal[
    # Beginning and end
    "says_ai", "says_recorded", "how_can_i_help", "goodbye", "anything_else", "go_on", "greeting_back", "thanks",
    "chitchat",
    # What is said about the talk itself
    "sorry", "is_ai", "is_recorded", "repeat", "as_i_said", "language_switched", "warning",
    "abuse_goodbye", "stopped", "one_moment", "take_your_time",
    # Not heard, not there
    "pardon", "still_there", "silence_goodbye", "trouble",
    # Questions
    "back_to", "noted", "corrected", "slot_again", "slot_keys", "still_agreed", "slot_other_way", "not_offered",
    "confirm_unclear", "confirm_keys", "what_to_change", "offer_errand",
    # Identity
    "identity_tail", "identity_phone", "identity_both", "identity_again", "identity_keys", "identity_mismatch",
    "own_phone_only",
    # Tools
    "tool_down", "change_uncertain", "not_found", "rejected", "ticket_failed", "before", "before_change",
    # Beyond what the bot knows
    "unknown", "unsure", "not_understood", "did_you_mean",
    # To a person
    "human_hint", "human_transfer", "human_callback", "callback_stands", "give_up_transfer", "give_up_callback",
    "transfer_failed",
    "alert_transfer", "alert_callback", "danger_transfer", "danger_callback", "care_transfer", "care_callback",
]  # fmt: skip

FILLED_IN: Mapping[str, frozenset[str]] = {
    "repeat": frozenset({"sentence"}),
    "as_i_said": frozenset({"sentence"}),
    "back_to": frozenset({"title", "question"}),
    "still_agreed": frozenset({"title"}),
    "noted": frozenset({"value"}),
    "corrected": frozenset({"value"}),
    "slot_again": frozenset({"question"}),
    "slot_keys": frozenset({"question"}),
    "slot_other_way": frozenset({"question"}),
    "not_offered": frozenset({"value", "offered"}),
    "offer_errand": frozenset({"title"}),
    "did_you_mean": frozenset({"question"}),
    "identity_mismatch": frozenset({"value"}),
    "ticket_failed": frozenset({"minutes"}),
    **{
        name: frozenset({"within"})
        for name in ("callback_stands", "alert_callback", "danger_callback", "care_callback")
    },
}  # fmt: skip
"""What is filled into a sentence, beside the names of the company and of the bot."""
ALWAYS = frozenset({"company", "bot"})
AT_LEAST_TWO = frozenset(
    {"as_i_said", "repeat", "pardon", "still_there", "anything_else", "one_moment", "unknown", "did_you_mean"}
)
"""What may have to be said twice running."""


class _Wordings(RootModel[str | tuple[str, ...]]):
    model_config = ConfigDict(frozen=True)

    @property
    def several(self) -> tuple[str, ...]:
        return (self.root,) if isinstance(self.root, str) else self.root


class _File(RootModel[dict[PhraseName, _Wordings]]):
    pass


class Phrases(BaseModel):
    """One language's sentences."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    wordings: Mapping[PhraseName, tuple[str, ...]] = Field(description="each at least one")

    def of(self, name: PhraseName, **values: str) -> tuple[str, ...]:
        """All wordings, filled in."""
        return tuple(text.format(**values) for text in self.wordings[name])

    def fixed(self, **values: str) -> tuple[str, ...]:
        """The sentences that are the same in every call."""
        texts = (text for several in self.wordings.values() for text in several)
        return tuple(text.format(**values) for text in texts if _fields(text) <= values.keys())


def load_phrases(file: Path) -> Phrases:
    """Raises CompanyError naming file and line of what is missing, unknown or cannot be filled in."""
    phrases = {name: wordings.several for name, wordings in load_yaml(file, _File).root.items()}
    problems = [f"{file}:1: {name} is missing" for name in get_args(PhraseName) if name not in phrases]
    for name, several in phrases.items():
        at = f"{file}:{line_of(file, name)}: {name}"
        if len(several) < (2 if name in AT_LEAST_TWO else 1):
            problems.append(f"{at}: two wordings at the least, for it may follow itself")
        known = ALWAYS | FILLED_IN.get(name, ALWAYS)
        for text in several:
            try:
                unknown = _fields(text) - known
            except ValueError as error:
                problems.append(f"{at}: {error}")
                continue
            right = ", ".join(f"{{{one}}}" for one in sorted(known))
            problems += [f"{at}: nothing fills in {{{one}}}; {right} may be filled in" for one in sorted(unknown)]
    if problems:
        raise CompanyError("\n".join(problems))
    return Phrases(wordings=phrases)


def _fields(text: str) -> set[str]:
    return {field for _, field, _, _ in Formatter().parse(text) if field is not None}


BothPhrases = Mapping[Language, Phrases]
