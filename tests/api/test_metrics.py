"""What Prometheus reads is what stands on the timelines, and says nothing about who called."""

import asyncio
import re
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from prometheus_client.metrics_core import Metric
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_openmetrics
from prometheus_client.parser import text_string_to_metric_families

from agent.api import metrics as module
from agent.api.live import LiveEvents
from agent.api.metrics import CallMetrics, metrics_router
from agent.application import build
from agent.config import ModelsSettings, Settings, StorageSettings
from agent.events import AsrFinal, BargeIn, CallEnded, ErrorRaised, Event, SummaryReady, TtsStarted
from agent.loop_lag import watch_loop_lag
from agent.replay import replay
from agent.server import make_app
from tests.ingress.telephone_exchange import Telephone, exchange
from tests.storage.seed import complaint, hostile, order_query
from tests.synthetic_speech import syllables

FIXTURE = Path(__file__).parents[2] / "audio_fixtures" / "complaint-washing-machine"


class Scrape:
    """The text of ``/metrics``, read as Prometheus reads it."""

    def __init__(self, text: str) -> None:
        self.families: dict[str, Metric] = {family.name: family for family in text_string_to_metric_families(text)}

    def value(self, sample: str, **labels: str) -> float:
        (found,) = self._samples(sample, labels)
        return found

    def sum(self, sample: str) -> float:
        return sum(self._samples(sample, {}))

    def _samples(self, name: str, labels: dict[str, str]) -> Iterator[float]:
        for family in self.families.values():
            for sample in family.samples:
                if sample.name == name and labels.items() <= sample.labels.items():
                    yield sample.value


def scraped(*calls: Iterable[Event]) -> Scrape:
    metrics = CallMetrics()
    for events in calls:
        for event in events:
            metrics.read(event)
    app = FastAPI()
    app.include_router(metrics_router(metrics))
    return Scrape(TestClient(app).get("/metrics").text)


def test_a_replayed_call_is_counted_as_its_timeline_says(tmp_path: Path) -> None:
    metrics = CallMetrics()
    settings = Settings(models=ModelsSettings(engines="dummy"), storage=StorageSettings(data_dir=tmp_path))
    app = build(settings, readers=[metrics.read])
    bodies = [event.body for event in replay(app, FIXTURE).events]
    with TestClient(make_app(app, LiveEvents(), metrics)) as client:
        scrape = Scrape(client.get("/metrics").text)

    waterfalls = [body.waterfall for body in bodies if isinstance(body, TtsStarted) and body.waterfall]
    assert len(waterfalls) == scrape.value("hotline_response_seconds_count") > 0
    total_ms = sum(waterfall.wire_ms for waterfall in waterfalls)
    assert scrape.value("hotline_response_seconds_sum") == pytest.approx(total_ms / 1000)
    assert scrape.sum("hotline_response_step_seconds_sum") == pytest.approx(total_ms / 1000), "every ms is in a step"
    for step in ("asr", "endpoint", "wire"):
        took_ms = sum(waterfall.steps()[step] for waterfall in waterfalls)
        assert scrape.value("hotline_response_step_seconds_sum", step=step) == pytest.approx(took_ms / 1000)
    (end,) = [body for body in bodies if isinstance(body, CallEnded)]
    (summary,) = [body for body in bodies if isinstance(body, SummaryReady)]
    assert scrape.value("hotline_call_audio_seconds_sum") == end.duration_ms / 1000
    assert scrape.value("hotline_calls_started_total", channel="replay") == 1
    assert scrape.value("hotline_calls_ended_total", ended_by=end.ended_by) == 1
    assert scrape.value("hotline_calls_live") == 0
    assert scrape.sum("hotline_turns_total") == sum(isinstance(body, AsrFinal) for body in bodies) > 0
    assert scrape.sum("hotline_barge_ins_total") == sum(isinstance(body, BargeIn) for body in bodies)
    assert scrape.sum("hotline_errors_total") == sum(isinstance(body, ErrorRaised) for body in bodies)
    assert scrape.value("hotline_summary_seconds_count", method=summary.summary.method) == 1


def test_many_calls_add_up() -> None:
    scrape = scraped(complaint().events, order_query().events, hostile().events, complaint("live", live=True).events)

    assert scrape.value("hotline_calls_live") == 1
    assert scrape.sum("hotline_calls_started_total") == 4
    assert scrape.value("hotline_calls_ended_total", ended_by="caller") == 1
    assert [scrape.value("hotline_alerts_total", level=level) for level in ("high", "medium")] == [2, 1]
    assert [scrape.value("hotline_turns_total", language=language) for language in ("zh", "en")] == [6, 2]
    assert scrape.sum("hotline_barge_ins_total") == 2
    assert scrape.value("hotline_errors_total", stage="asr", code="asr_failed") == 1
    assert scrape.value("hotline_response_seconds_count") == 8
    assert scrape.value("hotline_response_step_seconds_count", step="llm") == 6, "two were fixed sentences"


