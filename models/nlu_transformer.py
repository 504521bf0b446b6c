"""The real classifier: one small fine-tuned transformer, all questions in one pass (``models/training`` makes it)."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
from tokenizers import Tokenizer
from transformers import BertConfig

from models.encoder import HalfEmbedding
from models.errors import ModelError
from models.nlu import (
    CARD_FILE,
    NLU_DIR,
    TOKENIZER_FILE,
    FloatArray,
    Understanding,
    understanding,
    with_cause,
    with_doubt,
    with_errand,
)
from models.nlu_network import HEADS, NluNetwork, Row, TextRows
from models.nlu_weights import read_weights

BATCH_SIZE = 32


class TransformerClassifier:
    """See `models.nlu.Classifier`.

    folder: holds ``model.safetensors``, ``tokenizer.json`` and ``card.json``.
    threads: torch's threads for one operation. Torch keeps this number for the whole process, so every torch model in
        a process should be given the same.
    Raises ModelError ``model_missing``, ``model_damaged``, or ``model_mismatch`` for weights of other labels.
    """

    def __init__(self, folder: Path = NLU_DIR, *, threads: int = 1, device: Literal["cpu", "cuda"] = "cpu") -> None:
        if threads < 1:
            raise ValueError(f"threads is {threads}; it must be at least 1")
        torch.set_num_threads(threads)
        self._network, self._rows, card = load_network(folder)
        try:
            self._temperatures = {name: float(card["temperature"][name]) for name in HEADS}
            self._unsure_below = float(card["unsure_below"])
        except (KeyError, TypeError, ValueError) as error:
            raise ModelError("model_damaged", f"{folder} does not fit together: {error}") from error
        self._device = torch.device(device)
        self._network.to(self._device)

    def understand(self, text: str, *, context: Sequence[str] = ()) -> Understanding:
        """See `Classifier`."""
        return self.understand_many([text], [context])[0]

    def understand_many(
        self, texts: Sequence[str], contexts: Sequence[Sequence[str]] | None = None
    ) -> list[Understanding]:
        """See `Classifier`."""
        contexts = contexts if contexts is not None else [()] * len(texts)
        rows = [self._rows.row(text, context) for text, context in zip(texts, contexts, strict=True)]
        out: list[Understanding | None] = [None] * len(rows)
        # By length, so that little of a batch is padding.
        order = sorted(range(len(rows)), key=lambda i: len(rows[i].ids))
        for start in range(0, len(order), BATCH_SIZE):
            places = order[start : start + BATCH_SIZE]
            for place, answer in zip(places, self._answer([rows[i] for i in places]), strict=True):
                out[place] = answer
        return [answer for answer in out if answer is not None]

    @torch.inference_mode()
    def _answer(self, rows: Sequence[Row]) -> list[Understanding]:
        logits = self._network(self._rows.batch(rows, self._device))
        scaled = {name: (logits[name].float().cpu() / self._temperatures[name]).numpy() for name in HEADS}
        signals = sigmoid(scaled["signals"])
        intents = with_errand(with_doubt(softmax(scaled["intent"]), self._unsure_below), signals)
        moods = with_cause(softmax(scaled["sentiment"]), signals)
        return [understanding(*each) for each in zip(intents, moods, signals, strict=True)]


def load_network(folder: Path) -> tuple[NluNetwork, TextRows, dict[str, Any]]:
    """The network in evaluation mode, what makes its rows, and the card. Raises as `TransformerClassifier` does."""
    state, card = read_weights(folder)
    for name, labels in HEADS.items():
        if tuple(card.get("labels", {}).get(name, ())) != labels:
            raise ModelError(
                "model_mismatch", f"{folder / CARD_FILE} has other labels for {name} than this program; train again."
            )
    try:
        texts = TextRows(_tokenizer(folder), *(int(card["marks"][mark]) for mark in ("bos", "eos", "pad")))
        return _network(state, card), texts, card
    except (KeyError, TypeError, ValueError, RuntimeError) as error:
        raise ModelError("model_damaged", f"{folder} does not fit together: {error}") from error


def _network(state: dict[str, torch.Tensor], card: dict[str, Any]) -> NluNetwork:
    # No dropout of attention, should it be trained on: drawing it is slow on a CPU.
    config = BertConfig(  # type: ignore[no-untyped-call]
        **card["config"], attn_implementation="sdpa", attention_probs_dropout_prob=0.0
    )
    with torch.device("meta"):
        network = NluNetwork(config)
        network.encoder.embeddings.word_embeddings = HalfEmbedding(config.vocab_size, config.hidden_size)
    words = "encoder.embeddings.word_embeddings.weight"
    state[words] = state[words].half()
    network.load_state_dict(state, strict=True, assign=True)
    # Buffers are not among the weights and would stay on the meta device.
    positions = config.max_position_embeddings
    network.encoder.embeddings.position_ids = torch.arange(positions).expand(1, -1)
    network.encoder.embeddings.token_type_ids = torch.zeros(1, positions, dtype=torch.long)
    network.train(False)
    return network


def _tokenizer(folder: Path) -> Tokenizer:
    file = folder / TOKENIZER_FILE
    if not file.is_file():
        raise ModelError("model_missing", f"{file} is not there")
    try:
        return Tokenizer.from_file(str(file))
    except Exception as error:  # the library raises plain Exception
        raise ModelError("model_damaged", f"{file} is no tokenizer: {error}") from error


def softmax(logits: FloatArray) -> FloatArray:
    """Rows that sum to 1."""
    exponents = np.exp(logits - logits.max(axis=1, keepdims=True))
    result: FloatArray = exponents / exponents.sum(axis=1, keepdims=True)
    return result


def sigmoid(logits: FloatArray) -> FloatArray:
    """Each number for itself, 0 to 1."""
    result: FloatArray = (1 / (1 + np.exp(-logits))).astype(np.float32)
    return result
