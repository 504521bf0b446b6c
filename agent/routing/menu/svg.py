"""A menu as a picture: a card for every node, a row for every choice, a line to where it leads. Needs no graphviz.

Widths are estimated from the characters (a Chinese one is as wide as it is high), as the reader's font is not known.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from unicodedata import east_asian_width
from xml.sax.saxutils import escape, quoteattr

from agent.routing.menu.config import Choice, leads_out
from agent.routing.menu.menu import Place
from agent.routing.menu.wording import Wording, children

_FONT = "'Noto Sans CJK SC','Noto Sans SC','PingFang SC','Microsoft YaHei','WenQuanYi Micro Hei',sans-serif"
_COLOURS = {
    "bot": ("#e7f0ff", "#1d4ed8"),
    "flow": ("#e3f6ec", "#0f7a43"),
    "queue": ("#fff0dc", "#a85a00"),
    "callback": ("#f2eafd", "#6b35b8"),
    "number": ("#eceff3", "#3f4b5c"),
    "node": ("#eef1f5", "#52607a"),
}
_INK, _FAINT, _LINE = "#1b2433", "#64748b", "#aab6c8"
_MARGIN, _GAP_X, _GAP_Y = 28, 64, 22
_HEAD, _ROW, _ROW_SPOKEN, _FOOT, _PAD = 42, 34, 50, 24, 14
_TITLE_HEIGHT = 76


@dataclass(frozen=True)
class _Card:
    place: Place
    x: float
    y: float
    width: float
    height: float


def menu_svg(words: Wording) -> str:
    """The picture, as the text of an SVG file."""
    cards = {card.place.name: card for card in _cards(words)}
    notes = f"{words.anywhere()} · {words.understood()}"
    width = max(_MARGIN * 2 + _width(notes, 13), *(card.x + card.width + _MARGIN for card in cards.values()))
    height = max(card.y + card.height for card in cards.values()) + _MARGIN
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height:.0f}" '
        f'viewBox="0 0 {width:.0f} {height:.0f}" font-family={quoteattr(_FONT)} role="img">',
        f"<title>{escape(words.title())}</title>",
        f'<rect width="{width:.0f}" height="{height:.0f}" fill="#f6f8fb"/>',
        _text(_MARGIN, 40, words.title(), 20, _INK, weight=600),
        _text(_MARGIN, 62, notes, 13, _FAINT),
    ]
    for card in cards.values():
        parts += _card(words, card)
    for card in cards.values():
        parts += _lines(words, cards, card)
    return "\n".join([*parts, "</svg>", ""])


def _cards(words: Wording) -> Iterator[_Card]:
    """Each level is a column as wide as its widest card; a node stands beside the middle of what it leads to."""
    menu = words.menu
    widths = [0.0] * max(place.level for place in menu.places.values())
    for place in menu.places.values():
        widths[place.level - 1] = max(widths[place.level - 1], _card_width(words, place))
    starts = [_MARGIN + sum(widths[:level]) + level * _GAP_X for level in range(len(widths))]

    def put(place: Place, top: float) -> Iterator[_Card]:
        below, y = list(children(menu, place)), top
        span, height = _span(words, place), _card_height(words, place)
        column = place.level - 1
        yield _Card(place, starts[column], top + (span - height) / 2, widths[column], height)
        y += (span - _spans(words, place)) / 2
        for child in below:
            yield from put(child, y)
            y += _span(words, child) + _GAP_Y

    yield from put(menu.places[menu.top], _TITLE_HEIGHT + 8)


def _span(words: Wording, place: Place) -> float:
    return max(_card_height(words, place), _spans(words, place))


def _spans(words: Wording, place: Place) -> float:
    """Of all that stand below a node, with the gaps between."""
    spans = [_span(words, child) for child in children(words.menu, place)]
    return sum(spans) + _GAP_Y * max(0, len(spans) - 1)


def _card_height(words: Wording, place: Place) -> float:
    rows = sum(_row_height(words, choice) for choice in place.choices)
    return _HEAD + rows + _FOOT * len(_foot(words, place)) + 10


def _card_width(words: Wording, place: Place) -> float:
    rows = [
        _PAD * 2 + 26 * max(1, len(choice.keys)) + 8
        + max(_width(_label(words, choice), 15) + 22 + _width(_pill(words, choice), 13) + 20,
              _width(words.speech(choice), 12))
        for choice in place.choices
    ]  # fmt: skip
    head = _width(words.name(place), 16) + _width(words.head(place), 12) + 3 * _PAD
    feet = [_width(what, 12) + _width(words.target(target), 12) + 60 for what, target in _foot(words, place)]
    return max(240, head, *rows, *feet)


def _row_height(words: Wording, choice: Choice) -> int:
    return _ROW_SPOKEN if words.speech(choice) else _ROW


def _foot(words: Wording, place: Place) -> tuple[tuple[str, str], ...]:
    return (
        (words.on_silence(place), place.after_silence),
        (words.on_failures(place), place.after_failures),
    )


def _label(words: Wording, choice: Choice) -> str:
    return choice.label.of(words.language)


def _pill(words: Wording, choice: Choice) -> str:
    return words.switch(choice) or words.target(choice.target)


def _card(words: Wording, card: _Card) -> Iterator[str]:
    place, x, y, width = card.place, card.x, card.y, card.width
    yield (
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{card.height:.1f}" rx="10" fill="#fff" '
        f'stroke="#d5dce7"/>'
    )
    yield _text(x + _PAD, y + 27, words.name(place), 16, _INK, weight=600)
    yield _text(x + width - _PAD, y + 27, words.head(place), 12, _FAINT, anchor="end")
    yield f'<path d="M{x:.1f} {y + _HEAD - 4:.1f}h{width:.1f}" stroke="#e6ebf2"/>'
    at = y + _HEAD
    for choice in place.choices:
        yield from _row(words, card, choice, at)
        at += _row_height(words, choice)
    for what, target in _foot(words, place):
        yield _text(x + _PAD, at + 16, f"{what} → {words.target(target)}", 12, _FAINT)
        at += _FOOT


def _row(words: Wording, card: _Card, choice: Choice, at: float) -> Iterator[str]:
    x, middle = card.x + _PAD, at + _ROW / 2
    for key in choice.keys or ("“”",):
        fill = _INK if choice.keys else _LINE
        yield f'<rect x="{x:.1f}" y="{middle - 11:.1f}" width="22" height="22" rx="5" fill="{fill}"/>'
        yield _text(x + 11, middle + 5, key, 14, "#fff", weight=600, anchor="middle")
        x += 26
    x += 8
    yield _text(x, middle + 5, _label(words, choice), 15, _INK)
    if speech := words.speech(choice):
        yield _text(x, middle + 25, speech, 12, _FAINT)
    pill = _pill(words, choice)
    fill, ink = _COLOURS[choice.target.partition(":")[0] if leads_out(choice.target) else "node"]
    width = _width(pill, 13) + 20
    left = card.x + card.width - _PAD - width
    yield (f'<rect x="{left:.1f}" y="{middle - 12:.1f}" width="{width:.1f}" height="24" rx="12" fill="{fill}"/>')
    yield _text(left + width / 2, middle + 5, pill, 13, ink, anchor="middle")


def _lines(words: Wording, cards: Mapping[str, _Card], card: _Card) -> Iterator[str]:
    """From a choice to the node below that it leads to. A way back up is told by its name alone."""
    at = card.y + _HEAD
    for choice in card.place.choices:
        below = cards.get(choice.target)
        if below is not None and below.place.level > card.place.level:
            x, y = card.x + card.width, at + _ROW / 2
            to_x, to_y = below.x, below.y + _HEAD / 2 - 2
            bend = (to_x - x) / 2
            yield (
                f'<path d="M{x:.1f} {y:.1f}C{x + bend:.1f} {y:.1f} {to_x - bend:.1f} {to_y:.1f} {to_x:.1f} {to_y:.1f}" '
                f'fill="none" stroke="{_LINE}" stroke-width="1.8"/>'
            )
            yield f'<circle cx="{to_x:.1f}" cy="{to_y:.1f}" r="3.5" fill="{_LINE}"/>'
        at += _row_height(words, choice)


def _width(text: str, size: float) -> float:
    return size * sum(1.0 if east_asian_width(one) in "WFA" else 0.58 for one in text)


def _text(x: float, y: float, text: str, size: int, colour: str, *, weight: int = 400, anchor: str = "start") -> str:
    heavy = f' font-weight="{weight}"' if weight != 400 else ""
    where = f' text-anchor="{anchor}"' if anchor != "start" else ""
    return f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" fill="{colour}"{heavy}{where}>{escape(text)}</text>'
