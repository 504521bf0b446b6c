"""Calls, their events and their recordings over REST."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from fastapi.responses import FileResponse
from pydantic import BaseModel, Field

from agent.api.errors import responses
from agent.errors import HotlineError
from agent.events import Event, Summary
from agent.storage import AlertRow, CallRow, Store, TaskRow

CallId = Annotated[str, Path(max_length=200, description="id of the call", examples=["CA5f2c"])]


class CallList(BaseModel):
    """One page of calls, newest first."""

    calls: list[CallRow]
    next_before: str | None = Field(description="pass as `before` for the next page; null: there is none")


class CallDetail(BaseModel):
    """One call with what follows from it."""

    call: CallRow
    summary: Summary | None
    alerts: list[AlertRow]
    tasks: list[TaskRow]
    has_recording: bool


_RECORDING: dict[int | str, dict[str, Any]] = {
    200: {"description": "The recording", "content": {"audio/wav": {}}},
    206: {"description": "Part of the recording"},
}


def calls_router(store: Store) -> APIRouter:
    """``/api/calls…``"""
    router = APIRouter(prefix="/api/calls", tags=["calls"])

    @router.get("", summary="Calls, newest first", responses=responses(404, 422, 503))
    def list_calls(
        limit: Annotated[int, Query(ge=1, le=500)] = 50,
        before: Annotated[str | None, Query(description="only calls older than the one with this id")] = None,
        live_only: Annotated[bool, Query(description="only calls that are going on")] = False,
    ) -> CallList:
        # One more than asked for tells whether there is a next page.
        calls = store.list_calls(limit + 1, before, live_only)
        more = len(calls) > limit
        return CallList(calls=calls[:limit], next_before=calls[limit - 1].id if more else None)

    @router.get("/{call_id}", summary="One call", responses=responses(404, 503))
    def get_call(call_id: CallId) -> CallDetail:
        return CallDetail(
            call=store.get_call(call_id),
            summary=store.summary(call_id),
            alerts=store.alerts(call_id=call_id),
            tasks=store.tasks(call_id=call_id),
            has_recording=store.recording_path(call_id).is_file(),
        )

    @router.get("/{call_id}/events", summary="The timeline of a call", responses=responses(404, 503))
    def get_events(call_id: CallId) -> list[Event]:
        store.get_call(call_id)
        return store.events(call_id)

    @router.get(
        "/{call_id}/recording.wav",
        summary="The recording: stereo, caller left, bot right; ranges are honoured",
        response_class=FileResponse,
        responses=responses(404, 503) | _RECORDING,
    )
    def get_recording(call_id: CallId) -> FileResponse:
        call = store.get_call(call_id)
        path = store.recording_path(call_id)
        if call.status == "live":
            raise HotlineError(
                "recording_missing", f"call {call_id} is still going on: its recording comes when it ends"
            )
        if not path.is_file():
            raise HotlineError("recording_missing", f"there is no recording of call {call_id}")
        return FileResponse(path, media_type="audio/wav", content_disposition_type="inline", filename=path.name)

    return router
