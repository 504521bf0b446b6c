"""Small questions to the language model, one sentence each, under a JSON schema, within a budget of tokens."""

import json
from typing import Protocol

from pydantic import BaseModel, ConfigDict, ValidationError

from agent.postcall.prompts import Question
from models.errors import ModelError
from models.llm import ChatModel, Message


class _Answer(BaseModel):
    model_config = ConfigDict(extra="forbid")
    answer: str


class Check(Protocol):
    def __call__(self, sentence: str) -> bool: ...


class Interviewer:
    """Asks until its tokens are spent or the model fails. Tokens and not seconds, so that a replay decides alike.

    failed: the code of the error that ended the interview, or ``None``. refused: answers that did not pass their check.
    """

    def __init__(self, llm: ChatModel | None, *, budget_tokens: int) -> None:
        self._llm = llm
        self._left = budget_tokens
        self.failed: str | None = None
        self.refused = 0
        self.used = 0

    def ask(self, question: Question, said: str, check: Check) -> str | None:
        """One sentence about ``said``, or None where the model cannot be had or its answer is no good."""
        if self._llm is None or self.failed is not None or question.max_tokens > self._left:
            return None
        self._left -= question.max_tokens
        try:
            text = self._llm.complete(
                _messages(question, said), max_tokens=question.max_tokens, schema=_schema(question)
            )
        except ModelError as error:
            self.failed = error.code
            return None
        try:
            sentence = " ".join(_Answer.model_validate_json(text).answer.split())
        except ValidationError:
            self.refused += 1
            return None
        fits = sentence.startswith(question.begins) and len(sentence) <= question.max_characters
        if not fits or not check(sentence):
            self.refused += 1
            return None
        self.used += 1
        return sentence


def _messages(question: Question, said: str) -> list[Message]:
    messages: list[Message] = [{"role": "system", "content": question.system}]
    for example in question.examples:
        messages.append({"role": "user", "content": example.said})
        messages.append({"role": "assistant", "content": json.dumps({"answer": example.answer}, ensure_ascii=False)})
    return [*messages, {"role": "user", "content": said}]


def _schema(question: Question) -> dict[str, object]:
    return {
        "type": "object",
        "properties": {"answer": {"type": "string", "minLength": 4, "maxLength": question.max_characters}},
        "required": ["answer"],
        "additionalProperties": False,
    }
