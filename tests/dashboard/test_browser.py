"""The pages in a real browser: what a supervisor sees and does, and a call from the browser's own microphone."""

import asyncio
import json
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from fastapi import APIRouter

from agent.events import Event
from tests.dashboard.conftest import Site, make_site, serve
from tests.storage.seed import HOSTILE, complaint, write_wav

pytestmark = pytest.mark.browser
playwright = pytest.importorskip(
    "playwright.sync_api", reason="the playwright package is missing: pip install playwright"
)
CHROMIUM = (
    os.environ.get("CHROMIUM")
    or shutil.which("chromium")
    or shutil.which("chromium-browser")
    or shutil.which("google-chrome")
)
if CHROMIUM is None:
    pytest.skip("no Chromium on this machine: apt-get install chromium, or set CHROMIUM", allow_module_level=True)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    yield from serve(make_site(tmp_path_factory.mktemp("site"), (telephone(),)))


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    voice = tmp_path_factory.mktemp("voice") / "voice.wav"
    write_wav(voice, 6000, 48_000)
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(
            executable_path=CHROMIUM,
            args=[
                "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-background-networking",
                "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream",
                f"--use-file-for-fake-audio-capture={voice}", "--autoplay-policy=no-user-gesture-required",
            ],
        )  # fmt: skip
        yield browser
        browser.close()


@pytest.fixture(params=[(1360, 900), (390, 844)], ids=["desktop", "phone"])
def size(request: pytest.FixtureRequest) -> tuple[int, int]:
    width, height = request.param
    return width, height


@pytest.fixture
def wrong() -> list[str]:
    """What the browser complained about."""
    return []


@pytest.fixture
def page(browser: Any, served: Site, size: tuple[int, int], wrong: list[str]) -> Iterator[Any]:
    """A page at which nothing may go wrong: no script error, no refused resource, no request to elsewhere."""
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]}, base_url=served.url, permissions=["microphone"], locale="zh-CN"
    )
    page = context.new_page()
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda line: wrong.append(line.text) if line.type == "error" else None)
    page.on("request", lambda request: None if request.url.startswith(served.url) else wrong.append(request.url))
    yield page
    context.close()
    assert wrong == []


def until(page: Any, holds: str, timeout_ms: int = 30_000) -> None:
    """Until the expression holds. Asked from outside: what asks from inside the page needs ``eval``, which its policy
    refuses, and only seems to work where the expression holds at once.
    """
    for _ in range(timeout_ms // 50):
        if page.evaluate(holds):
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"never: {holds}")


@pytest.mark.parametrize("path", ["/", "/calls/CA-washer", "/calls/CA-hostile", "/calls/CA-order", "/call", "/docs"])
def test_pages_fit_the_screen_and_hostile_words_stay_words(page: Any, path: str) -> None:
    page.goto(path)
    page.wait_for_load_state("networkidle") if path == "/docs" else page.wait_for_timeout(300)

    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]
    assert page.evaluate("window.hacked") is None
    assert page.locator("img[src=x]").count() == 0
    if path == "/calls/CA-hostile":
        assert HOSTILE in page.locator(".line.caller .bubble").inner_text()
        assert page.locator(".line.caller mark").inner_text() == HOSTILE


def test_an_alert_is_acknowledged_by_name(page: Any, served: Site, size: tuple[int, int]) -> None:
    # Each screen takes another alert, as they share a store.
    alert_id = "CA-washer-a1" if size[0] > 1000 else "CA-live-risk-a1"
    page.goto("/")
    page.locator(f"[id='ack-{alert_id}']").click()
    page.get_by_label("您的姓名").fill("王主管")
    page.get_by_role("button", name="确定").click()
    page.locator(f"[data-alert-id='{alert_id}'].acknowledged").wait_for()

    [alert] = [alert for alert in served.store.alerts("acknowledged") if alert.id == alert_id]
    assert alert.acknowledged_by == "王主管"
    assert "王主管" in page.locator(f"[data-alert-id='{alert_id}']").inner_text()


def test_what_is_wrong_with_an_answer_is_said_in_the_dialog(page: Any, served: Site, wrong: list[str]) -> None:
    page.goto("/")
    page.locator("[id='ack-CA-hostile-a1']").click()
    page.get_by_label("您的姓名").fill("   ")
    page.get_by_role("button", name="确定").click()
    page.locator("#alert-error").wait_for()

    assert "没有成功" in page.locator("#alert-error").inner_text()
    page.get_by_role("button", name="取消").click()
    assert not page.locator("#alert-dialog").is_visible()
    assert ["422" in line for line in wrong] == [True]
    wrong.clear()
    assert [alert.state for alert in served.store.alerts(call_id="CA-hostile")] == ["raised"]


