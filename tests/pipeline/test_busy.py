"""Whoever finds all lines busy hears so at once, and is called back if they like."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from agent.clock import AudioClock
from agent.events import AsrFinal, CallEnded, ErrorRaised, LlmReply, NluResult, RouteChanged, TtsEnded
from agent.ingress.replay import ReplayLeg
from agent.ingress.virtual_time import run_in_virtual_time
from agent.pipeline.busy import BREATH_MS, CHOICE_MS, next_step
from agent.timeline import Timeline
from tests.dummy_calls import FailingSynthesizer, MemoryCalls, broken, engines, make_hotline, script


@pytest.mark.parametrize(
    ("offered", "chosen", "confirmed", "silent_ms", "step"),
    [
        (True, False, False, 0, "listen"),
        (True, False, False, CHOICE_MS - 20, "listen"),
        (True, False, False, CHOICE_MS, "hang_up"),
        # A key counts at once, also in the middle of the sentence.
        (True, True, False, 0, "confirm"),
        (True, True, False, 3000, "confirm"),
        (True, True, True, 0, "listen"),
        (True, True, True, BREATH_MS, "hang_up"),
        # Nobody to call back: there is nothing to wait for.
        (False, False, False, 0, "listen"),
        (False, False, False, BREATH_MS, "hang_up"),
    ],
)
def test_what_happens_while_all_lines_are_busy(
    offered: bool, chosen: bool, confirmed: bool, silent_ms: int, step: str
) -> None:
    assert next_step(offered=offered, chosen=chosen, confirmed=confirmed, silent_ms=silent_ms) == step


def turned_away(folder: Path, *turns: dict[str, Any], number: str = "13812345678", using: Any = None) -> Timeline:
    leg = ReplayLeg(script(folder / "f", *turns, end={"when": "at", "at_ms": 60_000}))
    leg.info = replace(leg.info, caller_number=number)
    store = MemoryCalls(folder)
    run_in_virtual_time(make_hotline(folder, using or engines(), store=store).turn_away(leg))
    timeline = Timeline(leg.info.call_id, AudioClock())
    for event in store.written:
        timeline.append(event.body)
    return timeline


def said(timeline: Timeline) -> list[str | None]:
    return [reply.phrase for reply in timeline.bodies(LlmReply)]


def test_a_caller_who_waits_is_hung_up_after_the_offer(tmp_path: Path) -> None:
    call = turned_away(tmp_path)
    assert said(call) == ["lines_busy_offer"]
    assert call.bodies(TtsEnded)[0].complete and not call.bodies(RouteChanged)
    (end,) = call.bodies(CallEnded)
    assert end.ended_by == "bot" and end.duration_ms < 15_000


@pytest.mark.parametrize("cue", [{"when": "during_bot", "delay_ms": 800}, {"when": "after_bot", "delay_ms": 1000}])
def test_a_caller_who_presses_1_is_called_back(tmp_path: Path, cue: dict[str, Any]) -> None:
    call = turned_away(tmp_path, {"dtmf": "1", **cue})
    assert said(call) == ["lines_busy_offer", "callback_noted"]
    (route,) = call.bodies(RouteChanged)
    assert (route.destination, route.callback_due_minutes) == ("callback", 30)
    assert "线路全忙" in route.reason
    assert call.bodies(TtsEnded)[-1].complete, "the confirmation is heard to its end"


def test_another_key_chooses_nothing(tmp_path: Path) -> None:
    call = turned_away(tmp_path, {"dtmf": "5", "when": "during_bot", "delay_ms": 800})
    assert said(call) == ["lines_busy_offer"] and not call.bodies(RouteChanged)


@pytest.mark.parametrize("number", ["", "anonymous"])
def test_a_caller_without_a_number_is_offered_nothing(tmp_path: Path, number: str) -> None:
    call = turned_away(tmp_path, {"dtmf": "1", "when": "during_bot", "delay_ms": 500}, number=number)
    assert said(call) == ["lines_busy"] and not call.bodies(RouteChanged)


def test_no_model_works_for_a_caller_who_is_turned_away(tmp_path: Path) -> None:
    class NoModel:
        def __getattr__(self, name: str) -> Any:
            raise AssertionError(f"{name} was asked")

    none = NoModel()
    using = engines(recognizer=none, end_of_turn=none, classifier=none, chats=none, background_chat=none)
    call = turned_away(tmp_path, {"speech_s": 1.2}, using=using)
    assert not call.bodies(AsrFinal) and not call.bodies(NluResult)
    assert [error.code for error in call.bodies(ErrorRaised)] == ["lines_busy"]


def test_without_a_voice_the_line_is_given_back_all_the_same(tmp_path: Path) -> None:
    call = turned_away(tmp_path, using=engines(synthesizer=FailingSynthesizer(broken())))
    assert call.bodies(CallEnded)[0].duration_ms < 15_000
