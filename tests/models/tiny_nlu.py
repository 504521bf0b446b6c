"""A transformer classifier that is small, untrained and whole: to test everything but what it has learned."""

from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer, normalizers, pre_tokenizers
from tokenizers.models import Unigram
from transformers import BertConfig

from models.nlu import TOKENIZER_FILE
from models.nlu_network import HEADS, NluNetwork
from models.nlu_weights import write_weights

PIECES = ["<s>", "</s>", "<pad>", "<unk>", *"▁我的订单呢要退货洗衣机漏水转人工abcdefghijklmnopqrstuvwxyz0123456789，。"]
CONFIG: dict[str, Any] = {
    "vocab_size": len(PIECES),
    "hidden_size": 16,
    "num_hidden_layers": 1,
    "num_attention_heads": 2,
    "intermediate_size": 32,
    "max_position_embeddings": 168,
    "type_vocab_size": 2,
    "layer_norm_eps": 1e-12,
    "pad_token_id": 2,
}


def write_tiny(folder: Path) -> Path:
    """Write one into a folder; the same every time."""
    torch.manual_seed(0)
    network = NluNetwork(BertConfig(**CONFIG, attn_implementation="sdpa"))
    card = {
        "labels": HEADS,
        "marks": {"bos": 0, "eos": 1, "pad": 2},
        "config": CONFIG,
        "temperature": dict.fromkeys(HEADS, 1.0),
        "unsure_below": 0.0001,
    }
    write_weights(folder, network.state_dict(), card)
    tokenizer = Tokenizer(Unigram([(piece, -1.0) for piece in PIECES], unk_id=3, byte_fallback=False))
    tokenizer.normalizer = normalizers.NFKC()
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="always", split=False)
    tokenizer.save(str(folder / TOKENIZER_FILE))
    return folder
