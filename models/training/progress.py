"""How far a training has come: a few figures on sentences that are not trained on."""

from collections.abc import Sequence

from models.nlu_network import NluNetwork, TextRows
from models.training.calibrate import logits_of
from models.training.corpus import Example
from models.training.fine_tune import targets
from models.training.measures import accuracy, f1


def progress(network: NluNetwork, texts: TextRows, dev: Sequence[Example]) -> str:
    """Intent and sentiment accuracy and the F1 over all signals, in a line."""
    logits, known = logits_of(network, texts, dev), targets(dev)
    intent = known.intent.numpy()
    moods = known.sentiments.numpy()
    single = moods.sum(axis=1) == 1
    heard = known.signals_known.numpy()
    right_intents = accuracy(intent[intent >= 0].tolist(), logits["intent"][intent >= 0].argmax(axis=1).tolist())
    right_moods = accuracy(moods[single].argmax(axis=1).tolist(), logits["sentiment"][single].argmax(axis=1).tolist())
    signals = f1((known.signals.numpy()[heard] > 0).ravel().tolist(), (logits["signals"][heard] > 0).ravel().tolist())
    return f"(unseen scenarios: intent {right_intents:.1%}, sentiment {right_moods:.1%}, signals F1 {signals:.2f})"
