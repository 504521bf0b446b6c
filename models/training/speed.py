"""What the classifier costs: ``python -m models.training.speed`` prints load time, memory and time per utterance."""

import argparse
import statistics
import time
from pathlib import Path

import torch
import transformers

from models.nlu import NLU_DIR
from models.nlu_transformer import TransformerClassifier
from models.training.corpus import hand_written


def resident_mib() -> float:
    """This process's resident memory; Linux only."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--weights", type=Path, default=NLU_DIR, help="the classifier's folder")
    parser.add_argument("--threads", type=int, default=1)
    args = parser.parse_args()
    # Loaded on first use otherwise; other models of a server share these libraries.
    print(f"torch {torch.__version__}, transformers {transformers.__version__}, {transformers.BertModel.__name__}")
    before, start = resident_mib(), time.perf_counter()
    classifier = TransformerClassifier(args.weights, threads=args.threads)
    load_s = time.perf_counter() - start
    texts = [example.text for example in hand_written()][::40]
    classifier.understand(texts[0])
    each_ms = []
    for text in texts:
        start = time.perf_counter()
        classifier.understand(text)
        each_ms.append((time.perf_counter() - start) * 1e3)
    start = time.perf_counter()
    classifier.understand_many(texts)
    batched_ms = (time.perf_counter() - start) * 1e3 / len(texts)
    deciles = statistics.quantiles(each_ms, n=10)
    print(f"load {load_s:.2f} s, resident memory added {resident_mib() - before:.0f} MiB")
    print(
        f"one utterance at a time: median {deciles[4]:.1f} ms, 90 % within {deciles[8]:.1f} ms ({args.threads} threads)"
    )
    print(f"in one batch: {batched_ms:.1f} ms an utterance ({len(texts)} utterances)")


if __name__ == "__main__":
    main()
