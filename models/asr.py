"""Speech recognition: Whisper on CTranslate2, with the encoder fed only the utterance plus a little silence.

Whisper was trained on 30 s windows and faster-whisper pads every utterance to that length, which makes a 2 s question
cost as much as a 30 s one. CTranslate2's encoder takes any even number of mel frames; the utterance plus 1 s of silence
gives the same text in a fraction of the time (``bench/asr.py`` prints both beside each other).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, Protocol

import ctranslate2
import numpy as np
import opencc
from faster_whisper.audio import pad_or_trim
from faster_whisper.feature_extractor import FeatureExtractor
from faster_whisper.tokenizer import Tokenizer
from faster_whisper.transcribe import get_suppressed_tokens
from numpy.typing import NDArray
from tokenizers import Tokenizer as HfTokenizer

from models.errors import ModelError
from models.loops import compression_ratio, fold, is_loop
from models.mending import Scored, mend
from models.quieten import quieter
from models.vocabulary import Vocabulary
from models.written_form import written_form

SAMPLE_RATE_HZ = 16000
MAX_SECONDS = 29.0
"""Longest utterance in one piece: Whisper's window is 30 s."""

UNSURE_LOG_PROBABILITY = -0.5
"""Below this the prompt may have led the decoder astray, or noise: it is asked again without either. Above, the prompt
helps: it keeps numbers from being written again and again. Chosen on the fixtures and 23 human clips over a line
(``bench/asr.py``)."""
SECOND_BEAM_SIZE = 5
SECOND_MARGIN = 0.2
"""A text written without a prompt may be so much less probable, for it owes nothing to the prompt."""

MAX_COMPRESSION = 2.4
"""faster-whisper's own limit: a text that compresses better than this repeats itself."""
LOST_COMPRESSION = 1.8
"""From here on the decoder may have lost the thread, however sure it is: one turn of a caller has 0.7 to 1."""

LOOP_PADDING_S = 3.0
"""Silence after an utterance whose transcript went round in circles with less."""

Language = Literal["zh", "en"]


@dataclass(frozen=True)
class Transcript:
    """What was heard.

    average_log_probability: mean over the tokens; below about -1 the text is a guess.
    no_speech_probability: that nothing was said at all.
    compression_ratio: of the text by zlib; above 2.4 it repeats itself, which Whisper does when it has lost the thread.
    """

    text: str
    language: Language
    language_probability: float
    average_log_probability: float
    no_speech_probability: float
    compression_ratio: float


class SpeechRecognizer(Protocol):
    """Turns an utterance into text. Blocks; safe to call from several threads."""

    def transcribe(self, audio: NDArray[np.float32], *, language: Language | None = None) -> Transcript:
        """``audio``: mono, 16 kHz, -1..1, at most 29 s. ``language`` None: zh or en, whichever is likelier. Raises
        ModelError.
        """
        ...


