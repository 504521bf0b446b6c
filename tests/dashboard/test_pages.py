"""The pages, as they leave the server: right, whole and harmless."""

import re
import tomllib
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, get_args

import pytest
from fastapi.testclient import TestClient

import agent.dashboard
from agent import events
from agent.dashboard.pages import clock, seconds
from agent.latency import Step
from agent.risk import load_rules
from agent.storage import rows
from tests.dashboard.conftest import Site
from tests.storage.seed import HOSTILE

PAGES = (
    "/",
    "/spam",
    "/calls/CA-washer",
    "/calls/CA-hostile",
    "/calls/CA-live-risk",
    "/calls/CA-order",
    "/call",
    "/seat",
    "/docs",
)
FRAGMENTS = ("/fragments/home", "/fragments/calls/CA-hostile")


class Tags(HTMLParser):
    """All start tags with their attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


@pytest.fixture
def client(site: Site) -> TestClient:
    return TestClient(site.app)


@pytest.mark.parametrize("path", PAGES + FRAGMENTS)
def test_what_callers_say_never_becomes_markup(client: TestClient, path: str) -> None:
    text = client.get(path).text
    for tag, attributes in Tags(text).tags:
        assert not any(name.startswith("on") or name == "style" for name in attributes)
        assert not (tag == "img" and attributes.get("src") == "x")
        if tag == "script":
            assert (attributes.get("src") or "").startswith("/static/") or attributes.get("type") == "application/json"
    assert HOSTILE not in text


def test_hostile_words_are_shown_as_they_were_said(client: TestClient) -> None:
    assert "&lt;img src=x onerror=&#34;window.hacked=1&#34;&gt;" in client.get("/calls/CA-hostile").text


@pytest.mark.parametrize("path", PAGES)
def test_pages_need_nothing_from_outside_and_may_run_only_their_own_scripts(client: TestClient, path: str) -> None:
    answer = client.get(path)
    policy = answer.headers["content-security-policy"]

    assert answer.status_code == 200
    assert "default-src 'self'" in policy and "unsafe" not in policy
    for _, attributes in Tags(answer.text).tags:
        for name in ("src", "href"):
            assert re.match(r"(/(?!/)|#|\./)", attributes.get(name) or "/"), attributes


def test_every_file_that_the_pages_name_is_there(client: TestClient) -> None:
    static = Path(agent.dashboard.__file__).parent / "static"
    named = {
        attributes.get(name) or ""
        for path in PAGES
        for _, attributes in Tags(client.get(path).text).tags
        for name in ("src", "href")
    }
    scripts = {name for name in named if name.startswith("/static/")}
    for script in static.glob("*.js"):
        scripts |= {f"/static/{name}" for name in re.findall(r'from "\./([\w.]+)"', script.read_text("utf-8"))}

    assert {client.get(script).status_code for script in scripts} == {200}
    assert {f"/static/{path.name}" for path in static.iterdir()} == scripts
    assert not [path for path in static.iterdir() if re.search(r"innerHTML|document\.write", path.read_text("utf-8"))]


def test_the_overview_shows_live_calls_alerts_tasks_and_the_past(client: TestClient) -> None:
    text = client.get("/").text

    assert text.index("CA-live-risk") < text.index("CA-live-quiet"), "the call that goes wrong comes first"
    assert text.count('data-action="acknowledge"') == 3
    assert "洗衣机" not in text and "投诉专员回电，安排上门检修并商定补偿" in text
    assert 'href="/calls/CA-order"' in text


def test_older_calls_are_a_page_further(client: TestClient) -> None:
    text = client.get("/", params={"before": "CA-past-1"}).text

    assert "CA-past-2" in text and "CA-past-0" not in text and "正在通话" not in text


def test_a_call_s_page_tells_it_in_ten_seconds(client: TestClient) -> None:
    text = client.get("/calls/CA-washer").text

    for words in (
        "洗衣机第三次漏水",
        "880231",
        '<mark title="监管投诉">12315投诉</mark>',
        "客户打断了智能客服",
        "高风险",
    ):
        assert words in text
    assert 'src="/api/calls/CA-washer/recording.wav"' in text


def test_a_call_s_page_shows_where_the_time_of_each_answer_went(client: TestClient) -> None:
    text = client.get("/calls/CA-washer").text

    assert (
        "语音识别 0.24 s，确认说完 0.12 s，语义理解 0.01 s，模型首字 0.45 s，语音合成 0.42 s，开始播放 0.02 s" in text
    )
    assert "1.26 s" in text, "and how long the caller waited in all"


def test_a_live_call_has_no_player_yet(client: TestClient) -> None:
    assert "recording.wav" not in client.get("/calls/CA-live-risk").text


def test_a_call_that_is_not_there_has_a_page_that_says_so(client: TestClient) -> None:
    answer = client.get("/calls/nobody")

    assert answer.status_code == 404
    assert "没有这个通话" in answer.text


def test_every_word_of_the_vocabulary_has_its_chinese() -> None:
    labels = tomllib.loads((Path(agent.dashboard.__file__).parent / "labels.toml").read_text("utf-8"))
    vocabulary: dict[str, Any] = {
        "intent": events.Intent,
        "sentiment": events.Sentiment,
        "risk": events.RiskLevel,
        "destination": events.Destination,
        "stage": events.Stage,
        "language": events.Language,
        "status": rows.CallStatus,
        "alert_state": rows.AlertState,
        "ended_by": events.CallEnded.model_fields["ended_by"].annotation,
        "owner": events.FollowUp.model_fields["owner"].annotation,
        "method": events.Summary.model_fields["method"].annotation,
        "latency": Step,
        "tool_code": events.ToolReturned.model_fields["code"].annotation,
    }
    for group, words in vocabulary.items():
        assert set(labels[group]) == set(get_args(words)), group


def test_who_calls_and_what_the_back_end_did_stand_between_the_lines(client: TestClient) -> None:
    text = client.get("/calls/CA-order").text
    assert "来电人" in text and "Michael Brown" in text
    assert "get_logistics" in text and "成功" in text


@pytest.mark.parametrize(("ms", "text"), [(0, "0:00"), (65_999, "1:05"), (3_600_000, "1:00:00"), (-5, "0:00")])
def test_audio_time_is_written_as_people_write_it(ms: int, text: str) -> None:
    assert clock(ms) == text


def test_durations_are_written_in_seconds() -> None:
    assert seconds(1234) == "1.23 s"


def test_every_reason_for_a_risk_has_a_name_that_supervisors_understand() -> None:
    labels = tomllib.loads((Path(agent.dashboard.__file__).parent / "labels.toml").read_text(encoding="utf-8"))
    named = {rule.name for rule in load_rules().signal}
    assert named and named <= set(labels["signal"])
