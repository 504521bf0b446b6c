"""How the classifier is taught: what the corpus files mean, what stays apart, what each head is told, what is kept."""

import argparse
import gzip
import json
import math
import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer
from transformers import BertConfig

from models.errors import ModelError
from models.nlu import INTENTS, SENTIMENTS, SIGNALS, TOKENIZER_FILE
from models.nlu_network import HEADS, NluNetwork, TextRows
from models.nlu_transformer import TransformerClassifier
from models.nlu_weights import pack, read_weights, unpack, write_weights
from models.training import corpus, lessons
from models.training.augment import Augmenter
from models.training.corpus import Example, hand_written
from models.training.fine_tune import Plan, fine_tune, targets
from models.training.frozen import frozen_intents, without_frozen
from models.training.losses import LABEL_SMOOTHING, allowed_loss, disagreement, signals_loss, total_loss
from models.training.mean import write_mean
from models.training.measures import f1, macro_f1, precision_recall
from models.training.split import part_of, place_of, select
from models.training.start import start
from models.training.teachers import taught
from models.training.train_nlu import ENCODER_DIR, share
from tests.models.tiny_nlu import CONFIG, write_tiny


@pytest.fixture(scope="module")
def written() -> list[Example]:
    return hand_written()


def test_every_intent_and_signal_has_hundreds_of_written_sentences(written: list[Example]) -> None:
    for intent in INTENTS:
        assert sum(e.intent == intent and not e.text.isascii() for e in written) >= 300, intent
    for signal in SIGNALS:
        assert sum(signal in (e.signals or ()) for e in written) >= 80, signal


def test_traps_carry_no_signal(written: list[Example]) -> None:
    traps = [e for e in written if "/trap/" in e.scenario]
    assert len(traps) > 1000
    assert all(e.signals == frozenset() for e in traps)


def test_the_parts_share_no_scenario_and_each_has_every_intent(written: list[Example]) -> None:
    parts = {part: select(written, part) for part in ("train", "dev", "test")}
    scenarios = [{e.scenario for e in some} for some in parts.values()]
    assert scenarios[0].isdisjoint(scenarios[1] | scenarios[2]) and scenarios[1].isdisjoint(scenarios[2])
    for part, some in parts.items():
        assert {e.intent for e in some} >= set(INTENTS), part


def test_no_frozen_sentence_is_trained_on(written: list[Example]) -> None:
    trained = {e.text for e in without_frozen(select(written, "train"))}
    assert len(trained) > 10_000
    assert trained.isdisjoint(e.text for language in ("zh", "en") for e in frozen_intents(language))


def test_adding_sentences_moves_no_scenario() -> None:
    # Written out: a scenario that was measured before must be found in the same part by every later version.
    assert [place_of(f"scenario {i}") for i in range(4)] == [16, 59, 50, 20]
    assert part_of("zh/repair/book-visit") == "train"
    share = sum(part_of(f"scenario {i}") == "train" for i in range(2000)) / 2000
    assert share == pytest.approx(0.9, abs=0.03)


def test_marks_and_signals_before_a_sentence_are_read(tmp_path: Path) -> None:
    path = tmp_path / "lawyer.txt"
    path.write_text("## one\n{regulator,media}!你等着\n-好吧\n## trap/two\n我是律师\n", encoding="utf-8")
    first, second, third = corpus._lines(path)
    assert (first.text, first.sentiment, first.signals) == ("你等着", "angry", {"regulator", "media"})
    assert (second.text, second.sentiment, second.signals) == ("好吧", "negative", frozenset())
    assert (third.scenario, third.sentiment) == ("trap/two", "neutral")


@pytest.mark.parametrize(
    ("content", "told"),
    [("你好\n", r":1: a sentence before"), ("## a\n{police}你好\n", r":2: no signal"), ("## a\n!\n", r":2: marks")],
)
def test_a_wrong_line_is_named(tmp_path: Path, content: str, told: str) -> None:
    path = tmp_path / "x.txt"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(ModelError, match=told):
        list(corpus._lines(path))


def test_a_turn_of_a_dialogue_knows_the_turns_before_it(written: list[Example]) -> None:
    scenario = next(e.scenario for e in written if e.scenario.startswith("dialogue/"))
    turns = [e for e in written if e.scenario == scenario]
    assert turns[0].context == ()
    assert turns[2].context == (turns[0].text, turns[1].text)


def test_an_epoch_keeps_labels_and_sentences_of_every_mood_get_a_strange_calm_context(written: list[Example]) -> None:
    some = written[::40]
    rows = lessons.epoch(some, Augmenter([e.text for e in some], random.Random(0)), random.Random(0))
    assert len(rows) == len(some)
    assert sorted(e.scenario for e in rows) == sorted(e.scenario for e in some)
    strange = [e for e in rows if e.context and not e.scenario.startswith("dialogue/")]
    assert {mood for e in strange for mood in e.sentiments} == {"angry", "negative", "neutral", "positive"}
    calm = {e.text for e in written if e.sentiments == {"neutral"}}
    assert all(before in calm for e in strange for before in e.context)


