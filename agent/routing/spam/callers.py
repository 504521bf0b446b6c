"""What a caller's number says about itself: the same number however it is written, and whether it can be one at all."""

import re
from typing import Literal

import phonenumbers

from agent.routing.numbers import WITHHELD

NumberKind = Literal["plain", "withheld", "malformed", "spoofed", "callee_only"]

_HOME = "CN"
_HOME_CODE = 86
_NOBODY = frozenset({"", "anonymous", "unknown", "restricted", "private", "unavailable", "withheld"})
_EMERGENCY = frozenset({"110", "119", "120", "122"})
_SIP = re.compile(r"^(?:sips?|tel):", re.IGNORECASE)


def plain(number: str) -> str:
    """The number as lists are searched by it: ``+8657188990011`` for 0571-8899 0011 and +86 571 8899 0011 alike.

    Digits where it is no possible number; empty where there are none.
    """
    user = _SIP.sub("", number.strip()).split("@")[0].strip()
    digits = _digits(user)
    try:
        parsed = phonenumbers.parse("+" + digits if user.startswith("+") else digits, _HOME)
    except phonenumbers.NumberParseException:
        return digits
    if not phonenumbers.is_possible_number(parsed):
        return digits
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def national(number: str) -> str:
    """The number as people in the country write it: 0571 8899 0011, 138 0000 1234; as it is where it is none."""
    try:
        parsed = phonenumbers.parse(plain(number), _HOME)
    except phonenumbers.NumberParseException:
        return number
    form = phonenumbers.PhoneNumberFormat
    at_home = parsed.country_code == _HOME_CODE
    return phonenumbers.format_number(parsed, form.NATIONAL if at_home else form.INTERNATIONAL)


def kind_of(number: str) -> NumberKind:
    """What sort of number a carrier sent.

    spoofed: nobody has such a number (a mobile that begins with 10, 11 or 12; an emergency service that rings up).
    callee_only: 400 and 800 numbers, which can be called and cannot call. malformed: none, but perhaps by a mistake of
    a switchboard.
    """
    user = _SIP.sub("", number.strip()).split("@")[0]
    digits = _digits(user)
    if user.lower() in _NOBODY or digits in WITHHELD or (digits and set(digits) == {"0"}):
        return "withheld"
    national = re.sub(r"^(?:\+|00)86", "", re.sub(r"[\s()-]", "", user))
    if digits.lstrip("0") in _EMERGENCY or re.fullmatch(r"0?1[0-2]\d{9}", national):
        return "spoofed"
    if re.fullmatch(r"[48]00\d{7,8}", national):
        return "callee_only"
    try:
        possible = phonenumbers.is_possible_number(phonenumbers.parse(user, _HOME))
    except phonenumbers.NumberParseException:
        possible = False
    return "plain" if possible and len(digits) >= 5 else "malformed"


def _digits(text: str) -> str:
    return "".join(character for character in text if character in "0123456789")
