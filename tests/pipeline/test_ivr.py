"""A caller in the menu, on a line: keys at once, words, silence, and the hand-over; only the models are stand-ins."""

import asyncio
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from agent.company.company import load_companies
from agent.config import RoutingSettings, Settings
from agent.events import (
    AsrFinal,
    BargeIn,
    CallEnded,
    Dtmf,
    ErrorRaised,
    Language,
    LlmReply,
    MenuChosen,
    MenuEntered,
    PersonWanted,
    RouteChanged,
    ToolCalled,
    Transfer,
    TtsEnded,
)
from agent.pipeline.call import Call
from agent.pipeline.clauses import spoken_pieces
from agent.pipeline.ivr import Ivr, OnTarget, nobody
from agent.pipeline.pipeline import build_pipeline
from agent.reception import Reception, Receptions, rehearsed_desks
from agent.routing.menu import Visit, build_menu, load_menus
from tests.dummy_calls import DoneCall, FailingSynthesizer, broken, engines, run_call, script

JINGHE = Path(__file__).parents[2] / "companies" / "jinghe"
PEOPLE = Settings(routing=RoutingSettings(human_number="8000", specialist_number="8001"))


@pytest.fixture(scope="module")
def receptions() -> Receptions:
    """The demo company, read once; its back end is seeded anew for every call."""
    companies = load_companies([JINGHE])
    (company,) = companies
    return Receptions(companies, {company.id: Reception(company, company.playbook(), rehearsed_desks(company))})


@pytest.fixture(scope="module")
def visit(receptions: Receptions) -> Callable[[str], Visit]:
    (company,) = receptions.companies
    errands = {intent: name for name, flow in company.flows.items() for intent in flow.starts.intents}
    menus = load_menus(JINGHE / "routing" / "menu.yaml")
    return lambda name: Visit(build_menu(menus, name, errands))


@pytest.fixture
def dial(
    tmp_path: Path, receptions: Receptions, visit: Callable[[str], Visit], monkeypatch: pytest.MonkeyPatch
) -> Callable[..., DoneCall]:
    """A call that comes to the menu first."""

    def call(
        *turns: dict[str, Any], heard: list[str] | None = None, on_target: OnTarget = nobody, **more: Any
    ) -> DoneCall:
        name, stages_made = more.pop("menu", "main"), more.pop("stages", list[Ivr]())

        def with_menu(call: Call, *stages: Any, **_: Any) -> Any:
            stages_made.append(Ivr(call, visit(name), on_target))
            return build_pipeline(call, *stages, menu=stages_made[-1])

        monkeypatch.setattr("agent.hotline.build_pipeline", with_menu)
        using = more.pop("using", None) or engines(heard=heard or ["嗯"])
        end = more.pop("end", {"delay_ms": 400})
        fixture = script(tmp_path, *turns, end=end, **more)
        return run_call(tmp_path, fixture, using, PEOPLE, receptions=receptions)

    return call


SOON = {"when": "during_bot", "delay_ms": 500}


def keys(*pressed: str) -> list[dict[str, Any]]:
    """One after the other, as soon as the caller hears that the bot speaks again."""
    return [{"dtmf": key, "when": "during_bot", "delay_ms": 200} for key in pressed]


def phrases(done: DoneCall) -> list[str]:
    return [name for reply in done.bodies(LlmReply) for name in (reply.phrase or "").split()]


def targets(done: DoneCall) -> list[tuple[str, str, str]]:
    return [(chosen.by, chosen.choice, chosen.target) for chosen in done.bodies(MenuChosen)]


def test_the_menu_greets_and_the_bot_does_not(dial: Callable[..., DoneCall]) -> None:
    done = dial(*keys("1", "1"), end=SOON)
    assert phrases(done) == ["menu.main", "menu.repair", "says_ai", "repair.product"]
    first = done.bodies(LlmReply)[0].text
    assert first.startswith("您好，这里是京和电器") and "录音" in first
    assert [(one.node, one.level) for one in done.bodies(MenuEntered)] == [("main", 1), ("repair", 2)]
    assert targets(done) == [("key", "1", "repair"), ("key", "1", "flow:repair")]


def test_a_key_stops_the_prompt_and_acts_at_once(dial: Callable[..., DoneCall]) -> None:
    done = dial({"dtmf": "2", "when": "during_bot", "delay_ms": 800}, {"dtmf": "2", "when": "during_bot"})
    events = list(done.timeline)
    pressed = [event.audio_ms for event in events if isinstance(event.body, Dtmf)]
    chosen = [event.audio_ms for event in events if isinstance(event.body, MenuChosen)]
    assert all(0 <= then - key <= 40 for key, then in zip(pressed, chosen, strict=True))
    silent = [event.audio_ms for event in events if isinstance(event.body, TtsEnded) and not event.body.complete]
    assert all(0 <= then - key <= 40 for key, then in zip(pressed, silent[:2], strict=True))
    assert len(done.bodies(BargeIn)) >= 2
    assert phrases(done)[:3] == ["menu.main", "menu.orders", "says_ai"]


