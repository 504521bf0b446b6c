"""``/metrics``: what Prometheus scrapes. A reader of the timelines that counts, and knows no caller by name."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import get_args

from fastapi import APIRouter, FastAPI, Request, Response
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, PlatformCollector, ProcessCollector
from prometheus_client.exposition import choose_encoder

from agent.api.spam_metrics import SpamMetrics
from agent.events import (
    AlertEscalated,
    AlertRaised,
    AlertWithdrawn,
    AsrFinal,
    BargeIn,
    CallEnded,
    CallStarted,
    ErrorRaised,
    Event,
    Language,
    RiskLevel,
    SummaryReady,
    TtsStarted,
)
from agent.latency import STEPS, steps_of
from agent.loop_lag import watch_loop_lag

WAIT_S = (0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0, 1.5, 2.0, 3.0, 5.0, 7.5, 10.0)
"""Closest where an answer turns from prompt to late: people answer each other in 0.2 to 0.5 s, and repeat themselves
after some 2 s."""
LAG_S = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0)
"""Around 0.02: one tick of a line."""
CALL_S = (5.0, 15.0, 30.0, 60.0, 120.0, 180.0, 300.0, 600.0, 1200.0, 1800.0)
SUMMARY_S = (0.01, 0.1, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 30.0, 60.0)
MOST_CODES = 50
"""Codes of errors are written in the source, but each value of a label is kept for ever: what goes beyond is other."""


class CallMetrics:
    """Everything that is counted, in a registry of its own. Subscribe ``read`` to timelines; it is thread-safe."""

    def __init__(self) -> None:
        self.registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        PlatformCollector(registry=registry)
        self._response = Histogram(
            "hotline_response_seconds",
            "Wait for an answer, in seconds: from the caller's last voiced sample to its first sample on the wire.",
            buckets=WAIT_S,
            registry=registry,
        )
        self._step = Histogram(
            "hotline_response_step_seconds",
            "What one step of the wait took by itself, in seconds; the steps of an answer add up to the wait. "
            "llm counts only answers that waited for the language model.",
            ["step"],
            buckets=WAIT_S,
            registry=registry,
        )
        self._started = Counter("hotline_calls_started", "Calls that were answered.", ["channel"], registry=registry)
        self._ended = Counter("hotline_calls_ended", "Calls that are over.", ["ended_by"], registry=registry)
        self._live = Gauge("hotline_calls_live", "Calls that are going on.", registry=registry)
        self._capacity = Gauge(
            "hotline_calls_capacity", "Calls that this machine carries at once, as last measured.", registry=registry
        )
        self._length = Histogram(
            "hotline_call_audio_seconds",
            "Length of finished calls, in seconds of audio.",
            buckets=CALL_S,
            registry=registry,
        )
        self._turns = Counter(
            "hotline_turns", "Turns in which a caller said something.", ["language"], registry=registry
        )
        self._barge_ins = Counter("hotline_barge_ins", "Callers who spoke over the bot.", registry=registry)
        self._alerts = Counter("hotline_alerts", "Alerts that were raised, by level.", ["level"], registry=registry)
        self._escalated = Counter("hotline_alerts_escalated", "Alerts that got worse.", registry=registry)
        self._withdrawn = Counter("hotline_alerts_withdrawn", "Alerts that were a mistake.", registry=registry)
        self._errors = Counter(
            "hotline_errors", "Errors on timelines, by stage and code.", ["stage", "code"], registry=registry
        )
        self._summary = Histogram(
            "hotline_summary_seconds",
            "Time it took to write a summary after the call, in seconds, by who wrote it.",
            ["method"],
            buckets=SUMMARY_S,
            registry=registry,
        )
        self._lag = Histogram(
            "hotline_event_loop_lag_seconds",
            "By how much the event loop was late, in seconds, seen ten times a second; above 0.02 audio is late.",
            buckets=LAG_S,
            registry=registry,
        )
        self._spam = SpamMetrics(registry)
        self._codes: set[str] = set()
        self._begin_at_zero()

    def read(self, event: Event) -> None:
        """Count one event of any call."""
        self._spam.read(event)
        match event.body:
            case CallStarted() as body:
                self._started.labels(body.channel).inc()
                self._live.inc()
            case AsrFinal() as body:
                self._turns.labels(body.language).inc()
            case TtsStarted() as body:
                self._answered(body)
            case BargeIn():
                self._barge_ins.inc()
            case AlertRaised() as body:
                self._alerts.labels(body.level).inc()
            case AlertEscalated():
                self._escalated.inc()
            case AlertWithdrawn():
                self._withdrawn.inc()
            case ErrorRaised() as body:
                self._errors.labels(body.stage, self._known(body.code)).inc()
            case CallEnded() as body:
                self._ended.labels(body.ended_by).inc()
                self._live.dec()
                self._length.observe(body.duration_ms / 1000)
            case SummaryReady(took_ms=int() as took_ms) as body:
                self._summary.labels(body.summary.method).observe(took_ms / 1000)
            case _:
                pass

    def show_capacity(self, read: Callable[[], int]) -> None:
        """Ask for the capacity whenever somebody scrapes."""
        self._capacity.set_function(read)

    @asynccontextmanager
    async def watch_loop(self, _: FastAPI) -> AsyncIterator[None]:
        """A lifespan: while the application runs, it is measured how late its event loop is."""
        watch = asyncio.ensure_future(watch_loop_lag(self._lag.observe))
        try:
            yield
        finally:
            watch.cancel()

    def _answered(self, started: TtsStarted) -> None:
        waterfall = started.waterfall
        if waterfall is not None:
            self._response.observe(waterfall.wire_ms / 1000)
            for step, took_ms in steps_of(waterfall).items():
                self._step.labels(step).observe(took_ms / 1000)

    def _known(self, code: str) -> str:
        """The code, or ``other`` once there are too many."""
        if len(self._codes) < MOST_CODES:
            self._codes.add(code)
        return code if code in self._codes else "other"

    def _begin_at_zero(self) -> None:
        """A series that is not there until something happens has no rate at which it first happened."""
        for step in STEPS:
            self._step.labels(step)
        for language in get_args(Language):
            self._turns.labels(language)
        for level in get_args(RiskLevel):
            self._alerts.labels(level)
        for ended_by in get_args(CallEnded.model_fields["ended_by"].annotation):
            self._ended.labels(ended_by)


def metrics_router(metrics: CallMetrics) -> APIRouter:
    """``/metrics``, in Prometheus' text form, or OpenMetrics where the scraper asks for it."""
    router = APIRouter(tags=["health"])

    @router.get(
        "/metrics",
        summary="Counters and histograms for Prometheus",
        response_class=Response,
        responses={200: {"description": "Prometheus' text form", "content": {"text/plain": {}}}},
    )
    def scrape(request: Request) -> Response:
        encode, content_type = choose_encoder(request.headers.get("accept", ""))
        return Response(encode(metrics.registry), headers={"content-type": content_type})

    return router
