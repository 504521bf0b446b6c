"""A call of the demo company without its audio: the classifier, the search, the dialogue, the back end and the routing
of a live call, and texts in place of a recogniser and a voice.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from agent.application import open_search
from agent.attendant import Answer, Attendant
from agent.clock import AudioClock
from agent.company.company import load_company
from agent.config import RoutingSettings, Settings, load_settings
from agent.dialogue.acts import HangUp, Say, Transfer, Write
from agent.escalation import Escalation
from agent.events import (
    AsrFinal,
    CallEnded,
    CallStarted,
    Dtmf,
    Event,
    LlmReply,
    NluResult,
    RouteChanged,
)
from agent.events import Transfer as Transferred
from agent.ingress.leg import CallInfo
from agent.model_settings import classifier_dir, model_settings
from agent.pipeline.nlu import to_event
from agent.pipeline.writing import Proofreader, WritingPrompts, load_writing_prompts, stream
from agent.reception import Reception, rehearsed_desks
from agent.timeline import Timeline
from agent.tools.desk import rehearsed_desk
from bench.evals.asked import language_of
from bench.evals.line import Exchange, Line, Setup
from companies.jinghe.backend.app import make_app
from companies.jinghe.backend.faults import Faults
from models.catalog import require
from models.llm import ChatModel, LlamaServer, LocalChatModel
from models.nlu import CONTEXT_TURNS, Classifier
from models.nlu_transformer import TransformerClassifier

COMPANY = Path(__file__).parent.parent.parent / "companies" / "jinghe"
PEOPLE = RoutingSettings(human_number="8000", specialist_number="8001")
"""A service desk that is there in office hours; where it is not, the demo company rings back."""
SECONDS_A_TURN = 8
HUMAN_KEY = "0"


class TextLine:
    """One call. Time passes by `SECONDS_A_TURN` with every turn; nothing depends on it but the summary."""

    def __init__(
        self,
        setup: Setup,
        reception: Reception,
        classifier: Classifier,
        chat: ChatModel | None,
        prompts: WritingPrompts,
    ) -> None:
        info = CallInfo(
            call_id="eval",
            caller_number=setup.caller_number,
            called_number=setup.called_number,
            channel="replay",
            started_at=setup.at,
            language="zh",
        )
        routing = reception.routing(PEOPLE, setup.at)
        self._info = info
        self._classifier = classifier
        self._chat = chat
        self._prompts = prompts
        self._clock = AudioClock()
        self._timeline = Timeline(info.call_id, self._clock)
        self._timeline.subscribe(Escalation(self._timeline, reception.rulebook, routing, dialogue_asks=True))
        self._attendant = Attendant(reception.briefing(info, people=bool(routing.human_number)), self._timeline, self)
        self._said: list[str] = []
        self._turn = 0
        self._silences = 0
        self._end: CallEnded | None = None

    # As a caller has it

    async def begin(self) -> list[str]:
        info = self._info
        self._timeline.append(
            CallStarted(
                caller_number=info.caller_number,
                called_number=info.called_number,
                channel=info.channel,
                language=info.language,
            )
        )
        await self._attendant.begin()
        return await self._heard()

    async def say(self, text: str) -> list[str]:
        self._next_turn()
        language = language_of(text)
        earlier = [said.text for said in self._timeline.bodies(AsrFinal)][-CONTEXT_TURNS:]
        self._timeline.append(
            AsrFinal(
                turn=self._turn,
                text=text,
                language=language,
                start_ms=0,
                end_ms=0,
                average_log_probability=-0.2,
                no_speech_probability=0.0,
                endpoint_ms=0,
            )
        )
        understanding = self._classifier.understand(text, context=earlier)
        nlu = to_event(self._turn, understanding, 0)
        self._timeline.append(nlu)
        await self._attendant.hear(self._turn, text, language, nlu)
        return await self._heard()

    async def press(self, keys: str) -> list[str]:
        self._next_turn()
        for key in keys:
            self._timeline.append(Dtmf(digit=key))
        digits = keys.rstrip("#")
        nlu: NluResult | None = None
        if digits == HUMAN_KEY:
            nlu = NluResult(
                turn=self._turn,
                intent="human_agent",
                intent_probability=1.0,
                sentiment="neutral",
                sentiment_probability=1.0,
            )
            self._timeline.append(nlu)
        await self._attendant.hear(self._turn, digits, self._attendant.language, nlu, keys=True)
        return await self._heard()

    async def wait(self) -> list[str]:
        self._pass_time()
        self._silences += 1
        await self._attendant.wait(self._turn, self._silences)
        return await self._heard()

    async def hang_up(self) -> None:
        self._close("caller", "hung up")

    @property
    def ended(self) -> bool:
        return self._end is not None

    @property
    def events(self) -> Sequence[Event]:
        return tuple(self._timeline)

    # As the attendant has it

    async def speak(self, answer: Answer) -> str | None:
        if self._end is not None:
            return None
        texts, written = list[str](), None
        for part in answer.parts:
            if isinstance(part, Say):
                texts.append(part.text)
            else:
                written = self._write(part)
                texts.append(written)
        self._said += texts
        if answer.parts:
            self._timeline.append(
                LlmReply(
                    turn=answer.turn,
                    text=" ".join(texts),
                    language=answer.parts[-1].language,
                    source="phrase" if written is None else "llm",
                    phrase=" ".join(part.name for part in answer.parts if isinstance(part, Say)),
                )
            )
        if isinstance(answer.then, HangUp):
            self._close("bot", answer.then.reason)
        elif isinstance(answer.then, Transfer):
            self._put_through()
        return written

    async def compute(self, work: Callable[[], Any]) -> tuple[Any, int]:
        return work(), 0

    async def close(self) -> None:
        await self._attendant.close()

    def _write(self, write: Write) -> str:
        clauses: list[str] = []
        if self._chat is not None:
            reader = Proofreader(write, self._prompts)
            for piece in stream(write, self._prompts, self._chat, max_tokens=48):
                clauses += reader.feed(piece)
            clauses += reader.rest()
        return ("" if write.language == "zh" else " ").join(clauses) or write.otherwise.text

    def _put_through(self) -> None:
        route = self._timeline.last(RouteChanged)
        assert route is not None, "a call is put through where its route goes to a person"
        number = PEOPLE.specialist_number if route.destination == "complaint_specialist" else PEOPLE.human_number
        self._timeline.append(Transferred(destination=number, accepted=True, reason=route.reason))
        self._close("transfer", f"transferred to {number}")

    async def _heard(self) -> list[str]:
        """All that is said until the caller's turn, whatever the back end takes for it."""
        await self._attendant.settled()
        said, self._said = self._said, []
        return said

    def _next_turn(self) -> None:
        self._turn += 1
        self._silences = 0
        self._pass_time()

    def _pass_time(self) -> None:
        for _ in range(SECONDS_A_TURN * 50):
            self._clock.tick()

    def _close(self, ended_by: Any, reason: str) -> None:
        if self._end is None:
            self._end = CallEnded(ended_by=ended_by, reason=reason, duration_ms=self._clock.now_ms)
            self._timeline.append(self._end)


