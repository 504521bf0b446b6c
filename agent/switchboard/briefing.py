"""What is whispered to a person before they are put on the line: why, in five seconds. Pure."""

from collections.abc import Callable, Sequence

from agent.events import Event, Language
from agent.seats.screen_pop import ScreenPop
from agent.switchboard.pop import alert_shown
from agent.switchboard.words import Words

CAUSES_AT_MOST = 2
"""More than two cannot be said in five seconds, and the gravest come first."""
WORTH_SAYING_MINUTES = 2
"""Who has waited less is not to be apologised to."""


def briefing(
    events: Sequence[Event], pop: ScreenPop, words: Words, label: Callable[[str], str], language: Language = "zh"
) -> str:
    """``label``: what people call a cause of alerts."""
    alert = alert_shown(events)
    feeling = words.moods[pop.mood.sentiment].of(language) if pop.mood.sentiment is not None else ""
    told = words.briefing
    if alert is not None and not alert.withdrawn:
        causes = told.join.of(language).join(label(cause) for cause in alert.causes[:CAUSES_AT_MOST])
        text = told.alert.of(language).format(causes=causes, mood=feeling)
    else:
        intent = words.intents[pop.intent or "other"].of(language)
        text = told.calm.of(language).format(intent=intent, mood=feeling)
    minutes = pop.waited_s // 60
    if minutes >= WORTH_SAYING_MINUTES:
        text += told.waited.of(language).format(minutes=minutes)
    return text.strip()
