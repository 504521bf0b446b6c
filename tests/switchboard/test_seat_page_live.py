"""A complaint over a real line moves to a person at a real page while it goes on: real models, real browsers.

The caller is a telephone on ``/ws/media-stream`` that plays a recorded complaint; the person and their supervisor sit
in Chromium, whose microphones beep at pitches of their own, so that who hears whom is measured on the audio.
"""

import asyncio
import audioop
import os
import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from agent.events import AlertRaised, Body, HearingChanged, LegLeft, RouteChanged, SeatConnected
from tests.ingress.telephone_exchange import Exchange, Telephone, exchange
from tests.switchboard.office import level

pytestmark = [pytest.mark.browser, pytest.mark.models]
playwright = pytest.importorskip(
    "playwright.async_api", reason="the playwright package is missing: pip install playwright"
)
CHROMIUM = (
    os.environ.get("CHROMIUM")
    or shutil.which("chromium")
    or shutil.which("chromium-browser")
    or shutil.which("google-chrome")
)
if CHROMIUM is None:
    pytest.skip("no Chromium on this machine: apt-get install chromium, or set CHROMIUM", allow_module_level=True)
ROOT = Path(__file__).resolve().parent.parent.parent
COMPLAINT = ROOT / "audio_fixtures" / "complaint-washing-machine"
CALLER = "13812345678"
CALLER_HZ, SEAT_HZ, SUPERVISOR_HZ = 500, 660, 990
RATE_HZ = 8000
BEEP_S = 0.1
HEARD_DB, NOT_HEARD_DB = -50.0, -60.0
"""Of a pitch out of a page's loudspeaker; what stands beside a beep leaks some -70 dB into other pitches."""
HEARD, NOT_HEARD = 60.0, 10.0
"""Amplitude of a pitch in the telephone's 16-bit audio. Beeps are silent most of the time, and browsers take some of
them for noise.
"""


@pytest.fixture
async def browsers(tmp_path: Path) -> AsyncIterator[Callable[[int], Any]]:
    """Makes a browser whose microphone beeps at this pitch."""
    opened: list[Any] = []
    async with playwright.async_playwright() as started:

        async def open_one(hz: int) -> Any:
            voice = tmp_path / f"{hz}.wav"
            soundfile.write(voice, beeps(hz, 4, 48_000), 48_000)
            browser = await started.chromium.launch(
                executable_path=CHROMIUM,
                args=[
                    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-background-networking",
                    "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream",
                    f"--use-file-for-fake-audio-capture={voice}",
                ],
            )  # fmt: skip
            opened.append(browser)
            return browser

        yield open_one
        for browser in opened:
            await browser.close()


async def sit_down(browser: Any, hotline: Exchange, login: str, *, ready: bool) -> Any:
    context = await browser.new_context(
        viewport={"width": 1280, "height": 800}, base_url=hotline.http, permissions=["microphone"], locale="zh-CN"
    )
    page = await context.new_page()
    await page.goto("/seat")
    await page.get_by_label("工号").fill(login)
    await page.get_by_role("button", name="登录").click()
    await page.locator("#line-state[data-state=open]").wait_for()
    if ready:
        await page.get_by_role("button", name="就绪").click()
        await page.locator("#desk[data-state=ready]").wait_for()
    return page


async def heard_db(page: Any, hz: int) -> float:
    """How loud a pitch comes out of the page's loudspeaker at most within a second, in dBFS."""
    return float(
        await page.evaluate(
            """async (hz) => {
                const heard = document.getElementById("remote").srcObject;
                if (!heard) return -200;
                const context = new AudioContext();
                await context.resume();
                const analyser = context.createAnalyser();
                analyser.fftSize = 8192;
                analyser.smoothingTimeConstant = 0;
                context.createMediaStreamSource(heard).connect(analyser);
                const spectrum = new Float32Array(analyser.frequencyBinCount);
                const bin = Math.round(hz * analyser.fftSize / context.sampleRate);
                let loudest = -200;
                for (let i = 0; i < 20; i++) {
                    await new Promise((done) => setTimeout(done, 60));
                    analyser.getFloatFrequencyData(spectrum);
                    loudest = Math.max(loudest, ...spectrum.slice(bin - 2, bin + 3));
                }
                await context.close();
                return loudest;
            }""",
            hz,
        )
    )


def clip(name: str) -> NDArray[np.int16]:
    samples, rate_hz = soundfile.read(COMPLAINT / name, dtype="int16")
    assert rate_hz == RATE_HZ
    return np.asarray(samples)


def beeps(hz: int, seconds: float, rate_hz: int = RATE_HZ) -> NDArray[np.int16]:
    """A tenth of a second of tone twice a second: too short to be taken for speech, and transcribed."""
    at = np.arange(round(seconds * rate_hz)) / rate_hz
    return (12_000 * np.sin(2 * np.pi * hz * at) * (at % 0.5 < BEEP_S)).astype(np.int16)


