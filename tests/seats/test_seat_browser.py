"""The page of a seat in a real browser: a call rings, is answered, both ends hear each other, and it is wrapped up."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from agent.seats.to_page import LiveCall, LiveCalls, SaidNow, SpamShown
from tests.dashboard.conftest import make_site
from tests.seats.conftest import Served, router_for, serve_app, wait_until
from tests.seats.fake_desk import FakeDesk, pitch_hz, write_beeps
from tests.seats.pops import complaint_pop

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
MICROPHONE_HZ, DESK_HZ = 660, 440
HEARD_DBFS, SILENT_DBFS = -40.0, -60.0
"""Of the loudest tick of the last second. The browser's noise suppression takes some 15 dB off beeps of -11 dBFS."""


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    voice = tmp_path_factory.mktemp("voice") / "voice.wav"
    write_beeps(voice, MICROPHONE_HZ, seconds=4)
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(
            executable_path=CHROMIUM,
            args=[
                "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-background-networking",
                "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream",
                f"--use-file-for-fake-audio-capture={voice}",
            ],
        )  # fmt: skip
        yield browser
        browser.close()


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Served]:
    desk = FakeDesk()
    made = make_site(tmp_path, (router_for(desk, grace_s=5.0),))
    for url in serve_app(made.app):
        yield Served(desk, url)
    made.store.close()


@pytest.fixture(params=[(1280, 800), (900, 760)], ids=["1280", "900"])
def page(request: pytest.FixtureRequest, browser: Any, site: Served) -> Iterator[Any]:
    """A page at which nothing may go wrong."""
    width, height = request.param
    wrong: list[str] = []
    context = browser.new_context(
        viewport={"width": width, "height": height}, base_url=site.url, permissions=["microphone"], locale="zh-CN"
    )
    page = context.new_page()
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda line: wrong.append(line.text) if line.type == "error" else None)
    page.on("request", lambda request: None if request.url.startswith(site.url) else wrong.append(request.url))
    yield page
    context.close()
    assert wrong == []


def until(page: Any, holds: str, timeout_ms: int = 15_000) -> None:
    """Until the expression holds; asked from outside, as the page's policy refuses ``eval``."""
    for _ in range(timeout_ms // 50):
        if page.evaluate(holds):
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"never: {holds}")


def sign_in(page: Any, login: str) -> None:
    page.goto("/seat")
    page.get_by_label("工号").fill(login)
    page.get_by_role("button", name="登录").click()
    page.locator("#line-state[data-state=open]").wait_for()
    page.get_by_role("button", name="就绪").click()
    page.locator("#desk[data-state=ready]").wait_for()


def heard_hz(page: Any) -> float:
    """The pitch of what comes out of the page's loudspeaker, measured there by WebAudio; 0 where it is silent."""
    return float(
        page.evaluate(
            """async () => {
                const context = new AudioContext();
                await context.resume();
                const analyser = context.createAnalyser();
                analyser.fftSize = 8192;
                context.createMediaStreamSource(document.getElementById("remote").srcObject).connect(analyser);
                await new Promise((done) => setTimeout(done, 600));
                const spectrum = new Float32Array(analyser.frequencyBinCount);
                analyser.getFloatFrequencyData(spectrum);
                const loudest = spectrum.indexOf(Math.max(...spectrum));
                const hz = spectrum[loudest] < -60 ? 0 : loudest * context.sampleRate / analyser.fftSize;
                await context.close();
                return hz;
            }"""
        )
    )


