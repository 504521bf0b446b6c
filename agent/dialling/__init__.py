"""Telephones outside: they are rung through a telephony provider, and their sound comes back as a media stream.

`Trunk` is what the rest of the house uses; `port.Dialler` is what a provider must be able to do.
"""

from agent.dialling.http_dialler import LEG_TOKEN, HttpDialler
from agent.dialling.numbers import NumberError, dialled, plain_number
from agent.dialling.outside_line import OutsideLine
from agent.dialling.port import Dialler, DiallingError, NotReached, Order, Outcome
from agent.dialling.tokens import LegTokens, TokenRefused
from agent.dialling.trunk import TOKEN_REFUSED, Ringing, Trunk, open_trunk, refuse

__all__ = [
    "LEG_TOKEN",
    "TOKEN_REFUSED",
    "Dialler",
    "DiallingError",
    "HttpDialler",
    "LegTokens",
    "NotReached",
    "NumberError",
    "Order",
    "Outcome",
    "OutsideLine",
    "Ringing",
    "TokenRefused",
    "Trunk",
    "dialled",
    "open_trunk",
    "plain_number",
    "refuse",
]
