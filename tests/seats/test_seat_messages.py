"""The talk of a seat's page: what is written is read back the same, and what is no message is told why."""

import json
import re
from datetime import UTC
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import agent.dashboard
from agent.errors import ProtocolError
from agent.seats import from_page, messages, to_page
from agent.seats.words import Message

ASKED = get_args(get_args(from_page.FromPage)[0])
FEW = settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
_SOME_TIME = st.datetimes(timezones=st.just(UTC))
TOLD = get_args(get_args(to_page.ToPage)[0])


def _told(kind: type[Message]) -> st.SearchStrategy[Message]:
    """Of pydantic's aware times hypothesis knows nothing."""
    times = {name for name, field in kind.model_fields.items() if "AwareDatetime" in str(field.annotation)}
    return st.builds(kind, **dict.fromkeys(times, _SOME_TIME))


st.register_type_strategy(to_page.LiveCall, _told(to_page.LiveCall))


@FEW
@given(st.one_of([st.builds(kind) for kind in ASKED if kind is not from_page.TransferCall]))
def test_what_a_page_asks_is_read_as_it_was_written(message: from_page.FromPage) -> None:
    text = messages.write(message)
    if len(text) <= messages.MAX_MESSAGE_CHARACTERS:
        assert messages.read_from_page(text) == message
        assert messages.kind_of(text) == message.type


@FEW
@given(st.one_of([_told(kind) for kind in TOLD]))
def test_what_a_page_is_told_is_read_as_it_was_written(message: to_page.ToPage) -> None:
    assert messages.read_to_page(messages.write(message)) == message


@FEW
@given(st.one_of(st.text(), st.recursive(st.none() | st.integers() | st.text(), st.lists).map(json.dumps)))
def test_what_is_no_message_is_a_protocol_error_and_nothing_else(text: str) -> None:
    with pytest.raises(ProtocolError):
        messages.read_from_page(text)
    assert messages.kind_of(text) == ""


@pytest.mark.parametrize("target", ["queue:repair", "seat:S-2", "number:+8613800138000", "number:114"])
def test_a_call_can_be_passed_on_to_a_queue_a_colleague_or_a_number(target: str) -> None:
    text = json.dumps({"type": "transfer", "target": target, "mode": "warm"})
    assert messages.read_from_page(text) == from_page.TransferCall(target=target, mode="warm")


@pytest.mark.parametrize(
    "target", ["", "repair", "queue:", "seat:../x", "number:12", "number:1-2-3", "number:１１４", "bot"]
)
def test_and_to_nothing_else(target: str) -> None:
    with pytest.raises(ProtocolError, match=r"transfer\.target"):
        messages.read_from_page(json.dumps({"type": "transfer", "target": target, "mode": "warm"}))


@pytest.mark.parametrize("kind", [*ASKED, *TOLD], ids=lambda kind: kind.__name__)
def test_the_page_speaks_of_every_message(kind: type[Message]) -> None:
    name = kind.model_fields["type"].default
    scripts = Path(agent.dashboard.__file__).parent / "static"
    text = "".join(file.read_text("utf-8") for file in scripts.glob("seat*.js"))
    page = (scripts.parent / "templates" / "seat.html").read_text("utf-8")
    # As a text, or as the name of a function of `hearer`.
    assert re.search(rf'"{name}"|^    {name}(\(message\)|: )', text + page, re.MULTILINE), name
    assert re.search(rf"\b{name}\b", messages.__doc__ or ""), f"{name} is not in the grammar"
