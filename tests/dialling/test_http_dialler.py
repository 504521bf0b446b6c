"""Ringing through a provider's REST API: what is asked of it, and what is said where it does not do it."""

import xml.etree.ElementTree as ET

import pytest

from agent.config import load_settings
from agent.dialling import DiallingError, HttpDialler, NumberError, Order, dialled
from agent.dialling.http_dialler import status_url, stream_url, twiml
from agent.dialling_settings import DiallingSettings
from agent.errors import ConfigError
from tests.dialling.provider import ACCOUNT, SECRET, Provider, provider

ORDER = Order("13800138000", "leg<&>\"'", "key", 25)


def settings(base_url: str, **more: object) -> DiallingSettings:
    given = {
        "base_url": base_url,
        "account": ACCOUNT,
        "secret": SECRET,
        "public_url": "wss://hotline.example.cn",
        "caller_number": "400-800-1234",
        **more,
    }
    return DiallingSettings.model_validate(given)


async def ring(by: Provider, **more: object) -> str:
    dialler = HttpDialler(settings(by.base_url, **more))
    try:
        return await dialler.ring(ORDER)
    finally:
        await dialler.close()


async def test_a_telephone_is_rung_as_the_provider_wants_it() -> None:
    with provider() as by:
        assert await ring(by) == "CA0"
        (ordered,) = by.ordered
    form = ordered.form
    assert (form["To"], form["From"], form["Timeout"]) == (["+8613800138000"], ["+864008001234"], ["25"])
    assert form["StatusCallback"] == ["https://hotline.example.cn/api/dialling/status/key"]
    assert set(form["StatusCallbackEvent"]) >= {"answered", "completed"}
    assert ordered.stream() == ("wss://hotline.example.cn/ws/media-stream", {"leg_token": ORDER.leg_token})


async def test_a_call_is_ended_and_one_that_is_over_is_no_mistake() -> None:
    with provider() as by:
        dialler = HttpDialler(settings(by.base_url))
        await dialler.hang_up(await dialler.ring(ORDER))
        assert by.ordered[0].ended
        await dialler.hang_up("CA99")
        await dialler.close()


async def test_what_the_provider_refuses_is_told_in_its_words() -> None:
    with provider() as by:
        with pytest.raises(DiallingError, match=r"401.*HOTLINE_DIALLING__SECRET"):
            await ring(by, secret="wrong")
        by.refuses = 400
        with pytest.raises(DiallingError, match="The number is not valid") as refused:
            await ring(by)
        assert not refused.value.retryable
        by.refuses = 503
        with pytest.raises(DiallingError) as refused:
            await ring(by)
        assert refused.value.retryable
    with pytest.raises(DiallingError, match="cannot be reached"):
        await ring(by)


def test_the_stream_has_its_token_whatever_is_in_it() -> None:
    stream = ET.fromstring(twiml("wss://a/b?c=1&d=2", ORDER.leg_token)).find("Connect/Stream")
    assert stream is not None and stream.attrib["url"] == "wss://a/b?c=1&d=2"
    assert stream.find("Parameter").attrib == {"name": "leg_token", "value": ORDER.leg_token}  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("public", "stream", "status"),
    [
        ("wss://h.cn", "wss://h.cn/ws/media-stream", "https://h.cn/api/dialling/status"),
        ("https://h.cn/", "wss://h.cn/ws/media-stream", "https://h.cn/api/dialling/status"),
        ("ws://h:1/under", "ws://h:1/under/ws/media-stream", "http://h:1/under/api/dialling/status"),
    ],
)
def test_where_the_provider_reaches_us(public: str, stream: str, status: str) -> None:
    assert (stream_url(public), status_url(public)) == (stream, status)


@pytest.mark.parametrize(
    ("text", "e164", "national"),
    [
        ("138 0013 8000", "+8613800138000", "13800138000"),
        ("010-88881234", "+861088881234", "01088881234"),
        ("4008001234", "+864008001234", "4008001234"),
        ("+49 30 901820", "+4930901820", "004930901820"),
    ],
)
def test_a_number_is_written_as_it_is_dialled(text: str, e164: str, national: str) -> None:
    assert (dialled(text, "e164"), dialled(text, "national")) == (e164, national)


@pytest.mark.parametrize("text", ["", "12", "anonymous", "138001380001", "seat:s01", "８00x"])
def test_what_is_no_number_is_not_dialled(text: str) -> None:
    with pytest.raises(NumberError, match="13800138000"):
        dialled(text, "e164")


def test_half_a_dialler_is_a_mistake_and_the_secret_is_not_shown() -> None:
    half = {"HOTLINE_DIALLING__BASE_URL": "https://api.example.cn", "HOTLINE_DIALLING__SECRET": "geheim"}
    with pytest.raises(ConfigError, match="account, public_url, caller_number is not") as wrong:
        load_settings(environ=half)
    assert "geheim" not in str(wrong.value)
    assert "geheim" not in repr(settings("https://api.example.cn", secret="geheim"))
    assert not load_settings(environ={}).dialling.is_on
