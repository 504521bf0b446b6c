"""Numbers of a Mandarin transcript as one writes them: 299块, 12315, 20%. What reads better in words stays: 三点.

WeTextProcessing's compiled grammar (``wetext``) does the numbers. It splits long ones (``65387 249``), writes dates
with slashes and takes 十分感谢 for a number; these are mended here.
"""

import re
from functools import cache

from wetext import Normalizer

_NUMERAL = r"[零〇一二三四五六七八九十百千万亿幺两]"
_WORDS_NOT_NUMBERS = re.compile(
    rf"(?<!{_NUMERAL})(?<![点差过]|第)十分(?![钟之])|{_NUMERAL}?[十百千]几|几[十百千万]+|三三两两|七七八八|[一万](?=一)一"
)
_SPLIT_NUMBER = re.compile(r"(?<=\d) (?=\d)")
_DATE = re.compile(r"(?<!\d)(\d{2}|\d{4})/(\d{1,2})(?:/(\d{1,2}))?(?!\d)")


def written_form(text: str) -> str:
    """The transcript with its numbers in figures; any text without Chinese numerals as it is. Thread-safe."""
    if re.search(_NUMERAL, text) is None:
        return text
    pieces, at = [], 0
    for kept in _WORDS_NOT_NUMBERS.finditer(text):
        pieces += [_figures(text[at : kept.start()]), kept[0]]
        at = kept.end()
    return "".join([*pieces, _figures(text[at:])])


def _figures(text: str) -> str:
    if re.search(_NUMERAL, text) is None:
        return text
    # The grammar strips what stands around a text, which is between two words here.
    ahead, behind = text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]
    figures: str = _grammar().normalize(text.strip())
    if not re.search(r"\d \d", text):
        figures = _SPLIT_NUMBER.sub("", figures)
    if "/" not in text:
        figures = _DATE.sub(lambda date: f"{date[1]}年{date[2]}月" + (f"{date[3]}日" if date[3] else ""), figures)
    if "°" not in text:
        figures = figures.replace("°C", "摄氏度").replace("°", "度")
    return ahead + figures + behind


@cache
def _grammar() -> Normalizer:
    return Normalizer(lang="zh", operator="itn", enable_0_to_9=False)
