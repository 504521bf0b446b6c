"""Every sentence exists in both languages, and a prompt file that is wrong names itself and the entry."""

import shutil
from pathlib import Path
from typing import get_args

import pytest

from agent.config import Settings
from agent.errors import ConfigError
from agent.events import Intent, Language
from agent.prompts import Phrase, Prompts

FOLDER = Settings().prompts_dir
COMPANY: dict[str, dict[Language, str]] = {"company": {"zh": "京和电器", "en": "Jinghe"}}
VALUES = {"minutes": "30", "digits": "88472913"}


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A copy of the prompts that may be changed."""
    return Path(shutil.copytree(FOLDER, tmp_path / "prompts"))


def edit(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")


@pytest.mark.parametrize("language", get_args(Language))
@pytest.mark.parametrize("name", get_args(Phrase))
def test_every_sentence_is_there_whole_in_both_languages(name: Phrase, language: Language) -> None:
    sentence = Prompts(FOLDER, COMPANY).phrase(name, language, **VALUES)
    assert sentence and "{" not in sentence and "}" not in sentence
    chinese = sum("一" <= character <= "鿿" for character in sentence)
    assert (chinese > len(sentence) / 2) if language == "zh" else chinese == 0


@pytest.mark.parametrize("language", get_args(Language))
def test_the_language_model_is_told_who_it_is_and_what_each_intent_calls_for(language: Language) -> None:
    prompts = Prompts(FOLDER, COMPANY)
    assert COMPANY["company"][language] in prompts.system(language)
    for intent in get_args(Intent):
        for known in (True, False):
            reference = prompts.reference(intent, language, number_known=known)
            assert reference[-1] in "。？.?" and reference in prompts.reminder(reference, language)
    assert COMPANY["company"][language] in prompts.asr_context(language)
    assert prompts.asr_context(language) in prompts.phantoms(language)


def test_the_vocabulary_has_the_company_s_words_each_once() -> None:
    words = Prompts(FOLDER, COMPANY).vocabulary
    assert {"订单", "制冷", "发票", "洗衣机"} <= set(words) and len(words) == len(set(words))


@pytest.mark.parametrize("word", ["单", "WiFi"])
def test_a_word_that_has_no_sound_of_its_own_is_named_with_its_line(own: Path, word: str) -> None:
    edit(own / "asr" / "vocabulary.zh.txt", "\n洗衣机\n", f"\n洗衣机\n{word}\n")
    with pytest.raises(ConfigError, match=rf"vocabulary\.zh\.txt:\d+: '{word}'"):
        Prompts(own, COMPANY)


@pytest.mark.parametrize("language", get_args(Language))
def test_sentences_that_are_the_same_in_every_call_can_be_spoken_beforehand(language: Language) -> None:
    prompts = Prompts(FOLDER, COMPANY)
    fixed = prompts.fixed_sentences(language, minutes="30")
    assert prompts.phrase("greeting", language) in fixed
    assert prompts.phrase("lines_busy", language) in fixed
    assert prompts.phrase("alert_callback", language, minutes="30") in fixed
    assert not [sentence for sentence in fixed if "{" in sentence], "what only a call can fill in is left out"
    assert prompts.openers(language)["apology"][0] in fixed


@pytest.mark.parametrize("language", get_args(Language))
def test_the_model_can_go_on_from_every_opener(language: Language) -> None:
    openers = [opener for kind in Prompts(FOLDER, COMPANY).openers(language).values() for opener in kind]
    assert all(opener.endswith("，" if language == "zh" else ",") for opener in openers)


@pytest.mark.parametrize(
    ("file", "old", "new", "says"),
    [
        ("phrases/zh.yaml", "goodbye:", "goodbyes:", ["phrases/zh.yaml", "goodbye"]),
        ("phrases/en.yaml", "pardon: Sorry", "# pardon: Sorry", ["phrases/en.yaml", "pardon is missing"]),
        ("reply/zh.yaml", "  repair:", "  repairs:", ["reply/zh.yaml", "hints.repair"]),
        ("reply/en.yaml", "  praise: ", "  # praise: ", ["reply/en.yaml", "hints.praise is missing"]),
        ("reply/zh.yaml", "system:", "sistem:", ["reply/zh.yaml", "system"]),
        ("asr/en.yaml", "phantoms:", "phantoms: 5\nothers:", ["asr/en.yaml", "phantoms"]),
        ("asr/zh.yaml", "context:", "context: [", ["asr/zh.yaml", "not valid YAML"]),
        # A sentence that cannot be filled in would fail in the middle of a call.
        ("phrases/zh.yaml", "{minutes}", "{minuten}", ["phrases/zh.yaml", "minuten"]),
        ("phrases/en.yaml", "is {company}", "is {firm}", ["phrases/en.yaml", "greeting", "firm"]),
        ("phrases/en.yaml", "is {company}", "is {company", ["phrases/en.yaml", "greeting"]),
        ("phrases/en.yaml", "is {company}", "is {}", ["phrases/en.yaml", "greeting"]),
        ("reply/en.yaml", "{company}", "{firm}", ["reply/en.yaml", "system", "firm"]),
        ("asr/zh.yaml", "{company}", "{firm}", ["asr/zh.yaml", "context", "firm"]),
        ("openers/zh.yaml", "apology:", "excuse:", ["openers/zh.yaml", "excuse"]),
        ("openers/zh.yaml", "other:", "chitchat:", ["openers/zh.yaml", "other is missing"]),
        ("openers/en.yaml", "  - Sure, no problem,\n", "", ["openers/en.yaml", "other"]),
    ],
)
def test_a_wrong_prompt_file_names_itself_and_the_entry(
    own: Path, file: str, old: str, new: str, says: list[str]
) -> None:
    edit(own / file, old, new)
    with pytest.raises(ConfigError) as raised:
        Prompts(own, COMPANY)
    for part in says:
        assert part in str(raised.value)


def test_a_missing_prompt_file_is_named_with_its_remedy(own: Path) -> None:
    (own / "reply" / "en.yaml").unlink()
    with pytest.raises(ConfigError, match=r"cannot read .*reply/en\.yaml: No such file.*prompts_dir"):
        Prompts(own, COMPANY)


def test_an_empty_prompt_file_is_named(own: Path) -> None:
    (own / "phrases" / "zh.yaml").write_text("")
    with pytest.raises(ConfigError, match=r"phrases/zh\.yaml"):
        Prompts(own, COMPANY)