def test_a_part_of_an_epoch_has_all_that_people_corrected(written: list[Example]) -> None:
    corrected = [Example(f"corrected {n}", f"c/{n}", "corrected", frozenset({"repair"})) for n in range(30)]
    some = [*written[::40], *corrected]
    rows = lessons.epoch(some, Augmenter([e.text for e in some], random.Random(0)), random.Random(0), part=0.25)
    assert sum(e.source == "hand" for e in rows) == round(0.25 * len(written[::40]))
    assert {e.text for e in rows if e.source == "corrected"} == {e.text for e in corrected}


def test_news_that_is_read_aloud_is_nothing_a_caller_wants_and_the_clips_own_sentences_are_left_to_tests(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "speech_zh"
    folder.mkdir()
    (folder / "aishell1_sentences.txt").write_text("a_0 房价回升\na_1 他获得冠军\na_2 房价回升\n", encoding="utf-8")
    (folder / "manifest.tsv").write_text("file\ttext\nb.wav\t他获得冠军\n", encoding="utf-8")
    overheard = list(corpus._overheard(tmp_path))
    assert {e.text for e in overheard} == {"房价回升"}
    assert all(e.intents == {"other"} and e.signals == frozenset() and not e.sentiments for e in overheard)


def test_a_public_set_says_which_it_is_and_a_caller_does_not(tmp_path: Path, written: list[Example]) -> None:
    folder = tmp_path / "sentiment"
    folder.mkdir()
    rows = {
        "weibo_emotion": [{"text": "气死我了", "label": "angry"}],
        "reviews": [{"text": "很好用", "label": 1}],
        "tv_dialogue_emotion": [
            {"dialogue": "1", "text": "你走吧", "emotion": "anger", "sentiment": "negative"},
            {"dialogue": "1", "text": "好", "emotion": "neutral", "sentiment": "neutral"},
        ],
    }
    for name, some in rows.items():
        with gzip.open(folder / f"{name}.jsonl.gz", "wt", encoding="utf-8") as file:
            file.writelines(json.dumps(one) + "\n" for one in some)
    told = [*corpus._public_sentiments(tmp_path), *corpus._tv(tmp_path)]
    assert [e.text for e in told] == ["微博：气死我了", "评论：很好用", "电视剧：你走吧", "电视剧：好"]
    assert told[-1].context == ("你走吧",), "only what is to be judged is marked"
    assert not any(e.text.startswith(tuple(corpus.KIND_MARKS.values())) for e in written)


def test_some_rows_of_a_public_set_do_not_say_which_set_it_is(written: list[Example]) -> None:
    reviews = [replace(row(f"评论：第{number}条"), source="reviews") for number in range(500)]
    rows = lessons.epoch(reviews, Augmenter([], random.Random(0)), random.Random(0))
    bare = [e.text for e in rows if not e.text.startswith("评论：")]
    assert len(rows) == 500
    assert 100 < len(bare) < 200
    assert all(f"评论：{text}" in {e.text for e in reviews} for text in bare)


@pytest.mark.parametrize("wrong", ["reviews", "reviews=", "reviews=x", "films=200", "=5"])
def test_a_share_names_a_set_and_its_rows(wrong: str) -> None:
    assert share("reviews=1200") == ("reviews", 1200)
    with pytest.raises(argparse.ArgumentTypeError, match="SET=ROWS"):
        share(wrong)


def row(text: str = "x", **known: object) -> Example:
    return Example(text, "s", "hand", **known)  # type: ignore[arg-type]


def test_what_is_not_known_teaches_nothing() -> None:
    known = targets([row()])
    logits = {"intent": torch.randn(1, 16), "sentiment": torch.randn(1, 4), "signals": torch.randn(1, 12)}
    for tensor in logits.values():
        tensor.requires_grad_()
    loss = total_loss(logits, known)
    loss.backward()
    assert float(loss.detach()) == pytest.approx(0, abs=1e-6)
    for tensor in logits.values():
        assert tensor.grad is None or torch.all(tensor.grad.nan_to_num(nan=9).abs() < 1e-6)


def test_a_bad_review_may_be_negative_or_angry() -> None:
    known = targets([row(sentiments=frozenset({"negative", "angry"}))])
    even = allowed_loss(torch.zeros(1, 4), known.sentiments)
    assert float(even) == pytest.approx(math.log(2))
    for mood in ("negative", "angry"):
        logits = torch.zeros(1, 4)
        logits[0, SENTIMENTS.index(mood)] = 20
        assert float(allowed_loss(logits, known.sentiments)) == pytest.approx(0, abs=1e-4)


def test_where_one_answer_is_right_the_loss_is_a_smoothed_cross_entropy() -> None:
    known, logits = targets([row(intents=frozenset({"repair"}))]), torch.randn(1, 16)
    theirs = torch.nn.functional.cross_entropy(
        logits, torch.tensor([INTENTS.index("repair")]), label_smoothing=LABEL_SMOOTHING
    )
    assert float(allowed_loss(logits, known.intents, LABEL_SMOOTHING)) == pytest.approx(float(theirs), abs=1e-5)


def test_whoever_threatens_or_was_hurt_is_not_taken_for_small_talk(written: list[Example]) -> None:
    serious = [e for e in written if e.signals and not e.intent]
    assert len(serious) > 3_000
    for example in serious:
        assert "complaint" in example.intents and not example.intents & {"greeting", "goodbye", "praise"}, example
        assert "self_harm" in (example.signals or ()) or "other" not in example.intents, example


def test_right_answers_cost_less_than_wrong_ones() -> None:
    known = targets([row(intents=frozenset({"repair"}), signals=frozenset({"safety"}))])
    right, wrong = torch.full((1, 16), 0.0), torch.full((1, 16), 0.0)
    right[0, INTENTS.index("repair")] = wrong[0, INTENTS.index("praise")] = 8
    assert allowed_loss(right, known.intents) < allowed_loss(wrong, known.intents)
    hears = torch.full((1, 12), -8.0)
    deaf = hears.clone()
    hears[0, SIGNALS.index("safety")] = 8
    assert signals_loss(hears, known.signals, known.signals_known) < signals_loss(
        deaf, known.signals, known.signals_known
    )


def test_a_pupil_learns_the_mean_of_its_teachers_and_what_the_writer_said(tmp_path: Path) -> None:
    teacher = write_tiny(tmp_path / "one")
    state, card = read_weights(teacher)
    other = tmp_path / "other"
    write_weights(other, {name: values * 3 for name, values in state.items()}, card)
    (other / TOKENIZER_FILE).write_bytes((teacher / TOKENIZER_FILE).read_bytes())
    examples = [row(text="我的订单", intents=frozenset({"order_status"})), row(text="漏水", context=("洗衣机",))]
    alone, beside, both = (taught(examples, some) for some in ([teacher], [other], [teacher, other]))
    for one, two, mean in zip(alone, beside, both, strict=True):
        for head in HEADS:
            assert one.taught and two.taught and mean.taught
            assert mean.taught[head] == pytest.approx((np.array(one.taught[head]) + two.taught[head]) / 2, abs=1e-5)
        assert sum(mean.taught["intent"]) == pytest.approx(1, abs=1e-5)
        assert replace(mean, taught=None) in examples


def test_the_mean_of_two_trainings_lies_between_them_and_unlike_ones_have_none(tmp_path: Path) -> None:
    one = write_tiny(tmp_path / "one")
    state, card = read_weights(one)
    other = tmp_path / "other"
    write_weights(other, {name: values * 3 for name, values in state.items()}, card)
    (other / TOKENIZER_FILE).write_bytes((one / TOKENIZER_FILE).read_bytes())
    dev = [
        row(
            text="我的订单", intents=frozenset({"order_status"}), sentiments=frozenset({"neutral"}), signals=frozenset()
        )
    ]
    write_mean(tmp_path / "mean", [one, other], dev)
    mean, _ = read_weights(tmp_path / "mean")
    for name, values in state.items():
        assert torch.allclose(mean[name], values * 2, atol=float(values.abs().max()) / 60), name
    assert TransformerClassifier(tmp_path / "mean").understand("我的订单").intent
    unlike = write_tiny(tmp_path / "unlike")
    (unlike / TOKENIZER_FILE).write_text((one / TOKENIZER_FILE).read_text().replace("▁", "_"))
    with pytest.raises(ModelError, match="unlike is built otherwise"):
        write_mean(tmp_path / "none", [one, unlike], dev)


def test_where_teachers_and_writer_differ_a_pupil_is_drawn_to_both() -> None:
    says_repair = {head: tuple(float(label == "repair") for label in labels) for head, labels in HEADS.items()}
    known = targets([row(intents=frozenset({"order_status"}), taught=says_repair)])
    logits = {head: torch.zeros(1, len(labels), requires_grad=True) for head, labels in HEADS.items()}
    total_loss(logits, known).backward()
    pull = dict(zip(INTENTS, logits["intent"].grad[0].tolist(), strict=True))  # type: ignore[index]
    assert pull["repair"] < pull["order_status"] < 0 < pull["billing_invoice"]


def test_two_answers_disagree_by_nothing_if_they_are_one_and_the_same_either_way_round() -> None:
    torch.manual_seed(0)
    one, other = (
        {"intent": torch.randn(3, 16), "sentiment": torch.randn(3, 4), "signals": torch.randn(3, 12)} for _ in range(2)
    )
    assert disagreement(one, one) == 0
    assert disagreement(one, other) > 0
    assert torch.isclose(disagreement(one, other), disagreement(other, one))
    # Each head is heard: unlike answers of one alone count.
    assert all(disagreement(one, one | {head: other[head]}) > 0 for head in one)


def test_asking_twice_is_another_lesson_than_asking_once(tmp_path: Path) -> None:
    once, _ = trained(tmp_path / "once")
    twice, _ = trained(tmp_path / "twice", agreement=0.5)
    weights = "encoder.encoder.layer.1.output.dense.weight"
    assert not torch.equal(once.state_dict()[weights], twice.state_dict()[weights])


def trained(folder: Path, agreement: float = 0.0) -> tuple[NluNetwork, list[str]]:
    """Two layers, the lower one frozen, after a few steps on two sentences; and what was told."""
    folder.mkdir()
    tokenizer = Tokenizer.from_file(str(write_tiny(folder) / TOKENIZER_FILE))
    torch.manual_seed(1)
    network = NluNetwork(BertConfig(**{**CONFIG, "num_hidden_layers": 2}, attn_implementation="sdpa"))
    rows = [
        row(text="我的订单", intents=frozenset({"order_status"})),
        row(text="洗衣机漏水", intents=frozenset({"repair"})),
    ]
    told: list[str] = []
    plan = Plan(epochs=3, frozen_layers=1, batch_tokens=16, agreement=agreement)
    fine_tune(network, TextRows(tokenizer, 0, 1, 2), [rows] * plan.epochs, plan, told.append)
    return network, told


def test_a_training_leaves_frozen_layers_alone_teaches_the_rest_and_is_the_same_again(tmp_path: Path) -> None:
    network, told = trained(tmp_path / "first")
    torch.manual_seed(1)
    before = NluNetwork(BertConfig(**{**CONFIG, "num_hidden_layers": 2}, attn_implementation="sdpa")).state_dict()
    changed = {name for name, now in network.state_dict().items() if not torch.equal(now, before[name])}
    assert {name.split(".")[3] for name in changed if name.startswith("encoder.encoder.layer")} == {"1"}
    assert not any("embeddings" in name for name in changed)
    assert {"heads.intent.weight", "heads.intent.bias"} <= changed
    assert len(told) == 3 and not network.training
    again, _ = trained(tmp_path / "again")
    assert all(torch.equal(now, network.state_dict()[name]) for name, now in again.state_dict().items())


@given(st.integers(1, 40), st.integers(1, 40), st.floats(1e-3, 50))
def test_eight_bits_keep_each_number_within_half_a_step(rows: int, columns: int, largest: float) -> None:
    tensor = torch.rand(rows, columns, generator=torch.Generator().manual_seed(rows)) * largest * 2 - largest
    back = unpack(pack({"w": tensor}))["w"]
    step = tensor.abs().amax(dim=1, keepdim=True) / 127
    assert torch.all((back - tensor).abs() <= step * 0.51 + tensor.abs() * 1e-3)


def test_measures_are_what_their_names_say() -> None:
    truth, said = [True, True, False, False], [True, False, True, False]
    assert precision_recall(truth, said) == (0.5, 0.5)
    assert f1(truth, said) == 0.5
    assert macro_f1(["a", "a", "b"], ["a", "a", "a"]) == pytest.approx(0.4)
    assert math.isnan(f1([False], [False]))


@pytest.mark.models
def test_heads_see_sentences_apart_from_the_first_step_on() -> None:
    """Pretrained sentence vectors nearly coincide; heads over them as they are learnt nothing for hundreds of steps."""
    network, texts = start(
        ENCODER_DIR.expanduser(),
        ["我的快递到哪了", "空调不制冷", "我要退货", "转人工", "谢谢，再见", "开发票"],
        layers=2,
    )
    with torch.inference_mode():
        batch = texts.batch([texts.row(text) for text in ("我的快递到哪了", "谢谢，再见")], torch.device("cpu"))
        seen = (network.pooled(batch) - network.center) / network.spread
    assert torch.nn.functional.cosine_similarity(seen[0], seen[1], dim=0) < 0.5
    assert seen.abs().mean() == pytest.approx(1, abs=0.5)


@pytest.mark.parametrize("sentence", ["我想退掉这个微波炉", "i want to return this microwave"])
def test_what_is_said_around_a_sentence_leaves_the_sentence(sentence: str) -> None:
    augmenter = Augmenter([sentence], random.Random(0))
    variants = {augmenter.with_fillers(sentence) for _ in range(60)}
    assert len(variants) > 20
    assert all(sentence in variant for variant in variants)
