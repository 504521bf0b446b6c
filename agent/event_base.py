"""What every event is made of: the frozen base, measured fields, and the words that several events share."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Language = Literal["zh", "en"]
Destination = Literal["bot", "human", "complaint_specialist", "callback"]

_MEASURED = "measured"
MeasuredMs = Annotated[int | None, Field(json_schema_extra={_MEASURED: True})]
"""A duration that was measured, in ms: real, but not the same on the next run."""


class Frozen(BaseModel):
    """Base of everything on the timeline: immutable, and strict about unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def measured_fields(body: BaseModel) -> set[str]:
    """The names of the fields of a body that are measurements."""
    return {name for name, field in type(body).model_fields.items() if _is_measured(field.json_schema_extra)}


def _is_measured(extra: Any) -> bool:
    return isinstance(extra, dict) and bool(extra.get(_MEASURED))
