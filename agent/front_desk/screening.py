"""The spam filter on a live call at the front desk: what it decides is said, or hung up, here."""

import asyncio
from collections.abc import Awaitable
from typing import Any

from agent.company.company import Company
from agent.events import AsrFinal, CallEnded, Dtmf, Event
from agent.front_desk.memory import Remembered
from agent.pipeline.call import Call
from agent.pipeline.door import Door
from agent.routing.spam import Act, Caller, Challenge, HangUp, Mark, Pass, Refuse, before_answer
from agent.spam_watch import SpamWatch

TICK_S = 0.2


class Screening:
    """One call's; does nothing for a company without a filter."""

    def __init__(self, call: Call, company: Company) -> None:
        self._call, self._company = call, company
        self._watch = None if company.spam is None else SpamWatch(call.timeline, company.spam, self._do)
        self._ticking: asyncio.Task[None] | None = None
        self._work: set[asyncio.Task[Any]] = set()
        self._words_came = False
        self._key = ""
        self._with_people = False

    def join(self, door: Door) -> None:
        """Where it speaks; once the call is wired."""
        self._door = door

    @property
    def holds_the_call(self) -> bool:
        return self._watch is not None and not self.met_people and self._watch.holds_the_call

    @property
    def asks_the_silent(self) -> bool:
        watch = self._watch
        if watch is None or watch.settled or self.is_in_menu or self.met_people:
            return False
        return not watch.state.said and not watch.state.keyed

    @property
    def is_in_menu(self) -> bool:
        return self._call.menu_timeout_ms is not None

    @property
    def met_people(self) -> bool:
        """Whether the caller is with people of ours, or was: then they are no matter for the filter any more."""
        self._with_people = self._with_people or self._call.waits_for_person or self._call.bot_is_silent
        return self._with_people

    def begin(self, remembered: Remembered, marks: tuple[Mark, ...]) -> None:
        """With what is known of the caller."""
        info, policy, watch = self._call.leg.info, self._company.spam, self._watch
        if watch is None or policy is None:
            return
        now_ms = round(info.started_at.timestamp() * 1000)
        caller = Caller(info.caller_number, self._call.language, remembered.override)
        watch.begin(before_answer(policy, caller, remembered.history, marks, now_ms))
        self._ticking = asyncio.ensure_future(self._tick(watch))

    def read(self, event: Event) -> None:
        """A reader of the timeline."""
        body = event.body
        if isinstance(body, CallEnded) and self._ticking is not None:
            self._ticking.cancel()
        if self._watch is None or (self.met_people and not isinstance(body, CallEnded)):
            return
        self._words_came = isinstance(body, AsrFinal)
        self._key = body.digit if isinstance(body, Dtmf) else ""
        self._watch(event)
        self._words_came, self._key = False, ""

    def let_in(self, by: str) -> bool:
        """A supervisor overrules it. False where it does nothing to this call."""
        return self._watch is not None and not self.met_people and self._watch.allow(by)

    def close(self) -> None:
        """The call is over."""
        if self._ticking is not None:
            self._ticking.cancel()
        for task in tuple(self._work):
            task.cancel()

    async def _tick(self, watch: SpamWatch) -> None:
        while not watch.settled and self._call.end is None and not self.met_people:
            await asyncio.sleep(TICK_S)
            # The menu has its own way with who says nothing.
            if not self.is_in_menu and not self.met_people:
                watch.tick()

    def _do(self, act: Act) -> None:
        company, call = self._company, self._call
        assert company.spam is not None
        match act:
            case Challenge(sentence=sentence) | Refuse(sentence=sentence):
                text = company.spam.sentences[sentence].of(call.language)
                text = text.replace("{company}", company.profile.name.of(call.language))
                self._aside(self._door.say(text, call.language, f"spam.{sentence}"))
            case HangUp():
                call.hang_up("bot", "refused as spam")
            case Pass() if not self._words_came:
                self._aside(self._go_on(self._key))
            case _:
                # The words that were just heard let them in, and come to the bot by themselves.
                pass

    async def _go_on(self, key: str) -> None:
        if not await self._door.let_in(key) and self._call.say is not None:
            phrases = self._company.phrases[self._call.language]
            names = self._company.profile
            values = {"company": names.name.of(self._call.language), "bot": names.bot_name.of(self._call.language)}
            await self._call.say(phrases.of("go_on", **values)[0], "go_on")

    def _aside(self, work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(work)
        self._work.add(task)
        task.add_done_callback(self._work.discard)