def test_a_line_is_played_from_where_it_was_said(page: Any) -> None:
    page.goto("/calls/CA-washer")
    until(page, "document.getElementById('audio').readyState >= 1")
    line = page.locator(".line.caller").nth(1)
    at_s = int(line.get_attribute("data-at-ms")) / 1000
    line.locator(".seek").click()
    audio = "document.getElementById('audio')"
    until(page, f"!{audio}.paused && {audio}.currentTime > {at_s}")
    until(page, "() => document.querySelectorAll('.line.caller')[1].hasAttribute('aria-current')")

    assert page.evaluate("document.getElementById('audio').currentTime") < at_s + 5
    assert page.evaluate("document.getElementById('audio').error") is None


def test_a_call_appears_and_grows_while_it_goes_on(page: Any, served: Site, size: tuple[int, int]) -> None:
    talk = complaint(f"CA-new-{size[0]}")
    page.goto("/")
    page.locator("#live-state[data-state=open]").wait_for()
    served.store.begin_call(talk.timeline.call_id, talk.info, served.store.get_call("CA-live-quiet").started_at)
    publish(served, talk.events[:1])
    card = page.locator(f"a.live-call[href='/calls/{talk.timeline.call_id}']")
    card.wait_for()
    publish(served, talk.events[1:-4])
    page.locator(f"a.live-call.risk-edge-high[href='/calls/{talk.timeline.call_id}']").wait_for()
    assert "新的预警：由投诉专员立即接手" in page.locator("#announce").inner_text()

    card.click()
    page.locator("#live-state[data-state=open]").wait_for()
    assert page.locator("#player").is_hidden()
    write_wav(served.store.recording_path(talk.timeline.call_id), talk.duration_ms)
    publish(served, talk.events[-4:])
    page.get_by_text("洗衣机第三次漏水").wait_for()
    page.locator("#player").wait_for()
    until(page, "document.getElementById('audio').readyState >= 1")


def test_the_browser_calls_the_bot_and_hangs_up(page: Any, served: Site) -> None:
    CALLED.clear()
    page.goto("/call")
    page.get_by_role("button", name="拨打").click()
    page.get_by_text("通话中").wait_for()
    until(page, "document.getElementById('level').value > 20")
    publish(served, [event.model_copy(update={"call_id": "web-1"}) for event in complaint().events[:12]])
    page.get_by_text("我那台洗衣机又漏水了").wait_for()
    page.locator(".line.caller .intent-repair").wait_for()
    page.get_by_role("button", name="5", exact=True).click()
    wait_until(lambda: {"type": "dtmf", "digit": "5"} in CALLED.messages)
    wait_until(lambda: CALLED.audio_frames > 20)
    until(page, "document.getElementById('remote').currentTime > 0.3")
    wait_until(lambda: any(str(message).startswith("ping") for message in CALLED.messages))
    assert page.get_by_role("link", name="查看通话详情").get_attribute("href") == "/calls/web-1"

    page.get_by_role("button", name="挂断").click()
    page.get_by_text("通话已结束").wait_for()
    assert page.evaluate("document.getElementById('remote').srcObject") is None
    assert page.get_by_role("button", name="5", exact=True).is_disabled()


class Called:
    """What arrived at the other end of the browser's call."""

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        self.messages: list[Any] = []
        self.audio_frames = 0
        self.connections: list[Any] = []


CALLED = Called()


def telephone() -> APIRouter:
    """The other end: answers the offer, echoes the audio and keeps what it is sent."""
    aiortc = pytest.importorskip("aiortc")
    stream_ended = aiortc.mediastreams.MediaStreamError
    relay = pytest.importorskip("aiortc.contrib.media").MediaRelay()
    router = APIRouter()

    async def offer(body: dict[str, Any]) -> dict[str, Any]:
        pc = aiortc.RTCPeerConnection()
        CALLED.connections.append(pc)

        def opened(channel: Any) -> None:
            assert channel.label == "hotline"
            channel.on(
                "message", lambda text: CALLED.messages.append(text if text.startswith("ping") else json.loads(text))
            )

        def arrived(track: Any) -> None:
            pc.addTrack(relay.subscribe(track))

            async def count() -> None:
                counted = relay.subscribe(track)
                with suppress(stream_ended):
                    while True:
                        await counted.recv()
                        CALLED.audio_frames += 1

            CALLED.connections.append(asyncio.ensure_future(count()))

        pc.on("datachannel", opened)
        pc.on("track", arrived)
        await pc.setRemoteDescription(aiortc.RTCSessionDescription(body["sdp"], body["type"]))
        await pc.setLocalDescription(await pc.createAnswer())
        answer = pc.localDescription
        return {"sdp": answer.sdp, "type": answer.type, "pc_id": "pc-1", "call_id": "web-1"}

    router.add_api_route("/api/webrtc/offer", offer, methods=["POST"])
    return router


def publish(site: Site, events: list[Event]) -> None:
    if events[0].call_id != "web-1":
        site.store.append(events)
    for event in events:
        site.live.publish(event)


def wait_until(condition: Any, timeout_s: float = 10.0) -> None:
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)
