"""One of the bots that are compared: its server, the calls made to it, and what came of them."""

import asyncio
import itertools
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import websockets

from bench.conversations import Conversation
from bench.phone import Heard, call
from bench.serving import Server
from bench.turns import TurnFigures, judge

PATIENCE_S = 3.0
"""The caller takes an answer as ended after so long a silence: long enough for a bot that is late with its second
sentence."""
_NORMAL_CLOSE = 1000
_callers = itertools.count(13800000000)
"""Each call comes from a number of its own, by which its timeline is found again."""


@dataclass(frozen=True)
class Made:
    """A call that was made. heard: None if it could not be made at all; error says why."""

    conversation: Conversation
    heard: Heard | None
    error: str = ""

    @property
    def broken(self) -> bool:
        """Never answered, lost, or ended by the bot before all was said."""
        heard = self.heard
        if heard is None or heard.answered_s is None:
            return True
        lost = heard.hung_up_s is not None and heard.close_code != _NORMAL_CLOSE
        return lost or len(heard.said) < len(self.conversation.clips)

    def figures(self) -> list[TurnFigures]:
        """Of every turn. What could not be said any more was not answered either."""
        figures = []
        if self.heard is not None:
            sounds = self.heard.playout.sounds()
            for since_s, voiced_until_s, until_s in self.spans():
                figures.append(judge(since_s, voiced_until_s, until_s, sounds))
        unsaid = len(self.conversation.clips) - len(figures)
        return figures + unsaid * [TurnFigures(response_s=None, missed=True, cut_off=False, silence_s=0.0)]

    def spans(self) -> list[tuple[float, float, float]]:
        """Of every turn that was said: its begin, its last voiced sample, and the begin of the next."""
        if self.heard is None:
            return []
        said = self.heard.said
        nexts = [*(one.start_s for one in said[1:]), float("inf")][: len(said)]
        return [(one.start_s, one.voiced_until_s, until_s) for one, until_s in zip(said, nexts, strict=True)]

    def raw(self) -> dict[str, Any]:
        """All numbers, for a file."""
        figures = [asdict(turn) for turn in self.figures()]
        raw: dict[str, Any] = {"call": self.conversation.name, "turns": figures, "broken": self.broken}
        if self.heard is None:
            return raw | {"error": self.error}
        for turn, text, said in zip(figures, self.conversation.texts, self.heard.said, strict=False):
            turn |= {"said": text, "start_s": said.start_s, "voiced_until_s": said.voiced_until_s}
        sounds = [(round(sound.start_s, 4), round(sound.end_s, 4)) for sound in self.heard.playout.sounds()]
        return raw | {"bot_sounds_s": sounds, "hung_up_s": self.heard.hung_up_s}


@dataclass
class Side:
    """One bot. others: how much of the machine anybody else used during each of its calls, 0 to 1."""

    name: str
    server: Server
    others: list[float] = field(default_factory=list)
    calls: list[Made] = field(default_factory=list)

    async def play(self, conversation: Conversation) -> Made:
        """One call to it."""
        try:
            heard = await call(
                self.server.media_url, conversation.clips, caller=str(next(_callers)), patience_s=PATIENCE_S
            )
            made = Made(conversation, heard)
        except (OSError, websockets.InvalidHandshake) as error:
            made = Made(conversation, None, str(error))
        self.calls.append(made)
        return made

    async def play_at_once(self, conversations: Sequence[Conversation], lines: int) -> None:
        """All of them, so many at a time."""
        free = asyncio.Semaphore(lines)

        async def one(conversation: Conversation) -> None:
            async with free:
                await self.play(conversation)

        await asyncio.gather(*(one(conversation) for conversation in conversations))

    def figures(self) -> list[TurnFigures]:
        """Of all turns of all calls."""
        return [turn for made in self.calls for turn in made.figures()]