class WhisperRecognizer:
    """faster-whisper's model files, decoded utterance by utterance.

    Args:
        model_dir: CTranslate2 Whisper model with tokenizer.json.
        prompts: text per language that Whisper takes as what came before; written in Simplified characters, it keeps
        Chinese in them.
        threads: of one transcript. On two cores one is twice as fast as two: the decoder's steps are so small that two
        threads spend their time waiting for each other, and all of it when anything else runs.
        workers: transcripts at once, each with as many threads.
        padding_s: silence after the utterance. Less than about 0.5 s begins to hurt hard clips.
        beam_size: 1 is greedy.
        vocabulary: the company's Chinese words, restored where others were written that sound alike.
    """

    def __init__(
        self,
        model_dir: Path,
        *,
        device: str = "cpu",
        precision: str = "int8",
        threads: int = 1,
        workers: int = 1,
        padding_s: float = 1.0,
        beam_size: int = 2,
        prompts: Mapping[Language, str] | None = None,
        vocabulary: Vocabulary | None = None,
    ) -> None:
        if not (model_dir / "model.bin").is_file():
            raise ModelError("model_missing", f"no Whisper model in {model_dir}; run `hotline models pull`")
        try:
            self._model = ctranslate2.models.Whisper(
                str(model_dir),
                device=device,
                compute_type=precision,
                intra_threads=threads,
                inter_threads=workers,
            )
        except (RuntimeError, ValueError) as error:
            raise ModelError(
                "model_damaged", f"cannot load {model_dir}: {error}; run `hotline models verify`"
            ) from error
        self._features = FeatureExtractor(feature_size=self._model.n_mels)
        tokenizer = HfTokenizer.from_file(str(model_dir / "tokenizer.json"))
        self._tokenizers: dict[Language, Tokenizer] = {
            "zh": Tokenizer(tokenizer, multilingual=True, task="transcribe", language="zh"),
            "en": Tokenizer(tokenizer, multilingual=True, task="transcribe", language="en"),
        }
        self._suppressed = get_suppressed_tokens(self._tokenizers["zh"], [-1])
        prompts = prompts or {}
        self._prompts = {
            lang: [tok.sot_prev, *tok.encode(" " + prompts[lang].strip())] if prompts.get(lang) else []
            for lang, tok in self._tokenizers.items()
        }
        self._padding_s = padding_s
        self._simplified = opencc.OpenCC("t2s")
        self._beam_size = beam_size
        self._vocabulary = vocabulary

    def transcribe(self, audio: NDArray[np.float32], *, language: Language | None = None) -> Transcript:
        if audio.ndim != 1:
            raise ModelError("audio_shape", f"expected mono audio of shape (samples,), got {audio.shape}")
        if len(audio) > MAX_SECONDS * SAMPLE_RATE_HZ:
            raise ModelError(
                "audio_too_long",
                f"{len(audio) / SAMPLE_RATE_HZ:.1f} s in one utterance; at most {MAX_SECONDS} s",
            )
        seconds = len(audio) / SAMPLE_RATE_HZ
        encoded = self._encode(audio, self._padding_s)
        transcript = self._decode(encoded, seconds, language)
        unsure = transcript.average_log_probability < UNSURE_LOG_PROBABILITY
        if unsure or transcript.compression_ratio > LOST_COMPRESSION:
            quiet = self._encode(quieter(audio), self._padding_s)
            again = self._decode(quiet, seconds, transcript.language, prompted=False)
            transcript = better(transcript, again)
        if is_loop(transcript.text, transcript.language, seconds):
            # Short padding now and then makes the decoder go round in circles; more of it costs time, so only then.
            transcript = self._decode(self._encode(audio, LOOP_PADDING_S), seconds, transcript.language)
        if is_loop(transcript.text, transcript.language, seconds):
            folded = fold(transcript.text)
            transcript = replace(transcript, text=folded, compression_ratio=compression_ratio(folded))
        return replace(transcript, text=written_form(transcript.text)) if transcript.language == "zh" else transcript

    def _decode(
        self, encoded: ctranslate2.StorageView, seconds: float, language: Language | None, *, prompted: bool = True
    ) -> Transcript:
        chosen, probability = (language, 1.0) if language else self._detect(encoded)
        tokenizer = self._tokenizers[chosen]
        before = self._prompts[chosen] if prompted else []
        prompt = [*before, *tokenizer.sot_sequence, tokenizer.no_timestamps]
        result = self._model.generate(
            encoded,
            [prompt],
            beam_size=self._beam_size if prompted else SECOND_BEAM_SIZE,
            # What a caller can say in this time, and room to spare: a loop of hallucinated words ends early.
            max_length=min(448, len(prompt) + 16 + int(seconds * 12)),
            suppress_blank=True,
            suppress_tokens=self._suppressed,
            return_scores=True,
            return_no_speech_prob=True,
        )[0]
        tokens = result.sequences_ids[0]
        text = tokenizer.decode([token for token in tokens if token < tokenizer.eot]).strip()
        if chosen == "zh":
            # The prompt keeps nearly all of it in Simplified characters; now and then one slips through.
            text = self._simplified.convert(text)
            if self._vocabulary is not None:
                text = mend(text, self._vocabulary, lambda texts: self._score(encoded, prompt, texts))
        return Transcript(
            text=text,
            language=chosen,
            language_probability=probability,
            average_log_probability=float(result.scores[0]) if tokens else 0.0,
            no_speech_probability=float(result.no_speech_prob),
            compression_ratio=compression_ratio(text),
        )

    def _encode(self, audio: NDArray[np.float32], padding_s: float) -> ctranslate2.StorageView:
        padding = np.zeros(int(padding_s * SAMPLE_RATE_HZ), np.float32)
        mel = self._features(np.concatenate([audio, padding]))
        frames = min(mel.shape[-1] + mel.shape[-1] % 2, self._features.nb_max_frames)
        mel = pad_or_trim(mel, frames)
        return self._model.encode(ctranslate2.StorageView.from_array(np.ascontiguousarray(mel[None])))

    def _score(self, encoded: ctranslate2.StorageView, prompt: list[int], texts: Sequence[str]) -> list[Scored]:
        """How probable each Chinese text is, given what was heard."""
        tokenizer = self._tokenizers["zh"]
        frames = encoded.shape[1] * 2
        tokens = [tokenizer.encode(text) for text in texts]
        many = ctranslate2.StorageView.from_array(np.repeat(np.array(encoded), len(texts), axis=0))
        aligned = self._model.align(many, prompt, tokens, frames)
        return [
            _scored(text, ids, result.text_token_probs, tokenizer)
            for text, ids, result in zip(texts, tokens, aligned, strict=True)
        ]

    def _detect(self, encoded: ctranslate2.StorageView) -> tuple[Language, float]:
        scores = dict(self._model.detect_language(encoded)[0])
        zh, en = scores.get("<|zh|>", 0.0), scores.get("<|en|>", 0.0)
        chosen: Language = "zh" if zh >= en else "en"
        return chosen, max(zh, en) / max(zh + en, 1e-9)


def better(first: Transcript, second: Transcript) -> Transcript:
    """Which of two transcripts of one utterance is to be believed; ``second`` was written without prompt and noise."""
    if second.compression_ratio > LOST_COMPRESSION or not second.text:
        return first
    lost = first.compression_ratio > LOST_COMPRESSION
    likelier = second.average_log_probability > first.average_log_probability - SECOND_MARGIN
    return second if lost or likelier else first


def _scored(text: str, tokens: Sequence[int], probabilities: Sequence[float], tokenizer: Tokenizer) -> Scored:
    """A token may be a part of a character or several characters: it counts for each that it touches."""
    least = [1.0] * len(text)
    before = 0
    for number, probability in enumerate(probabilities, 1):
        after = len(tokenizer.decode(list(tokens[:number])).rstrip("\ufffd"))
        for place in range(min(before, len(text) - 1), max(after, before + 1)):
            if place < len(text):
                least[place] = min(least[place], probability)
        before = after
    return Scored(tuple(least), float(np.log(np.maximum(probabilities, 1e-9)).sum()))
