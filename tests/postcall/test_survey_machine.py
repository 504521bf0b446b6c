"""The survey asks once, repeats once, and ends; whom it asks; and what follows from a bad score."""

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.company.hours import Hours
from agent.errors import CompanyError
from agent.events import (
    AlertRaised,
    AlertWithdrawn,
    Body,
    CallEnded,
    CallStarted,
    Event,
    LlmReply,
    QueueLeft,
    SpamJudged,
    SurveyAnswered,
    SurveyAsked,
)
from agent.postcall.survey import Act, Asked, Begin, End, GiveBack, Key, Moment, Nothing, Said, Say, Scored, State, step
from agent.postcall.survey_config import Survey, load_survey, should_ask
from agent.postcall.survey_task import survey_task
from tests.postcall.calls import STARTED, events, heard

FILE = Path(__file__).parents[2] / "companies" / "jinghe" / "routing" / "survey.yaml"
SURVEY = load_survey(FILE)


def run(*moments: Moment, survey: Survey = SURVEY) -> list[Act]:
    state, acts = State(), list[Act]()
    for moment in (Begin(), *moments):
        state, more = step(survey, state, moment)
        acts += more
    return acts


def zh(text: str, *, wish: bool = False) -> Said:
    return Said(text, "zh", wish)


ASK = (Asked(1), Say("ask"))
AGAIN = (Asked(2), Say("again"))
BYE = (Say("skip"), End())


@pytest.mark.parametrize(
    ("moments", "acts"),
    [
        ((Key("5"),), (Scored(5, "key", "5"), Say("thanks"), End())),
        ((zh("很满意"),), (Scored(5, "speech", "很满意"), Say("thanks"), End())),
        ((Said("very good", "en"),), (Scored(5, "speech", "very good"), Say("thanks"), End())),
        # A bad score is asked about, once; whatever is said then is thanked for.
        ((Key("2"), zh("师傅没来")), (Scored(2, "key", "2"), Say("reason"), Say("thanks_low"), End())),
        ((Key("1"), Nothing()), (Scored(1, "key", "1"), Say("reason"), Say("thanks_low"), End())),
        ((Key("1"), Key("#"), zh("不想说")), (Scored(1, "key", "1"), Say("reason"), Say("thanks_low"), End())),
        # A slip of the finger is mended.
        (
            (Key("1"), zh("按错了，是五分")),
            (Scored(1, "key", "1"), Say("reason"), Scored(5, "speech", "按错了，是五分"), Say("thanks"), End()),
        ),
        # But a number in a reason is no correction.
        ((Key("2"), zh("上次也是两分")), (Scored(2, "key", "2"), Say("reason"), Say("thanks_low"), End())),
        ((Key("9"), Key("4")), (*AGAIN, Scored(4, "key", "4"), Say("thanks"), End())),
        ((Nothing(), zh("三分")), (*AGAIN, Scored(3, "speech", "三分"), Say("thanks"), End())),
        ((Nothing(), Nothing()), (*AGAIN, *BYE)),
        ((zh("啊？"), zh("什么")), (*AGAIN, *BYE)),
        ((zh("不用了"),), BYE),
        ((zh("我还想问下订单", wish=True),), (GiveBack(),)),
        # An answer is an answer, whatever else it was taken for.
        (
            (zh("太差了", wish=True), Nothing()),
            (Scored(1, "speech", "太差了"), Say("reason"), Say("thanks_low"), End()),
        ),
    ],
)
def test_the_survey_takes_its_course(moments: tuple[Moment, ...], acts: tuple[Act, ...]) -> None:
    assert run(*moments) == [*ASK, *acts]


def test_where_the_company_asks_for_no_reason_a_bad_score_ends_it() -> None:
    quiet = SURVEY.model_copy(update={"asks_reason": False})
    assert run(Key("1"), survey=quiet) == [*ASK, Scored(1, "key", "1"), Say("thanks_low"), End()]


MOMENTS = st.one_of(
    st.builds(Key, st.sampled_from("0123456789*#")),
    st.builds(
        Said, st.sampled_from(["五分", "不满意", "不用了", "嗯", "改成四分", "一二三"]), st.just("zh"), st.booleans()
    ),
    st.just(Nothing()),
    st.just(Begin()),
)


@given(st.lists(MOMENTS, max_size=12))
def test_whatever_happens_it_asks_at_most_twice_and_ends_at_most_once(moments: list[Moment]) -> None:
    acts = run(*moments)
    ends = [act for act in acts if isinstance(act, End | GiveBack)]
    assert [act.times for act in acts if isinstance(act, Asked)] in ([1], [1, 2])
    assert len(ends) <= 1 and (not ends or acts[-1] is ends[0])
    assert sum(isinstance(act, Say) for act in acts) <= 4, "nobody is held on the line"
    assert all(1 <= act.score <= 5 for act in acts if isinstance(act, Scored))


@given(st.lists(MOMENTS.filter(lambda m: m not in (Key("#"), Key("*"), Begin())), min_size=4, max_size=4))
def test_four_answers_always_end_it(moments: list[Moment]) -> None:
    assert isinstance(run(*moments)[-1], End | GiveBack)


# Who is asked


def talk(*bodies: Body, call_id: str = "c") -> list[Event]:
    began = CallStarted(caller_number="139", called_number="400", channel="replay", language="zh")
    return [event.model_copy(update={"call_id": call_id}) for event in events([began, *bodies])]


