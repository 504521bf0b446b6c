"""``hotline route explain | lint``: which rule takes a call and why, and what is wrong with the rules."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, get_args

import typer
from rich.console import Console
from rich.table import Table

from agent.errors import HotlineError
from agent.events import Intent, Language, RiskLevel, Scalar, Sentiment, SpamVerdict
from agent.routing.alerts import FILE as ALERTS
from agent.routing.alerts import load_alert_policy
from agent.routing.lines import Numbers, check_numbers, choose_target, load_numbers, locate, parse_number
from agent.routing.rules import (
    Facts,
    KnownTargets,
    Load,
    Rules,
    days_kept,
    decide,
    explain,
    kept,
    lint,
    load_rules,
)

ROUTING = "routing"
HEADINGS = {"zh": ("", "规则", "去向", "符合的", "不符合的"), "en": ("", "rule", "target", "holds", "fails")}


@dataclass(frozen=True)
class Routing:
    """What a company's folder says of routing. ``dialled``: the numbers of company.yaml. ``keep_days``: so long who had
    an alert is kept with a specialist.
    """

    rules: Rules
    numbers: Numbers
    known: KnownTargets
    dialled: tuple[str, ...]
    keep_days: int = 0


def load_routing(folder: Path, known: KnownTargets) -> Routing:
    """From ``company.yaml`` and ``routing/``. Raises CompanyError."""
    from agent.company.profile import load_profile

    profile = load_profile(folder)
    zone = profile.hours.timezone
    numbers = load_numbers(folder / ROUTING / "numbers.yaml", zone)
    own = numbers.all | {parse_number(number).digits for number in profile.numbers}
    rules = load_rules(folder / ROUTING / "rules.yaml", zone)
    alerts = folder / ALERTS
    keep_days = load_alert_policy(alerts).keep_with_specialist_days if alerts.exists() else 0
    return Routing(rules, numbers, replace(known, numbers=own), profile.numbers, keep_days)


def make_app(known_targets: Callable[[Path], KnownTargets] = lambda folder: KnownTargets()) -> typer.Typer:
    """The sub-commands. ``known_targets``: the queues, menus and skills of a company's folder."""
    app = typer.Typer(no_args_is_help=True, help="Where calls go: ask the rules, check them.")
    out = Console(highlight=False)
    plain = Console(highlight=False, soft_wrap=True)
    company = typer.Option("--company", metavar="DIR", help="The folder of a company.")
    shown = typer.Option("--in", metavar="zh|en", help="The language of what is printed.")

    @app.command("explain")
    def explain_command(
        folder: Annotated[Path, company],
        caller: Annotated[str, typer.Option("--from", help="The number that calls.")],
        called: Annotated[str, typer.Option("--to", help="The number that is dialled, or where it lands.")],
        at: Annotated[str, typer.Option(help='When, by the company\'s clock: "2026-10-01 10:30".')],
        language: Annotated[str, typer.Option(help="What the caller speaks.")] = "zh",
        intent: Annotated[str | None, typer.Option(help="What the caller wants.")] = None,
        sentiment: Annotated[str | None, typer.Option(help="How the caller feels.")] = None,
        risk: Annotated[str, typer.Option(help="The complaint risk so far.")] = "none",
        spam: Annotated[str, typer.Option(help="What the filter makes of it.")] = "pass",
        vip: Annotated[bool | None, typer.Option("--vip/--no-vip", help="The record's field vip.")] = None,
        record: Annotated[list[str] | None, typer.Option(metavar="NAME=VALUE", help="Of the caller's record.")] = None,
        device: Annotated[list[str] | None, typer.Option(metavar="NAME=VALUE", help="Of their appliance.")] = None,
        order: Annotated[list[str] | None, typer.Option(metavar="NAME=VALUE", help="Of their order.")] = None,
        called_days_ago: Annotated[list[float] | None, typer.Option(help="Also then; again for more.")] = None,
        alert_days_ago: Annotated[float | None, typer.Option(help="An alert was raised on them then.")] = None,
        waiting: Annotated[int, typer.Option(min=0, help="Calls that wait, in every queue.")] = 0,
        seats_ready: Annotated[int, typer.Option(min=0, help="Seats that are ready, in every queue.")] = 1,
        expected_wait_s: Annotated[int | None, typer.Option(min=0, help="In every queue.")] = 0,
        spoken: Annotated[str, shown] = "zh",
    ) -> None:
        """Tell which rule takes such a call, and of each other why it does not."""
        printed: Language = _among("--in", spoken, Language)
        routing = load_routing(folder, known_targets(folder))
        moment = _moment(at, routing, "--at")
        load = Load(waiting, seats_ready, expected_wait_s)
        fields = _fields("--record", record) | ({} if vip is None else {"vip": vip})
        binding = routing.numbers.of(called)
        facts = Facts(
            at=moment,
            caller=locate(caller),
            called=binding.number if binding else parse_number(called).digits,
            language=_among("--language", language, Language),
            intent=None if intent is None else _among("--intent", intent, Intent),
            sentiment=None if sentiment is None else _among("--sentiment", sentiment, Sentiment),
            risk=_among("--risk", risk, RiskLevel),
            spam=_among("--spam", spam, SpamVerdict),
            record=fields,
            device=_fields("--device", device),
            order=_fields("--order", order),
            earlier_calls=tuple(moment - timedelta(days=days) for days in called_days_ago or ()),
            alerts=() if alert_days_ago is None else (moment - timedelta(days=alert_days_ago),),
            load=load,
            queues={queue: load for queue in _queues(routing.rules)},
        )
        plain.print(_who(facts), markup=False)
        if binding is not None:
            # Which of several that share it gets a call, its id decides; here the first.
            bound = choose_target(binding, moment, 0.0)
            plain.print(f"{called} → {binding.name}: {bound.to if bound else '–'}", markup=False)
        decision = decide(routing.rules, facts)
        out.print(_table(routing.rules, facts, printed))
        # What alerts.yaml says goes before the rules; the rule has the call where no specialist can take it.
        decision = kept(routing.rules, decision, days_kept(facts, routing.keep_days)) or decision
        details = [f"priority {decision.priority}"]
        details += [f"skill level {decision.skill_level}"] if decision.skill_level else []
        details += [f"overflow {decision.overflow}"] if decision.overflow else []
        plain.print(f"→ {decision.target} ({', '.join(details)})", markup=False, style="bold")
        plain.print(decision.why.of(printed), markup=False)

    @app.command("lint")
    def lint_command(
        folder: Annotated[Path, company],
        on: Annotated[str | None, typer.Option(metavar="DATE", help="As on this day; today.")] = None,
        spoken: Annotated[str, shown] = "zh",
    ) -> None:
        """Tell what is wrong with the numbers and the rules, by file and line; exit code 1 if anything is."""
        printed: Language = _among("--in", spoken, Language)
        routing = load_routing(folder, known_targets(folder))
        today = _moment(on, routing, "--on").date() if on else datetime.now(routing.rules.zone).date()
        problems = list(_problems(routing, today, printed))
        for problem in problems:
            plain.print(problem, markup=False)
        if problems:
            raise typer.Exit(1)
        plain.print(f"{routing.rules.file}: {len(routing.rules.rules)} rules: nothing wrong", markup=False)

    return app


