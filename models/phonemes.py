"""From words to the phonemes that Kokoro v1.0 was trained on.

Mandarin goes through misaki (its default, "v1.0" transcription: IPA with tone arrows), runs of Latin letters
through espeak-ng and misaki's own mapping of espeak to Kokoro's symbols. espeak's Mandarin is not used: its symbols are
not those of the training data. misaki's better English front end needs a spaCy model from a hub, hence espeak.

Numbers must be words already: see ``models.reading``.
"""

import logging
import re
import threading
from functools import cache
from importlib import resources
from types import SimpleNamespace

import jieba
import yaml
from misaki.espeak import EspeakFallback
from misaki.zh import ZHG2P

_HAN = r"一-鿿"
_RUN = re.compile(rf"(?P<han>[{_HAN}]+)|(?P<latin>[A-Za-z][A-Za-z'’.\- ]*[A-Za-z]|[A-Za-z])|(?P<rest>[^{_HAN}A-Za-z]+)")
_ACRONYM = re.compile(r"\b[A-Z]{2,5}\b")
# espeak-ng keeps its state in globals of the process: two threads at once get each other's phonemes.
_espeak_lock = threading.Lock()


class Phonemizer:
    """Text in Mandarin, English or both, numbers already in words, to Kokoro's phonemes.

    Loading jieba's dictionary takes about half a second, so make one at start and share it; calls are thread-safe.
    """

    def __init__(self) -> None:
        jieba.setLogLevel(logging.WARNING)
        jieba.initialize()
        self._english = EspeakFallback(british=False)
        self._mandarin = ZHG2P()

    def __call__(self, text: str, *, language: str) -> str:
        text = _respell(text, language)
        if language == "en" and not re.search(f"[{_HAN}]", text):
            return self._from_english(text)
        return re.sub(r"\s+", " ", "".join(self._runs(text))).strip()

    def _runs(self, text: str) -> list[str]:
        phonemes = []
        for run in _RUN.finditer(ZHG2P.map_punctuation(text)):
            if run["han"]:
                phonemes.append(self._from_han(run["han"]))
            elif run["latin"]:
                phonemes.append(f" {self._from_english(run['latin'])} ")
            else:
                phonemes.append(run["rest"])
        return phonemes

    def _from_han(self, text: str) -> str:
        try:
            return str(self._mandarin(text)[0])
        except (ValueError, KeyError, AssertionError):
            # A character without a known reading must cost itself, not the sentence around it.
            return "" if len(text) == 1 else "".join(self._from_han(character) for character in text)

    def _from_english(self, text: str) -> str:
        spelled = _ACRONYM.sub(lambda match: " ".join(match[0]), text)
        with _espeak_lock:
            phonemes, _ = self._english(SimpleNamespace(text=spelled))
        return phonemes or ""


@cache
def _respellings() -> dict[str, dict[str, str]]:
    table = yaml.safe_load(resources.files("models").joinpath("respellings.yaml").read_text(encoding="utf-8"))
    return {language: dict(words) for language, words in table.items()}


def _respell(text: str, language: str) -> str:
    for written, spoken in _respellings().get(language, {}).items():
        text = re.sub(rf"(?<![A-Za-z]){re.escape(written)}(?![A-Za-z])", spoken, text, flags=re.IGNORECASE)
    return text
