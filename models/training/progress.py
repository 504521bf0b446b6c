"""How far a training has come: a few figures on sentences that are not trained on."""

from collections.abc import Sequence

from models.nlu_network import NluNetwork, TextRows
from models.training.calibrate import logits_of, only_single
from models.training.corpus import Example
from models.training.fine_tune import targets
from models.training.fit import FloatArray
from models.training.measures import accuracy, f1


def progress(network: NluNetwork, texts: TextRows, dev: Sequence[Example]) -> str:
    """Intent and sentiment accuracy and the F1 over all signals, in a line."""
    logits, known = logits_of(network, texts, dev), targets(dev)
    heard = known.signals_known.numpy()
    right_intents = _right(logits["intent"], known.intents.numpy())
    right_moods = _right(logits["sentiment"], known.sentiments.numpy())
    signals = f1((known.signals.numpy()[heard] > 0).ravel().tolist(), (logits["signals"][heard] > 0).ravel().tolist())
    return f"(unseen scenarios: intent {right_intents:.1%}, sentiment {right_moods:.1%}, signals F1 {signals:.2f})"


def _right(logits: FloatArray, allowed: FloatArray) -> float:
    """The share of right answers where one alone is right."""
    said, right = only_single(logits, allowed)
    return accuracy(right.tolist(), said.argmax(axis=1).tolist())
