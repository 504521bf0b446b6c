"""The talk between a seat's page and the hotline: JSON over the WebSocket ``/ws/seat``, one object a text message.

Each object has a ``type`` and the fields of the class of that name, in `agent.seats.from_page` (asked by the page) or
`agent.seats.to_page` (told to it). Nothing else is allowed in it. In the order in which it goes::

    session   = sign-in ( signed-in state [ connected | wrap-up ] queues | problem ) { idle | call | supervision }
                [ sign-out ] | … taken-over
    idle      = ready state | on-break state | queues | live-calls | let-in live-calls
    call      = ringing ( withdrawn | decline withdrawn | answer connected talk )
              | call-back ringing …
    talk      = { said | mood | alert | suggested | hold held | resume held | transfer }
                ( hang-up | caller leaves ) ended state wrap-up { wrap-up } [ wrap-up-done ] state
    transfer  = transfer transferring(ringing) … cold: transferring(done) ended
                … warm: transferring(talking) ( complete-transfer transferring(done) ended
                                              | cancel-transfer transferring(cancelled) held )
                … transferring(failed)
    supervision = supervise supervising { said | mood | alert | supervise supervising } stop-supervising supervising

What cannot be done is answered by ``problem``; it never closes the socket. Muting is the page's own matter: it stops
sending. The sound goes over WebRTC: ``POST /api/seats/SEAT/offer`` with the ``line_key`` of ``signed-in``.
"""

import json
from typing import Any

from pydantic import TypeAdapter, ValidationError

from agent.errors import ProtocolError
from agent.seats.from_page import FromPage
from agent.seats.to_page import ToPage

MAX_MESSAGE_CHARACTERS = 16_384
"""A wrap-up with the longest summary and task has less than a third of this."""

_FROM_PAGE: TypeAdapter[FromPage] = TypeAdapter(FromPage)
_TO_PAGE: TypeAdapter[ToPage] = TypeAdapter(ToPage)
_NAMES = tuple(_FROM_PAGE.json_schema()["discriminator"]["mapping"])


def read_from_page(text: str) -> FromPage:
    """A message of the page. Raises ProtocolError that quotes what came and says what would be right."""
    if len(text) > MAX_MESSAGE_CHARACTERS:
        raise ProtocolError(f"a message of {len(text):,} characters; at most {MAX_MESSAGE_CHARACTERS:,} are taken")
    try:
        return _FROM_PAGE.validate_json(text)
    except ValidationError as error:
        raise ProtocolError(_explain(text, error)) from None


def read_to_page(text: str) -> ToPage:
    """A message of the hotline, for clients in Python. Raises pydantic.ValidationError."""
    return _TO_PAGE.validate_json(text)


def write(message: ToPage | FromPage) -> str:
    """One line of JSON."""
    return message.model_dump_json()


def kind_of(text: str) -> str:
    """The ``type`` that a message claims to have; empty where it has none that is known."""
    try:
        read: Any = json.loads(text[:MAX_MESSAGE_CHARACTERS])
    except (ValueError, RecursionError):
        return ""
    kind = read.get("type") if isinstance(read, dict) else None
    return kind if isinstance(kind, str) and kind in _NAMES else ""


def _explain(text: str, error: ValidationError) -> str:
    problem = error.errors(include_url=False)[0]
    if problem["type"] == "json_invalid":
        return f'{text[:80]!r} is not JSON; {{"type": "ready"}} is right'
    if not problem["loc"]:
        return f"{text[:80]!r}: type must be one of {', '.join(_NAMES)}"
    where = ".".join(str(part) for part in problem["loc"])
    given = "" if problem["type"] in ("missing", "extra_forbidden") else f", got {str(problem['input'])[:80]!r}"
    what = "no such field" if problem["type"] == "extra_forbidden" else problem["msg"]
    return f"{where}: {what}{given}"
