"""Which classifier a folder holds."""

from collections.abc import Callable
from pathlib import Path
from typing import Literal

from models.encoder import SentenceEncoder
from models.nlu import CARD_FILE, Classifier
from models.nlu_embedding import EmbeddingClassifier
from models.nlu_transformer import TransformerClassifier


def load_classifier(
    folder: Path,
    encoder_dir: Callable[[], Path],
    *,
    threads: int = 1,
    device: Literal["cpu", "cuda"] = "cpu",
) -> Classifier:
    """The transformer where the folder holds one, else the heads over sentence vectors.

    encoder_dir: asked for the sentence encoder's folder where it is needed. Raises ModelError.
    """
    if (folder / CARD_FILE).is_file():
        return TransformerClassifier(folder, threads=threads, device=device)
    return EmbeddingClassifier(SentenceEncoder(encoder_dir(), threads=threads, device=device), folder)
