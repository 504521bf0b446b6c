"""Small cues in how something is said, which no slot asks for."""

import re

from agent.events import Language

_QUESTION_ZH = re.compile(
    r"吗|呢[？?]?$|怎么|多少|什么|为啥|哪|几[天号点个块元]|多久|多长|如何|谁|[？?]"
    r"|能不能|可不可以|可以不|是不是|有没有|要不要|会不会|行不行|收不收|贵不贵"
)
_QUESTION_EN = re.compile(
    r"\?|^(and |so |but |ok |okay |well |yes |sure )*"
    r"(what|how|when|where|why|who|which|is|are|do|does|did|can|could|will|would)\b",
    re.IGNORECASE,
)
_WAIT = re.compile(
    r"等一?下|等等|稍等|我?找一?找|找一?下|我(去)?拿|我看看|翻一?下|hold on|hang on|one (moment|second|sec)\b"
    r"|just a (moment|second|sec|minute)|let me (look|check|find|see|get)|give me a (moment|second|minute)",
    re.IGNORECASE,
)
_THANKS = re.compile(
    r"(?:[嗯好的行那就这样多太您你啊了哈]|可以|再见|拜拜|知道|明白|非常|感谢|谢|[\s，,。.！!]"
    r"|thank you|thanks|cheers|very much|so much|a lot|okay|ok|great|good ?bye|bye|good|perfect|all right"
    r"|alright|lovely)++",
    re.IGNORECASE,
)
_THANK = re.compile(r"谢|再见|拜拜|thank|cheers|bye", re.IGNORECASE)
_HAN = re.compile(r"[一-鿿]")
_LATIN = re.compile(r"(?<![A-Za-z0-9])[A-Za-z'’]{2,}(?![A-Za-z0-9])")
"""English words; single letters are spelling, and stand in tax numbers and models."""
_LONG_NUMBER = re.compile(r"[0-9零〇一幺二三四五六七八九]{6,}")
_ANY_WORD = re.compile(r"[\u4e00-\u9fff]|[A-Za-z]+")
WORDS_AROUND_NUMBER = 6
"""我的手机号是 has six characters, my order number is four words."""
WORDS_OF_A_LANGUAGE = 3
"""So many words, or Chinese characters, of one language and none of the other show which is spoken: "OK", "VIP" or
"嗯" show nothing."""


def asks(text: str) -> bool:
    """Whether it reads as a question."""
    return bool(_QUESTION_ZH.search(text) or _QUESTION_EN.search(text.strip()))


def long_number(text: str) -> bool:
    """Whether there is a number in it that is no count: an order's, a phone's."""
    return _LONG_NUMBER.search(re.sub(r"[\s,，-]", "", text)) is not None


def gives_number(text: str) -> bool:
    """Whether it does nothing but name a long number: 手机号13912345678."""
    return long_number(text) and len(_ANY_WORD.findall(text)) <= WORDS_AROUND_NUMBER


def asks_to_wait(text: str) -> bool:
    """Whether the caller is looking for something. Not where digits show that they have found it."""
    return bool(_WAIT.search(text)) and not re.search(r"\d{3}", text)


def only_thanks(text: str) -> bool:
    """好的，谢谢啊，再见, and nothing else."""
    return bool(_THANK.search(text)) and _THANKS.fullmatch(text) is not None


def is_story(text: str) -> bool:
    """Whether it is long enough to tell what happened."""
    return len(_HAN.findall(text)) >= 10 or len(_LATIN.findall(text)) >= 6


def plainly_in(text: str) -> Language | None:
    """The language that the words are plainly in; None where they are mixed or too few."""
    han, latin = len(_HAN.findall(text)), len(_LATIN.findall(text))
    if han == 0 and latin >= WORDS_OF_A_LANGUAGE:
        return "en"
    if latin == 0 and han > WORDS_OF_A_LANGUAGE:
        return "zh"
    return None
