"""The network before training: the lower layers of multilingual-e5-small, and heads that know nothing yet."""

from collections.abc import Sequence
from pathlib import Path

import torch
from transformers import BertConfig

from models.encoder import E5_FILE, build_tokenizer, load_e5
from models.nlu_network import MAX_CONTEXT_TOKENS, MAX_TOKENS, NluNetwork, TextRows
from models.training.pruning import prune

_WORDS = "embeddings.word_embeddings.weight"
_POSITIONS = "embeddings.position_embeddings.weight"
POSITIONS = MAX_TOKENS + MAX_CONTEXT_TOKENS + 8
SAMPLE = 1024
"""Texts from which the centre and the spread of what the heads see are measured."""
SMALLEST_SPREAD = 1e-3


def start(encoder_dir: Path, corpus: Sequence[str], *, layers: int) -> tuple[NluNetwork, TextRows]:
    """The network and its tokenizer. The word table is frozen: what the training has not seen keeps its meaning.

    Raises ModelError ``model_missing`` or ``model_damaged``.
    """
    checkpoint = prune(load_e5(encoder_dir / E5_FILE), corpus)
    # No dropout of attention: drawing it is slow on a CPU, and that of the layers' outputs stays.
    config = BertConfig(  # type: ignore[no-untyped-call]
        **{**network_config(checkpoint.config), "num_hidden_layers": layers},
        attn_implementation="sdpa",
        attention_probs_dropout_prob=0.0,
    )
    network = NluNetwork(config)
    state = {
        name: tensor.float()
        for name, tensor in checkpoint.state.items()
        if not name.startswith("encoder.layer.") or int(name.split(".")[2]) < layers
    }
    state[_POSITIONS] = state[_POSITIONS][:POSITIONS]
    network.encoder.load_state_dict(state, strict=True)
    network.encoder.embeddings.word_embeddings.weight.requires_grad_(False)
    texts = TextRows(build_tokenizer(checkpoint), checkpoint.bos_id, checkpoint.eos_id, checkpoint.pad_id)
    _standardise(network, texts, corpus[:: max(1, len(corpus) // SAMPLE)])
    return network, texts


@torch.inference_mode()
def _standardise(network: NluNetwork, texts: TextRows, sample: Sequence[str]) -> None:
    network.train(False)
    rows = sorted((texts.row(text) for text in sample), key=lambda row: len(row.ids))
    batches = (rows[at : at + 32] for at in range(0, len(rows), 32))
    pooled = torch.cat([network.pooled(texts.batch(batch, torch.device("cpu"))) for batch in batches])
    network.center.copy_(pooled.mean(dim=0))
    network.spread.copy_(pooled.std(dim=0).clamp(min=SMALLEST_SPREAD))


def network_config(config: BertConfig) -> dict[str, object]:
    """What a card must say of the network so that it can be built again."""
    return {
        "vocab_size": config.vocab_size,
        "hidden_size": config.hidden_size,
        "num_hidden_layers": config.num_hidden_layers,
        "num_attention_heads": config.num_attention_heads,
        "intermediate_size": config.intermediate_size,
        "max_position_embeddings": POSITIONS,
        "type_vocab_size": config.type_vocab_size,
        "layer_norm_eps": config.layer_norm_eps,
        "pad_token_id": config.pad_token_id,
    }
