"""Where the classifier was wrong: a supervisor says what was meant, over REST. Kept as training rows."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import Field, model_validator

from agent.api.alerts import By
from agent.api.calls import CallId
from agent.api.errors import responses
from agent.events import Intent, Sentiment
from agent.storage import CorrectionRow, Store
from models.nlu import Signal

Turn = Annotated[int, Path(ge=1, description="number of the caller's turn, from 1")]


class Correction(By):
    """Who says so, and what was meant: at least one of the three."""

    intent: Intent | None = None
    sentiment: Sentiment | None = None
    signals: tuple[Signal, ...] | None = Field(
        default=None, description="signals of risk in these words; an empty list: there are none"
    )

    @model_validator(mode="after")
    def _says_something(self) -> "Correction":
        if self.intent is None and self.sentiment is None and self.signals is None:
            raise ValueError("nothing is corrected: give intent, sentiment or signals")
        return self


def corrections_router(store: Store, now: Callable[[], datetime]) -> APIRouter:
    """``/api/corrections`` and ``/api/calls/…/turns/…/correction``. ``now``: the wall time, with a zone."""
    router = APIRouter(prefix="/api", tags=["corrections"])

    @router.put(
        "/calls/{call_id}/turns/{turn}/correction",
        summary="What the caller meant in this turn; a later one changes only what it speaks of",
        responses=responses(404, 422, 503),
    )
    def correct(call_id: CallId, turn: Turn, body: Correction) -> CorrectionRow:
        return store.correct(
            call_id, turn, body.by, now(), intent=body.intent, sentiment=body.sentiment, signals=body.signals
        )

    @router.get("/corrections", summary="All corrections, oldest first", responses=responses(503))
    def list_corrections() -> list[CorrectionRow]:
        return store.corrections()

    return router
