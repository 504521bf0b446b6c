"""How long a caller waits for an answer, on the wire: from the last voiced sample that they sent to the first voiced
sample that comes back. Ours and stock pipecat on the same weights (``bench.peer_pipecat``), call by call in one run.

An outside caller, who imports nothing of ours, plays the calls of ``audio_fixtures/`` over Twilio Media Streams in real
time; both servers are running and warm, and each call waits until neither computes anything, so that what one does
after a call (our summary) does not slow the other down. Beside the response time, which alone is easy to shorten:

* missed: no answer within 15 s. A bot that asks whether anybody is there has answered, late.
* cut off: the bot began to speak while the caller still did. Such turns have no response time.
* silence: the longest pause inside one answer.

The table is of all turns; where the bot hangs up early, what the caller could not say any more counts as missed. A last
row has several calls at once, on a server started anew: its cache of spoken sentences is as empty as in the first row.

Speed must not be bought with quality: ``make bench`` prints the character error rate beside it (``bench.asr``), and
``hotline replay --check audio_fixtures`` what became of the same calls.
"""

import argparse
import asyncio
import itertools
import json
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from bench import picture, serving, stages
from bench.conversations import WARM_UP, Conversation, conversations, repeats
from bench.side import Side
from bench.turns import Summary, summarise

SETTLE_S = 25.0
"""A server that has just been started may prepare things for a while."""


async def warm(sides: Sequence[Side], fixtures: Path) -> None:
    """One call to each that is not measured."""
    for side in sides:
        side.server.wait_until_healthy()
    if any(side.server.process for side in sides):
        await asyncio.sleep(SETTLE_S)
    for side in sides:
        await all_quiet(sides)
        await side.play(Conversation("warm-up", (fixtures / WARM_UP,), ("",)))
        side.calls.clear()


async def all_quiet(sides: Sequence[Side]) -> None:
    """Until no server computes anything."""
    for side in sides:
        await asyncio.to_thread(side.server.wait_until_quiet)


async def side_by_side(sides: Sequence[Side], calls: Sequence[Conversation]) -> None:
    """Each call to one, then to the other."""
    for number, conversation in enumerate(calls, start=1):
        for side in sides:
            await all_quiet(sides)
            others = serving.Others([one.server for one in sides])
            made = await side.play(conversation)
            side.others.append(others.share())
            told = ", ".join(turn.verdict for turn in made.figures())
            print(f"{number:2}/{len(calls)} {conversation.name:26} {side.name:18} {told}", flush=True)


def line(name: str, summary: Summary) -> str:
    """One row of the table."""
    times = (summary.median_s, summary.p95_s, summary.worst_s)
    shown = " ".join(f"{'-' if value is None else format(value, '.2f'):>8}" for value in times)
    return f"{name:18} {summary.turns:5} {shown} {summary.misses:6} {summary.cut_offs:7} {summary.silence_s:9.2f}"


HEAD = f"{'':18} {'turns':>5} {'median s':>8} {'p95 s':>8} {'worst s':>8} {'missed':>6} {'cut off':>7} {'silence s':>9}"


def bars(side: Side, accounts_of: picture.AccountsOf) -> list[picture.Bar]:
    """For the picture: every turn's response time as measured, and the bot's own account of it."""
    drawn = []
    for made in side.calls:
        accounts = accounts_of(made.heard) if made.heard is not None else []
        for turn, (figures, span) in enumerate(itertools.zip_longest(made.figures(), made.spans()), start=1):
            account = stages.between(accounts, *span[1:]) if span and figures.response_s is not None else None
            told = account.stages_ms if account else ()
            drawn.append(picture.Bar(f"{made.conversation.name} {turn}", told, figures.response_s, figures.verdict))
    return drawn


def compare(arguments: argparse.Namespace, calls: Sequence[Conversation]) -> list[Side]:
    """Ours and the peer. Prints as it goes, and draws the picture while our server can be asked."""
    with ExitStack() as stack:
        metrics = Path(stack.enter_context(tempfile.TemporaryDirectory())) / "metrics.jsonl"
        ours = (
            serving.Server(arguments.url) if arguments.url else stack.enter_context(serving.hotline(arguments.profile))
        )
        sides = [Side("ours", ours)]
        if arguments.peer:
            sides.append(Side("stock pipecat", stack.enter_context(serving.peer(arguments.profile, metrics))))

        async def all_calls() -> None:
            await warm(sides, arguments.fixtures)
            await side_by_side(sides, calls)

        asyncio.run(all_calls())
        if arguments.png:
            panels = {"ours": bars(sides[0], lambda heard: stages.of_hotline(ours.url, heard))}
            if arguments.peer:
                panels["stock pipecat"] = bars(sides[1], lambda heard: stages.of_peer(metrics, heard))
            picture.draw(panels, arguments.png)
    return sides


def at_once(arguments: argparse.Namespace, calls: Sequence[Conversation]) -> Side:
    """Ours, with several callers at a time."""
    with ExitStack() as stack:
        ours = (
            serving.Server(arguments.url) if arguments.url else stack.enter_context(serving.hotline(arguments.profile))
        )
        side = Side(f"ours, {arguments.calls} at once", ours)

        async def all_calls() -> None:
            await warm([side], arguments.fixtures)
            await all_quiet([side])
            others = serving.Others([side.server])
            await side.play_at_once(calls, arguments.calls)
            side.others.append(others.share())

        asyncio.run(all_calls())
    return side


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--fixtures", type=Path, default=Path("audio_fixtures"))
    parser.add_argument("--only", nargs="+", metavar="NAME", help="these fixtures instead of all")
    parser.add_argument("--calls", type=int, default=3, help="so many at once in the last row; 1: no such row")
    parser.add_argument("--profile", choices=("cpu", "cpu-small"), default="cpu")
    parser.add_argument("--peer", action=argparse.BooleanOptionalAction, default=True)
    parser.add_argument("--url", help="a hotline that is running, instead of one started here: http://127.0.0.1:8400")
    parser.add_argument("--json", type=Path, help="file for all numbers")
    parser.add_argument("--png", type=Path, help="file for a picture of where the time went")
    arguments, _ = parser.parse_known_args()
    calls = [one for one in conversations(arguments.fixtures) if not arguments.only or one.name in arguments.only]
    if not calls:
        parser.error(f"no such call in {arguments.fixtures}")
    turns = sum(len(one.clips) for one in calls)
    print(f"{len(calls)} calls, {turns} turns; {repeats(calls)} repeat the words of an earlier one", flush=True)
    sides = compare(arguments, calls)
    if arguments.calls > 1:
        sides.append(at_once(arguments, calls))
    summaries = [summarise(side.figures()) for side in sides]
    print("\n" + HEAD)
    for side, summary in zip(sides, summaries, strict=True):
        print(line(side.name, summary))
    for side, summary in zip(sides, summaries, strict=True):
        print(f"{side.name}: {summary.cut_offs / max(1, summary.turns):.1%} of the turns cut off")
    if arguments.peer and summaries[0].median_s and summaries[1].median_s:
        print(f"ratio of the medians, ours to stock pipecat: {summaries[0].median_s / summaries[1].median_s:.2f}")
    for side in sides:
        broken = [made.conversation.name for made in side.calls if made.broken]
        others = f"anything else used {max(side.others):.0%} of the machine at most"
        print(f"{side.name}: broken calls: {', '.join(broken) or 'none'}; {others}")
    if arguments.json:
        raw = {side.name: {"others": side.others, "calls": [made.raw() for made in side.calls]} for side in sides}
        arguments.json.write_text(json.dumps(raw, ensure_ascii=False, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
