"""The benchmark of the knowledge: its sets name entries that are there, its parts do not mix."""

from typing import get_args

from agent.events import Language
from agent.knowledge.confidence import NAMES, SPEAK_FOR, Signs, confidence
from agent.knowledge.documents import read_knowledge
from bench.knowledge import COMPANY, Example, Part, Question, fit, held_out, load_beside, load_questions, share


def test_every_question_expects_an_answer_that_there_is() -> None:
    ids = {(entry.language, entry.id) for entry in read_knowledge(COMPANY / "knowledge") if entry.approved}
    missing = {
        (one.language, one.text) for one in load_questions() for name in one.expected if (one.language, name) not in ids
    }
    assert not missing


def test_no_question_is_in_two_parts_and_none_of_the_fresh_ones_is_fitted_on() -> None:
    of = {part: {one.text for one in load_questions() if one.part == part} for part in get_args(Part)}
    beside = {text for language in get_args(Language) for text in load_beside(language)}
    written = {wording for entry in read_knowledge(COMPANY / "knowledge") for wording in entry.wordings}
    assert not of["dev"] & of["test"] and not of["fresh"] & (of["dev"] | of["test"] | beside | written)


def test_the_fresh_part_is_large_enough() -> None:
    asked = [one for one in load_questions() if one.part == "fresh" and not one.heard]
    for language, answerable, others in (("zh", 70, 50), ("en", 40, 30)):
        of_language = [one for one in asked if one.language == language]
        assert sum(bool(one.expected) for one in of_language) >= answerable
        assert sum(not one.expected for one in of_language) >= others


def example(number: int, right: bool) -> Example:
    signs = Signs(**{name: float(right if name in SPEAK_FOR else not right) for name in NAMES})
    return Example(Question(str(number), "zh", frozenset({"a"}), str(number), "dev"), "a" if right else "b", signs, 1.0)


def test_a_fit_tells_right_from_wrong_on_what_it_was_not_made_on() -> None:
    found = [example(number, number % 2 == 0) for number in range(40)]
    assert set(fit(found)) == {"bias", *NAMES}
    outcomes = [outcome for _, outcome in held_out(found, 4)]
    assert len(outcomes) == 40 and all((one.confidence > 0.5) is one.is_right for one in outcomes)
    assert confidence(found[0].signs, fit(found)) > confidence(found[1].signs, fit(found))


def test_a_share_has_its_interval_within_0_and_100() -> None:
    assert share(0, 0) == "–" and share(30, 30) == "100.0 % (89–100)" and share(0, 30) == "0.0 % (0–11)"
