"""Reports and records of calls over REST, and how today's calls were answered."""

import threading
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Response

from agent.api.calls import CallId
from agent.api.errors import responses
from agent.dashboard.pages import Today
from agent.events import Language
from agent.reports import Cdr, Kind, Report, Scope, make_report, record_of, records
from agent.reports.figures import answer_rate, offered
from agent.reports.output import to_csv
from agent.storage import Store

FRESH = timedelta(seconds=20)
"""The overview is fetched again with every word that is said; how calls were answered does not change so fast."""

Format = Literal["json", "csv"]
_CSV: dict[int | str, dict[str, Any]] = {200: {"description": "The report", "content": {"text/csv": {}}}}


def reports_router(store: Store, scope: Scope, now: Callable[[], datetime]) -> APIRouter:
    """``/api/reports/{kind}`` and ``/api/calls/{id}/cdr``. ``now``: the wall time, with a zone."""
    router = APIRouter(prefix="/api", tags=["reports"])

    @router.get(
        "/reports/{kind}",
        summary="A report over some days, both with them, in the company's time zone; without days, the last seven",
        responses=responses(422, 503) | _CSV,
        response_model=Report,
    )
    def get_report(
        kind: Kind,
        first: Annotated[date | None, Query(alias="from", examples=["2026-11-01"])] = None,
        last: Annotated[date | None, Query(alias="to", examples=["2026-11-07"])] = None,
        format: Annotated[Format, Query(description="csv: with a byte order mark, as Excel wants it")] = "json",
        language: Annotated[Language, Query(description="of the headings in CSV")] = "zh",
    ) -> Any:
        days = scope.days(first, last, now())
        report = make_report(kind, records(store, days, scope.tariff, scope.ours), days)
        if format == "json":
            return report
        name = f"{kind}_{days.first}_{days.last}.csv"
        return Response(
            to_csv(report, language),
            media_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )

    @router.get(
        "/calls/{call_id}/cdr", summary="The record of a call: legs, waits, cost", responses=responses(404, 503)
    )
    def get_cdr(call_id: CallId) -> Cdr:
        return record_of(store, call_id, scope.tariff)

    return router


class AnsweredToday:
    """How today's calls were answered, counted anew only now and then. Thread-safe."""

    def __init__(self, store: Store, scope: Scope, now: Callable[[], datetime]) -> None:
        self._store, self._scope, self._now = store, scope, now
        self._lock = threading.Lock()
        self._counted: tuple[datetime, Today] | None = None

    def __call__(self) -> Today:
        with self._lock:
            now = self._now()
            if self._counted is None or not timedelta() <= now - self._counted[0] < FRESH:
                days = self._scope.today(now)
                calls = [call for call in records(self._store, days, ours=self._scope.ours) if days.holds(call.start)]
                self._counted = now, Today(len(offered(calls)), answer_rate(calls))
            return self._counted[1]
