"""A finished call is one trace: every step where it stood in time, and nothing of what was said."""

import itertools
import queue
import subprocess
import sys
import threading
from collections.abc import Iterable
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode
from pydantic import ValidationError

import agent.application
from agent.application import build
from agent.call_trace import Span, call_span
from agent.config import ModelsSettings, Settings, StorageSettings, TracingSettings
from agent.errors import ConfigError
from agent.events import AsrFinal, Event, TtsStarted
from agent.replay import replay
from agent.tracing import CallTracer, make_tracer
from tests.storage.seed import STARTED, Talk, complaint, hostile, order_query

FIXTURE = Path(__file__).parents[1] / "audio_fixtures" / "order-query"


def traced(events: Iterable[Event], started_at: datetime = STARTED) -> list[ReadableSpan]:
    exporter = InMemorySpanExporter()
    read = CallTracer(SimpleSpanProcessor(exporter)).follow(started_at)
    for event in events:
        read(event)
    return list(exporter.get_finished_spans())


def named(spans: Iterable[ReadableSpan], name: str) -> list[ReadableSpan]:
    """In the order in which they began."""
    return sorted((span for span in spans if span.name == name), key=lambda span: span.start_time or 0)


def at(span: ReadableSpan) -> tuple[int, int]:
    """Where a span stands in the call, in ms."""
    began = round(STARTED.timestamp() * 1000)
    assert span.start_time is not None and span.end_time is not None
    return span.start_time // 1_000_000 - began, span.end_time // 1_000_000 - began


def test_a_call_is_one_trace_with_a_span_for_each_turn() -> None:
    talk = complaint()
    spans = traced(talk.events)
    (call,) = named(spans, "call")
    turns = named(spans, "turn")

    assert len({span.context.trace_id for span in spans}) == 1
    assert call.parent is None and at(call) == (0, talk.duration_ms)
    assert [turn.attributes["hotline.turn"] for turn in turns if turn.attributes] == [1, 2, 3]
    assert {turn.parent.span_id for turn in turns if turn.parent} == {call.context.span_id}


def test_the_steps_of_an_answer_lie_end_to_end_from_the_last_word_to_the_first_sound() -> None:
    talk = complaint()
    spans = traced(talk.events)
    turn = named(spans, "turn")[0]
    inside = sorted((span for span in spans if span.parent and span.parent.span_id == turn.context.span_id), key=at)
    said = next(event.body for event in talk.events if isinstance(event.body, AsrFinal))
    heard_ms = [event.audio_ms for event in talk.events if isinstance(event.body, TtsStarted)][1]

    names = [span.name for span in inside]
    assert names == ["caller speech", "asr", "endpoint", "nlu", "llm", "tts", "wire", "bot speech"]
    assert at(inside[0]) == (said.start_ms, said.end_ms)
    assert all(at(before)[1] == at(after)[0] for before, after in itertools.pairwise(inside))
    assert at(inside[-1])[0] == heard_ms


def test_what_the_bot_said_before_anybody_spoke_belongs_to_the_call() -> None:
    spans = traced(complaint().events)
    (call,) = named(spans, "call")

    greeting = named(spans, "bot speech")[0]
    assert greeting.parent is not None and greeting.parent.span_id == call.context.span_id


def test_an_alert_stands_in_its_turn_at_its_time() -> None:
    spans = traced(complaint().events)
    turn = named(spans, "turn")[1]
    (alert,) = [event for event in turn.events if event.name == "alert-raised"]

    assert alert.attributes == {"hotline.alert_id": "CA-washer-a1", "hotline.level": "high"}
    assert turn.start_time is not None and turn.end_time is not None
    assert turn.start_time < alert.timestamp < turn.end_time
    assert turn.attributes is not None and turn.attributes["hotline.risk"] == "high"


def test_an_answer_that_was_cut_short_says_so() -> None:
    spans = traced(complaint().events)

    assert [span.attributes["hotline.complete"] for span in named(spans, "bot speech") if span.attributes] == [
        True, False, True, True,
    ]  # fmt: skip
    assert [event.name for event in named(spans, "turn")[0].events] == ["barge-in"]


def test_nothing_that_was_said_and_nobody_who_said_it_is_sent_away() -> None:
    for talk in (complaint(), order_query(), hostile()):
        text = "".join(span.to_json() for span in traced(talk.events))
        for secret in ("13812345678", "+447700900123", "880231", "552019", "洗衣机", "12315", "onerror"):
            assert secret not in text


