"""The way of a caller whom a rule, or their number, sends past the bot: greeted in a sentence or two, and on. Pure.

It walks the line as the menu does (`agent.pipeline.ivr.Guide`), with one place and no choice.
"""

from dataclasses import dataclass

from agent.company.company import Company
from agent.events import Intent, Language, MenuChosen, MenuEntered
from agent.routing.targets import split_target

TIMEOUT_MS = 5000
"""Nothing is asked, so no silence is waited for; the line needs a figure all the same."""


@dataclass(frozen=True)
class Step:
    """As `agent.pipeline.ivr.Guidance` has it."""

    sentences: tuple[tuple[str, Language], ...]
    language: Language
    node: str
    target: str
    events: tuple[MenuChosen | MenuEntered, ...] = ()
    said: bool = False
    timeout_ms: int = TIMEOUT_MS


class Straight:
    """To one target."""

    def __init__(self, company: Company, target: str) -> None:
        self._company = company
        self._target = target
        self._language: Language = "zh"

    def enter(self, language: Language) -> Step:
        self._language = language
        sentences = said_on_the_way(self._company, self._target, language)
        return Step(tuple((one, language) for one in sentences), language, self._target, self._target)

    def key(self, key: str) -> Step:
        return self._stay()

    def said(self, text: str, intent: Intent | None, probability: float, language: Language) -> Step:
        return self._stay()

    def silence(self) -> Step:
        return self._stay()

    def _stay(self) -> Step:
        return Step((), self._language, self._target, "")


def said_on_the_way(company: Company, target: str, language: Language) -> tuple[str, ...]:
    """What the caller hears before they are there: who answers, that it is recorded, and where they are taken."""
    kind, name = split_target(target)
    if kind == "refuse":
        return () if company.spam is None else (company.spam.sentences["refuse"].of(language),)
    conduct = company.profile.conduct()
    names = {"company": conduct.company.of(language), "bot": conduct.bot.of(language)}
    greeting = conduct.greeting.of(language)
    for name_of, value in names.items():
        greeting = greeting.replace(f"{{{name_of}}}", value)
    said = [greeting]
    if conduct.says_recorded_at_start:
        said.append(company.phrases[language].of("says_recorded", **names)[0])
    skill = None if company.floor is None else company.floor.skills.get(name)
    if kind == "queue" and skill is not None and skill.greeting is not None:
        said.append(skill.greeting.of(language))
    return tuple(said)
