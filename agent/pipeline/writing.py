"""What the language model writes from passages, and from nothing else: clause by clause, each checked before it is
spoken.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import get_args

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from agent.dialogue.acts import Write
from agent.errors import ConfigError
from agent.events import Language
from agent.knowledge.grounding import is_grounded
from agent.pipeline.clauses import ClauseSplitter, agrees, speakable
from models.llm import ChatModel, Message

MAX_PASSAGES = 2
"""A small model reads some sixty tokens a second on two cores, and the caller waits meanwhile."""


class WritingPrompt(BaseModel):
    """``ask`` takes {passages} and {question}; ``unknown`` is what the model is to say where they do not answer it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    system: str
    ask: str
    unknown: str


WritingPrompts = dict[Language, WritingPrompt]


def load_writing_prompts(folder: Path) -> WritingPrompts:
    """From ``writing/{zh,en}.yaml``. Raises ConfigError naming the file."""
    prompts: WritingPrompts = {}
    for language in get_args(Language):
        file = folder / "writing" / f"{language}.yaml"
        try:
            prompts[language] = WritingPrompt.model_validate(yaml.safe_load(file.read_text(encoding="utf-8")))
        except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
            raise ConfigError(f"cannot read {file}: {error}") from error
        except ValidationError as error:
            problem = error.errors()[0]
            raise ConfigError(f"{file}: {'.'.join(map(str, problem['loc']))}: {problem['msg']}") from error
    return prompts


def instructions_of(prompts: WritingPrompts, language: Language) -> list[Message]:
    """What comes before every question, so that the model may read it beforehand."""
    return [{"role": "system", "content": prompts[language].system.strip()}]


def chat_for(write: Write, prompts: WritingPrompts) -> list[Message]:
    """What the model is asked."""
    prompt = prompts[write.language]
    passages = "\n".join(f"- {passage.text}" for passage in write.passages[:MAX_PASSAGES])
    return [
        *instructions_of(prompts, write.language),
        {"role": "user", "content": prompt.ask.format(passages=passages, question=write.question).strip()},
    ]


def stream(write: Write, prompts: WritingPrompts, model: ChatModel, *, max_tokens: int) -> Iterator[str]:
    """The model's pieces. Blocks; raises ModelError."""
    return model.stream(chat_for(write, prompts), max_tokens=max_tokens, temperature=0.0)


class Proofreader:
    """Lets pass what may be spoken of an answer that comes in pieces.

    A clause must say something of the passages, state no fact that they, or what the caller was told of their own
    affairs, do not; and once the model says that they do not answer the question, nothing more passes.
    """

    def __init__(self, write: Write, prompts: WritingPrompts) -> None:
        self._write = write
        self._unknown = prompts[write.language].unknown.lower()
        self._known = [text for passage in write.passages[:MAX_PASSAGES] for text in (passage.title, passage.text)]
        self._splitter = ClauseSplitter()
        self._gave_up = False

    def feed(self, piece: str) -> list[str]:
        """The clauses that this piece completes and that may be spoken."""
        return self._passed(self._splitter.feed(piece))

    def rest(self) -> list[str]:
        """The last of them."""
        return self._passed(self._splitter.rest())

    def _passed(self, clauses: Sequence[str]) -> list[str]:
        passed = []
        for clause in map(speakable, clauses):
            self._gave_up = self._gave_up or self._unknown in clause.lower()
            if clause and not self._gave_up and self._may_be_said(clause):
                passed.append(clause)
        return passed

    def _may_be_said(self, clause: str) -> bool:
        write = self._write
        return agrees(clause, " ".join(self._known), write.language) and is_grounded(
            clause, [*self._known, *write.told], write.language
        )