def alert(*causes: str) -> AlertRaised:
    return AlertRaised(alert_id="a1", turn=1, level="high", causes=causes, evidence=(), recommended="x")


def phrase(name: str) -> LlmReply:
    return LlmReply(turn=1, text="x", language="zh", source="phrase", phrase=name)


SAID = heard(1, "我想查订单")
DOUBTED = SpamJudged(turn=0, verdict="challenge", score=0.5)


@pytest.mark.parametrize(
    ("bodies", "asked"),
    [
        ((SAID,), True),
        (
            (SAID, SpamJudged(turn=0, verdict="challenge", score=0.5), SpamJudged(turn=1, verdict="pass", score=0.1)),
            True,
        ),
        ((SAID, alert("regulator"), AlertWithdrawn(alert_id="a1", turn=2, words="算了")), True),
        ((SAID, phrase("warning")), True),
        ((), False),
        ((SAID, DOUBTED), False),
        ((SAID, alert("regulator")), False),
        ((SAID, alert("self_harm"), AlertWithdrawn(alert_id="a1", turn=2, words="开玩笑的")), False),
        ((SAID, alert("safety"), AlertWithdrawn(alert_id="a1", turn=2, words="没有")), False),
        ((SAID, phrase("sorry abuse_goodbye")), False),
        ((SAID, QueueLeft(reason="abandoned", waited_ms=9000)), False),
        ((SAID, SurveyAsked()), False),
        ((SAID, CallEnded(ended_by="caller", reason="hung up", duration_ms=1)), False),
    ],
)
def test_only_who_may_like_to_be_asked_is_asked(bodies: tuple[Body, ...], asked: bool) -> None:
    assert should_ask(SURVEY, talk(*bodies)) is asked


def test_a_share_of_the_calls_is_asked_and_always_the_same_ones() -> None:
    third = SURVEY.model_copy(update={"share": 0.3})
    calls = [talk(SAID, call_id=f"CA{n}") for n in range(2000)]
    asked = [should_ask(third, call) for call in calls]
    assert 0.26 < sum(asked) / len(asked) < 0.34
    assert asked == [should_ask(third, call) for call in calls]
    assert not any(should_ask(SURVEY.model_copy(update={"share": 0.0}), call) for call in calls)
    assert not should_ask(SURVEY.model_copy(update={"enabled": False}), calls[0])


# What follows

WEEK = Hours.model_validate(
    {
        "timezone": "Asia/Shanghai",
        "week": {"mon-fri": "09:00-12:00, 13:00-18:00", "sat": "22:00-02:00"},
        "holidays": [{"name": "休", "from": "2026-03-18", "hours": "closed"}],
    }
)


def scored(*scores: int) -> list[Event]:
    return talk(SAID, *(SurveyAnswered(score=score, by="key", words="x") for score in scores))


@pytest.mark.parametrize(
    ("day", "due"),
    [
        (16, "2026-03-17T18:00:00+08:00"),  # Monday: by Tuesday evening
        (17, "2026-03-19T18:00:00+08:00"),  # the next day is a holiday
        (20, "2026-03-22T02:00:00+08:00"),  # Friday: the night shift of Saturday goes home on Sunday
        (21, "2026-03-23T18:00:00+08:00"),  # on Sunday nobody is there
    ],
)
def test_a_bad_score_is_a_task_for_the_next_day_on_which_people_are_there(day: int, due: str) -> None:
    task = survey_task(SURVEY, scored(2), STARTED.replace(day=day), WEEK)
    assert task is not None
    assert (task.owner, task.due) == ("complaint_specialist", due)
    assert "2分" in task.task


def test_the_day_of_a_call_is_the_companys() -> None:
    late = datetime(2026, 3, 16, 17, 0, tzinfo=UTC)  # Tuesday already, in Shanghai
    task = survey_task(SURVEY, scored(1), late, WEEK)
    assert task is not None and task.due.startswith("2026-03-19")


def test_when_the_clock_changes_people_go_home_at_the_usual_hour() -> None:
    berlin = WEEK.model_copy(update={"timezone": ZoneInfo("Europe/Berlin"), "week": {"sun": ((540, 1080),)}})
    task = survey_task(SURVEY, scored(1), datetime(2026, 3, 28, 12, tzinfo=UTC), berlin)
    assert task is not None and task.due == "2026-03-29T18:00:00+02:00"


@pytest.mark.parametrize("scores", [(), (3,), (5,), (1, 5)])
def test_a_good_score_none_or_a_mended_one_is_no_task(scores: tuple[int, ...]) -> None:
    assert survey_task(SURVEY, scored(*scores), STARTED, WEEK) is None


def test_a_company_that_never_opens_gets_its_task_all_the_same() -> None:
    never = WEEK.model_copy(update={"week": {}})
    task = survey_task(SURVEY, scored(1), STARTED, never)
    assert task is not None and task.due == "2026-03-17T18:00:00+08:00"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("share: 1\n", "share: 30\n"), "share"),
        (("{score}分", "分"), "{score}"),
        (("  skip:\n", "  skipp:\n"), "did you mean skip"),
    ],
)
def test_a_wrong_file_names_line_and_entry(tmp_path: Path, change: tuple[str, str], words: str) -> None:
    file = tmp_path / "survey.yaml"
    file.write_text(FILE.read_text(encoding="utf-8").replace(*change), encoding="utf-8")
    with pytest.raises(CompanyError, match=r"survey\.yaml:\d+: ") as raised:
        load_survey(file)
    assert words in str(raised.value)