def heard_by(telephone: Telephone, hz: int, seconds: float = 2.0) -> float:
    """The amplitude of a pitch in the last seconds that came to the telephone."""
    ulaw = bytes(telephone.heard[-round(seconds * RATE_HZ) :])
    return level(np.frombuffer(audioop.ulaw2lin(ulaw, 2), "<i2"), hz, RATE_HZ)


def first(hotline: Exchange, kind: type[Body]) -> Any:
    return next((body for body in hotline.bodies(CALLER) if isinstance(body, kind)), None)


async def alerted_or_answered(hotline: Exchange, telephone: Telephone) -> bool:
    """Whether an alert was raised. Once it is, the caller may hear music that does not end."""
    alert = asyncio.ensure_future(until(lambda: first(hotline, AlertRaised)))
    answer = asyncio.ensure_future(telephone.until_quiet(60))
    await asyncio.wait((alert, answer), return_when=asyncio.FIRST_COMPLETED)
    for waiting in (alert, answer):
        waiting.cancel()
    await asyncio.gather(alert, answer, return_exceptions=True)
    return first(hotline, AlertRaised) is not None


async def until_heard(page: Any, hz: int) -> None:
    """Until this pitch comes out of the page's loudspeaker; a busy machine may be slow to begin."""
    async with asyncio.timeout(40):
        while await heard_db(page, hz) < HEARD_DB:
            await asyncio.sleep(0.2)


async def until(what: Callable[[], object], timeout_s: float = 60.0) -> None:
    async with asyncio.timeout(timeout_s):
        while not what():
            await asyncio.sleep(0.05)


@contextmanager
def told(hotline: Exchange) -> Iterator[None]:
    """Tell the call's story where something was missing from it."""
    try:
        yield
    except (AssertionError, TimeoutError, playwright.Error) as error:
        error.add_note("\n".join(body.model_dump_json(exclude_defaults=True)[:200] for body in hotline.bodies(CALLER)))
        raise


async def test_a_complaint_moves_to_a_seat_and_a_supervisor_whispers(
    tmp_path: Path, browsers: Callable[[int], Any]
) -> None:
    server = {"seats_open_on_loopback": True, "media_timeout_s": 20.0}
    companies = [ROOT / "companies" / "jinghe"]
    with exchange(tmp_path / "data", companies=companies, engines="real", **server) as hotline, told(hotline):
        seat = await sit_down(await browsers(SEAT_HZ), hotline, "lijing", ready=True)
        supervisor = await sit_down(await browsers(SUPERVISOR_HZ), hotline, "zhengjie", ready=False)
        async with Telephone(hotline, CALLER) as telephone:
            await telephone.ring()
            telephone.talk()
            await telephone.until_quiet(60)
            for name in ("01.wav", "03.wav", "04.wav"):
                telephone.say(clip(name))
                await asyncio.sleep(len(clip(name)) / RATE_HZ)
                if await alerted_or_answered(hotline, telephone):
                    break
            assert first(hotline, AlertRaised) is not None
            await until(lambda: first(hotline, RouteChanged))
            assert first(hotline, RouteChanged).destination == "complaint_specialist"

            await seat.get_by_role("button", name="接听").wait_for(timeout=60_000)
            shown = await seat.locator("#desk").inner_text()
            assert "陈建国" in shown and "漏水" in shown, "who calls, and what was said so far"
            await seat.keyboard.press("Alt+a")
            await until(lambda: first(hotline, SeatConnected))
            telephone.say(beeps(CALLER_HZ, 120))
            await until(lambda: heard_by(telephone, SEAT_HZ) > HEARD, 30)
            await until_heard(seat, CALLER_HZ)

            await supervisor.get_by_role("button", name="旁听").first.click()
            await supervisor.get_by_text("双方都听不到您").wait_for()
            await until_heard(supervisor, CALLER_HZ)
            await until_heard(supervisor, SEAT_HZ)
            assert await heard_db(seat, SUPERVISOR_HZ) < NOT_HEARD_DB, "who listens is not heard"

            await supervisor.get_by_role("button", name="耳语").click()
            await supervisor.get_by_text("只有坐席听得到您").wait_for()
            await until_heard(seat, SUPERVISOR_HZ)
            assert heard_by(telephone, SUPERVISOR_HZ) < NOT_HEARD < HEARD < heard_by(telephone, SEAT_HZ)
            folder = os.environ.get("SCREENSHOTS")
            if folder:
                await seat.screenshot(path=f"{folder}/seat.png")
                await supervisor.screenshot(path=f"{folder}/supervisor.png")

            left = [body.leg for body in hotline.bodies(CALLER) if isinstance(body, LegLeft)]
            assert not left, "nobody's line broke meanwhile"
            changed = [body for body in hotline.bodies(CALLER) if isinstance(body, HearingChanged)]
            assert "s90" in changed[-1].hears["s07"] and "s90" not in changed[-1].hears["caller"]
            await seat.locator("#hang-up").click()
            await seat.get_by_label("小结").wait_for()
            await until(lambda: telephone.closed.is_set(), 20)
