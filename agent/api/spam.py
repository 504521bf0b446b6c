"""The spam filter for supervisors: which calls were refused and why, and letting numbers in or keeping them out."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import AfterValidator, Field

from agent.api.alerts import By
from agent.api.calls import CallId
from agent.api.errors import responses
from agent.events import SpamVerdict
from agent.routing.spam import plain
from agent.storage import ConflictError, SpamCallRow, SpamCounts, SpamOverrideRow, Store


def _a_number(text: str) -> str:
    number = plain(text)
    if not number:
        raise ValueError(f"{text!r} has no digits; right would be 13800001234 or 0571-88990011")
    return number


def _a_reason(text: str) -> str:
    if not text.strip():
        raise ValueError("must say why: somebody will ask")
    return text.strip()


Number = Annotated[str, Field(min_length=1, max_length=64, examples=["13800001234"]), AfterValidator(_a_number)]
Why = Annotated[str, Field(min_length=1, max_length=500, examples=["老客户，误拦"]), AfterValidator(_a_reason)]
Days = Annotated[int, Query(ge=1, le=366, description="so many days up to now")]
Limit = Annotated[int, Query(ge=1, le=1000)]


class Reason(By):
    """Who decides, and why."""

    why: Why


class Decision(Reason):
    """About which number."""

    number: Number


def spam_router(store: Store, now: Callable[[], datetime]) -> APIRouter:
    """``/api/spam/…``. ``now``: the wall time, with a zone."""
    router = APIRouter(prefix="/api/spam", tags=["spam"])

    @router.get("/calls", summary="Calls that the filter judged, newest first", responses=responses(422, 503))
    def list_calls(verdict: SpamVerdict | None = "refuse", limit: Limit = 100) -> list[SpamCallRow]:
        return store.spam_calls(verdict, limit)

    @router.get(
        "/counts", summary="How many were asked and refused, and for which signs", responses=responses(422, 503)
    )
    def counts(days: Days = 1) -> SpamCounts:
        return store.spam_counts(now() - timedelta(days=days), now() + timedelta(seconds=1))

    @router.get("/numbers", summary="What operators decided about numbers", responses=responses(422, 503))
    def list_numbers(in_force: bool = True, limit: Limit = 100) -> list[SpamOverrideRow]:
        return store.spam_overrides(in_force=in_force, limit=limit)

    @router.post("/allow", summary="This number is never asked nor refused", responses=responses(422, 503))
    def allow(body: Decision) -> SpamOverrideRow:
        return store.override_spam(body.number, "allow", body.by, now(), body.why)

    @router.post("/deny", summary="This number is refused", responses=responses(422, 503))
    def deny(body: Decision) -> SpamOverrideRow:
        return store.override_spam(body.number, "deny", body.by, now(), body.why)

    @router.post("/forget", summary="This number is judged as any other again", responses=responses(422, 503))
    def forget(body: Decision) -> SpamOverrideRow:
        return store.override_spam(body.number, "none", body.by, now(), body.why)

    @router.post(
        "/calls/{call_id}/allow",
        summary="This call was refused by mistake: its number is let in from now on",
        responses=responses(404, 409, 422, 503),
    )
    def allow_call(call_id: CallId, body: Reason) -> SpamOverrideRow:
        number = plain(store.get_call(call_id).caller_number)
        if not number:
            raise ConflictError(f"call {call_id} came without a number; there is none to allow")
        return store.override_spam(number, "allow", body.by, now(), body.why, call_id)

    return router