def test_a_call_that_broke_is_marked_as_failed() -> None:
    (broken,) = named(traced(hostile().events), "call")
    (fine,) = named(traced(order_query().events), "call")

    assert broken.status.status_code is StatusCode.ERROR
    assert [event.name for event in broken.events] == ["error"]
    assert fine.status.status_code is StatusCode.UNSET


def test_nothing_is_sent_of_a_call_that_goes_on_and_the_summary_comes_when_it_is_written() -> None:
    events = complaint().events
    before = [event for event in events if event.body.type not in ("call-ended", "summary-ready")]

    assert traced(before) == []
    assert named(traced(events[:-1]), "summary") == []
    spans = traced(events)
    (summary,), (call,) = named(spans, "summary"), named(spans, "call")
    assert summary.parent is not None and summary.parent.span_id == call.context.span_id
    assert at(summary) == (at(call)[1], at(call)[1] + 8200)


def test_times_are_counted_from_the_start_of_the_call_and_not_from_now() -> None:
    later = STARTED + timedelta(days=3)
    (call,) = named(traced(order_query().events, later), "call")

    assert call.start_time == round(later.timestamp()) * 1_000_000_000


def test_a_caller_who_hangs_up_in_mid_answer_leaves_a_whole_trace() -> None:
    talk = Talk("c", "1")
    talk.caller("你好", "greeting", "neutral")
    talk.put(TtsStarted(turn=1))
    talk.wait(400)
    talk.end()
    (turn,) = call_span(talk.events).children

    assert turn.children[-1] == Span(
        "bot speech", talk.duration_ms - 400, talk.duration_ms, {"hotline.complete": False}
    )
    assert turn.end_ms == talk.duration_ms


def test_a_replayed_call_is_traced_with_the_date_of_its_fixture(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    exporter = InMemorySpanExporter()
    tracer = CallTracer(SimpleSpanProcessor(exporter))
    monkeypatch.setattr(agent.application, "make_tracer", lambda _: tracer)
    app = build(Settings(models=ModelsSettings(engines="dummy"), storage=StorageSettings(data_dir=tmp_path)))
    done = replay(app, FIXTURE)

    spans = exporter.get_finished_spans()
    (call,) = named(spans, "call")
    assert call.start_time == round(done.fixture.started_at.timestamp() * 1000) * 1_000_000
    assert len(named(spans, "turn")) == sum(isinstance(event.body, AsrFinal) for event in done.events) > 0
    assert len(named(spans, "wire")) == sum(
        isinstance(event.body, TtsStarted) and event.body.waterfall is not None for event in done.events
    )
    assert len(named(spans, "summary")) == 1


def test_tracing_is_off_by_default_and_then_imports_nothing() -> None:
    program = (
        "import sys; from agent.config import Settings; from agent.tracing import make_tracer;"
        "assert make_tracer(Settings().tracing) is None;"
        "assert not [name for name in sys.modules if name.startswith('opentelemetry')]"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


def test_a_trace_reaches_the_collector_that_the_setting_names(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_BSP_SCHEDULE_DELAY", "20")  # ms after which a batch is sent
    received: queue.Queue[tuple[str, list[str]]] = queue.Queue()

    class Collector(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            sent = ExportTraceServiceRequest.FromString(self.rfile.read(int(self.headers["content-length"])))
            scopes = [scope for resource in sent.resource_spans for scope in resource.scope_spans]
            received.put((self.path, [span.name for scope in scopes for span in scope.spans]))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Collector) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        tracer = make_tracer(TracingSettings(otlp_endpoint=f"http://127.0.0.1:{server.server_port}/v1/traces"))
        assert tracer is not None
        read = tracer.follow(STARTED)
        for event in order_query().events:
            read(event)
        names: list[str] = []
        while "summary" not in names:
            path, some = received.get(timeout=10)
            names += some
        server.shutdown()

    assert path == "/v1/traces"
    assert (names.count("call"), names.count("turn"), names.count("wire")) == (1, 2, 2)


@pytest.mark.parametrize("endpoint", ["127.0.0.1:4318", "grpc://collector:4317", "http://"])
def test_an_endpoint_that_is_no_url_is_refused(endpoint: str) -> None:
    with pytest.raises(ValidationError, match="otlp_endpoint"):
        TracingSettings(otlp_endpoint=endpoint)


def test_where_the_packages_are_missing_the_start_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk.trace.export", None)
    with pytest.raises(ConfigError, match=r'tracing\.otlp_endpoint is .*pip install .*"\.\[tracing\]"'):
        make_tracer(TracingSettings(otlp_endpoint="http://127.0.0.1:4318/v1/traces"))
