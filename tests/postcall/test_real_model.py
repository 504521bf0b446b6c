"""The summary with the real 1.5B model: fast enough, deterministic, and nothing that was not said."""

from collections.abc import Iterator

import pytest

from agent.config import Settings
from agent.events import AsrFinal, Event
from agent.postcall.summarize import summarize
from agent.postcall.trace import is_faithful
from models.llm import ChatModel, LlamaServer, LocalChatModel
from tests.postcall.calls import STARTED, call, meant
from tests.postcall.test_summarize import PROMPTS, REPAIR

ENGLISH = call("My refrigerator is not cooling. I need someone to repair it.", meant(1, "repair"), language="en")


@pytest.fixture(scope="module")
def llm() -> Iterator[ChatModel]:
    file = Settings().models.dir / "qwen2.5-coder-1.5b-instruct" / "model.gguf"
    yield LocalChatModel(LlamaServer(file, threads=2, context_tokens=2048), timeout_s=120.0)


@pytest.mark.models
@pytest.mark.parametrize("said", [REPAIR, ENGLISH], ids=["zh", "en"])
def test_the_real_model_words_what_the_caller_wanted_and_invents_nothing(
    llm: ChatModel, said: tuple[Event, ...]
) -> None:
    made = summarize(said, STARTED, llm, PROMPTS)
    words = "。".join(event.body.text for event in said if isinstance(event.body, AsrFinal))
    assert made.method == "llm" and is_faithful(made.wanted, words, made.language)


@pytest.mark.models
def test_the_real_model_gives_the_same_summary_again(llm: ChatModel) -> None:
    assert summarize(REPAIR, STARTED, llm, PROMPTS) == summarize(REPAIR, STARTED, llm, PROMPTS)
