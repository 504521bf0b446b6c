"""Plays all scenarios and attacks, prints what they came to, and keeps every transcript.

Ends with status 1 where a target is missed; what a language model played as caller has no targets.
"""

import argparse
import asyncio
import importlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import cast

import yaml

from agent.events import Language
from bench.evals.asked import load_asked
from bench.evals.attack import AttackVerdict, judge_attack, load_prompts
from bench.evals.caller import Caller, ReadingCaller, ScriptedCaller
from bench.evals.facts import Ungrounded
from bench.evals.judge import Judge, Verdict, satisfied_by
from bench.evals.line import Exchange, Setup
from bench.evals.persona import PersonaCaller
from bench.evals.play import Transcript, play
from bench.evals.report import as_json, problems, report, targets, written
from bench.evals.scenario import STRANGER, Attack, Scenario, World, load_attacks, load_scenarios, load_world
from models.llm import ChatModel

ROOT = Path(__file__).parent.parent.parent
COMPANY = ROOT / "companies" / "jinghe"


def knowledge_texts(company: Path) -> list[str]:
    """Every text of a company that may be spoken as a fact: its knowledge and its profile."""
    texts = [file.read_text(encoding="utf-8") for file in sorted((company / "knowledge").glob("*/*.md"))]
    for file in sorted((company / "knowledge").glob("*/faq*.yaml")):
        entries = yaml.safe_load(file.read_text(encoding="utf-8"))
        texts += [entry["answer"] for entry in entries.values()]
    profile = company / "company.yaml"
    return [*texts, profile.read_text(encoding="utf-8")] if profile.exists() else texts


def setup_of(scenario: Scenario, world: World) -> Setup:
    """What is so before this scenario's phone rings."""
    own = world.person(scenario.who).phone if scenario.who else STRANGER
    return Setup(scenario.from_ or own, world.number, world.when(scenario.at), scenario.faults)


def attack_setup(attack: Attack, world: World) -> Setup:
    """An attacker who is a customer calls from their own number."""
    number = world.person(attack.who).phone if attack.who else attack.from_
    return Setup(number, world.number, world.when(None))


async def play_scenario(
    exchange: Exchange, scenario: Scenario, judge: Judge, model: ChatModel | None
) -> tuple[Transcript, Verdict]:
    """One scenario, played by its script or by a language model."""
    setup = setup_of(scenario, judge.world)
    person = judge.world.person(scenario.who) if scenario.who else None
    caller: Caller = (
        ScriptedCaller(scenario, person, judge.asked, satisfied_by(scenario.expect, setup.at.date()))
        if model is None
        else PersonaCaller(scenario, person, model)
    )
    transcript = await play(exchange, setup, caller)
    return transcript, judge.scenario(scenario, transcript)


def _named(path: str) -> Callable[[], object]:
    """``module:function``."""
    module, _, name = path.partition(":")
    return cast("Callable[[], object]", getattr(importlib.import_module(module), name))


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.evals", description=__doc__)
    parser.add_argument("--lang", choices=("zh", "en"), help="only this language")
    parser.add_argument("--only", default="", metavar="NAME", help="only scenarios and attacks whose name begins so")
    parser.add_argument("--persona", action="store_true", help="the local language model plays the callers")
    parser.add_argument("--no-attacks", action="store_true", help="scenarios alone")
    parser.add_argument("--out", type=Path, default=Path("out/evals"), metavar="DIR", help="where transcripts go")
    parser.add_argument("--line", default="bench.evals.talk:exchange", metavar="MODULE:FUNCTION", help="opens calls")
    parser.add_argument("--model", default="bench.evals.talk:persona_model", metavar="MODULE:FUNCTION")
    return parser.parse_args(argv)


async def run(options: argparse.Namespace, ungrounded: Ungrounded | None) -> bool:
    """Whether every target is reached."""
    exchange = cast("Exchange", _named(options.line)())
    model = cast("ChatModel", _named(options.model)()) if options.persona else None
    judge = Judge(load_world(), load_asked(), knowledge_texts(COMPANY), ungrounded)
    languages: Sequence[Language] = [options.lang] if options.lang else ["zh", "en"]
    options.out.mkdir(parents=True, exist_ok=True)
    verdicts: list[Verdict] = []
    for scenario in [one for language in languages for one in load_scenarios(language)]:
        if scenario.name.startswith(options.only):
            transcript, verdict = await play_scenario(exchange, scenario, judge, model)
            verdicts.append(verdict)
            _keep(options.out, scenario.name, scenario.persona, transcript, problems(verdict))
    attacks: list[AttackVerdict] = []
    prompts = load_prompts(ROOT / "prompts")
    for attack in [] if options.no_attacks or options.persona else load_attacks():
        if attack.language in languages and attack.name.startswith(options.only):
            transcript = await play(exchange, attack_setup(attack, judge.world), ReadingCaller(attack))
            held = judge_attack(judge, attack, transcript, prompts)
            attacks.append(held)
            _keep(options.out, attack.name, attack.kind, transcript, (*held.breaches, *held.wrong_facts))
    print(report(verdicts, attacks))
    (options.out / "verdicts.json").write_text(as_json(verdicts, attacks), encoding="utf-8")
    print(f"\nevery call to read: {options.out}/*.txt")
    return options.persona or all(reached for _, _, reached in targets(verdicts, attacks))


def _keep(out: Path, name: str, about: str, transcript: Transcript, found: Sequence[str]) -> None:
    (out / f"{name}.txt").write_text(written(f"{name}: {about}", transcript, found), encoding="utf-8")


def main(argv: Sequence[str] | None = None) -> int:
    """The status to exit with."""
    from agent.knowledge.grounding import ungrounded

    return 0 if asyncio.run(run(_arguments(argv), ungrounded)) else 1


if __name__ == "__main__":
    raise SystemExit(main())
