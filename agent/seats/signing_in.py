"""From where a person may sign in, and when without a token. Pure."""

from dataclasses import dataclass
from ipaddress import ip_address
from typing import Literal
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Asker:
    """Where a sign-in comes from.

    client: address of the other end of the socket. host: the ``Host`` header. origin: the ``Origin`` header; None where
    no browser asks. proxied: whether a header says that somebody passed it on (``X-Forwarded-For``, ``Forwarded``).
    """

    client: str
    host: str
    origin: str | None
    proxied: bool = False


Refusal = Literal["insecure_origin", "token_missing"]


def refusal(asker: Asker, *, has_token: bool, open_on_loopback: bool) -> Refusal | None:
    """Why this sign-in is not even looked at; None where it is. A token must not travel in the clear, and microphones
    only work on pages that came by https or from this machine, so other pages are refused.
    """
    here = is_on_this_machine(asker)
    secure = here or (asker.origin is not None and urlsplit(asker.origin).scheme == "https")
    if not secure:
        return "insecure_origin"
    return None if has_token or (open_on_loopback and here) else "token_missing"


def is_on_this_machine(asker: Asker) -> bool:
    """Whether page and browser are on this very machine.

    The socket's address alone would let in whomever a proxy on this machine passes on; the host alone is what the
    browser says.
    """
    named = urlsplit(asker.origin).hostname if asker.origin is not None else _host(asker.host)
    return not asker.proxied and _is_loopback(asker.client) and _is_loopback(named) and _is_loopback(_host(asker.host))


def _host(host: str) -> str | None:
    try:
        return urlsplit(f"//{host}").hostname
    except ValueError:
        return None


def _is_loopback(name: str | None) -> bool:
    if name == "localhost":
        return True
    try:
        return name is not None and ip_address(name).is_loopback
    except ValueError:
        return False