def _problems(routing: Routing, today: date, language: Language) -> Iterable[str]:
    yield from check_numbers(routing.numbers, routing.dialled, routing.known, today)
    yield from (finding.in_language(language) for finding in lint(routing.rules, routing.known, today))


def _table(rules: Rules, facts: Facts, language: Language) -> Table:
    table = Table(*HEADINGS[language])
    for number, one in enumerate(explain(rules, facts), 1):
        held = "\n".join(check.text.of(language) for check in one.checks if check.held)
        failed = "\n".join(check.text.of(language) for check in one.failed)
        mark = "→" if one.decides else str(number)
        style = "bold" if one.decides else ("" if one.matches else "dim")
        table.add_row(*(_escaped(cell) for cell in (mark, one.rule.name, one.rule.to, held, failed)), style=style)
    return table


def _escaped(text: str) -> str:
    from rich.markup import escape

    return escape(text)


def _who(facts: Facts) -> str:
    caller = facts.caller
    known = [part for part in (caller.province, caller.city, caller.carrier) if part]
    return f"{caller.digits or '–'}: {caller.kind}" + (f" ({' '.join(known)})" if known else "")


def _queues(rules: Rules) -> set[str]:
    return {condition.queue for conditions in rules.conditions for condition in conditions if condition.queue}


def _moment(text: str, routing: Routing, option: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise HotlineError("usage", f'{option}: {text!r} is no moment; write "2026-10-01 10:30"') from error
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=routing.rules.zone)


def _among(option: str, value: str, literal: Any) -> Any:
    known = get_args(literal)
    if value not in known:
        raise HotlineError("usage", f"{option}: {value!r} is not known; one of {', '.join(known)}")
    return value


def _fields(option: str, given: list[str] | None) -> dict[str, Scalar]:
    """``order_count=6``, ``vip=true``; texts as they stand."""
    fields: dict[str, Scalar] = {}
    for one in given or ():
        name, is_there, text = one.partition("=")
        if not name or not is_there:
            raise HotlineError("usage", f"{option}: {one!r}; write NAME=VALUE")
        fields[name] = _scalar(text)
    return fields


def _scalar(text: str) -> Scalar:
    if text in ("true", "false"):
        return text == "true"
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text