def test_keys_that_are_typed_ahead_go_down_the_tree_one_by_one(dial: Callable[..., DoneCall]) -> None:
    done = dial({"dtmf": "242", "when": "during_bot", "delay_ms": 200})
    assert [target for _, _, target in targets(done)] == ["orders", "change", "flow:cancel_order"]
    assert phrases(done)[-2:] == ["says_ai", "identity_tail"]


def test_digits_after_the_menu_are_a_whole_number_again(dial: Callable[..., DoneCall]) -> None:
    done = dial(*keys("2", "1", "2913"), {"speech_s": 1.2}, heard=["没有了，再见"])
    assert [body.tool for body in done.bodies(ToolCalled)] == ["verify", "get_order"]
    assert len(done.bodies(MenuChosen)) == 2
    assert done.one(CallEnded).ended_by == "bot"


def test_what_is_understood_beats_the_tree_and_is_not_asked_for_again(dial: Callable[..., DoneCall]) -> None:
    done = dial({"speech_s": 1.2}, heard=["我家洗衣机漏水了，要报修"])
    assert targets(done) == [("speech", "repair", "flow:repair")]
    assert phrases(done) == ["menu.main", "says_ai", "before", "repair.date"], (
        "which appliance and what is wrong is known"
    )


def test_a_spoken_number_chooses_like_the_key(dial: Callable[..., DoneCall]) -> None:
    done = dial({"speech_s": 1.2}, {"speech_s": 1.2}, heard=["第二个", "返回上一级"])
    assert [node.node for node in done.bodies(MenuEntered)] == ["main", "orders", "main"]
    assert len(done.bodies(AsrFinal)) == 2


def test_silence_repeats_the_prompt_and_then_the_bot_listens(dial: Callable[..., DoneCall]) -> None:
    done = dial({"speech_s": 1.2, "when": "at", "at_ms": 60_000}, heard=["没事了，再见"], end={"delay_ms": 4000})
    assert targets(done) == [("silence", "", ""), ("silence", "", "bot")]
    assert phrases(done)[:5] == ["menu.main", "menu.main", "menu.main", "says_ai", "how_can_i_help"]
    assert phrases(done)[5] == "still_there", "the bot asks like anywhere, and does not hang up for the menu's silences"
    events = list(done.timeline)
    ended = next(event.audio_ms for event in events if isinstance(event.body, TtsEnded))
    repeated = next(event.audio_ms for event in events if isinstance(event.body, MenuChosen))
    assert abs(repeated - ended - 5000) <= 40, "as long as the node waits, counted from the end of its prompt"


def test_another_language_is_spoken_to_the_end(dial: Callable[..., DoneCall]) -> None:
    done = dial(*keys("9", "1", "1"))
    replies = done.bodies(LlmReply)
    spoken: list[Language] = [reply.language for reply in replies]
    assert spoken == ["zh", "en", "en", "en"]
    assert replies[1].text.startswith("Hello, this is Jinghe Appliances.")
    assert "AI assistant" in replies[-1].text and "Which appliance" in replies[-1].text


def test_a_person_is_announced_before_the_call_goes(dial: Callable[..., DoneCall]) -> None:
    told: list[tuple[str, int]] = []

    async def switchboard(target: str) -> bool:
        told.append((target, len(told)))
        return True

    done = dial(*keys("0"), {"speech_s": 1.2}, heard=["喂"], on_target=switchboard, end={"delay_ms": 3000})
    assert [target for target, _ in told] == ["queue:service"]
    assert done.bodies(LlmReply)[-1].text == "好的，马上为您转人工客服。"
    assert done.bodies(TtsEnded)[-1].complete
    assert phrases(done) == ["menu.main", "menu.main"], "whoever has the call speaks now, and not the bot"
    assert done.one(CallEnded).ended_by == "caller"


@pytest.mark.parametrize("said", [False, True])
def test_where_no_switchboard_takes_the_call_a_person_still_does(dial: Callable[..., DoneCall], said: bool) -> None:
    done = dial({"speech_s": 1.2} if said else {"dtmf": "0"}, heard=["转人工"])
    assert done.one(PersonWanted).reason == "asked"
    assert done.one(Transfer).destination == "8000"
    assert done.one(CallEnded).ended_by == "transfer"


