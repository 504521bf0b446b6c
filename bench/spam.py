"""How well the spam filter tells spam from callers: ``python -m bench.spam [--part dev|test] [--calls FILE]``.

Plays `bench/sets/spam_calls.yaml` with the demo company's rules. Prints, for the half that the rules were tuned on and
for the one that was held out, how much spam was stopped, how many honest callers were asked and how many refused, a
table by kind, and every error with its signs.

Then words that were not written for this filter: the first turns of honest calls of other benchmarks, and single
utterances of the classifier's training texts, pitches of many trades among them.
"""

import argparse
from collections.abc import Iterable, Sequence
from pathlib import Path

import yaml
from rich.console import Console
from rich.table import Table

from agent.routing.spam import History, Mark, SpamPolicy, load_spam, read
from bench.spam_calls import CALLS, Doing, Outcome, SpamCall, Speech, load_calls, play, play_all
from bench.spam_fresh import AFTER, FRESH, fresh
from bench.spam_lines import SEEN, UNSEEN, load_lines

POLICY = Path(__file__).parents[1] / "companies" / "jinghe" / "routing" / "spam.yaml"
SETS = Path(__file__).parent / "sets"
OTHER_SETS = ("risk_calls_zh.yaml", "risk_calls_en.yaml")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--part", choices=("dev", "test"))
    parser.add_argument("--calls", type=Path, default=CALLS)
    chosen = parser.parse_args()
    console = Console(width=150)
    policy = load_spam(POLICY)
    outcomes = list(play_all(policy, load_calls(chosen.calls)))
    for part in ("dev", "test"):
        if chosen.part in (None, part):
            report(console, f"part {part}", [one for one in outcomes if one.call.part == part])
    if chosen.part is None:
        report(console, "both parts", outcomes, tables=False)
        fresh_openings(console, policy, FRESH, "written before the rules for the form of a pitch")
        fresh_openings(console, policy, AFTER, "written after them")
        other_callers(console, policy)
        other_lines(console, policy)


def report(console: Console, title: str, outcomes: Sequence[Outcome], *, tables: bool = True) -> None:
    """The figures, the table and every error."""
    spam = [one for one in outcomes if one.call.spam]
    honest = [one for one in outcomes if not one.call.spam]
    console.rule(title)
    console.print(
        f"spam stopped {_share(sum(one.right for one in spam), len(spam))} · "
        f"honest challenged {_share(sum(one.challenged > 0 for one in honest), len(honest))} · "
        f"honest refused {_share(sum(not one.right for one in honest), len(honest))}"
        f" · of the honest, refused by the deny list and let in by the key "
        f"{sum(one.refused and one.right for one in honest)}"
    )
    if not tables:
        return
    console.print(_table(outcomes))
    for one in outcomes:
        if not one.right:
            console.print(f"[bold]{'MISSED' if one.call.spam else 'REFUSED'}[/] {one.call.kind}: {one.call.name}")
            for at_ms, judged in one.judged:
                signs = "; ".join(f"{sign.words} ({sign.weight})" for sign in judged.signs)
                console.print(f"  {at_ms / 1000:5.1f} s {judged.verdict} {judged.score:.2f}: {signs}", markup=False)


def _table(outcomes: Iterable[Outcome]) -> Table:
    table = Table("", "kind", "calls", "asked", "refused", "s until refused, longest")
    groups: dict[tuple[bool, str], list[Outcome]] = {}
    for one in outcomes:
        groups.setdefault((not one.call.spam, one.call.kind), []).append(one)
    for (is_honest, kind), some in sorted(groups.items()):
        ends = [one.hung_up_at_ms / 1000 for one in some if one.hung_up_at_ms is not None]
        table.add_row(
            "honest" if is_honest else "spam",
            kind,
            str(len(some)),
            str(sum(one.challenged > 0 for one in some)),
            str(sum(one.refused for one in some)),
            f"{max(ends):.0f}" if ends else "",
        )
    return table


