"""Media Streams: every message is either understood or refused with a sentence, and audio is put back in order."""

import base64
import json
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.errors import ProtocolError
from agent.ingress import twilio
from agent.ingress.twilio import ChunkOrder, Media


def media(chunk: int | None, payload: str = "") -> Media:
    body = {"payload": payload} if chunk is None else {"payload": payload, "chunk": chunk}
    message = twilio.parse(json.dumps({"event": "media", "media": body}))
    assert isinstance(message, Media)
    return message


def chunks(messages: list[Media]) -> list[int | None]:
    return [message.media.chunk for message in messages]


def test_a_call_in_twilios_own_words() -> None:
    start = twilio.parse(
        json.dumps(
            {
                "event": "start", "sequenceNumber": "1", "streamSid": "MZ1",
                "start": {
                    "accountSid": "AC1", "streamSid": "MZ1", "callSid": "CA1", "tracks": ["inbound"],
                    "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1},
                    "customParameters": {"caller": "13812345678", "called": "4008001234"},
                },
            }
        )
    )  # fmt: skip
    assert isinstance(start, twilio.Start)
    assert (start.stream_sid, start.start.custom_parameters["caller"]) == ("MZ1", "13812345678")
    heard = twilio.parse('{"event":"media","media":{"track":"inbound","chunk":"2","timestamp":"5","payload":"/w=="}}')
    assert isinstance(heard, Media) and heard.media.chunk == 2
    assert twilio.decode_audio(heard) == b"\0\0"
    key = twilio.parse('{"event":"dtmf","streamSid":"MZ1","dtmf":{"track":"inbound_track","digit":"#"}}')
    assert isinstance(key, twilio.Dtmf) and key.dtmf.digit == "#"
    assert isinstance(twilio.parse('{"event":"stop","stop":{}}'), twilio.Stop)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("hello", "not JSON: 'hello'"),
        ("", "not JSON: ''"),
        ("[" * 100_000, "not JSON"),
        ('{"event": "media", "n": ' + "9" * 5000 + "}", "not JSON"),
        ("[]", "no known event in '[]'; one of connected, start, media"),
        ('{"event": "selfie"}', "no known event"),
        ('{"event": ["start"]}', "no known event"),
        ('{"event": "start"}', "bad start message: streamSid: Field required"),
        ('{"event": "start", "streamSid": "", "start": {"callSid": "C"}}', "bad start message"),
        ('{"event": "media"}', "bad media message: media: Field required"),
        ('{"event": "media", "media": {"payload": 5}}', "bad media message: media.payload"),
        ('{"event": "media", "media": {"payload": "", "chunk": -1}}', "bad media message: media.chunk"),
        ('{"event": "dtmf", "dtmf": {"digit": "12"}}', "bad dtmf message: dtmf.digit"),
    ],
)
def test_a_bad_message_is_refused_with_what_came_and_what_is_right(text: str, says: str) -> None:
    with pytest.raises(ProtocolError) as raised:
        twilio.parse(text)
    assert says in str(raised.value)
    assert len(str(raised.value)) < 400


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
NEARLY_RIGHT = st.fixed_dictionaries(
    {"event": st.sampled_from(twilio.EVENTS) | JSON},
    optional={
        "streamSid": JSON,
        "start": JSON | st.fixed_dictionaries({}, optional={"callSid": JSON, "customParameters": JSON}),
        "media": JSON | st.fixed_dictionaries({"payload": JSON}, optional={"chunk": JSON, "track": JSON}),
        "dtmf": JSON | st.fixed_dictionaries({"digit": JSON}),
    },
)


@given(text=st.text() | JSON.map(json.dumps) | NEARLY_RIGHT.map(json.dumps))
def test_no_text_raises_anything_but_a_protocol_error(text: str) -> None:
    try:
        message = twilio.parse(text)
        if isinstance(message, Media):
            twilio.decode_audio(message)
    except ProtocolError as error:
        assert str(error)


@given(payload=st.text(max_size=30))
def test_any_payload_is_audio_or_refused(payload: str) -> None:
    try:
        pcm = twilio.decode_audio(media(None, payload))
    except ProtocolError as error:
        assert "base64" in str(error)
    else:
        assert len(pcm) == 2 * len(base64.b64decode(payload, validate=True))


def test_a_payload_of_chinese_characters_is_no_base64() -> None:
    with pytest.raises(ProtocolError, match="media payload is not base64: '您好'"):
        twilio.decode_audio(media(None, "您好"))


def test_the_bots_audio_survives_the_way_to_the_telephone() -> None:
    pcm = (8000 * np.sin(np.arange(160) / 5)).astype("<i2")
    sent = json.loads(twilio.media("MZ1", pcm.tobytes()))
    assert (sent["event"], sent["streamSid"]) == ("media", "MZ1")
    heard = np.frombuffer(twilio.decode_audio(media(1, sent["media"]["payload"])), "<i2").astype(int)
    assert abs(heard - pcm).max() < 300, "more than the error of 8-bit μ-law"
    assert json.loads(twilio.clear("MZ1")) == {"event": "clear", "streamSid": "MZ1"}


@pytest.mark.parametrize("order", list(permutations([2, 3, 4])))
def test_audio_that_comes_out_of_order_is_put_back(order: tuple[int, ...]) -> None:
    buffer = ChunkOrder()
    out = buffer.push(media(1))
    for chunk in order:
        out += buffer.push(media(chunk))
    assert chunks(out) == [1, 2, 3, 4]
    assert buffer.dropped == 0


def test_audio_that_comes_twice_is_heard_once() -> None:
    buffer = ChunkOrder()
    out = [message for chunk in (1, 2, 2, 4, 4, 1, 3) for message in buffer.push(media(chunk))]
    assert chunks(out) == [1, 2, 3, 4]
    assert buffer.dropped == 3


def test_audio_that_never_comes_does_not_hold_up_the_rest() -> None:
    buffer = ChunkOrder(window=3)
    out = [message for chunk in (1, 3, 4, 5, 6, 7) for message in buffer.push(media(chunk))]
    assert chunks(out) == [1, 3, 4, 5, 6, 7]
    assert buffer.push(media(2)) == [], "its place was given up"


def test_audio_without_numbers_passes_as_it_comes() -> None:
    buffer = ChunkOrder()
    assert chunks(buffer.push(media(None)) + buffer.push(media(None))) == [None, None]


@given(sent=st.lists(st.integers(0, 40), max_size=80), window=st.integers(0, 12))
def test_in_whatever_order_audio_comes_it_goes_out_once_and_rising(sent: list[int], window: int) -> None:
    buffer = ChunkOrder(window)
    out: list[int] = []
    for chunk in sent:
        out += [number for number in chunks(buffer.push(media(chunk))) if number is not None]
    assert out == sorted(set(out))
    waiting = set(sent) - set(out)
    assert len(out) + buffer.dropped + len(buffer._waiting) == len(sent)
    assert len(buffer._waiting) <= window + 1 and set(buffer._waiting) <= waiting


@given(shuffled=st.permutations(range(2, 9)))
def test_any_disorder_within_the_window_is_mended_whole(shuffled: list[int]) -> None:
    buffer = ChunkOrder(window=10)
    out = chunks(buffer.push(media(1)))
    for chunk in shuffled:
        out += chunks(buffer.push(media(chunk)))
    assert out == list(range(1, 9))
