"""Only the word pieces that callers can need: most of the network's bytes would otherwise be words that nobody says.

Kept are the pieces that a corpus uses, every single character of Chinese and English writing, and the marks. A word
that is cut into other pieces than before is still a word; only its rarest forms get less good pieces.
"""

from collections.abc import Iterable
from dataclasses import replace

from models.encoder import E5Checkpoint, build_tokenizer

_WORDS = "embeddings.word_embeddings.weight"


def prune(checkpoint: E5Checkpoint, corpus: Iterable[str]) -> E5Checkpoint:
    """The checkpoint with a smaller vocabulary."""
    tokenizer = build_tokenizer(checkpoint)
    used = {checkpoint.bos_id, checkpoint.eos_id, checkpoint.pad_id, checkpoint.unk_id}
    for encoding in tokenizer.encode_batch(list(corpus)):
        used.update(encoding.ids)
    kept = [i for i, (piece, _) in enumerate(checkpoint.vocabulary) if i in used or len(piece) == 1]
    new_id = {old: new for new, old in enumerate(kept)}
    state = dict(checkpoint.state)
    state[_WORDS] = state[_WORDS][kept]
    config = type(checkpoint.config).from_dict({**checkpoint.config.to_dict(), "vocab_size": len(kept)})
    return replace(
        checkpoint,
        config=config,
        vocabulary=[checkpoint.vocabulary[i] for i in kept],
        bos_id=new_id[checkpoint.bos_id],
        eos_id=new_id[checkpoint.eos_id],
        pad_id=new_id[checkpoint.pad_id],
        unk_id=new_id[checkpoint.unk_id],
        state=state,
    )