def fresh_openings(console: Console, policy: SpamPolicy, file: Path, when: str) -> None:
    """Trades that no rule was written for, and the honest beside them."""
    openings = fresh(policy, file)
    console.rule(f"fresh openings, {when}: trades of no other set, and honest callers with traps")
    for spam, name in ((True, "pitches"), (False, "honest")):
        some = [one for one in openings if one.spam == spam]
        heard = sum(one.points >= policy.rules.hint for one in some)
        console.print(
            f"{name}: taken for sellers by their first words {_share(heard, len(some))}"
            f" · asked {_share(sum(one.outcome.challenged > 0 for one in some), len(some))}"
            f" · refused {_share(sum(one.outcome.refused for one in some), len(some))}"
        )
    for one in openings:
        if one.spam != one.outcome.refused:
            told = "MISSED" if one.spam else "REFUSED"
            console.print(f"  {told} {one.about}, {one.points} points: {one.says}", markup=False, soft_wrap=True)
        elif not one.spam and one.outcome.challenged:
            console.print(f"  ASKED {one.about}, {one.points} points: {one.says}", markup=False, soft_wrap=True)


def other_callers(console: Console, policy: SpamPolicy) -> None:
    """Callers of other sets: what they say in their first turns, taken for a pitch or not."""
    for name in OTHER_SETS:
        calls = yaml.safe_load((SETS / name).read_text(encoding="utf-8"))
        taken = [
            (call["name"], reading.words)
            for call in calls
            if (reading := read(policy.rules, "。".join(call["turns"][:4]))).points >= policy.rules.sure
        ]
        needs = sum(read(policy.rules, "。".join(call["turns"][:4])).need for call in calls)
        console.rule(f"honest calls of {name}")
        console.print(
            f"taken for sellers {_share(len(taken), len(calls))} · needs understood {_share(needs, len(calls))}"
        )
        for call, words in taken:
            console.print(f"  {call}: {words}", markup=False)
        for title, talks_through in (("marked as fraud by 500 people", False), ("marked so, and talk through", True)):
            played = [play(policy, suspicious(call["name"], call["turns"], talks_through)) for call in calls]
            console.print(
                f"the same, {title}: challenged {_share(sum(one.challenged > 0 for one in played), len(played))}"
                f" · refused {_share(sum(one.refused for one in played), len(played))}"
            )
            for one in played:
                if one.refused:
                    console.print(f"  REFUSED {one.call.name}", markup=False)


def suspicious(name: str, turns: Sequence[str], talks_through: bool) -> SpamCall:
    """An honest caller about whom everything looks wrong. Asked, they say what they would have said next, and again."""
    if talks_through:
        said: tuple[Doing, ...] = (Speech(500, 16_000, "".join(turns[:2])),)
    else:
        said = tuple(Speech(6000 + 7000 * n, 9500 + 7000 * n, text) for n, text in enumerate(turns))
    answers = tuple((Speech(800, 3800, text),) for text in (*turns[1:], turns[-1]))
    return SpamCall(
        name=name,
        spam=False,
        kind="suspicious",
        part="test",
        number="13812345678",
        marks=(Mark("诈骗", "list", 500),),
        history=History(),
        recorded=False,
        moments=said,
        answers=answers,
    )


def other_lines(console: Console, policy: SpamPolicy) -> None:
    """Single utterances of many trades, written for the classifier: who would be asked as a seller."""
    lines = list(load_lines())
    rules = policy.rules
    pitches = [line for line in lines if line.spam]
    for title, some in (
        ("pitches of trades that the rules were tuned on", [line for line in pitches if line.section in SEEN]),
        ("pitches of trades that they were not", [line for line in pitches if line.section in UNSEEN]),
        ("customers", [line for line in lines if line.file != "other"]),
    ):
        points = [read(rules, line.text).points for line in some]
        console.rule(f"single utterances: {title}")
        console.print(
            f"asked as sellers {_share(sum(one >= rules.hint for one in points), len(some))}"
            f" · of these certain {sum(one >= rules.sure for one in points)}"
        )


def _share(some: int, of: int) -> str:
    return f"{some} of {of} ({100 * some / of:.1f} %)" if of else "none"


if __name__ == "__main__":
    main()
