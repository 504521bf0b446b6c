"""The hotline's side of storage: calls begin, are recorded and written down without ever waiting for the database."""

from datetime import timedelta

from agent.events import Event
from agent.ingress.leg import CallInfo
from agent.pipeline.recorder import Recorder
from agent.storage import Store, TimelineWriter
from agent.storage.rows import CallInfo as StoredCallInfo


class StoredCalls:
    """`hotline.CallStore` over the store and its writer."""

    def __init__(self, store: Store, writer: TimelineWriter) -> None:
        self._store = store
        self._writer = writer

    def begin(self, info: CallInfo) -> None:
        stored = StoredCallInfo(
            caller_number=info.caller_number,
            called_number=info.called_number,
            channel=info.channel,
            language=info.language,
        )
        self._writer.begin_call(info.call_id, stored, info.started_at)

    def record(self, info: CallInfo, sample_rate_hz: int) -> Recorder:
        return Recorder(self._store.recording_path(info.call_id), sample_rate_hz)

    def earlier_calls(self, info: CallInfo, days: int) -> int:
        since = info.started_at - timedelta(days=days)
        return self._store.count_calls(info.caller_number, since=since, before=info.started_at)

    def write(self, event: Event) -> None:
        self._writer.reader(event)
