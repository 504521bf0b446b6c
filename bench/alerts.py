"""How soon an alert acts: from the caller's last voiced sample, by the caller's own clock, to the signed webhook at a
receiver of ours, and to the call's changed route on ``/ws/events``.

A server is started with the company's folder, one webhook added. Outside callers, who import nothing of it, complain
over Twilio Media Streams in real time and hang up once their alert has done both. Beside the times:

* forged: webhooks whose signature was wrong.
* twice: webhooks that came with the id of an earlier one.
* lost: alerts in the database of which no webhook came.
* turned away: calls that found all lines busy, as a machine that is busy otherwise says.
* silent: other calls that raised no alert, so there is nothing to time.
"""

import argparse
import asyncio
import json
import shutil
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import websockets
import yaml

from bench import serving
from bench.phone import Heard, call
from bench.receiver import SECRET, Receiver

CLIPS = (
    "complaint-electric-shock/01.wav",
    "complaint-privacy/03.wav",
    "complaint-washing-machine/04.wav",
    "complaint-electric-shock/03.wav",
)
"""Each raises an alert by itself."""
SETTLE_S = 25.0
"""A server that has just been started may prepare things for a while."""
GIVE_UP_S = 20.0
"""After this an alert will not come any more."""
TO_WEBHOOK_S, TO_ROUTE_S = 1.5, 2.0


@dataclass
class Watched:
    """What ``/ws/events`` showed, by call: when each kind of event first came, in Unix time."""

    callers: dict[str, str] = field(default_factory=dict)
    alerts: dict[str, float] = field(default_factory=dict)
    routes: dict[str, float] = field(default_factory=dict)
    turned_away: set[str] = field(default_factory=set)

    def see(self, event: dict[str, Any], now_s: float) -> None:
        body, call_id = event["body"], event["call_id"]
        if body["type"] == "call-started":
            self.callers[call_id] = body["caller_number"]
        caller = self.callers.get(call_id, "")
        if body["type"] == "error-raised" and body["code"] == "lines_busy":
            self.turned_away.add(caller)
        if body["type"] == "alert-raised":
            self.alerts.setdefault(caller, now_s)
        elif body["type"] == "route-changed" and body["alert_id"] is not None:
            self.routes.setdefault(caller, now_s)


@dataclass(frozen=True)
class Complaint:
    """One call. Times in s from the end of the utterance that raised the alert; None for what did not come."""

    clip: str
    to_alert_s: float | None
    to_webhook_s: float | None
    to_route_s: float | None
    turned_away: bool = False


@contextmanager
def company(folder: Path, hook_url: str) -> Iterator[Path]:
    """A copy of the company with a webhook, its back end on a port that is free."""
    with tempfile.TemporaryDirectory() as copies:
        copy = Path(shutil.copytree(folder, Path(copies) / folder.name))
        file = copy / "routing" / "alerts.yaml"
        policy = yaml.safe_load(file.read_text(encoding="utf-8"))
        policy["webhooks"] = [{"name": "bench", "url": hook_url, "secret": SECRET}]
        file.write_text(yaml.safe_dump(policy, allow_unicode=True), encoding="utf-8")
        profile = yaml.safe_load((copy / "company.yaml").read_text(encoding="utf-8"))
        port = serving.free_port()
        for name in ("company.yaml", "tools.yaml"):
            text = (copy / name).read_text(encoding="utf-8")
            (copy / name).write_text(text.replace(str(profile["backend"]["port"]), str(port)), encoding="utf-8")
        yield copy


async def watch(url: str, watched: Watched) -> None:
    """Until cancelled."""
    async with websockets.connect(f"ws{url.removeprefix('http')}/ws/events", max_size=None) as socket:
        async for message in socket:
            watched.see(json.loads(message), time.time())


async def complain(server: serving.Server, receiver: Receiver, watched: Watched, clip: Path, caller: str) -> Complaint:
    """One call, up to its alert."""
    hang_up = asyncio.Event()
    calling = asyncio.create_task(call(server.media_url, [clip], caller=caller, hang_up=hang_up, give_up_s=GIVE_UP_S))
    while not calling.done():
        await asyncio.sleep(0.05)
        if caller in watched.routes and hooked(receiver, caller) is not None:
            hang_up.set()
    heard = await calling
    return timed(heard, f"{clip.parent.name}/{clip.stem}", watched, hooked(receiver, caller))


def hooked(receiver: Receiver, caller: str) -> float | None:
    """When the webhook of this caller's alert came."""
    return next(
        (one.epoch_s for one in receiver.taken if one.body["type"] == "alert.raised" and _caller(one.body) == caller),
        None,
    )