class TextExchange:
    """Opens calls of the demo company; its models are shared, its back end is each call's own."""

    def __init__(self, settings: Settings) -> None:
        company = load_company(COMPANY)
        search = open_search(company, settings)
        self._reception = Reception(company, company.playbook(), rehearsed_desks(company), search)
        self._classifier = TransformerClassifier(classifier_dir(settings), threads=2)
        self._prompts = load_writing_prompts(settings.prompts_dir)
        self._chat = persona_model()

    @asynccontextmanager
    async def _open(self, setup: Setup) -> Any:
        back_end = make_app("sqlite://", setup.at.date(), Faults.model_validate(setup.faults))
        desk = rehearsed_desk(self._reception.company.tools, back_end)
        reception = replace(self._reception, desk=lambda _: desk)
        line = TextLine(setup, reception, self._classifier, self._chat, self._prompts)
        try:
            yield line
        finally:
            await line.close()

    def open(self, setup: Setup) -> AbstractAsyncContextManager[Line]:
        return self._open(setup)


def exchange() -> Exchange:
    """The demo company with this machine's models. Raises ModelError naming what is missing."""
    return TextExchange(load_settings())


def persona_model() -> ChatModel:
    """The local language model. Raises ModelError."""
    settings = load_settings()
    server = LlamaServer(
        require("qwen2.5-coder-1.5b-instruct", model_settings(settings)) / "model.gguf",
        threads=2,
        context_tokens=2048,
        slots=1,
        gpu_layers=0,
    )
    return LocalChatModel(server, timeout_s=60)
