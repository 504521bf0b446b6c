"""The classifier's network: a small BERT, and one linear head for each thing that is asked of an utterance.

An input row is the utterance, then what the caller said before it, newest first, each closed by an end mark; so what
does not fit is the oldest. The heads see the mean over the utterance's own positions and the row's first position,
which has looked at all of it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from tokenizers import Tokenizer
from transformers import BertConfig, BertModel

from models.nlu import INTENTS, SENTIMENTS, SIGNALS

HEADS: Mapping[str, tuple[str, ...]] = {"intent": INTENTS, "sentiment": SENTIMENTS, "signals": SIGNALS}

MAX_TOKENS = 96
"""Of the utterance: a minute of speech. A longer one keeps its two ends: people open with who they are and end with
what they want."""
MAX_CONTEXT_TOKENS = 64
MAX_CHARS = 2_000


@dataclass(frozen=True)
class Row:
    """Token ids of one input, and how many of them, from the first on, are the utterance's own."""

    ids: tuple[int, ...]
    own: int


@dataclass(frozen=True)
class TextRows:
    """Makes rows of texts.

    tokenizer: adds no marks of its own and does not truncate.
    """

    tokenizer: Tokenizer
    bos_id: int
    eos_id: int
    pad_id: int

    def row(self, text: str, context: Sequence[str] = ()) -> Row:
        """Any text gives a row; `context` is oldest first."""
        ids = [self.bos_id, *_ends(self._ids(text), MAX_TOKENS), self.eos_id]
        own, room = len(ids), MAX_CONTEXT_TOKENS
        for before in reversed(context):
            tokens = [*self._ids(before), self.eos_id]
            if len(tokens) > room:
                break
            ids += tokens
            room -= len(tokens)
        return Row(tuple(ids), own)

    def batch(self, rows: Sequence[Row], device: torch.device) -> "Batch":
        """Rows side by side, padded to the longest."""
        longest = max(len(row.ids) for row in rows)
        ids = torch.tensor([[*row.ids, *[self.pad_id] * (longest - len(row.ids))] for row in rows], device=device)
        places = torch.arange(longest, device=device)
        lengths = torch.tensor([[len(row.ids)] for row in rows], device=device)
        own = torch.tensor([[row.own] for row in rows], device=device)
        return Batch(ids, (places < lengths).long(), (places < own).float())

    def _ids(self, text: str) -> list[int]:
        clean = text.encode("utf-8", "ignore").decode()  # lone surrogates cannot be tokenised
        ids: list[int] = self.tokenizer.encode(clean if len(clean) <= MAX_CHARS else _text_ends(clean)).ids
        return ids


@dataclass(frozen=True)
class Batch:
    """Int64 ``ids`` and ``mask``, float ``own`` (1 at the utterance's own places); all ``[rows, longest]``."""

    ids: torch.Tensor
    mask: torch.Tensor
    own: torch.Tensor


class NluNetwork(torch.nn.Module):
    """Logits for every head of `HEADS`.

    What the heads see is brought to mean 0 and deviation 1 by ``center`` and ``spread``, which are measured before the
    training: sentence vectors of a pretrained encoder all point nearly the same way, and heads over what little tells
    them apart learn nothing for hundreds of steps.
    """

    center: torch.Tensor
    spread: torch.Tensor

    def __init__(self, config: BertConfig) -> None:
        super().__init__()
        self.encoder = BertModel(config, add_pooling_layer=False)  # type: ignore[no-untyped-call]
        self.register_buffer("center", torch.zeros(2 * config.hidden_size))
        self.register_buffer("spread", torch.ones(2 * config.hidden_size))
        self.dropout = torch.nn.Dropout(0.1)
        self.heads = torch.nn.ModuleDict(
            {name: torch.nn.Linear(2 * config.hidden_size, len(labels)) for name, labels in HEADS.items()}
        )

    def forward(self, batch: Batch) -> dict[str, torch.Tensor]:
        """Float ``[rows, labels]`` for each head."""
        seen = self.dropout((self.pooled(batch) - self.center) / self.spread)
        return {name: head(seen) for name, head in self.heads.items()}

    def pooled(self, batch: Batch) -> torch.Tensor:
        """Float ``[rows, 2 * hidden]``: the mean over the utterance's own places, and the row's first place."""
        hidden = self.encoder(input_ids=batch.ids, attention_mask=batch.mask).last_hidden_state
        own = batch.own.unsqueeze(-1).to(hidden.dtype)
        return torch.cat([(hidden * own).sum(1) / own.sum(1), hidden[:, 0]], dim=-1)


def _ends(ids: list[int], limit: int) -> list[int]:
    return ids if len(ids) <= limit else ids[: limit // 2] + ids[-(limit // 2) :]


def _text_ends(text: str) -> str:
    return text[: MAX_CHARS // 2] + text[-(MAX_CHARS // 2) :]
