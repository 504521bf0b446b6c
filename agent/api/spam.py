"""The spam filter for supervisors: which calls were refused and why; letting in a call that is being refused, and
letting numbers in or keeping them out.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import AfterValidator, BaseModel, Field

from agent.api.alerts import By
from agent.api.calls import CallId
from agent.api.errors import responses
from agent.events import SpamVerdict
from agent.routing.spam import plain
from agent.storage import ConflictError, NotFoundError, SpamCallRow, SpamCounts, SpamOverrideRow, Store
from agent.storage.rows import SpamOverrideVerdict


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
LetIn = Callable[[str, str], None]
"""Lets in the live call of that id, in the name of that person. Raises NotFoundError or ConflictError."""


class Reason(By):
    """Who decides, and why. ``days``: how long it holds; for good where that is left out."""

    why: Why
    days: int | None = Field(default=None, ge=1, le=3660, examples=[30])


class Decision(Reason):
    """About which number."""

    number: Number


class CallLetIn(BaseModel):
    """The call is let in. From now on the filter leaves it alone; its number is judged anew the next time."""

    call_id: str
    by: str


def no_live_calls(call_id: str, by: str) -> None:
    """Where no call comes in through a front desk."""
    raise NotFoundError(f"no call {call_id!r} is going on; its number can still be put on the allow list")


def spam_router(store: Store, now: Callable[[], datetime], let_in: LetIn = no_live_calls) -> APIRouter:
    """``/api/spam/…``. ``now``: the wall time, with a zone. ``let_in`` is called on the event loop."""
    router = APIRouter(prefix="/api/spam", tags=["spam"])

    def decide(
        number: str, verdict: SpamOverrideVerdict, reason: Reason, call_id: str | None = None
    ) -> SpamOverrideRow:
        at = now()
        until = None if reason.days is None else at + timedelta(days=reason.days)
        return store.override_spam(
            SpamOverrideRow(
                number=number, verdict=verdict, by=reason.by, at=at, why=reason.why, call_id=call_id, until=until
            )
        )

    def number_of(call_id: str) -> str:
        number = plain(store.get_call(call_id).caller_number)
        if not number:
            raise ConflictError(f"call {call_id} came without a number; there is none to put on a list")
        return number

    @router.get("/calls", summary="Calls that the filter judged, newest first", responses=responses(422, 503))
    def list_calls(verdict: SpamVerdict | None = "refuse", limit: Limit = 100) -> list[SpamCallRow]:
        return store.spam_calls(verdict, limit)

    @router.get(
        "/counts", summary="How many passed, were asked, refused and let in, and why", responses=responses(422, 503)
    )
    def counts(days: Days = 1) -> SpamCounts:
        return store.spam_counts(now() - timedelta(days=days), now() + timedelta(seconds=1))

    @router.post(
        "/calls/{call_id}/let-in",
        summary="This call, which is being asked or refused now, is let in",
        responses=responses(404, 409, 422),
    )
    async def let_call_in(call_id: CallId, body: By) -> CallLetIn:
        let_in(call_id, body.by)
        return CallLetIn(call_id=call_id, by=body.by)

    @router.get("/numbers", summary="What operators decided about numbers", responses=responses(422, 503))
    def list_numbers(in_force: bool = True, limit: Limit = 100) -> list[SpamOverrideRow]:
        return store.spam_overrides(in_force_at=now() if in_force else None, limit=limit)

    @router.post("/allow", summary="This number is never asked nor refused", responses=responses(422, 503))
    def allow(body: Decision) -> SpamOverrideRow:
        return decide(body.number, "allow", body)

    @router.post("/deny", summary="This number is refused", responses=responses(422, 503))
    def deny(body: Decision) -> SpamOverrideRow:
        return decide(body.number, "deny", body)

    @router.post("/forget", summary="This number is judged as any other again", responses=responses(422, 503))
    def forget(body: Decision) -> SpamOverrideRow:
        return decide(body.number, "none", body)

    @router.post(
        "/calls/{call_id}/allow",
        summary="This call was refused by mistake: its number is let in from now on",
        responses=responses(404, 409, 422, 503),
    )
    def allow_call(call_id: CallId, body: Reason) -> SpamOverrideRow:
        return decide(number_of(call_id), "allow", body, call_id)

    @router.post(
        "/calls/{call_id}/deny",
        summary="This call was spam: its number is refused from now on",
        responses=responses(404, 409, 422, 503),
    )
    def deny_call(call_id: CallId, body: Reason) -> SpamOverrideRow:
        return decide(number_of(call_id), "deny", body, call_id)

    return router
