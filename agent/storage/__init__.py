"""What the hotline remembers:
calls, events, alerts, tasks, summaries and recordings. Any SQLAlchemy database; SQLite by default.
"""

from agent.storage.rows import (
    AlertRow,
    CallInfo,
    CallRow,
    ConflictError,
    CorrectionRow,
    IncidentRow,
    NotFoundError,
    NoticeRow,
    SpamCallRow,
    SpamCounts,
    SpamHistoryRow,
    SpamOverrideRow,
    TaskRow,
    UnknownCallError,
)
from agent.storage.store import Store
from agent.storage.writer import TimelineWriter

__all__ = [
    "AlertRow",
    "CallInfo",
    "CallRow",
    "ConflictError",
    "CorrectionRow",
    "IncidentRow",
    "NotFoundError",
    "NoticeRow",
    "SpamCallRow",
    "SpamCounts",
    "SpamHistoryRow",
    "SpamOverrideRow",
    "Store",
    "TaskRow",
    "TimelineWriter",
    "UnknownCallError",
]
