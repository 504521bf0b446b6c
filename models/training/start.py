"""The network before training: the lower layers of multilingual-e5-small, and heads that know nothing yet."""

from collections.abc import Iterable
from pathlib import Path

from transformers import BertConfig

from models.encoder import E5_FILE, build_tokenizer, load_e5
from models.nlu_network import MAX_CONTEXT_TOKENS, MAX_TOKENS, NluNetwork, TextRows
from models.training.pruning import prune

_WORDS = "embeddings.word_embeddings.weight"
_POSITIONS = "embeddings.position_embeddings.weight"
POSITIONS = MAX_TOKENS + MAX_CONTEXT_TOKENS + 8


def start(encoder_dir: Path, corpus: Iterable[str], *, layers: int) -> tuple[NluNetwork, TextRows]:
    """The network and its tokenizer. The word table is frozen: what the training has not seen keeps its meaning.

    Raises ModelError ``model_missing`` or ``model_damaged``.
    """
    checkpoint = prune(load_e5(encoder_dir / E5_FILE), corpus)
    config = BertConfig(  # type: ignore[no-untyped-call]
        **network_config(checkpoint.config, layers), attn_implementation="sdpa"
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
    return network, TextRows(build_tokenizer(checkpoint), checkpoint.bos_id, checkpoint.eos_id, checkpoint.pad_id)


def network_config(config: BertConfig, layers: int) -> dict[str, object]:
    """What a card must say of the network so that it can be built again."""
    return {
        "vocab_size": config.vocab_size,
        "hidden_size": config.hidden_size,
        "num_hidden_layers": layers,
        "num_attention_heads": config.num_attention_heads,
        "intermediate_size": config.intermediate_size,
        "max_position_embeddings": POSITIONS,
        "type_vocab_size": config.type_vocab_size,
        "layer_norm_eps": config.layer_norm_eps,
        "pad_token_id": config.pad_token_id,
    }
