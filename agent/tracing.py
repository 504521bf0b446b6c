"""Finished calls to an OpenTelemetry collector. Off unless ``tracing.otlp_endpoint`` names one: while it is off,
nothing of it is imported, and its packages (the extra ``tracing``) need not be there.
"""

from datetime import datetime
from typing import TYPE_CHECKING

from agent.call_trace import Span, call_span, summary_span
from agent.config import TracingSettings
from agent.errors import ConfigError
from agent.events import CallEnded, Event, SummaryReady
from agent.timeline import Reader

if TYPE_CHECKING:
    from opentelemetry.context import Context
    from opentelemetry.sdk.trace import SpanProcessor

_TIMEOUT_S = 5.0
"""Spans that a collector does not take are no reason to hold up the end of the process."""


def make_tracer(settings: TracingSettings) -> "CallTracer | None":
    """What the settings ask for; None: off. Raises ConfigError if the packages for it are missing."""
    if not settings.otlp_endpoint:
        return None
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError as error:
        raise ConfigError(
            f"setting tracing.otlp_endpoint is {settings.otlp_endpoint!r}, but the packages that send traces are not "
            f'installed ({error}): pip install --constraint constraints.txt --editable ".[tracing]", or leave it empty'
        ) from error
    # The processor sends from a thread of its own: a collector that is slow or gone is never heard in a call.
    return CallTracer(BatchSpanProcessor(OTLPSpanExporter(endpoint=settings.otlp_endpoint, timeout=_TIMEOUT_S)))


class CallTracer:
    """Makes one trace of each call. Needs the extra ``tracing``.

    processor: where finished spans go. It is shut down, and what it still holds is sent, when the process ends.
    """

    def __init__(self, processor: "SpanProcessor") -> None:
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.sampling import ALWAYS_ON

        # A provider of our own: the library's global one belongs to whoever embeds us.
        provider = TracerProvider(sampler=ALWAYS_ON, resource=Resource({"service.name": "hotline"}))
        provider.add_span_processor(processor)
        self._tracer = provider.get_tracer("hotline")

    def follow(self, started_at: datetime) -> Reader:
        """A reader for the timeline of one call that began at this wall time. The trace is sent when the call ends, its
        summary when that is written.
        """
        events: list[Event] = []
        call: Context | None = None

        def read(event: Event) -> None:
            nonlocal call
            if isinstance(event.body, SummaryReady):
                self.send(summary_span(event.body, events[-1].audio_ms), started_at, call)
            elif call is None:
                events.append(event)
                if isinstance(event.body, CallEnded):
                    call = self.send(call_span(events), started_at)

        return read

    def send(self, span: Span, started_at: datetime, parent: "Context | None" = None) -> "Context":
        """A span and all below it, at audio times counted from the call's start. Returns what its children hang on."""
        from opentelemetry.context import Context
        from opentelemetry.trace import Status, StatusCode, set_span_in_context

        # An empty context and not the current one: a call's trace begins with the call, whoever runs it.
        begun = self._tracer.start_span(
            span.name,
            context=parent if parent is not None else Context(),
            attributes=dict(span.attributes),
            start_time=_ns(started_at, span.start_ms),
        )
        for moment in span.moments:
            begun.add_event(moment.name, dict(moment.attributes), timestamp=_ns(started_at, moment.at_ms))
        if span.failed:
            begun.set_status(Status(StatusCode.ERROR))
        context = set_span_in_context(begun, Context())
        for child in span.children:
            self.send(child, started_at, context)
        begun.end(_ns(started_at, span.end_ms))
        return context


def _ns(started_at: datetime, at_ms: int) -> int:
    """Nanoseconds since 1970 of a moment in a call. Its clock counts in ms, so whole ms are exact."""
    return (round(started_at.timestamp() * 1000) + at_ms) * 1_000_000