def timed(heard: Heard, clip: str, watched: Watched, hooked_s: float | None) -> Complaint:
    if not heard.said:
        return Complaint(clip, None, None, None, heard.caller in watched.turned_away)
    ended_s = heard.dialled_epoch_s + heard.said[-1].voiced_until_s
    moments = (watched.alerts.get(heard.caller), hooked_s, watched.routes.get(heard.caller))
    alert_s, webhook_s, route_s = (None if moment is None else moment - ended_s for moment in moments)
    return Complaint(clip, alert_s, webhook_s, route_s, heard.caller in watched.turned_away)


async def complaints(
    server: serving.Server, receiver: Receiver, clips: Sequence[Path], calls: int, at_once: int
) -> list[Complaint]:
    """So many calls, a few at a time, after one that is not measured."""
    watched = Watched()
    watching = asyncio.create_task(watch(server.url, watched))
    lines, made = asyncio.Semaphore(at_once), []
    await complain(server, receiver, watched, clips[0], "13700000000")

    async def one(number: int) -> None:
        async with lines:
            complaint = await complain(
                server, receiver, watched, clips[number % len(clips)], f"138{number:04}{number * 7 % 10000:04}"
            )
        made.append(complaint)
        shown = [
            "-" if s is None else f"{s:.2f}"
            for s in (complaint.to_alert_s, complaint.to_webhook_s, complaint.to_route_s)
        ]
        print(
            f"{len(made):3}/{calls} {complaint.clip:32} alert {shown[0]} webhook {shown[1]} route {shown[2]}",
            flush=True,
        )

    await asyncio.gather(*(one(number) for number in range(calls)))
    watching.cancel()
    with suppress(asyncio.CancelledError):
        await watching
    return made


def row(name: str, times: Sequence[float | None], target_s: float | None) -> str:
    came = [one for one in times if one is not None]
    if not came:
        return f"{name:34} {0:5}"
    median, p95, worst = np.percentile(came, [50, 95, 100])
    told = "" if target_s is None else f"   p95 to reach {target_s:.1f}: {'yes' if p95 <= target_s else 'NO'}"
    return f"{name:34} {len(came):5} {median:8.2f} {p95:8.2f} {worst:8.2f}{told}"


def report(server: serving.Server, receiver: Receiver, made: Sequence[Complaint]) -> None:
    stored = httpx.get(f"{server.url}/api/alerts", timeout=30).json()
    told = {one.body["data"].get("alert_id") for one in receiver.taken}
    ids = [one.id for one in receiver.taken]
    print(f"\n{'from the end of the utterance to':34} {'calls':>5} {'p50 s':>8} {'p95 s':>8} {'worst s':>8}")
    print(row("the alert on /ws/events", [one.to_alert_s for one in made], None))
    print(row("the webhook at its receiver", [one.to_webhook_s for one in made], TO_WEBHOOK_S))
    print(row("the changed route on /ws/events", [one.to_route_s for one in made], TO_ROUTE_S))
    away = sum(one.turned_away for one in made)
    silent = sum(one.to_alert_s is None for one in made) - away
    lost = sum(alert["id"] not in told for alert in stored)
    print(
        f"{len(stored)} alerts stored, {len(receiver.tried)} webhooks: forged {receiver.forged},"
        f" twice {len(ids) - len(set(ids))}, lost {lost}; calls turned away {away}, silent {silent}"
    )


def _caller(body: dict[str, Any]) -> str:
    return str(body["data"].get("caller", ""))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--calls", type=int, default=52)
    parser.add_argument("--at-once", type=int, default=1)
    parser.add_argument("--fixtures", type=Path, default=Path("audio_fixtures"))
    parser.add_argument("--company", type=Path, default=Path("companies/jinghe"))
    parser.add_argument("--json", type=Path, help="file for all numbers")
    arguments, _ = parser.parse_known_args()
    clips = [arguments.fixtures / clip for clip in CLIPS]
    with (
        Receiver() as receiver,
        company(arguments.company, receiver.url) as folder,
        # Nobody is to be turned away here, however busy the machine is: alerts are timed, not answers.
        serving.hotline(COMPANIES=str(folder), SERVER__RESPONSE_TARGET_MS="20000") as server,
    ):
        server.wait_until_healthy(600)
        time.sleep(SETTLE_S)
        server.wait_until_quiet()
        others, begun_s = serving.Others([server]), time.monotonic()
        made = asyncio.run(complaints(server, receiver, clips, arguments.calls, arguments.at_once))
        took_s, share = time.monotonic() - begun_s, others.share()
        report(server, receiver, made)
        print(f"{len(made)} calls, {arguments.at_once} at once, in {took_s:.0f} s", end="; ")
        print(f"anything else used {share:.0%} of the machine")
    if arguments.json:
        arguments.json.write_text(json.dumps([vars(one) for one in made], indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