def test_a_complaint_rings_is_answered_heard_held_and_wrapped_up(page: Any, site: Served) -> None:
    desk = site.desk
    sign_in(page, "lin")
    desk.ring("S1", complaint_pop(), "洗衣机第三次漏水，要退货")

    page.get_by_role("button", name="接听").wait_for()
    assert "来电" in page.title()
    for words in ("周海燕", "138 1234 5678", "金卡", "向监管投诉", "打12315投诉", "先致歉", "要退货", "高风险"):
        assert words in page.locator("#desk").inner_text(), words
    assert page.locator("#said .line").count() == 5
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]

    page.keyboard.press("Alt+a")
    page.get_by_text("正在与 周海燕 通话").wait_for()
    wait_until(lambda: desk.loudest_dbfs() > HEARD_DBFS)
    wait_until(lambda: len(desk.spoken) > 60)
    assert abs(pitch_hz(b"".join(desk.spoken[-50:])) - MICROPHONE_HZ) < 10, "the desk hears the seat"
    assert abs(heard_hz(page) - DESK_HZ) < 10, "the seat hears the desk"
    until(page, "document.getElementById('remote-level').value > 20 && document.getElementById('level').value > 20")

    page.get_by_role("button", name="静音").click()
    wait_until(lambda: desk.loudest_dbfs() < SILENT_DBFS)
    page.get_by_role("button", name="取消静音").click()
    wait_until(lambda: desk.loudest_dbfs() > HEARD_DBFS)

    desk.tell("S1", SaidNow(call_id="CA-washer", line="caller-9", who="caller", text="<b>退货</b>", at_ms=60_000))
    assert page.locator("#said .line").last.locator(".bubble").inner_text() == "<b>退货</b>"
    page.get_by_role("button", name="保持").click()
    page.get_by_text("周海燕 保持中").wait_for()
    page.get_by_role("button", name="取回").click()
    page.get_by_text("正在与 周海燕 通话").wait_for()
    page.get_by_role("button", name="转接").click()
    page.get_by_label("转给").select_option("seat:S2")
    page.get_by_label("给同事的备注").fill("要退货，请接着办")
    page.locator("#transfer-form").get_by_role("button", name="转接").click()
    page.get_by_text("李强：正在沟通，客户保持中").wait_for()
    page.get_by_role("button", name="取消转接").click()

    page.locator("#hang-up").click()
    page.get_by_label("小结").fill("已答应换新")
    page.get_by_role("button", name="提交小结").click()
    page.locator("#desk[data-state=ready]").wait_for()
    done = desk.asked[-1][2]
    assert (done.summary, done.outcome, done.follow_up.owner) == ("已答应换新", "follow-up", "after_sales")
    transfer = next(one[2] for one in desk.asked if one[0] == "transfer")
    assert (transfer.target, transfer.mode, transfer.note) == ("seat:S2", "warm", "要退货，请接着办")
    assert [one[0] for one in desk.asked].count("attach_line") == 1
    page.wait_for_timeout(300)
    silent_since = len(desk.spoken)
    page.wait_for_timeout(300)
    assert len(desk.spoken) == silent_since, "between calls no sound leaves the browser"


def test_a_page_loaded_anew_in_a_call_is_back_in_it(page: Any, site: Served) -> None:
    desk = site.desk
    sign_in(page, "lin")
    desk.ring("S1", complaint_pop())
    page.get_by_role("button", name="接听").click()
    page.get_by_text("正在与 周海燕 通话").wait_for()
    page.reload()
    page.get_by_text("正在与 周海燕 通话").wait_for()
    page.locator("#line-state[data-state=open]").wait_for()
    desk.spoken.clear()
    wait_until(lambda: desk.loudest_dbfs() > HEARD_DBFS)

    assert ("vanished", "S1") not in desk.asked


def test_a_supervisor_listens_whispers_and_leaves(page: Any, site: Served) -> None:
    desk = site.desk
    sign_in(page, "wang")
    call = LiveCall(
        call_id="CA-washer", number="13812345678", name="周海燕", since=desk.states["S9"].since,
        where="seat:S1", seat_name="林晓雨", sentiment="angry", risk="high", alert="regulator",
    )  # fmt: skip
    desk.tell("S9", LiveCalls(calls=(call,)))
    desk.pops["S9"] = complaint_pop()
    page.locator("#live-calls").get_by_text("向监管投诉").wait_for()
    page.get_by_role("button", name="旁听 周海燕").click()
    page.get_by_text("双方都听不到您").wait_for()
    page.get_by_role("button", name="耳语").click()
    page.get_by_text("只有坐席听得到您").wait_for()
    page.get_by_role("button", name="退出监听").click()
    page.get_by_text("等待来电").wait_for()

    asked = [one for one in desk.asked if "superv" in one[0]]
    assert asked == [
        ("supervise", "S9", "CA-washer", "listen"),
        ("supervise", "S9", "CA-washer", "whisper"),
        ("stop_supervising", "S9"),
    ]


def test_a_supervisor_lets_in_a_call_that_is_being_refused(page: Any, site: Served) -> None:
    sign_in(page, "wang")
    since = site.desk.states["S9"].since
    doubted = SpamShown(verdict="refuse", reasons=("在黑名单上：多次推销办公设备",))
    asked = SpamShown(verdict="challenge", reasons=("被 36 人标记为推销（来源 list）", "不显示号码"))
    site.desk.tell(
        "S9",
        LiveCalls(
            calls=(
                LiveCall(call_id="CA-denied", number="057188990011", since=since, where="bot", spam=doubted),
                LiveCall(call_id="CA-marked", number="", since=since, where="bot", spam=asked),
                LiveCall(call_id="CA-plain", number="13900001111", since=since, where="bot", intent="repair"),
            )
        ),
    )
    row = page.locator("#live-calls tr").first
    assert "正在拒接" in row.inner_text() and "在黑名单上：多次推销办公设备" in row.inner_text()
    assert page.get_by_role("button", name="放行 13").count() == 0, "who is not in doubt need not be let in"
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    page.get_by_role("button", name="放行 057188990011").click()
    page.get_by_text("当前没有通话").wait_for()
    assert site.desk.asked[-1] == ("let_in", "S9", "CA-denied")
