"""What was said that matters later: numbers, dates, products, names, each with the turn and the words it stands in.

Code finds the facts, not the language model: a small model writes plausible numbers that nobody said.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from agent.events import Event, Fact
from agent.postcall.agreements import settled
from agent.postcall.facts_names import (
    find_address,
    find_codes,
    find_email,
    find_invoice_title,
    find_names,
    find_products,
)
from agent.postcall.facts_numbers import UNCLEAR_PHONE, find_amounts, find_digit_runs
from agent.postcall.facts_time import find_times
from agent.postcall.page import Found, Page, open_page
from agent.postcall.utterances import join_broken_numbers, utterances

BROKEN = " … "
"""Between the two halves of a quote that was broken over two turns, or mended later."""

_CALLER_FINDERS = (
    find_email, find_address, find_invoice_title, find_codes, find_times, find_amounts, find_digit_runs, find_names,
    find_products,
)  # fmt: skip
_BOT_KINDS = frozenset({"date", "time", "time_limit", "amount"})
"""What our side adds: when something will happen. Numbers and names are the caller's; we only repeat them."""
_CORRECTION_LOOK_BACK = 16
_MENDABLE = ("order_number", "phone", "tracking_number", "amount")


@dataclass(frozen=True)
class _Said:
    """A fact with the page it stands on, before it is known whether the caller took it back."""

    fact: Fact
    page: Page
    found: Found


def extract_facts(events: Sequence[Event], started_at: datetime | None = None) -> tuple[Fact, ...]:
    """The facts of a call in the order they were said, each once.

    Relative dates keep their words and, where ``started_at`` (local time of the call's start) is given, get the day
    they meant. What the caller took back ("不对，是…") is left out.
    """
    said = utterances(events)
    theirs = [utterance for utterance in join_broken_numbers(said) if utterance.speaker in ("caller", "keys")]
    pages = [open_page(utterance, started_at) for utterance in theirs]
    kept: list[_Said] = []
    for page in pages:
        for find in _CALLER_FINDERS if page.utterance.speaker == "caller" else (find_digit_runs,):
            find(page)
        kept = _add_page(kept, page)
    for agreed in settled(said).standing:
        page = open_page(agreed.words, started_at)
        for find in (find_times, find_amounts):
            find(page)
        kept += [_said(page, found) for found in page.found if found.kind in _BOT_KINDS]
    kept.sort(key=lambda said: said.fact.turn)
    if any(said.fact.kind == "phone" for said in kept):
        kept = [said for said in kept if said.fact.kind != UNCLEAR_PHONE]
    unique = {(said.fact.kind, said.fact.value): said.fact for said in reversed(kept)}
    return tuple(fact for fact in reversed(unique.values()))


def _add_page(kept: list[_Said], page: Page) -> list[_Said]:
    kept = list(kept)
    last: dict[str, Found] = {}
    for found in sorted(page.found, key=lambda found: (found.start, found.end)):
        if _denied(page, found):
            continue
        before = last.get(found.kind)
        if _takes_back(page, before.end if before else max(0, found.start - _CORRECTION_LOOK_BACK), found.start):
            earlier = [said for said in kept if said.fact.kind == found.kind]
            if earlier and (before is not None or earlier[-1].page is not page):
                kept.remove(earlier[-1])
        kept.append(_said(page, found))
        last[found.kind] = found
    return _mend(kept, page)


def _said(page: Page, found: Found) -> _Said:
    start, end = page.written.origin(found.start, found.end)
    words = BROKEN.join(part.strip() for part in page.utterance.text[start:end].split("\n"))
    turn = page.utterance.turn_at(end - 1)
    seat = page.utterance.seat or None
    return _Said(Fact(kind=found.kind, value=found.value, turn=turn, quote=words, seat=seat), page, found)


def _denied(page: Page, found: Found) -> bool:
    if found.kind in ("date", "time"):
        after = page.written.text[found.end :]
        if any(words.one("refused_time").search(after) for words in page.languages):
            return True
    return any(words.one("denied").search(page.written.text[: found.start]) for words in page.languages)


def _takes_back(page: Page, start: int, end: int) -> bool:
    return any(words.one("correction").search(page.written.text[start:end]) for words in page.languages)


def _mend(kept: list[_Said], page: Page) -> list[_Said]:
    """ "不是3，是4": the last number that holds the wrong digits once gets the right ones."""
    for words in page.languages:
        for match in words.one("partial_correction").finditer(page.written.text):
            wrong, right = match["wrong"], match["right"]
            for i in reversed(range(len(kept))):
                fact = kept[i].fact
                if fact.kind not in _MENDABLE or fact.value.count(wrong) != 1 or len(wrong) != len(right):
                    continue
                start, end = page.written.origin(*match.span())
                mended = Fact(
                    kind=fact.kind,
                    value=fact.value.replace(wrong, right),
                    turn=page.utterance.turn_at(end - 1),
                    quote=f"{fact.quote}{BROKEN}{page.utterance.text[start:end].strip()}",
                )
                kept[i] = replace(kept[i], fact=mended)
                break
    return kept
