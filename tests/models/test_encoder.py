"""The sentence encoder: reads its weights or says what is wrong with them, and puts like meanings near each other."""

from pathlib import Path

import numpy as np
import pytest

from models.encoder import DIMENSION, E5_FILE, SentenceEncoder, load_e5
from models.errors import ModelError

E5_DIR = Path("~/.cache/hotline/models/multilingual-e5-small").expanduser()


@pytest.mark.parametrize(
    ("content", "code"), [(None, "model_missing"), (b"", "model_damaged"), (b"GGUF1234", "model_damaged")]
)
def test_an_encoder_file_that_is_none_is_refused(tmp_path: Path, content: bytes | None, code: str) -> None:
    path = tmp_path / E5_FILE
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ModelError) as caught:
        load_e5(path)
    assert caught.value.code == code
    assert str(path) in str(caught.value)


@pytest.mark.models
def test_an_encoder_file_that_is_cut_short_is_refused(tmp_path: Path) -> None:
    path = tmp_path / E5_FILE
    with (E5_DIR / E5_FILE).open("rb") as whole:
        path.write_bytes(whole.read(20_000_000))
    with pytest.raises(ModelError) as caught:
        load_e5(path)
    assert caught.value.code == "model_damaged"


@pytest.fixture(scope="module")
def encoder() -> SentenceEncoder:
    return SentenceEncoder(E5_DIR, threads=1)


@pytest.mark.models
def test_vectors_have_length_one_and_do_not_depend_on_the_batch(encoder: SentenceEncoder) -> None:
    texts = ["你好", "我想查一下我的订单现在到哪里了，什么时候能送到家", "", "hello"]
    batch = encoder.encode(texts)
    assert batch.shape == (4, DIMENSION) and batch.dtype == np.float32
    assert np.allclose(np.linalg.norm(batch, axis=1), 1, atol=1e-4)
    assert np.allclose(batch, np.concatenate([encoder.encode([text]) for text in texts]), atol=1e-4)
    assert encoder.encode([]).shape == (0, DIMENSION)


@pytest.mark.models
def test_meaning_is_nearer_than_wording_and_crosses_languages(encoder: SentenceEncoder) -> None:
    query, same, different, english, other_english = encoder.encode(
        [
            "我的快递什么时候能到",
            "包裹还要几天才送来",
            "我的发票什么时候能开",
            "when will my parcel arrive",
            "I forgot my password",
        ]
    )
    assert query @ same > query @ different
    assert query @ english > query @ other_english
