"""What of a transcript may be believed. Whisper writes something for every sound; noise and silence give its phantom
phrases. Pure.
"""

import re
from collections.abc import Sequence
from difflib import SequenceMatcher

from models.asr import MAX_COMPRESSION, Transcript

MIN_LOG_PROBABILITY = -1.15
"""Below this the words were guessed. Clear telephone speech of the fixtures lies above -0.7."""
UNSURE_LOG_PROBABILITY = -0.8
UNSURE_NO_SPEECH = 0.6
MIN_SPEECH_MS = 160
"""A shorter sound is a click or a breath."""
MAX_CHARACTERS_PER_S = 14.0
"""Nobody says more Chinese characters a second; a hallucination easily does."""
ALIKE = 0.85
"""So alike, 0 to 1, a phrase and its phantom are when no more than a word was exchanged."""
MIN_ECHO_CHARACTERS = 8
"""The beginning of a phantom must be this long to count: 谢谢 is said by callers, 谢谢观看 is not."""

MIN_LAP = 1.3
PIECE = 3

_NOT_A_WORD = re.compile(r"[\W_]+")
_SENTENCE_END = re.compile(r"[.。!！?？]+")


def is_believable(transcript: Transcript, speech_ms: int, phantoms: Sequence[str]) -> bool:
    """Whether the text is what a caller said.

    Args:
        speech_ms: voiced sound in the utterance.
        phantoms: phrases that Whisper writes on noise, and the prompts it was given.
    """
    text = bare(transcript.text)
    if not text or speech_ms < MIN_SPEECH_MS:
        return False
    sentences = [sentence for part in _SENTENCE_END.split(transcript.text) if (sentence := bare(part))]
    if any(_is_phantom(text, bare(phantom)) or _is_echo(sentences, bare(phantom)) for phantom in phantoms):
        return False
    if transcript.compression_ratio > MAX_COMPRESSION or transcript.average_log_probability < MIN_LOG_PROBABILITY:
        return False
    if (
        transcript.no_speech_probability > UNSURE_NO_SPEECH
        and transcript.average_log_probability < UNSURE_LOG_PROBABILITY
    ):
        return False
    if transcript.language == "zh":
        return len(text) / (speech_ms / 1000 + 0.5) <= MAX_CHARACTERS_PER_S
    return True


def _is_phantom(text: str, phantom: str) -> bool:
    """The phrase itself, or more often than anybody says it (thanks, but not 谢谢 twice), or most of it from its
    beginning: that is how a prompt comes back, its end left out.
    """
    times = text.count(phantom) if phantom else 0
    if times and times != 2 and len(phantom) * times == len(text):
        return True
    begins = len(text) >= MIN_ECHO_CHARACTERS and phantom.startswith(text)
    half = begins and 2 * len(text) >= len(phantom)
    return half or _resembles(text, phantom) or _goes_round(text, phantom)


def _resembles(text: str, phantom: str) -> bool:
    """A long phrase with a word exchanged: "The phone call to …" for "A phone call to …"."""
    return len(phantom) >= 2 * MIN_ECHO_CHARACTERS and SequenceMatcher(None, text, phantom).ratio() >= ALIKE


def _goes_round(text: str, phantom: str) -> bool:
    """Longer than a long phrase and nearly nothing but its pieces: "… of Jinghe Appliances of Jinghe Appliances of"."""
    if len(phantom) < 2 * MIN_ECHO_CHARACTERS or len(text) < MIN_LAP * len(phantom):
        return False
    pieces = [text[at : at + PIECE] for at in range(len(text) - PIECE + 1)]
    return sum(piece in phantom for piece in pieces) >= ALIKE * len(pieces)


def _is_echo(sentences: Sequence[str], phantom: str) -> bool:
    """Parts of a long phrase again and again, one of them most of it: a prompt comes back like that on silence."""
    if len(sentences) < 2 or len(phantom) < 2 * MIN_ECHO_CHARACTERS:
        return False
    most = 2 * max(len(sentence) for sentence in sentences) >= len(phantom)
    same = len(set(sentences)) == 1 and len(phantom) >= 4 * MIN_ECHO_CHARACTERS
    return (most or same) and all(sentence in phantom or _resembles(sentence, phantom) for sentence in sentences)


def bare(text: str) -> str:
    """The text without punctuation, spaces and case."""
    return _NOT_A_WORD.sub("", text).lower()