def test_who_comes_back_from_elsewhere_is_taken_over_by_the_bot(dial: Callable[..., DoneCall]) -> None:
    stages: list[Ivr] = []

    async def nobody_came(target: str) -> bool:
        asyncio.get_running_loop().call_later(3, lambda: asyncio.ensure_future(stages[0].hand_to_bot()))
        return True

    done = dial(
        *keys("0"), {"speech_s": 1.2}, {"speech_s": 1.2},
        heard=["没事了，再见"], on_target=nobody_came, stages=stages,
    )  # fmt: skip
    assert phrases(done)[:4] == ["menu.main", "menu.main", "says_ai", "how_can_i_help"]
    assert done.one(CallEnded).ended_by == "bot"


def test_at_night_a_key_registers_a_callback(dial: Callable[..., DoneCall]) -> None:
    done = dial(*keys("2"), menu="night", end={"delay_ms": 1500})
    assert targets(done) == [("key", "2", "callback")]
    assert [body.tool for body in done.bodies(ToolCalled)] == ["create_ticket"]
    assert phrases(done)[:2] == ["menu.night", "says_ai"]


def test_who_speaks_over_the_prompt_is_listened_to(dial: Callable[..., DoneCall]) -> None:
    done = dial({"speech_s": 1.2, "when": "during_bot", "delay_ms": 1500}, heard=["我要查物流"])
    first = done.bodies(TtsEnded)[0]
    assert not first.complete and "人工客服" not in first.heard
    assert targets(done) == [("speech", "logistics", "flow:logistics")]


def test_what_is_said_over_the_announcement_is_heard_by_whoever_comes_next(dial: Callable[..., DoneCall]) -> None:
    turns = [{"speech_s": 1.2, "when": "during_bot", "delay_ms": 300}]
    done = dial(
        *keys("7", "7", "7"), *turns, {"speech_s": 1.2},
        heard=["等一下我要查订单", "没事了，再见"], end={"delay_ms": 3000},
    )  # fmt: skip
    assert done.bodies(AsrFinal)[0].text == "等一下我要查订单"
    assert done.bodies(PersonWanted), "they had not chosen in three attempts, and a person is on the way"


def test_a_switchboard_that_fails_loses_nobody(dial: Callable[..., DoneCall]) -> None:
    async def broken_down(target: str) -> bool:
        raise RuntimeError("no floor")

    done = dial(*keys("1", "3"), on_target=broken_down)
    assert [error.stage for error in done.bodies(ErrorRaised)] == ["routing"]
    assert phrases(done)[-1] != "menu.repair" and "says_ai" in phrases(done)


def test_a_threat_in_the_menu_moves_the_call_like_any_other(dial: Callable[..., DoneCall]) -> None:
    done = dial({"speech_s": 1.2}, heard=["再不解决我就打12315投诉你们"])
    assert done.one(RouteChanged).destination == "complaint_specialist"
    assert done.one(Transfer).destination == "8001"


def test_without_a_voice_the_menu_still_leads_somewhere(dial: Callable[..., DoneCall]) -> None:
    using = engines(heard=["嗯"], synthesizer=FailingSynthesizer(broken()))
    done = dial({"dtmf": "0", "when": "at", "at_ms": 3000}, using=using, end={"when": "at", "at_ms": 60_000})
    assert done.one(CallEnded).ended_by == "transfer"


def test_wrong_keys_lead_to_a_person_after_three(dial: Callable[..., DoneCall]) -> None:
    done = dial(*keys("7", "7", "7"))
    assert [target for _, _, target in targets(done)] == ["", "", "queue:service"]
    assert done.one(Transfer).accepted


def test_every_sentence_of_the_menu_is_one_that_the_cache_can_hold(dial: Callable[..., DoneCall]) -> None:
    asked: list[str] = []

    class Listening(FailingSynthesizer):
        def synthesize(self, text: str, **more: Any) -> Any:
            asked.append(text)
            return super().synthesize(text, **more)

    dial(*keys("9", "2", "7", "*", "*"), using=engines(synthesizer=Listening(broken(), ("never",))), end=SOON)
    menu = build_menu(load_menus(JINGHE / "routing" / "menu.yaml"), "main")
    held = {
        piece
        for language in menu.languages
        for sentence in menu.sentences(language)
        for piece in spoken_pieces(sentence, language)
    }
    assert set(asked) <= held and asked


def test_the_same_call_twice_takes_the_same_course(dial: Callable[..., DoneCall]) -> None:
    again = partial(dial, *keys("1", "*", "2"), {"speech_s": 1.2, "when": "during_bot"}, heard=["查物流"], end=SOON)
    assert again().lines == again().lines
