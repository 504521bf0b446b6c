"""Which keys a prompt tells the caller to press: 报修请按1，查订单按2或3，返回请按星号键; press 1, press star."""

import re
from collections.abc import Mapping

_ZH = {"零": "0", "一": "1", "幺": "1", "二": "2", "三": "3", "四": "4", "五": "5", "六": "6", "七": "7", "八": "8",
       "九": "9", "星号": "*", "星": "*", "井号": "#", "井": "#"}  # fmt: skip
_EN = {"zero": "0", "one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "six": "6", "seven": "7",
       "eight": "8", "nine": "9", "star": "*", "asterisk": "*", "hash": "#", "pound": "#"}  # fmt: skip
_KEY_ZH = r"(?:[0-9*#]|星号|井号|[零一幺二三四五六七八九星井])"
_KEY_EN = rf"(?:[0-9*#]|{'|'.join(_EN)})(?![a-z0-9])"
_PRESS_ZH = re.compile(rf"(?:按下?|拨)(?:数字|一?下)?键?\s*({_KEY_ZH}(?:键?\s*(?:、|或者?|和)\s*{_KEY_ZH})*)(?!次)")
_PRESS_EN = re.compile(
    rf"\b(?:press|dial)\s+(?:the\s+)?(?:key\s+)?({_KEY_EN}(?:(?:\s*,\s*|\s+)(?:or\s+)?{_KEY_EN})*)", re.IGNORECASE
)


def keys_named(sentence: str) -> tuple[str, ...]:
    """In either language; "For English, press 9" stands in a Chinese prompt."""
    return (*_named(sentence, _PRESS_ZH, _KEY_ZH, _ZH), *_named(sentence, _PRESS_EN, _KEY_EN, _EN))


def _named(sentence: str, pattern: re.Pattern[str], key: str, words: Mapping[str, str]) -> list[str]:
    named = [one for match in pattern.finditer(sentence) for one in re.findall(key, match[1], re.IGNORECASE)]
    return [words.get(one.lower(), one) for one in named]