def test_waits_fall_into_buckets_from_prompt_to_far_too_late() -> None:
    scrape = scraped(complaint().events)  # waits of 1.26, 0.44 and 1.06 s

    assert [scrape.value("hotline_response_seconds_bucket", le=le) for le in ("0.4", "0.5", "1.0", "1.5", "+Inf")] == [
        0, 1, 1, 3, 3,
    ]  # fmt: skip


def test_every_metric_explains_itself_with_its_unit() -> None:
    # Beside each counter and histogram the library says since when it counts.
    families = [one for one in scraped().families.values() if re.match(r"hotline_\w+(?<!_created)$", one.name)]

    assert len(families) == 17
    for family in families:
        assert len(family.documentation) > 15, family.name
        if family.type == "histogram":
            assert family.name.endswith("_seconds") and "econds" in family.documentation


def test_what_has_not_happened_yet_is_nought_and_not_missing() -> None:
    scrape = scraped()

    assert scrape.value("hotline_alerts_total", level="high") == 0
    assert {scrape.value("hotline_response_step_seconds_count", step=step) for step in ("asr", "llm", "wire")} == {0}


def test_the_process_is_measured_too() -> None:
    families = scraped().families

    assert {"process_resident_memory_bytes", "process_cpu_seconds", "python_info"} <= set(families)


def test_no_caller_can_be_recognised_in_the_metrics() -> None:
    app = FastAPI()
    metrics = CallMetrics()
    for event in (*complaint().events, *hostile().events):
        metrics.read(event)
    app.include_router(metrics_router(metrics))
    text = TestClient(app).get("/metrics").text

    for secret in ("13812345678", "CA-washer", "hacked", "洗衣机"):
        assert secret not in text


def test_a_flood_of_error_codes_does_not_become_a_flood_of_series(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_CODES", 2)
    talk = hostile("c")
    for code in ("a", "b", "c", "a", "d"):
        talk.put(ErrorRaised(stage="asr", code=code, message="x"))
    scrape = scraped(
        event for event in talk.events if isinstance(event.body, ErrorRaised) and event.body.message == "x"
    )

    assert {code: scrape.value("hotline_errors_total", code=code) for code in ("a", "b", "other")} == {
        "a": 2, "b": 1, "other": 2,
    }  # fmt: skip


def test_registries_do_not_mix() -> None:
    assert scraped(complaint().events).value("hotline_calls_ended_total", ended_by="caller") == 1
    assert scraped().value("hotline_calls_ended_total", ended_by="caller") == 0


def test_openmetrics_is_spoken_where_it_is_asked_for() -> None:
    app = FastAPI()
    app.include_router(metrics_router(CallMetrics()))
    answer = TestClient(app).get("/metrics", headers={"accept": "application/openmetrics-text; version=1.0.0"})

    assert answer.headers["content-type"].startswith("application/openmetrics-text")
    assert [family for family in parse_openmetrics(answer.text) if family.name == "hotline_calls_live"]


async def test_the_lag_is_by_how_much_a_sleep_was_overslept() -> None:
    seen: list[float] = []
    watch = asyncio.ensure_future(watch_loop_lag(seen.append, interval_s=0.01))
    await asyncio.sleep(0.05)
    calm = len(seen)
    time.sleep(0.2)  # somebody blocks the loop
    await asyncio.sleep(0.02)
    watch.cancel()

    assert calm >= 2
    assert max(seen) >= 0.15
    assert all(lag >= 0 for lag in seen)


async def test_a_real_server_shows_a_call_while_it_goes_on_and_how_late_its_loop_is(tmp_path: Path) -> None:
    with exchange(tmp_path) as hotline:
        async with httpx.AsyncClient(base_url=hotline.http) as client, Telephone(hotline, "13900000001") as phone:
            await phone.ring()
            phone.talk()
            await phone.until_quiet()
            during = Scrape((await client.get("/metrics")).text)
            phone.say(syllables(1.2, 8000))
            await phone.until_quiet()
            await phone.send({"event": "stop", "stop": {"callSid": "CA1"}})
            await phone.closed.wait()
            after = Scrape((await client.get("/metrics")).text)

    assert during.value("hotline_calls_live") == 1
    assert during.value("hotline_event_loop_lag_seconds_count") > 5
    assert after.value("hotline_calls_live") == 0
    assert after.value("hotline_calls_ended_total", ended_by="caller") == 1
    (waterfall,) = [
        body.waterfall for body in hotline.bodies("13900000001") if isinstance(body, TtsStarted) and body.waterfall
    ]
    assert after.value("hotline_response_seconds_sum") == pytest.approx(waterfall.wire_ms / 1000)
