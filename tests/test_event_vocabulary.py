"""Events have one JSON form that comes back as it went out, and measured durations can be left out of it."""

import json
from typing import Any, get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from agent.events import Body, Event, measured_fields, parse_event

BODIES: tuple[type[BaseModel], ...] = get_args(get_args(Body)[0])
MEASURED = {
    "asr-final": {"took_ms", "smart_turn_ms"},
    "nlu-result": {"took_ms"},
    "knowledge-found": {"took_ms"},
    "caller-known": {"took_ms"},
    "tool-returned": {"took_ms"},
    "llm-reply": {"first_token_ms", "took_ms"},
    "tts-ended": {"longest_gap_ms"},
    "tts-started": {"synthesis_ms", "waterfall"},
    "summary-ready": {"took_ms"},
}
TYPES = [
    "call-started", "caller-history", "caller-known", "vad-speech-started", "vad-speech-ended", "asr-final",
    "nlu-result", "knowledge-found", "tool-called", "tool-returned", "risk-assessed",
    "llm-reply", "tts-started", "tts-ended", "barge-in", "dtmf", "alert-raised",
    "alert-escalated", "alert-withdrawn", "person-wanted", "route-changed", "transfer", "caller-region",
    "spam-judged", "rule-matched", "menu-entered", "menu-chosen", "queued", "queue-announced", "queue-left",
    "seat-offered", "seat-missed", "seat-connected", "seat-said", "seat-transferred", "seat-disconnected",
    "leg-joined", "leg-left", "hearing-changed", "survey-asked", "survey-answered", "callback-placed",
    "kept-with-specialist", "error", "call-ended", "summary-ready",
]  # fmt: skip


def type_of(body: type[BaseModel]) -> str:
    return str(body.model_fields["type"].default)


# JSON has neither NaN nor infinity, and no stage has a use for them.
st.register_type_strategy(float, st.floats(allow_nan=False, allow_infinity=False))


def events(body: type[BaseModel]) -> st.SearchStrategy[Event]:
    return st.builds(
        Event,
        call_id=st.text(max_size=8),
        seq=st.integers(0, 10**6),
        audio_ms=st.integers(0, 10**7),
        body=st.from_type(body),
    )


def test_the_vocabulary_is_what_others_build_on() -> None:
    assert [type_of(body) for body in BODIES] == TYPES


@pytest.mark.parametrize("body", BODIES, ids=type_of)
def test_every_event_survives_its_json_form(body: type[BaseModel]) -> None:
    @settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(event=events(body))
    def comes_back(event: Event) -> None:
        line = event.to_json()
        assert "\n" not in line
        assert parse_event(line) == event
        assert json.loads(line)["version"] == 1

    comes_back()


@pytest.mark.parametrize("body", BODIES, ids=type_of)
def test_without_timings_measured_fields_are_gone_and_nothing_else(body: type[BaseModel]) -> None:
    @settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(event=events(body))
    def leaves_out(event: Event) -> None:
        with_timings = json.loads(event.to_json())["body"]
        without = json.loads(event.to_json(timings=False))["body"]
        expected = MEASURED.get(type_of(body), set())
        assert set(with_timings) - set(without) == expected
        assert without == {name: value for name, value in with_timings.items() if name not in expected}

    leaves_out()


@pytest.mark.parametrize("body", BODIES, ids=type_of)
def test_durations_of_models_are_marked_as_measured(body: type[BaseModel]) -> None:
    values = {name: None for name in body.model_fields}
    assert measured_fields(body.model_construct(**values)) == MEASURED.get(type_of(body), set())


START: dict[str, Any] = {
    "version": 1, "call_id": "c", "seq": 0, "audio_ms": 0,
    "body": {
        "type": "call-started", "caller_number": "1", "called_number": "2", "channel": "replay", "language": "zh",
    },
}  # fmt: skip


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"version": 2}, "version"),
        ({"seq": -1}, "seq"),
        ({"audio_ms": -20}, "audio_ms"),
        ({"extra": 1}, "extra"),
        ({"body": {"type": "selfie"}}, "body"),
        ({"body": {**START["body"], "mood": "good"}}, "mood"),
        ({"body": {**START["body"], "language": "fr"}}, "language"),
    ],
)
def test_an_event_of_another_shape_is_refused_by_field(change: dict[str, Any], field: str) -> None:
    parse_event(json.dumps(START))
    with pytest.raises(ValidationError, match=field):
        parse_event(json.dumps({**START, **change}))


def test_events_do_not_change() -> None:
    event = parse_event(json.dumps(START))
    with pytest.raises(ValidationError):
        event.seq = 5
    with pytest.raises(ValidationError):
        event.body.type = "dtmf"
