"""The training loop: AdamW, a warm-up and a straight way down, batches of like length, the same on every run."""

import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import torch

from models.nlu import INTENTS, SENTIMENTS, SIGNALS
from models.nlu_network import HEADS, NluNetwork, Row, TextRows
from models.training.corpus import CORRECTED, HAND, Example
from models.training.losses import Targets, disagreement, total_loss

PUBLIC_WEIGHT = 0.5
"""A row of a public set counts so much beside a written one: microblogs and reviews are about other things."""


@dataclass(frozen=True)
class Plan:
    """How to train. Rates are those of AdamW; ``batch_tokens`` counts padding. ``frozen_layers``: so many of the lower
    layers stay as they are, which saves the way back through them. ``agreement``: the weight of what two passes over
    the same rows disagree by; 0 saves the second pass.
    """

    epochs: int = 4
    batch_tokens: int = 384
    frozen_layers: int = 6
    encoder_rate: float = 1e-4
    head_rate: float = 1e-3
    weight_decay: float = 0.01
    warm_up_share: float = 0.06
    agreement: float = 0.0
    seed: int = 0


PLANS: Mapping[Literal["cpu", "cuda"], Plan] = {
    "cpu": Plan(),
    "cuda": Plan(epochs=3, batch_tokens=2048, frozen_layers=0, encoder_rate=1.5e-4, agreement=0.5),
}
"""The first fits into an hour on two cores. The second passes over all layers, and over each row twice: hours there."""

PUPIL_PLAN = Plan(epochs=1, encoder_rate=5e-5)
"""For a classifier that is trained further: it knows most already."""


def fine_tune(
    network: NluNetwork,
    texts: TextRows,
    epochs: Sequence[Sequence[Example]],
    plan: Plan,
    told: Callable[[str], None],
    after_epoch: Callable[[], str] = lambda: "",
) -> None:
    """Train in place. epochs: the rows of each. after_epoch: what to tell of the network at the end of one."""
    torch.manual_seed(plan.seed)
    device = network.center.device
    rng = random.Random(plan.seed)
    prepared = [_batches(texts, rows, plan.batch_tokens, rng) for rows in epochs]
    steps = sum(len(batches) for batches in prepared)
    for part in _frozen(network, plan.frozen_layers):
        part.requires_grad_(False)
    heads = list(network.heads.parameters())
    body = [p for p in network.encoder.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(
        [{"params": body, "lr": plan.encoder_rate}, {"params": heads, "lr": plan.head_rate}],
        weight_decay=plan.weight_decay,
        fused=True,
    )
    warm_up = max(1, round(steps * plan.warm_up_share))
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min((step + 1) / warm_up, max(0.02, (steps - step) / max(1, steps - warm_up)))
    )
    _train_mode(network, plan.frozen_layers)
    begun_s, done = time.monotonic(), 0
    for number, batches in enumerate(prepared, 1):
        summed = torch.zeros((), device=device)
        for rows, examples in batches:
            batch = texts.batch(rows, device)
            # Not in bfloat16 on a CPU: on processors without AMX, batches this small take a third longer in it.
            known = targets(examples, device)
            with torch.autocast(device.type, torch.bfloat16, enabled=device.type == "cuda"):
                answers = [network(batch) for _ in range(2 if plan.agreement else 1)]
            logits = [{name: values.float() for name, values in each.items()} for each in answers]
            loss = torch.stack([total_loss(each, known) for each in logits]).mean()
            if plan.agreement:
                loss = loss + plan.agreement * disagreement(*logits)
            optimizer.zero_grad(set_to_none=True)
            loss.backward()  # type: ignore[no-untyped-call]
            torch.nn.utils.clip_grad_norm_([*body, *heads], 1.0)
            optimizer.step()
            schedule.step()
            summed += loss.detach()
            done += 1
            if done % 200 == 0:
                minutes = (time.monotonic() - begun_s) / 60
                told(f"step {done}/{steps}, {minutes:.1f} min, {minutes / done * (steps - done):.1f} min to go")
        network.train(False)
        told(f"epoch {number}: mean loss {float(summed) / max(1, len(batches)):.4f} {after_epoch()}".rstrip())
        _train_mode(network, plan.frozen_layers)
    network.train(False)


def _frozen(network: NluNetwork, layers: int) -> list[torch.nn.Module]:
    """What stays as it is: so many of the lower layers, and what is below them."""
    return [network.encoder.embeddings, *network.encoder.encoder.layer[:layers]] if layers else []


def _train_mode(network: NluNetwork, frozen_layers: int) -> None:
    """On, but for what is frozen: dropout teaches it nothing, and drawing what to leave out costs time."""
    network.train()
    for part in _frozen(network, frozen_layers):
        part.train(False)


def targets(examples: Sequence[Example], device: torch.device | None = None) -> Targets:
    """What is known of the examples, as tensors."""
    return Targets(
        intents=torch.tensor([[float(one in e.intents) for one in INTENTS] for e in examples], device=device),
        sentiments=torch.tensor([[float(one in e.sentiments) for one in SENTIMENTS] for e in examples], device=device),
        signals=torch.tensor([[float(one in (e.signals or ())) for one in SIGNALS] for e in examples], device=device),
        signals_known=torch.tensor([e.signals is not None for e in examples], device=device),
        taught={
            head: torch.tensor([e.taught[head] if e.taught else (0.0,) * len(labels) for e in examples], device=device)
            for head, labels in HEADS.items()
        },
        is_taught=torch.tensor([e.taught is not None for e in examples], device=device),
        weight=torch.tensor([1.0 if e.source in (HAND, CORRECTED) else PUBLIC_WEIGHT for e in examples], device=device),
    )


def _batches(
    texts: TextRows, examples: Sequence[Example], batch_tokens: int, rng: random.Random
) -> list[tuple[list[Row], list[Example]]]:
    """Rows of like length together, the batches in random order."""
    rows = [(texts.row(example.text, example.context), example) for example in examples]
    rows.sort(key=lambda pair: len(pair[0].ids))
    batches = list(_filled(rows, batch_tokens))
    rng.shuffle(batches)
    return batches


def _filled(rows: Sequence[tuple[Row, Example]], batch_tokens: int) -> Iterator[tuple[list[Row], list[Example]]]:
    some: list[tuple[Row, Example]] = []
    for row, example in rows:
        if some and len(row.ids) * (len(some) + 1) > batch_tokens:
            yield [one for one, _ in some], [one for _, one in some]
            some = []
        some.append((row, example))
    if some:
        yield [one for one, _ in some], [one for _, one in some]
