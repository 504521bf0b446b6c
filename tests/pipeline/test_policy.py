"""What the bot does next, as a table."""

from typing import get_args

import pytest

from agent.dialogue.moments import tone_of
from agent.events import Intent, NluResult, RouteChanged
from agent.pipeline.policy import Act, Nothing, Say, Write, on_silence, on_understood, on_unintelligible


def understood(intent: Intent, probability: float = 0.9) -> NluResult:
    return NluResult(
        turn=1, intent=intent, intent_probability=probability, sentiment="neutral", sentiment_probability=0.9
    )


def route(destination: str, *, alert_id: str | None = None, minutes: int | None = None) -> RouteChanged:
    return RouteChanged.model_validate(
        {
            "previous": "bot", "destination": destination, "priority": 50, "reason": "r",
            "alert_id": alert_id, "callback_due_minutes": minutes,
        }
    )  # fmt: skip


@pytest.mark.parametrize(
    ("nlu", "keys", "new_route", "act"),
    [
        (understood("order_status"), None, None, Write("order_status")),
        (understood("goodbye"), None, None, Say("goodbye", then="hang_up")),
        # An unsure goodbye must not cut a caller off.
        (understood("goodbye", 0.4), None, None, Write("goodbye")),
        (understood("praise"), None, None, Say("praise")),
        (understood("praise", 0.4), None, None, Write("praise")),
        # The classifier failed: the language model has the words themselves.
        (None, None, None, Write("other")),
        (None, "88472913", None, Say("keys_received", {"digits": "88472913"})),
        (None, "1", None, Say("keys_unknown", {"digits": "1"})),
        # A new route comes before any other answer, even a goodbye.
        (
            understood("goodbye"),
            None,
            route("callback", alert_id="a", minutes=30),
            Say("alert_callback", {"minutes": "30"}),
        ),
        (understood("human_agent"), None, route("callback", minutes=45), Say("human_callback", {"minutes": "45"})),
        (understood("human_agent"), None, route("human"), Say("human_transfer", then="transfer")),
        (understood("complaint"), None, route("complaint_specialist"), Say("alert_transfer", then="transfer")),
        (understood("complaint"), None, route("bot"), Say("transfer_failed")),
    ],
)
def test_the_answer_to_a_turn(
    nlu: NluResult | None, keys: str | None, new_route: RouteChanged | None, act: Act
) -> None:
    assert on_understood(nlu, keys, new_route) == act


@pytest.mark.parametrize(
    ("causes", "destination", "phrase"),
    [
        (("regulator",), "complaint_specialist", "alert_transfer"),
        (("regulator",), "callback", "alert_callback"),
        (("safety", "regulator"), "complaint_specialist", "danger_transfer"),
        (("safety",), "human", "danger_transfer"),
        (("safety",), "callback", "danger_callback"),
        (("self_harm", "safety"), "human", "care_transfer"),
        (("self_harm",), "callback", "care_callback"),
    ],
)
def test_who_is_in_danger_is_spoken_to_otherwise_than_who_complains(
    causes: tuple[str, ...], destination: str, phrase: str
) -> None:
    act = on_understood(
        understood("complaint"), None, route(destination, alert_id="a", minutes=30), tone=tone_of(causes)
    )
    assert isinstance(act, Say) and act.phrase == phrase


@pytest.mark.parametrize("intent", get_args(Intent))
def test_every_intent_is_answered(intent: Intent) -> None:
    assert not isinstance(on_understood(understood(intent), None, None), Nothing)


@pytest.mark.parametrize(
    ("count", "prompts", "act"),
    [
        (1, 2, Say("still_there")),
        (2, 2, Say("still_there")),
        (3, 2, Say("silence_goodbye", then="hang_up")),
        (1, 0, Say("silence_goodbye", then="hang_up")),
    ],
)
def test_silence_is_asked_about_and_then_ended(count: int, prompts: int, act: Act) -> None:
    assert on_silence(count, prompts) == act


@pytest.mark.parametrize(
    ("count", "failures", "failed", "act"),
    [
        (1, 0, False, Say("pardon")),
        (2, 0, False, Say("pardon")),
        (3, 0, False, Nothing()),
        (1, 1, True, Say("trouble")),
        (2, 2, True, Say("trouble_goodbye", then="hang_up")),
        (9, 1, True, Say("trouble")),
    ],
)
def test_what_was_not_understood_is_asked_again_and_what_we_broke_is_apologised_for(
    count: int, failures: int, failed: bool, act: Act
) -> None:
    assert on_unintelligible(count, failures, failed) == act
