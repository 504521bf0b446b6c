"""Writing a correction down, with the words that it is about."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from agent.events import AsrFinal, Intent, Sentiment
from agent.storage.ledger import events_of
from agent.storage.rows import CorrectionRow, NotFoundError
from agent.storage.tables import Correction

CONTEXT_TURNS = 3
"""Earlier utterances that are kept with a corrected one: as many as the classifier is shown."""


def correct(
    session: Session,
    call_id: str,
    turn: int,
    by: str,
    at: datetime,
    *,
    intent: Intent | None,
    sentiment: Sentiment | None,
    signals: Sequence[str] | None,
) -> CorrectionRow:
    """Raises NotFoundError where the caller said nothing in this turn."""
    said = [event.body for event in events_of(session, call_id) if isinstance(event.body, AsrFinal)]
    about = next((body for body in said if body.turn == turn), None)
    if about is None:
        raise NotFoundError(f"the caller of call {call_id!r} said nothing in turn {turn}")
    row = session.get(Correction, (call_id, turn), with_for_update=True)
    if row is None:
        before = [body.text for body in said if body.turn < turn][-CONTEXT_TURNS:]
        row = Correction(call_id=call_id, turn=turn, text=about.text, language=about.language, context=before)
        session.add(row)
    row.by, row.at = by, at
    if intent is not None:
        row.intent = intent
    if sentiment is not None:
        row.sentiment = sentiment
    if signals is not None:
        row.signals = list(signals)
    return CorrectionRow.model_validate(row)


def all_corrections(session: Session) -> list[CorrectionRow]:
    """Oldest first."""
    rows = session.scalars(select(Correction).order_by(Correction.at, Correction.call_id, Correction.turn))
    return [CorrectionRow.model_validate(row) for row in rows]
