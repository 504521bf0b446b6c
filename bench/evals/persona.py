"""A caller played by a language model, from the scenario's persona. Not exact: other machines, other words."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from bench.evals.caller import MOST_TURNS, Move, move_of
from bench.evals.scenario import Person, Scenario
from models.llm import ChatModel, Message

PERSONA_FILE = Path(__file__).parent / "persona.yaml"
MAX_TOKENS = 60
_ASIDE = re.compile(r"[（(\[【*][^）)\]】*]*[）)\]】*]")


class PersonaCaller:
    """Opens as the scenario does; everything after it is the model's.

    ``reply`` blocks while the model writes, and raises ModelError.
    """

    def __init__(self, scenario: Scenario, person: Person | None, model: ChatModel, file: Path = PERSONA_FILE) -> None:
        texts: dict[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8"))
        language = scenario.language
        who = texts["nobody"][language] if person is None else texts["who"][language].format(**person.model_dump())
        self._hangs_up = re.compile(texts["hangs_up"], re.IGNORECASE)
        self._opening = scenario.opening
        self._model = model
        system = texts["system"][language].format(who=who, persona=scenario.persona)
        self._chat: list[Message] = [Message(role="system", content=system)]

    def reply(self, heard: Sequence[str]) -> Move:
        self._chat.append(Message(role="user", content=" ".join(heard) or "…"))
        if len(self._chat) == 2:
            move = move_of(self._opening)
            self._chat.append(Message(role="assistant", content=str(move)))
            return move
        if len(self._chat) > 2 * MOST_TURNS:
            return Move("hang_up")
        said = self._model.complete(self._chat, max_tokens=MAX_TOKENS, temperature=0.0).strip()
        if self._hangs_up.search(said):
            # What comes before it is a goodbye; the call is over all the same.
            return Move("hang_up")
        said = " ".join(_ASIDE.sub("", said).split()) or "…"
        self._chat.append(Message(role="assistant", content=said))
        return Move("say", said)
