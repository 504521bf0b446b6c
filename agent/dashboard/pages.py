"""The pages.

Each is rendered here, whole; its script only fetches the changing part again when something happens.
"""

import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from fastapi.templating import Jinja2Templates
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from agent.config import Settings
from agent.dashboard.view import transcript
from agent.routing.alerts import OPEN
from agent.routing.spam import PASSES, SpamOutcome, SpamTally, national, plain, reason_words
from agent.storage import NotFoundError, SpamCallRow, Store

_HERE = Path(__file__).parent
PAGE_SIZE = 30
SPAM_CALLS = 100

_HEADERS = {
    # Transcripts are hostile input: even if one were not escaped, none of its scripts would run.
    "Content-Security-Policy": "default-src 'self'; connect-src 'self' ws: wss:;"
    " object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


@dataclass(frozen=True)
class Today:
    """How today's calls were answered so far. ``in_time``: the share within three seconds; None before the first."""

    calls: int
    in_time: float | None


def pages_router(
    store: Store, settings: Settings, now: Callable[[], datetime], today: Callable[[], Today]
) -> APIRouter:
    """``/``, ``/calls/{id}``, ``/call``, ``/seat``, ``/spam``, ``/docs``, and the fragments that refresh pages."""
    router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)
    templates = _templates(settings)

    def render(request: Request, name: str, status: int = 200, **context: Any) -> HTMLResponse:
        return templates.TemplateResponse(
            request, name, context | {"now": now()}, status_code=status, headers=dict(_HEADERS)
        )

    def home_context(before: str | None) -> dict[str, Any]:
        calls = store.list_calls(PAGE_SIZE + 1, before)
        live = store.list_calls(500, live_only=True) if before is None else []
        past = [call for call in calls[:PAGE_SIZE] if call.status != "live"]
        alerts = [alert for alert in store.alerts(limit=100) if alert.state in OPEN]
        worst_first = ("high", "medium", "low", "none")
        return {
            "today": today() if before is None else None,
            "live": sorted(live, key=lambda call: worst_first.index(call.risk)),
            "past": past,
            "older": calls[PAGE_SIZE - 1].id if len(calls) > PAGE_SIZE else None,
            "alerts": sorted(alerts, key=lambda alert: alert.state != "raised"),
            "tasks": store.tasks("open", limit=50),
            "numbers": {alert.call_id: store.get_call(alert.call_id).caller_number for alert in alerts},
        }

    def call_context(call_id: str) -> dict[str, Any]:
        return {
            "call": store.get_call(call_id),
            "page": transcript(store.events(call_id)),
            "summary": store.summary(call_id),
            "alerts": store.alerts(call_id=call_id),
            "tasks": store.tasks(call_id=call_id),
            "has_recording": store.recording_path(call_id).is_file(),
        }

    @router.get("/")
    def home(request: Request, before: str | None = None) -> HTMLResponse:
        return render(request, "home.html", before=before, **home_context(before))

    @router.get("/fragments/home")
    def home_fragment(request: Request, before: str | None = None) -> HTMLResponse:
        return render(request, "home_body.html", before=before, **home_context(before))

    @router.get("/calls/{call_id}")
    def call(request: Request, call_id: str) -> HTMLResponse:
        try:
            return render(request, "call.html", **call_context(call_id))
        except NotFoundError:
            return render(request, "missing.html", status=404, call_id=call_id)

    @router.get("/fragments/calls/{call_id}")
    def call_fragment(request: Request, call_id: str) -> HTMLResponse:
        return render(request, "call_body.html", **call_context(call_id))

    @router.get("/call")
    def talk(request: Request) -> HTMLResponse:
        return render(request, "talk.html")

    @router.get("/seat")
    def seat(request: Request) -> HTMLResponse:
        return render(request, "seat.html")

    def spam_context() -> dict[str, Any]:
        moment = now()
        calls = store.spam_calls(None, SPAM_CALLS)
        doubted = [call for call in calls if call.challenged or call.refused]
        return {
            "counts": store.spam_counts(moment - timedelta(days=1), moment + timedelta(seconds=1)),
            "under_way": [call for call in doubted if call.live and call.verdict != "pass"],
            "over": [call for call in doubted if not (call.live and call.verdict != "pass")],
            "listed": store.spam_overrides(in_force_at=moment, limit=SPAM_CALLS),
        }

    @router.get("/spam")
    def spam(request: Request) -> HTMLResponse:
        return render(request, "spam.html", **spam_context())

    @router.get("/fragments/spam")
    def spam_fragment(request: Request) -> HTMLResponse:
        return render(request, "spam_body.html", **spam_context())

    @router.get("/docs")
    def docs(request: Request) -> HTMLResponse:
        return render(request, "docs.html", api=request.app.openapi())

    return router


def _templates(settings: Settings) -> Jinja2Templates:
    labels = tomllib.loads((_HERE / "labels.toml").read_text(encoding="utf-8"))
    environment = Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=select_autoescape(default=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals |= {
        "company": settings.company,
        "labels": labels,
        "label": lambda group, key: labels[group].get(key, key),
        "reason_words": lambda sign: reason_words(sign, "zh"),
        "spam_outcome": _outcome,
        "for_caller": lambda signs: [sign for sign in signs if sign.sign in PASSES],
        "against_caller": lambda signs: [sign for sign in signs if sign.sign not in PASSES],
        "plain": plain,
        "scale_ms": lambda page: max(1, page.slowest_ms, *(p.start_ms + p.ms for w in page.latency for p in w.parts)),
    }
    environment.filters |= {
        "clock": clock,
        "seconds": seconds,
        "local": local,
        "national": national,
        "percent": lambda value: f"{value:.0%}",
    }
    return Jinja2Templates(env=environment)


def _outcome(call: SpamCallRow) -> SpamOutcome:
    signs = tuple(sign.sign for sign in call.signs)
    return SpamTally(call.verdict, call.challenged, call.refused, signs).outcome


def clock(ms: int) -> str:
    """Audio time as people write it: 65000 → 1:05."""
    minutes, rest = divmod(max(0, ms) // 1000, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def seconds(ms: int) -> str:
    """A measured duration: 1234 → 1.23 s."""
    return f"{ms / 1000:.2f} s"


def local(moment: datetime) -> str:
    """A wall time in the server's own zone; the page's script puts it into the reader's."""
    return moment.astimezone().strftime("%Y-%m-%d %H:%M")
