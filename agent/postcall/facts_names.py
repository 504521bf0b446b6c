"""Facts that are words rather than numbers: products, models, fault codes, names, addresses, e-mail, invoice titles."""

import re
from functools import cache, lru_cache

from pypinyin import lazy_pinyin

from agent.postcall.page import Page
from agent.postcall.patterns import Patterns, patterns

_EMAIL = re.compile(r"[A-Za-z0-9][\w.+-]*@[\w-]+(?:\.[\w-]+)+", re.ASCII)
_FAULT_PREFIXES = frozenset("EF")
"""Letters that are a fault code even where nobody says so."""


def find_email(page: Page) -> None:
    """Take e-mail addresses, typed or spoken ("zhangsan at 163 dot com")."""
    zh, en = patterns("zh"), patterns("en")
    spoken = re.compile(
        rf"(?P<user>[A-Za-z0-9][\w.]*)\s*(?:{zh.words('email_at')})\s*"
        rf"(?P<host>[A-Za-z0-9]+(?:\s*(?:{zh.words('email_dot')}|{en.words('email_dot')}|\.)\s*[A-Za-z]{{2,6}})+)",
        re.ASCII | re.IGNORECASE,
    )
    for match in page.matches(_EMAIL):
        page.take("email", match[0].rstrip(".").lower(), match.start(), match.end())
    for match in page.matches(spoken):
        host = re.sub(
            rf"\s*(?:{zh.words('email_dot')}|{en.words('email_dot')}|\.)\s*",
            ".",
            match["host"],
            flags=re.IGNORECASE,
        )
        page.take("email", f"{match['user']}@{host}".lower(), match.start(), match.end())


def find_codes(page: Page) -> None:
    """Take fault codes ("E3") and model numbers ("KFR-35GW")."""
    for words in page.languages:
        for pattern in words.many("fault"):
            for match in page.matches(pattern):
                near = page.text[max(0, match.start() - 12) : match.start()] + match["after"]
                if match["code"][0].upper() in _FAULT_PREFIXES or words.one("fault_words").search(near):
                    page.take(
                        "fault_code",
                        re.sub(r"[\s-]", "", match["code"]).upper(),
                        match.start("code"),
                        match.end("code"),
                    )
    for words in page.languages:
        for match in page.matches(words.one("model")):
            near = page.text[max(0, match.start() - 8) : match.start()]
            named = words.one("model_words").search(near)
            orders = re.compile("|".join(words.words("contexts").values()), re.IGNORECASE).search(near)
            if named or (not orders and re.search(r"\d[A-Za-z]|-\d", match["model"])):
                page.take(
                    "model",
                    re.sub(r"\s", "", match["model"]).upper(),
                    match.start("model"),
                    match.end("model"),
                )


def find_address(page: Page) -> None:
    """Take postal addresses. Their house numbers become digits, place names stay as they were said."""
    for words in page.languages:
        for pattern in words.many("address"):
            for match in page.matches(pattern):
                _take_address(page, words, *match.span("address"))


def _take_address(page: Page, words: Patterns, start: int, end: int) -> None:
    if words.language == "en":
        page.take("address", page.text[start:end].strip(" ,."), start, end)
        return
    stop = re.search(words.words("address_stops"), page.text[start:end])
    end = start + stop.start() if stop else end
    if end - start < 4 or not re.search(words.words("address_words"), page.text[start:end]):
        return
    value, place = "", start
    # Only what counts a house, floor or room is a number: 三里屯 keeps its name.
    for match in re.finditer(rf"\d+(?=(?:{words.words('address_numbers')}))", page.text[start:end]):
        value += page.written.quote(place, start + match.start()) if start + match.start() > place else ""
        value += match[0]
        place = start + match.end()
    value += page.written.quote(place, end) if end > place else ""
    page.take("address", value, start, end)


def find_invoice_title(page: Page) -> None:
    """Take the name that an invoice is to be made out to."""
    for words in page.languages:
        for pattern in words.many("invoice_title"):
            for match in page.matches(pattern):
                page.take("invoice_title", page.written.quote(*match.span("title")), *match.span("title"))


def find_names(page: Page) -> None:
    """Take what the caller is called: "王", "王女士", "李明", "Alice Brown"."""
    for words in page.languages:
        for pattern in words.many("name"):
            for match in page.matches(pattern):
                start, end = match.span("name")
                name = page.written.quote(start, end)
                if words.language == "zh":
                    name = _chinese_name(words, name)
                elif name.split()[0] in words.words("not_names"):
                    name = ""
                if name:
                    page.take("name", name, start, start + len(name))


def _chinese_name(words: Patterns, text: str) -> str:
    """Speech recognition leaves out commas, so 李明我 is 李明 and the beginning of the next sentence."""
    surname = words.compile("^SURNAME").match(text)
    if surname is None or re.fullmatch(words.compile("^SURNAME").pattern + "[先女小老师经].*", text):
        return text
    given = text[surname.end() :]
    stops = [i for i, character in enumerate(given) if character in words.words("name_stops")]
    given = given[: stops[0]] if stops else given
    return surname[0] + given if given or surname.end() == len(text) else ""


def find_products(page: Page) -> None:
    """Take the appliances that are spoken of, under the name of the company's own list.

    Speech recognition writes 洗衣鸡 for 洗衣机: what sounds the same counts, unless everyday words do.
    """
    for words in page.languages:
        spans: list[tuple[int, int, str]] = []
        for name, alias in _aliases(words.language):
            for start, end in _occurrences(page.text, words, alias):
                if not any(start < taken_end and taken_start < end for taken_start, taken_end, _ in spans):
                    spans.append((start, end, name))
        for start, end, name in spans:
            page.take("product", name, start, end)


@cache
def _aliases(language: str) -> tuple[tuple[str, str], ...]:
    """(name, alias) pairs, longest alias first, so that 空气净化器 is not taken for 净化器."""
    products = patterns("zh" if language == "zh" else "en").words("products")
    pairs = [(name, alias) for name, aliases in products.items() for alias in aliases]
    return tuple(sorted(pairs, key=lambda pair: -len(pair[1])))


def _occurrences(text: str, words: Patterns, alias: str) -> list[tuple[int, int]]:
    if words.language == "en":
        plural = re.compile(rf"\b{re.escape(alias)}s?\b", re.IGNORECASE)
        return [match.span() for match in plural.finditer(text)]
    if alias in words.words("products_exact"):
        return [match.span() for match in re.finditer(re.escape(alias), text)]
    size, sound = len(alias), _sounds(alias)
    windows = ((start, start + size) for start in range(len(text) - size + 1))
    return [span for span in windows if text[slice(*span)] == alias or (sound and _sounds(text[slice(*span)]) == sound)]


@lru_cache(maxsize=4096)
def _sounds(text: str) -> tuple[str, ...]:
    """Kept, because each place of a sentence is compared with every product's name."""
    if not all("\u4e00" <= character <= "\u9fff" for character in text):
        return ()
    return tuple(lazy_pinyin(text))
