"""The socket of a seat, over a real server: what pages ask reaches the desk, and nothing that they send drops them."""

import asyncio
import json
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import httpx
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from agent.seats.from_page import TransferCall
from agent.seats.webrtc_leg import SeatLine
from tests.seats.conftest import GRACE_S, TOKEN, Served, wait_until
from tests.seats.pops import complaint_pop


class Page:
    """A client that speaks as the page does."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket

    def ask(self, kind: str, **fields: Any) -> None:
        self.socket.send(json.dumps({"type": kind} | fields))

    def hear(self, kind: str) -> dict[str, Any]:
        """The next message of this type; a problem that was not expected fails."""
        while True:
            message = json.loads(self.socket.recv(5))
            if message["type"] == kind:
                return dict(message)
            assert message["type"] != "problem", message

    def sign_in(self, login: str = "lin", token: str = TOKEN) -> dict[str, Any]:
        self.ask("sign-in", login=login, token=token)
        return self.hear("signed-in")


Browsers = Callable[..., Page]


@pytest.fixture
def opened(served: Served) -> Iterator[Browsers]:
    """Opens pages, and closes them in the end."""
    with ExitStack() as stack:
        yield lambda **options: Page(stack.enter_context(connect(served.socket_url, **options)))


def test_who_signs_in_is_told_how_the_seat_stands(served: Served, opened: Browsers) -> None:
    page = opened()
    me = page.sign_in()

    assert (me["seat"], me["name"], me["supervisor"]) == ("S1", "林晓雨", False)
    assert len(me["line_key"]) > 20
    assert page.hear("state")["state"] == "offline"
    assert page.hear("queues")["queues"][0]["waiting"] == 3


@pytest.mark.parametrize(
    ("message", "words"),
    [
        ("nonsense", "is not JSON"),
        ('{"type": "fly"}', "type must be one of answer"),
        ('["ready"]', "type must be one of"),
        ('{"type": "answer"}', "answer.call_id: Field required"),
        ('{"type": "ready", "now": true}', "ready.now: no such field"),
        ('{"type": "transfer", "target": "queue:../..", "mode": "cold"}', "transfer.target"),
        ('{"type": "supervise", "call_id": "C1", "mode": "shout"}', "supervise.mode"),
        ("[" * 10_000, "is not JSON"),
        ('{"type": "sign-in", "login": "' + "x" * 20_000 + '"}', "at most 16,384"),
        (b"\x00\x01", "a JSON object as text is right"),
    ],
    ids=lambda value: str(value)[:24],
)
def test_what_is_wrong_with_a_message_is_said_and_the_socket_stays(
    served: Served, opened: Browsers, message: str | bytes, words: str
) -> None:
    page = opened()
    page.sign_in()
    page.socket.send(message)

    assert words in page.hear("problem")["message"]
    page.ask("ready")
    wait_until(lambda: ("set_state", "S1", "ready") in served.desk.asked)


def test_before_the_sign_in_nothing_can_be_asked(served: Served, opened: Browsers) -> None:
    page = opened()
    page.ask("ready")

    assert page.hear("problem")["code"] == "not_signed_in"
    assert served.desk.asked == []


@pytest.mark.parametrize(
    ("login", "token", "code"), [("lin", "wrong", "wrong_token"), ("nobody", TOKEN, "unknown_login")]
)
def test_who_cannot_sign_in_is_told_why_and_may_try_again(
    served: Served, opened: Browsers, login: str, token: str, code: str
) -> None:
    page = opened()
    page.ask("sign-in", login=login, token=token)

    problem = page.hear("problem")
    assert (problem["code"], problem["about"]) == (code, "sign-in")
    assert page.sign_in()["seat"] == "S1"


@pytest.mark.parametrize("served", [False], indirect=True)
def test_without_a_token_nobody_sits_down_unless_it_is_a_demo(served: Served, opened: Browsers) -> None:
    page = opened()
    page.ask("sign-in", login="lin", token="")

    assert page.hear("problem")["code"] == "token_missing"


def test_in_a_demo_a_page_on_this_machine_needs_no_token_but_one_behind_a_proxy_does(
    served: Served, opened: Browsers
) -> None:
    assert opened().sign_in(token="")["seat"] == "S1"

    proxied = opened(additional_headers={"X-Forwarded-For": "203.0.113.9"})
    proxied.ask("sign-in", login="lin", token="")
    assert proxied.hear("problem")["code"] == "insecure_origin"


def test_a_page_of_another_site_is_not_even_let_in(served: Served, opened: Browsers) -> None:
    with pytest.raises(InvalidStatus):
        opened(origin="https://evil.example")


def test_a_call_rings_is_answered_held_passed_on_and_wrapped_up(served: Served, opened: Browsers) -> None:
    page = opened()
    page.sign_in()
    page.ask("ready")
    give_line(served)
    wait_until(lambda: ("set_state", "S1", "ready") in served.desk.asked)
    served.desk.ring("S1", complaint_pop(), "洗衣机三次漏水，要投诉到12315")

    ringing = page.hear("ringing")
    assert ringing["pop"]["name"] == "周海燕" and ringing["briefing"].startswith("洗衣机")
    page.ask("answer", call_id=ringing["call_id"])
    assert page.hear("connected")["call_id"] == ringing["call_id"]
    page.ask("hold")
    assert page.hear("held")["held"] is True
    page.ask("resume")
    assert page.hear("held")["held"] is False
    page.ask("transfer", target="seat:S2", mode="warm", note="要退货")
    assert page.hear("transferring")["state"] == "talking"
    page.ask("cancel-transfer")
    assert page.hear("transferring")["state"] == "cancelled"
    page.ask("hang-up", survey=True)
    assert page.hear("ended")["reason"] == "hung_up"
    assert page.hear("state")["state"] == "wrap_up"
    form = page.hear("wrap-up")
    page.ask(
        "wrap-up-done", call_id=form["call_id"], summary="改过的小结", outcome="follow-up", follow_up=form["follow_up"]
    )
    assert page.hear("state")["state"] == "ready"

    asked = served.desk.asked[2:]
    assert [one[0] for one in asked] == [
        "answer", "hold", "resume", "transfer", "cancel_transfer", "hang_up", "wrap_up",
    ]  # fmt: skip
    assert asked[3][2] == TransferCall(target="seat:S2", mode="warm", note="要退货")
    assert asked[5] == ("hang_up", "S1", True)
    assert asked[6][2].summary == "改过的小结" and asked[6][2].follow_up.owner == "after_sales"


def test_of_what_the_desk_refuses_the_page_is_told_and_goes_on(served: Served, opened: Browsers) -> None:
    page = opened()
    page.sign_in()
    page.ask("answer", call_id="C-gone")

    problem = page.hear("problem")
    assert (problem["code"], problem["about"]) == ("not_your_call", "answer")
    page.ask("on-break")
    assert page.hear("state")["state"] == "on_break"


def test_what_breaks_inside_is_not_told_outside(served: Served, opened: Browsers) -> None:
    page = opened()
    page.sign_in()
    page.ask("hold")  # the small desk stumbles: no call is on

    problem = page.hear("problem")
    assert problem["code"] == "internal_error" and "KeyError" not in problem["message"]
    page.ask("ready")
    wait_until(lambda: ("set_state", "S1", "ready") in served.desk.asked)


def test_a_second_browser_takes_over_and_the_first_is_told(served: Served, opened: Browsers) -> None:
    first, second = opened(), opened()
    first.sign_in()
    second.sign_in()

    first.hear("taken-over")
    with pytest.raises(ConnectionClosed) as closed:
        first.hear("nothing more")
    assert closed.value.rcvd is not None and closed.value.rcvd.code == 4001
    second.ask("ready")
    wait_until(lambda: ("set_state", "S1", "ready") in served.desk.asked)
    assert not [one for one in served.desk.asked if one[0] in ("vanished", "sign_out")]


def test_a_socket_that_dies_makes_the_seat_vanish_but_a_page_loaded_anew_does_not(
    served: Served, opened: Browsers
) -> None:
    page = opened()
    page.sign_in()
    page.socket.socket.close()
    wait_until(lambda: ("vanished", "S1") in served.desk.asked)

    page = opened()
    page.sign_in()
    page.socket.close()
    again = opened()
    again.sign_in()
    time.sleep(2 * GRACE_S)
    assert served.desk.asked.count(("vanished", "S1")) == 1


def test_who_signs_out_is_gone_at_once_and_has_not_vanished(served: Served, opened: Browsers) -> None:
    page = opened()
    page.sign_in()
    page.ask("sign-out")
    wait_until(lambda: ("sign_out", "S1") in served.desk.asked)

    assert ("vanished", "S1") not in served.desk.asked


def test_a_line_is_only_given_to_who_signed_in(served: Served, opened: Browsers) -> None:
    page = opened()
    key = page.sign_in()["line_key"]
    stolen = httpx.post(f"{served.url}/api/seats/S1/offer", json={"sdp": "v=0", "line_key": "guessed"})
    broken = httpx.post(f"{served.url}/api/seats/S1/offer", json={"sdp": "v=0", "line_key": key})

    assert stolen.status_code == 400 and "not signed in with this line_key" in stolen.json()["message"]
    assert broken.status_code == 400 and "cannot be answered" in broken.json()["message"]
    assert not served.desk.lines


def give_line(served: Served) -> None:
    """A call can be answered only where a line is; this one has no browser at its end."""

    async def make() -> None:
        served.desk.lines["S1"] = SeatLine("S1", lambda line: None)

    assert served.desk.loop is not None
    asyncio.run_coroutine_threadsafe(make(), served.desk.loop).result(5)
