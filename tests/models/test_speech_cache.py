"""Fixed sentences are spoken once and then from memory, which stays within its bound."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from models.speech_cache import CachingSynthesizer
from models.tts import DummySynthesizer, Language, Speech


class Counting(DummySynthesizer):
    """Counts what it was asked for."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def synthesize(
        self, text: str, *, language: Language, voice: str | None = None, speed: float = 1.0, keep: bool = False
    ) -> Speech:
        self.asked.append(text)
        return super().synthesize(text, language=language, voice=voice, speed=speed)


def test_a_sentence_is_made_once() -> None:
    inner = Counting()
    cache = CachingSynthesizer(inner)
    first = cache.synthesize("您好", language="zh")
    second = cache.synthesize("您好", language="zh")
    assert inner.asked == ["您好"]
    assert np.array_equal(first.samples, second.samples)
    assert cache.sample_rate_hz == inner.sample_rate_hz == first.sample_rate_hz


def test_another_voice_speed_or_language_is_another_speech() -> None:
    inner = Counting()
    cache = CachingSynthesizer(inner)
    cache.synthesize("ok", language="zh")
    cache.synthesize("ok", language="en")
    cache.synthesize("ok", language="zh", speed=1.1)
    cache.synthesize("ok", language="zh", voice="zf_xiaoni")
    assert len(inner.asked) == 4


def test_what_was_used_least_recently_is_forgotten_first() -> None:
    inner = Counting()
    one = inner.synthesize("一", language="zh").samples.nbytes
    inner.asked.clear()
    cache = CachingSynthesizer(inner, max_bytes=2 * one)
    for text in ("一", "二", "一", "三", "一", "二"):
        cache.synthesize(text, language="zh")
    assert inner.asked == ["一", "二", "三", "二"]


@given(texts=st.lists(st.sampled_from("一二三四五六"), max_size=40), room=st.integers(1, 5))
def test_memory_stays_within_its_bound_whatever_is_said(texts: list[str], room: int) -> None:
    inner = DummySynthesizer()
    one = inner.synthesize("一", language="zh").samples.nbytes
    cache = CachingSynthesizer(inner, max_bytes=room * one)
    for text in texts:
        cache.synthesize(text, language="zh")
        assert cache._bytes == sum(speech.samples.nbytes for speech in cache._kept.values()) <= room * one


def test_many_calls_may_ask_at_once() -> None:
    cache = CachingSynthesizer(Counting(), max_bytes=200_000)
    with ThreadPoolExecutor(4) as pool:
        spoken = list(pool.map(lambda n: cache.synthesize(f"{n % 7}", language="en"), range(200)))
    assert len({len(speech.samples) for speech in spoken}) == 1
    assert cache._bytes == sum(speech.samples.nbytes for speech in cache._kept.values())
