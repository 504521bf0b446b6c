"""A call never ends in silence: whatever breaks, the operator reads it and the caller hears a sentence."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from agent.config import RoutingSettings, Settings
from agent.errors import StorageError
from agent.events import (
    AsrFinal,
    CallEnded,
    ErrorRaised,
    Event,
    LlmReply,
    RouteChanged,
    SummaryReady,
    TtsEnded,
    TtsStarted,
)
from agent.ingress.leg import CallInfo
from agent.ingress.replay import ReplayLeg
from agent.ingress.virtual_time import run_in_virtual_time
from agent.pipeline.recorder import Recorder
from models.dummy import DummyChatModel
from models.llm import Message
from models.nlu import Understanding
from tests.dummy_calls import (
    DoneCall,
    FailingRecognizer,
    FailingSynthesizer,
    MemoryCalls,
    broken,
    engines,
    make_hotline,
    run_call,
    script,
)

SPEAKS = {"speech_s": 1.2}
ANYTHING = [broken(), RuntimeError("CUDA error")]
"""What a model may raise: the error it should, and any other."""
LONG = {"when": "at", "at_ms": 90_000}


def errors(call: DoneCall) -> list[tuple[str, str | None]]:
    return [(error.stage, error.spoken) for error in call.bodies(ErrorRaised)]


@pytest.mark.parametrize("error", ANYTHING, ids=repr)
def test_what_could_not_be_heard_once_is_asked_again(tmp_path: Path, error: Exception) -> None:
    call = run_call(
        tmp_path, script(tmp_path / "f", SPEAKS, SPEAKS), engines(recognizer=FailingRecognizer(error, then="再见"))
    )
    assert call.said == ["greeting", "trouble", "goodbye"]
    assert errors(call) == [("asr", "trouble")]
    assert call.one(CallEnded).ended_by == "bot"


@pytest.mark.parametrize("human_number", ["", "8000"])
def test_a_caller_who_cannot_be_heard_twice_is_called_back(tmp_path: Path, human_number: str) -> None:
    call = run_call(
        tmp_path,
        script(tmp_path / "f", SPEAKS, SPEAKS, end=LONG),
        engines(recognizer=FailingRecognizer(broken(), broken(), broken())),
        Settings(routing=RoutingSettings(human_number=human_number)),
    )
    assert call.one(RouteChanged).destination == ("human" if human_number else "callback")
    assert call.said[:2] == ["greeting", "trouble"]
    assert call.said[2] in ("trouble_goodbye", "human_transfer", "human_callback")
    assert call.one(CallEnded).duration_ms < 30_000, "and is not kept waiting"


class BrokenTurnModel:
    def probability(self, audio: NDArray[np.float32]) -> float:
        raise RuntimeError("onnxruntime")


def test_without_the_end_of_turn_model_the_call_is_not_stuck(tmp_path: Path) -> None:
    call = run_call(tmp_path, script(tmp_path / "f", SPEAKS, SPEAKS, end=LONG), engines(end_of_turn=BrokenTurnModel()))
    assert call.bodies(ErrorRaised) and "trouble" in call.said
    assert call.one(CallEnded).duration_ms < 60_000


@dataclass
class BrokenClassifier:
    error: Exception

    def understand(self, text: str, *, context: Sequence[str] = ()) -> Understanding:
        raise self.error

    def understand_many(self, texts: Sequence[str]) -> list[Understanding]:
        raise self.error


@pytest.mark.parametrize("error", ANYTHING, ids=repr)
def test_without_the_classifier_the_language_model_still_answers(tmp_path: Path, error: Exception) -> None:
    call = run_call(tmp_path, script(tmp_path / "f", SPEAKS), engines(classifier=BrokenClassifier(error)))
    assert call.said == ["greeting", "麻烦您报一下订单号。"]
    assert errors(call)[0] == ("nlu", None)


@dataclass
class BrokenChat(DummyChatModel):
    """Writes some pieces, then fails."""

    error: Exception
    pieces: Sequence[str] = ()

    def stream(self, messages: Sequence[Message], **options: Any) -> Iterator[str]:
        yield from self.pieces
        raise self.error

    def complete(self, messages: Sequence[Message], **options: Any) -> str:
        raise self.error

    def warm(self, messages: Sequence[Message], *, fresh: bool = False) -> None:
        raise self.error


@pytest.mark.parametrize("error", ANYTHING, ids=repr)
def test_without_the_language_model_the_caller_hears_that_it_is_noted(tmp_path: Path, error: Exception) -> None:
    chat = BrokenChat(error)
    call = run_call(tmp_path, script(tmp_path / "f", SPEAKS, SPEAKS), engines(chat=chat, background_chat=chat))
    assert call.said == ["greeting", "no_answer", "no_answer"]
    assert errors(call)[0] == ("reply", "no_answer")
    assert [ended.complete for ended in call.bodies(TtsEnded)] == [True] * 3
    assert call.one(SummaryReady).summary.method == "extractive"


def test_a_language_model_that_dies_in_mid_answer_leaves_what_it_said(tmp_path: Path) -> None:
    chat = BrokenChat(broken("llm_timeout", "too slow"), ("麻烦您报一下订单号。", "我会"))
    call = run_call(tmp_path, script(tmp_path / "f", SPEAKS), engines(chat=chat))
    assert call.said[1].startswith("好的，我来帮您看一下，麻烦您报一下订单号。")
    assert errors(call) == [("reply", None)]
    assert call.bodies(TtsEnded)[1].complete


@pytest.mark.parametrize("written", [[" ", "\n"], ["您可以到", "官网查询。"], ["我们会尽快为您处理。"]])
def test_where_the_language_model_strays_or_says_nothing_the_approved_sentence_is_spoken(
    tmp_path: Path, written: list[str]
) -> None:
    call = run_call(tmp_path, script(tmp_path / "f", SPEAKS), engines(chat=DummyChatModel(written)))
    assert call.said == ["greeting", "reference"]
    assert call.bodies(LlmReply)[1].text == "好的，我来帮您看一下，麻烦您报一下订单号。"


def test_a_number_that_the_language_model_made_up_is_not_spoken(tmp_path: Path) -> None:
    chat = DummyChatModel(["您的订单号", "12345678已经报了。", "麻烦您报一下。"])
    call = run_call(tmp_path, script(tmp_path / "f", SPEAKS), engines(chat=chat))
    assert call.said == ["greeting", "好的，我来帮您看一下，麻烦您报一下。"]


@pytest.mark.parametrize("error", ANYTHING, ids=repr)
def test_an_answer_that_cannot_be_spoken_is_an_error_and_the_call_goes_on(tmp_path: Path, error: Exception) -> None:
    call = run_call(
        tmp_path,
        script(tmp_path / "f", SPEAKS, SPEAKS),
        engines(heard=["我想查一下订单", "再见"], synthesizer=FailingSynthesizer(error, ["订单号"])),
    )
    assert call.said[-1] == "goodbye"
    assert errors(call)[0][0] == "tts"
    assert call.one(CallEnded).ended_by == "bot"


@pytest.mark.parametrize("error", ANYTHING, ids=repr)
def test_a_call_without_any_voice_still_comes_to_its_end(tmp_path: Path, error: Exception) -> None:
    """Nothing can be said, so nothing holds the line: the caller is not left in silence for ever."""
    call = run_call(
        tmp_path,
        script(tmp_path / "f", end={"when": "at", "at_ms": 120_000}),
        engines(synthesizer=FailingSynthesizer(error)),
    )
    assert call.one(CallEnded).ended_by == "bot"
    assert call.one(CallEnded).duration_ms < 40_000
    assert not call.bodies(TtsStarted)
    assert len(call.bodies(ErrorRaised)) == 4, "greeting, two questions, goodbye"


def test_a_promised_transfer_is_kept_even_if_it_cannot_be_announced(tmp_path: Path) -> None:
    call = run_call(
        tmp_path,
        script(tmp_path / "f", SPEAKS, end=LONG),
        engines(heard=["转人工"], synthesizer=FailingSynthesizer(broken(), ["转接"])),
        Settings(routing=RoutingSettings(human_number="8000")),
    )
    assert call.one(CallEnded).ended_by == "transfer"


class FullDisk(MemoryCalls):
    def record(self, info: CallInfo, sample_rate_hz: int) -> Recorder:
        (self.folder / "full.wav").symlink_to("/dev/full")
        return Recorder(self.folder / "full.wav", sample_rate_hz)


class NoDisk(MemoryCalls):
    def record(self, info: CallInfo, sample_rate_hz: int) -> Recorder:
        raise StorageError("cannot record the call: no such disk")


@pytest.mark.parametrize("kind", [FullDisk, NoDisk])
def test_a_call_goes_on_when_its_recording_cannot(tmp_path: Path, kind: type[MemoryCalls]) -> None:
    if kind is FullDisk and not os.path.exists("/dev/full"):
        pytest.skip("only Linux has a disk that is always full")
    fixture = script(tmp_path / "f", SPEAKS, SPEAKS)
    call = run_call(tmp_path, fixture, engines(heard=["我想查一下订单", "再见"]), store=kind(tmp_path))
    assert call.said == ["greeting", "好的，我来帮您看一下，麻烦您报一下订单号。", "goodbye"]
    assert [(error.stage, error.code) for error in call.bodies(ErrorRaised)] == [("storage", "storage_failed")]
    assert call.one(CallEnded).ended_by == "bot" and call.bodies(SummaryReady)


def test_a_watcher_that_fails_harms_no_call(tmp_path: Path) -> None:
    class Broken(MemoryCalls):
        def write(self, event: Event) -> None:
            raise OSError("the watcher fell over")

    call = run_call(tmp_path, script(tmp_path / "f", SPEAKS), engines(heard=["再见"]), store=Broken(tmp_path))
    assert call.said == ["greeting", "goodbye"]
    assert {error.code for error in call.bodies(ErrorRaised)} == {"reader_failed"}


@pytest.mark.parametrize("where", ["chat", "recognizer", "synthesizer"])
def test_one_broken_call_does_not_disturb_the_next(tmp_path: Path, where: str) -> None:
    """Engines are shared: what fails for one caller works for the next as soon as it works again."""
    parts = {
        "chat": {"chat": BrokenChat(broken())},
        "recognizer": {"recognizer": FailingRecognizer(broken(), broken(), broken())},
        "synthesizer": {"synthesizer": FailingSynthesizer(broken())},
    }
    run_call(tmp_path, script(tmp_path / "f", SPEAKS), engines(**parts[where]))
    call = run_call(tmp_path, script(tmp_path / "f", SPEAKS))
    assert not call.bodies(ErrorRaised) and call.bodies(AsrFinal)


class BrokenLine(ReplayLeg):
    """A peer that is gone when it is to be hung up."""

    async def hang_up(self, reason: str) -> None:
        await super().hang_up(reason)
        raise ConnectionResetError("the peer is gone")


def test_a_line_that_cannot_be_closed_does_not_cost_the_summary(tmp_path: Path) -> None:
    leg = BrokenLine(script(tmp_path / "f", SPEAKS))
    timeline = run_in_virtual_time(make_hotline(tmp_path, engines()).run_call(leg))
    assert timeline.bodies(SummaryReady)
