"""Real callers over real sockets in real time: some behave, some do not, and none is in another's way.

All of them ring the same hotline at the same time, once for the whole module; each test looks at one caller.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from agent.events import AsrFinal, BargeIn, Body, CallEnded, Dtmf, ErrorRaised, LlmReply, SummaryReady, TtsEnded
from models.tts import DummySynthesizer
from tests.ingress.telephone_exchange import Exchange, Telephone, exchange
from tests.synthetic_speech import syllables

SPEECH = syllables(1.2, 8000)
ANSWER = "好的，我来帮您看一下，麻烦您报一下订单号。"
TEN_MEGABYTES = json.dumps({"event": "media", "media": {"payload": "A" * 10_000_000}})
BAD = [
    ("this is no JSON", "not JSON: 'this is no JSON'"),
    ("[1, 2]", "no known event in '[1, 2]'"),
    ('{"event": "selfie"}', "no known event"),
    ('{"event": "media", "media": {"payload": "?!"}}', "media payload is not base64: '?!'"),
    ('{"event": "media", "media": {"payload": "您好"}}', "media payload is not base64: '您好'"),
    ('{"event": "media", "media": {"chunk": 5}}', "bad media message: media.payload"),
    ('{"event": "media", "media": {"payload": "", "chunk": ' + "9" * 5000 + "}}", "not JSON"),
    ('{"event": "dtmf", "dtmf": {"digit": "55"}}', "bad dtmf message: dtmf.digit"),
    ('{"event": "start", "streamSid": "M", "start": {"callSid": "C"}}', "a second start; a stream has one call"),
    (TEN_MEGABYTES, "at most 1000000 are right (server.max_message_bytes)"),
    (b"\x00\x01\x02", "a binary message came; Media Streams are JSON text"),
]


@dataclass
class Outcome:
    """What became of one caller."""

    phone: Telephone
    bodies: list[Body]
    recording: Any

    def of(self, kind: type[Any]) -> list[Any]:
        return [body for body in self.bodies if isinstance(body, kind)]

    @property
    def errors(self) -> list[str]:
        return [error.message for error in self.of(ErrorRaised)]

    @property
    def end(self) -> CallEnded:
        (end,) = self.of(CallEnded)
        return end


async def polite(phone: Telephone) -> None:
    """Listens to the greeting, asks, hears the answer, says goodbye with a stop."""
    await phone.ring()
    phone.talk()
    await phone.until_quiet()
    phone.say(SPEECH)
    await phone.until_quiet()
    await phone.send({"event": "stop", "stop": {"callSid": "CA1"}})


async def rude(phone: Telephone) -> None:
    """Sends everything that is wrong, and then talks like anybody."""
    await phone.ring()
    phone.talk()
    await phone.wait_for(lambda: phone.heard)
    for message, _ in BAD:
        await phone.send(message)
        await asyncio.sleep(0.03)
    await polite_rest(phone)


async def polite_rest(phone: Telephone) -> None:
    await phone.until_quiet()
    phone.say(SPEECH)
    await phone.until_quiet()
    await phone.send({"event": "stop", "stop": {}})


async def shuffled(phone: Telephone) -> None:
    """Audio that comes out of order and twice. Each 20 ms has a level of its own, so that it can be told."""
    await phone.ring()
    await phone.wait_for(lambda: phone.heard)
    steps = [phone.media(np.full(160, 600 + 400 * n, "<i2").tobytes()) for n in range(40)]
    order = [0, *(number for n in range(1, 39, 2) for number in (n + 1, n)), 39]
    order[10:14] = [14, 11, 12, 9]
    for n in order:
        await phone.send(steps[n])
        if n % 3 == 0:
            await phone.send(steps[n])
        await asyncio.sleep(0.02)
    await asyncio.sleep(0.4)
    await phone.send({"event": "stop", "stop": {}})


async def interrupting(phone: Telephone) -> None:
    """Speaks over the greeting, then keys a number."""
    await phone.ring()
    phone.talk()
    await phone.wait_for(lambda: phone.heard)
    phone.say(SPEECH)
    await phone.wait_for(lambda: "clear" in phone.events)
    await phone.until_quiet()
    await phone.send({"event": "dtmf", "dtmf": {"digit": "7"}})
    await asyncio.sleep(0.1)
    await phone.send({"event": "stop", "stop": {}})


async def hasty(phone: Telephone) -> None:
    """Rings off without a stop, and without waiting for our answer to it."""
    await phone.ring()
    phone.talk()
    await phone.wait_for(lambda: phone.heard)
    await phone.send({"event": "stop", "stop": {"callSid": "CA1"}})
    phone.socket.transport.abort()


async def dying(phone: Telephone) -> None:
    """The connection is lost in mid-word."""
    await phone.ring()
    phone.talk()
    await phone.wait_for(lambda: phone.heard)
    phone.say(syllables(5.0, 8000))
    await asyncio.sleep(1.0)
    phone.socket.transport.abort()


async def speechless(phone: Telephone) -> None:
    """A start, and then nothing at all."""
    await phone.ring()


async def hostile(phone: Telephone) -> None:
    """Nothing but nonsense."""
    await phone.ring()
    await phone.wait_for(lambda: phone.heard)
    for _ in range(40):
        await phone.send("nonsense")


async def never_started(phone: Telephone) -> None:
    """A socket on which nothing is ever said."""


async def early_media(phone: Telephone) -> None:
    await phone.send(phone.next_media())


async def no_json_first(phone: Telephone) -> None:
    await phone.send("hello?")


async def binary_first(phone: Telephone) -> None:
    await phone.send(b"\x00")


CALLERS: list[Callable[[Telephone], Awaitable[None]]] = [
    polite, rude, shuffled, interrupting, hasty, dying, speechless, hostile, never_started, early_media, no_json_first,
    binary_first,
]  # fmt: skip


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Outcome]:
    """All callers ring at once."""
    folder: Path = tmp_path_factory.mktemp("exchange")

    async def call(hotline: Exchange, script: Callable[[Telephone], Awaitable[None]]) -> Telephone:
        phone = Telephone(hotline, script.__name__)
        async with phone:
            await script(phone)
            async with asyncio.timeout(15):
                await phone.closed.wait()
        return phone

    async def ring_all(hotline: Exchange) -> list[Telephone]:
        phones = await asyncio.gather(*(call(hotline, script) for script in CALLERS))
        while hotline.app.hotline.live_calls:
            await asyncio.sleep(0.05)
        return phones

    with exchange(folder) as hotline:
        phones = asyncio.run(asyncio.wait_for(ring_all(hotline), 60))
    done = {}
    for phone in phones:
        bodies = hotline.bodies(phone.number)
        done[phone.number] = Outcome(phone, bodies, hotline.recording(phone.number) if bodies else None)
    return done


def test_a_caller_who_is_gone_when_we_hang_up_leaves_a_whole_call(outcomes: dict[str, Outcome]) -> None:
    call = outcomes["hasty"]
    assert call.end.ended_by == "caller" and call.of(SummaryReady)


def test_a_caller_is_greeted_and_answered_by_voice(outcomes: dict[str, Outcome]) -> None:
    call = outcomes["polite"]
    assert [reply.phrase or reply.text for reply in call.of(LlmReply)] == [
        "greeting",
        "好的，我来帮您看一下，麻烦您报一下订单号。",
    ]
    assert all(ended.complete for ended in call.of(TtsEnded))
    words = [reply.text for reply in call.of(LlmReply)]
    spoken = [DummySynthesizer().synthesize(text, language="zh", speed=2.0).duration_ms for text in words]
    assert call.phone.heard_s == pytest.approx(sum(spoken) / 1000, abs=0.1), "every sample of greeting and answer"
    assert (call.end.ended_by, call.end.reason) == ("caller", "hung up")
    assert call.phone.close_code == 1000
    assert call.of(SummaryReady)


def test_the_callers_beside_the_bad_ones_are_not_disturbed(outcomes: dict[str, Outcome]) -> None:
    call = outcomes["polite"]
    assert call.errors == []
    (said,) = call.of(AsrFinal)
    assert 1000 <= said.end_ms - said.start_ms <= 1500, "one turn, as it was spoken"


@pytest.mark.parametrize("number", range(len(BAD)), ids=[str(message)[:30] for message, _ in BAD])
def test_each_bad_message_is_reported_with_what_was_wrong(outcomes: dict[str, Outcome], number: int) -> None:
    errors = outcomes["rude"].of(ErrorRaised)
    assert len(errors) == len(BAD)
    assert BAD[number][1] in errors[number].message
    assert (errors[number].stage, errors[number].code) == ("ingress", "protocol_error")


def test_a_caller_whose_carrier_sends_bad_messages_is_answered_all_the_same(outcomes: dict[str, Outcome]) -> None:
    call = outcomes["rude"]
    assert [reply.phrase or reply.text for reply in call.of(LlmReply)] == [
        "greeting",
        "好的，我来帮您看一下，麻烦您报一下订单号。",
    ]
    assert call.end.ended_by == "caller" and call.of(SummaryReady)


def test_audio_out_of_order_and_twice_is_recorded_once_and_in_order(outcomes: dict[str, Outcome]) -> None:
    call = outcomes["shuffled"]
    assert call.errors == []
    caller = call.recording[:, 0]
    ticks = caller[: len(caller) // 160 * 160].reshape(-1, 160)
    levels = [int(tick[0]) for tick in ticks if tick.any()]
    assert len(levels) == 40
    assert levels == sorted(levels)


def test_who_speaks_over_the_bot_silences_what_was_already_sent(outcomes: dict[str, Outcome]) -> None:
    call = outcomes["interrupting"]
    assert call.of(BargeIn)[0].turn == 0
    assert not call.of(TtsEnded)[0].complete
    assert [key.digit for key in call.of(Dtmf)] == ["7"]


def test_a_socket_that_dies_in_mid_word_is_reported_and_its_recording_kept(outcomes: dict[str, Outcome]) -> None:
    call = outcomes["dying"]
    (error,) = call.errors
    assert error.startswith("the media socket was closed (code 100") and "a stop message is right" in error
    assert call.end.ended_by == "caller"
    assert call.of(SummaryReady)
    caller = call.recording[:, 0]
    assert len(caller) / 8000 == pytest.approx(call.end.duration_ms / 1000, abs=0.1)
    assert np.count_nonzero(np.abs(caller.astype(int)) > 400) / 8000 > 0.3, "what was said until then"


def test_a_socket_that_falls_silent_is_hung_up(outcomes: dict[str, Outcome]) -> None:
    call = outcomes["speechless"]
    assert call.errors == ["the media socket sent nothing for 1.2 s"]
    assert call.end.ended_by == "error"
    assert call.phone.close_code == 1000
    assert len(call.recording) / 8000 == pytest.approx(call.end.duration_ms / 1000, abs=0.1)


def test_a_peer_that_sends_nothing_but_nonsense_is_hung_up(outcomes: dict[str, Outcome]) -> None:
    call = outcomes["hostile"]
    assert len(call.errors) == 20
    assert (call.end.ended_by, call.end.reason) == ("error", "more than 20 bad messages")


@pytest.mark.parametrize("name", ["never_started", "early_media", "no_json_first", "binary_first"])
def test_what_does_not_begin_as_a_call_is_refused(outcomes: dict[str, Outcome], name: str) -> None:
    assert outcomes[name].phone.close_code == 1002
    assert outcomes[name].bodies == [], "no call, so no recording and no row"


@pytest.fixture
def one_line(tmp_path: Path) -> Iterator[Exchange]:
    with exchange(tmp_path, max_calls=1) as hotline:
        yield hotline


@pytest.fixture
async def talking(one_line: Exchange) -> AsyncIterator[Telephone]:
    async with Telephone(one_line, "first") as phone:
        await phone.ring()
        phone.talk()
        await phone.wait_for(lambda: phone.heard)
        yield phone


async def test_one_caller_too_many_hears_that_the_lines_are_busy(one_line: Exchange, talking: Telephone) -> None:
    async with Telephone(one_line, "second") as phone:
        await phone.ring()
        phone.talk()
        await asyncio.wait_for(phone.closed.wait(), 15)
    busy = one_line.bodies("second")
    (error,) = [body for body in busy if isinstance(body, ErrorRaised)]
    assert (error.code, error.spoken) == ("lines_busy", "lines_busy")
    (said,) = [body for body in busy if isinstance(body, LlmReply)]
    (spoken,) = [body for body in busy if isinstance(body, TtsEnded)]
    assert spoken.complete and spoken.heard == said.text
    whole = one_line.app.engines.synthesizer.synthesize(said.text, language="zh", speed=one_line.app.settings.tts.speed)
    assert phone.heard_s == pytest.approx(whole.duration_ms / 1000, abs=0.02), "to the last word"
    assert phone.close_code == 1000
    assert not [body for body in one_line.bodies("first") if isinstance(body, ErrorRaised | CallEnded)]
    assert one_line.app.hotline.live_calls == 1, "the first is still on the line"


async def test_one_caller_too_many_is_called_back_if_they_like(one_line: Exchange, talking: Telephone) -> None:
    async with Telephone(one_line, "13800000002") as phone:
        await phone.ring()
        phone.talk()
        await phone.wait_for(lambda: phone.heard)
        await phone.send({"event": "dtmf", "dtmf": {"digit": "1"}})
        await asyncio.wait_for(phone.closed.wait(), 15)
    busy = one_line.bodies("13800000002")
    assert [reply.phrase for reply in busy if isinstance(reply, LlmReply)] == ["lines_busy_offer", "callback_noted"]
    assert "clear" in phone.events, "what was said before the key is not heard out"
    one_line.app.writer.drain()
    (task,) = one_line.app.store.tasks("open")
    assert task.kind == "callback" and "线路全忙" in task.task and task.due is not None
    assert one_line.app.hotline.live_calls == 1, "the first is still on the line"
