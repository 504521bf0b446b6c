"""Whole calls without weights: stand-in engines, and callers whose speech is a buzz that a VAD believes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, TypeVar

import numpy as np
import soundfile
from numpy.typing import NDArray
from pydantic import BaseModel

from agent.application import load_prompts
from agent.attendant import Search
from agent.company.company import Company, load_companies
from agent.config import Settings
from agent.escalation import Rulebook
from agent.events import Event, LlmReply
from agent.hotline import Hotline
from agent.ingress.fixture import Fixture
from agent.ingress.leg import CallInfo
from agent.ingress.replay import ReplayLeg
from agent.ingress.virtual_time import run_in_virtual_time
from agent.pipeline.engines import Engines, dummy_engines
from agent.pipeline.recorder import Recorder
from agent.pipeline.writing import load_writing_prompts
from agent.postcall.prompts import PostcallPrompts
from agent.reception import Desks, Reception, Receptions, rehearsed_desks
from agent.timeline import Timeline
from models.asr import Language, Transcript
from models.chat_slots import ChatSlots
from models.dummy import DummyRecognizer
from models.errors import ModelError
from models.tts import DummySynthesizer, Speech
from tests.synthetic_speech import syllables

BodyT = TypeVar("BodyT", bound=BaseModel)
RATE_HZ = 8000


@dataclass
class MemoryCalls:
    """A store that remembers events and really records, in a folder."""

    folder: Path
    written: list[Event] = field(default_factory=list)
    earlier: int = 0

    def earlier_calls(self, info: CallInfo, days: int) -> int:
        return self.earlier

    def begin(self, info: CallInfo) -> None:
        pass

    def record(self, info: CallInfo, sample_rate_hz: int) -> Recorder:
        return Recorder(self.folder / f"{info.call_id}.wav", sample_rate_hz)

    def write(self, event: Event) -> None:
        self.written.append(event)


@dataclass(frozen=True)
class DoneCall:
    """A call that is over."""

    timeline: Timeline
    leg: ReplayLeg
    recording: Path

    def bodies(self, kind: type[BodyT]) -> list[BodyT]:
        return self.timeline.bodies(kind)

    def one(self, kind: type[BodyT]) -> BodyT:
        """The only one of its kind."""
        (body,) = self.timeline.bodies(kind)
        return body

    @property
    def said(self) -> list[str]:
        """What the bot said, by phrase, or the words where the language model wrote them."""
        return [reply.phrase or reply.text for reply in self.bodies(LlmReply)]

    @property
    def lines(self) -> list[str]:
        """The timeline's JSON form as replays are compared."""
        return [event.to_json(timings=False) for event in self.timeline]

    def audio(self) -> NDArray[np.int16]:
        """The recording: (samples, 2), caller left."""
        samples, rate = soundfile.read(self.recording, dtype="int16")
        assert rate == RATE_HZ
        return samples


def script(folder: Path, *turns: dict[str, Any], **more: Any) -> Fixture:
    """A fixture whose turns are ``{"speech_s": 1.2, …}`` (a buzz of that length) or ``{"dtmf": …}``."""
    folder.mkdir(parents=True, exist_ok=True)
    made = []
    for number, turn in enumerate(turns, 1):
        turn = dict(turn)
        if "speech_s" in turn:
            turn["audio"] = f"{number:02}.wav"
            quiet = np.zeros(RATE_HZ // 10, np.int16)
            audio = np.concatenate([quiet, syllables(turn.pop("speech_s"), RATE_HZ), quiet])
            soundfile.write(folder / turn["audio"], audio, RATE_HZ)
        made.append(turn)
    return Fixture.model_validate(
        {
            "name": "scripted", "description": "x", "caller": {"number": "13812345678"}, "callee": "4008001234",
            "started_at": datetime(2026, 3, 16, 10, tzinfo=UTC), "language": "zh", "turns": made,
            "end": {"delay_ms": 400}, "folder": folder, **more,
        }
    )  # fmt: skip


def engines(**changed: Any) -> Engines:
    """Stand-ins for all models; ``heard`` names what the recogniser hears."""
    if "heard" in changed:
        changed["recognizer"] = DummyRecognizer(changed.pop("heard"))
    if "chat" in changed:
        changed["chats"] = ChatSlots([changed.pop("chat")])
    return replace(dummy_engines(), **changed)


def jinghe(desks: Callable[[Company], Desks] = rehearsed_desks, search: Search | None = None) -> Receptions:
    """The demo company, its back end seeded anew for every call."""
    companies = load_companies([Path(__file__).parent.parent / "companies" / "jinghe"])
    (company,) = companies
    return Receptions(companies, {company.id: Reception(company, company.playbook(), desks(company), search)})


def make_hotline(
    folder: Path,
    using: Engines,
    settings: Settings | None = None,
    store: Any = None,
    receptions: Receptions | None = None,
) -> Hotline:
    settings = settings or Settings()
    return Hotline(
        settings,
        using,
        load_prompts(settings),
        PostcallPrompts(settings.prompts_dir),
        Rulebook.load(),
        store or MemoryCalls(folder),
        receptions=receptions,
        writing=load_writing_prompts(settings.prompts_dir),
    )


def run_call(
    folder: Path,
    fixture: Fixture,
    using: Engines | None = None,
    settings: Settings | None = None,
    store: Any = None,
    channel: Literal["replay", "media-stream"] = "replay",
    receptions: Receptions | None = None,
) -> DoneCall:
    """One call in virtual time, from greeting to summary."""
    leg = ReplayLeg(fixture)
    leg.info = replace(leg.info, channel=channel)
    hotline = make_hotline(folder, using or engines(), settings, store, receptions)
    timeline = run_in_virtual_time(hotline.run_call(leg))
    return DoneCall(timeline, leg, folder / f"{leg.info.call_id}.wav")


class FailingRecognizer:
    """Fails as often as told, then hears."""

    def __init__(self, *failures: Exception, then: str = "我想查一下订单") -> None:
        self._failures = list(failures)
        self._then = DummyRecognizer([then])

    def transcribe(self, audio: NDArray[np.float32], *, language: Language | None = None) -> Transcript:
        if self._failures:
            raise self._failures.pop(0)
        return self._then.transcribe(audio, language=language)


class FailingSynthesizer(DummySynthesizer):
    """Cannot say sentences that hold certain words; with none given, cannot say any."""

    def __init__(self, error: Exception, words: Sequence[str] = ("",)) -> None:
        self._error = error
        self._words = words

    def synthesize(
        self, text: str, *, language: Language, voice: str | None = None, speed: float = 1.0, keep: bool = False
    ) -> Speech:
        if any(word in text for word in self._words):
            raise self._error
        return super().synthesize(text, language=language, voice=voice, speed=speed)


def broken(code: str = "model_broke", message: str = "the model broke") -> ModelError:
    return ModelError(code, message)
