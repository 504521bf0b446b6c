"""One call from its greeting to its end, and what is kept of it."""

from collections.abc import Sequence
from dataclasses import dataclass

from agent.events import Event
from bench.evals.caller import Caller, Move
from bench.evals.line import Exchange, Line, Setup


@dataclass(frozen=True)
class Turn:
    """What the caller did, what the bot said to it, and what happened meanwhile. move: None for the bot's greeting."""

    move: Move | None
    bot: tuple[str, ...]
    events: tuple[Event, ...]


@dataclass(frozen=True)
class Transcript:
    """A whole call. turns: the greeting first. hung_up: the caller ended it."""

    setup: Setup
    turns: tuple[Turn, ...]
    hung_up: bool

    @property
    def events(self) -> tuple[Event, ...]:
        return tuple(event for turn in self.turns for event in turn.events)

    @property
    def said_by_bot(self) -> tuple[str, ...]:
        return tuple(text for turn in self.turns for text in turn.bot)

    @property
    def said_by_caller(self) -> tuple[str, ...]:
        return tuple(turn.move.text for turn in self.turns if turn.move is not None)

    @property
    def caller_turns(self) -> int:
        """How often the caller spoke, pressed keys or left the bot waiting."""
        return sum(turn.move is not None and turn.move.does != "hang_up" for turn in self.turns)


async def play(exchange: Exchange, setup: Setup, caller: Caller) -> Transcript:
    """Ring, talk until one of both ends it, and keep what was said. Whatever the line raises comes out."""
    async with exchange.open(setup) as line:
        turns: list[Turn] = []
        seen = 0

        def take(move: Move | None, said: Sequence[str]) -> None:
            nonlocal seen
            events = tuple(line.events)
            turns.append(Turn(move, tuple(said), events[seen:]))
            seen = len(events)

        take(None, await line.begin())
        while not line.ended:
            move = caller.reply(turns[-1].bot)
            take(move, await _do(line, move))
            if move.does == "hang_up":
                break
        return Transcript(setup, tuple(turns), turns[-1].move is not None and turns[-1].move.does == "hang_up")


async def _do(line: Line, move: Move) -> list[str]:
    if move.does == "say":
        return await line.say(move.text)
    if move.does == "press":
        return await line.press(move.text)
    if move.does == "wait":
        return await line.wait()
    await line.hang_up()
    return []
