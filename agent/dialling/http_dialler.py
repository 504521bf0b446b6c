"""Rings telephones through a REST API as Twilio has it, and those who are compatible with it.

``POST {base_url}/Accounts/{account}/Calls.json`` begins a call: what it is to do when it is answered goes along as
TwiML, and the provider tells us by HTTP what becomes of it. ``Status=completed`` ends one.
"""

from typing import Any
from urllib.parse import urlsplit, urlunsplit
from xml.sax.saxutils import quoteattr

import httpx

from agent.dialling.numbers import dialled
from agent.dialling.port import DiallingError, Order
from agent.dialling_settings import DiallingSettings

LEG_TOKEN = "leg_token"
"""The parameter of a media stream that says which order it belongs to."""
STREAM_PATH = "/ws/media-stream"
STATUS_PATH = "/api/dialling/status"
TOLD = ("initiated", "ringing", "answered", "completed")
"""What we want to be told of a call; that nobody answered, or was busy, is a way of being completed."""
_QUOTED = 200


class HttpDialler:
    """A `agent.dialling.port.Dialler`.

    Args:
        settings: with a ``base_url``.
        transport: for tests that have no server.
    """

    def __init__(self, settings: DiallingSettings, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self._settings = settings
        self._calls = f"{settings.base_url.rstrip('/')}/Accounts/{settings.account}/Calls"
        self._client = httpx.AsyncClient(
            auth=(settings.account, settings.secret.get_secret_value()), timeout=settings.timeout_s, transport=transport
        )

    async def ring(self, order: Order) -> str:
        settings = self._settings
        form = {
            "To": dialled(order.number, settings.number_form),
            "From": dialled(settings.caller_number, settings.number_form),
            "Twiml": twiml(stream_url(settings.public_url), order.leg_token),
            "Timeout": str(order.ring_s),
            "StatusCallback": f"{status_url(settings.public_url)}/{order.status_key}",
            "StatusCallbackEvent": list(TOLD),
            "StatusCallbackMethod": "POST",
        }
        answer = await self._post(f"{self._calls}.json", form)
        sid = answer.get("sid")
        if not isinstance(sid, str) or not sid:
            raise DiallingError(f"the provider named no call: {str(answer)[:_QUOTED]}; a field sid is right")
        return sid

    async def hang_up(self, call: str) -> None:
        await self._post(f"{self._calls}/{call}.json", {"Status": "completed"}, may_be_gone=True)

    async def close(self) -> None:
        await self._client.aclose()

    async def _post(self, url: str, form: dict[str, Any], *, may_be_gone: bool = False) -> dict[str, Any]:
        try:
            response = await self._client.post(url, data=form)
        except httpx.HTTPError as error:
            raise DiallingError(f"{url} cannot be reached: {error or type(error).__name__}") from error
        if may_be_gone and response.status_code == httpx.codes.NOT_FOUND:
            return {}
        if not response.is_success:
            hint = {401: "; check dialling.account and HOTLINE_DIALLING__SECRET", 404: "; check dialling.base_url"}
            raise DiallingError(
                f"{url} answered {response.status_code}: {response.text[:_QUOTED]}{hint.get(response.status_code, '')}",
                retryable=response.status_code >= 500 or response.status_code == httpx.codes.TOO_MANY_REQUESTS,
            )
        try:
            read = response.json()
        except ValueError as error:
            raise DiallingError(f"{url} answered no JSON: {response.text[:_QUOTED]}") from error
        return read if isinstance(read, dict) else {}


def twiml(url: str, leg_token: str) -> str:
    """What an answered call is to do: both directions of its sound to us."""
    parameter = f"<Parameter name={quoteattr(LEG_TOKEN)} value={quoteattr(leg_token)}/>"
    return f"<Response><Connect><Stream url={quoteattr(url)}>{parameter}</Stream></Connect></Response>"


def stream_url(public_url: str) -> str:
    """Where the sound comes, from the address under which the provider reaches us."""
    return _under(public_url, {"http": "ws", "https": "wss"}, STREAM_PATH)


def status_url(public_url: str) -> str:
    """Where the provider tells what becomes of a call, a key behind it."""
    return _under(public_url, {"ws": "http", "wss": "https"}, STATUS_PATH)


def _under(public_url: str, schemes: dict[str, str], path: str) -> str:
    parts = urlsplit(public_url)
    scheme = schemes.get(parts.scheme, parts.scheme)
    return urlunsplit((scheme, parts.netloc, parts.path.rstrip("/") + path, "", ""))
