"""What notices say, in both languages: ``texts.yaml``."""

from pathlib import Path
from string import Formatter
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict

from agent.events import Language
from agent.yaml_file import Bilingual, load_yaml

DEFAULT_TEXTS = Path(__file__).with_name("texts.yaml")

Kind = Literal[
    "raised",
    "escalated",
    "withdrawn",
    "acknowledged",
    "started",
    "resolved",
    "overdue_acknowledge",
    "overdue_resolve",
    "incident_raised",
    "incident_closed",
]

BLANKS = frozenset(
    {"company", "alert", "caller", "causes", "words", "recommended", "at", "by", "outcome", "to", "due", "count"}
)
"""What may stand in braces: the alert's or incident's id, who called, why, the words that showed it, what to do, when,
who did it, what came of it, who is told, by when it was due, how many alerts.
"""


def _known_blanks(text: str) -> str:
    try:
        names = {name for _, name, _, _ in Formatter().parse(text) if name is not None}
    except ValueError as error:
        raise ValueError(f"{text!r}: {error}") from error
    if unknown := sorted(names - BLANKS):
        raise ValueError(f"nothing fills in {{{unknown[0]}}}; there are {', '.join(sorted(BLANKS))}")
    return text


Template = Annotated[str, AfterValidator(_known_blanks)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Message(_Part):
    """A heading, and what stands under it."""

    title: Template
    body: Template

    def filled(self, blanks: dict[str, str]) -> "Message":
        """With its blanks filled in; those that nothing is known of become empty."""
        # Templates are checked, values are not parsed: braces in a caller's words stay as they are.
        full = dict.fromkeys(BLANKS, "") | blanks
        return Message.model_construct(title=self.title.format_map(full), body=self.body.format_map(full))


class Messages(_Part):
    """A message in every language."""

    zh: Message
    en: Message

    def of(self, language: Language) -> Message:
        return self.zh if language == "zh" else self.en


class Texts(_Part):
    """All that notices say."""

    raised: Messages
    escalated: Messages
    withdrawn: Messages
    acknowledged: Messages
    started: Messages
    resolved: Messages
    overdue_acknowledge: Messages
    overdue_resolve: Messages
    incident_raised: Messages
    incident_closed: Messages
    nobody: Bilingual
    withheld: Bilingual

    def message(self, kind: Kind, language: Language) -> Message:
        messages: Messages = getattr(self, kind)
        return messages.of(language)


def load_texts(path: Path = DEFAULT_TEXTS) -> Texts:
    """Read and check them. Raises CompanyError ``FILE:LINE: …``."""
    return load_yaml(path, Texts)
