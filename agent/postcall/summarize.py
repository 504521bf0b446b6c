"""The summary of a call: code finds and decides, the language model words two fields, and everything is checked."""

from collections.abc import Sequence
from datetime import datetime

from agent.events import AsrFinal, Event, Fact, Intent, Language, Summary, Transfer, TtsEnded
from agent.postcall.agreements import settled
from agent.postcall.course import (
    call_language,
    is_solved,
    main_intent,
    risk_level,
    risk_reasons,
    satisfaction,
    sentiment_course,
    taken_over,
)
from agent.postcall.facts import extract_facts
from agent.postcall.facts_numbers import UNCLEAR_PHONE
from agent.postcall.follow_up import follow_up, in_words
from agent.postcall.need import Need, find_need, says_something
from agent.postcall.patterns import patterns
from agent.postcall.promises import promises
from agent.postcall.prompts import PostcallPrompts, Sentences
from agent.postcall.questions import Interviewer
from agent.postcall.trace import is_faithful, is_traceable, keeps_numbers
from agent.postcall.utterances import Utterance, utterances
from models.llm import ChatModel

BUDGET_TOKENS = 90
"""Most that the model may write for one summary: 7.5 s at the 12 tokens/s of the 1.5B on two cores, of 20 s allowed."""
_MOST_PROMISES = 4
_SHORT = {"zh": 40, "en": 140}
"""A promise of so many characters is short enough as it was said."""
_QUOTE = {"zh": 50, "en": 140}


def summarize(
    events: Sequence[Event],
    started_at: datetime,
    llm: ChatModel | None,
    prompts: PostcallPrompts,
    *,
    budget_tokens: int = BUDGET_TOKENS,
) -> Summary:
    """Summarise a call that has ended. Blocks while the model writes: run it in an executor.

    started_at: local time of the call's start, with its time zone. The same events give the same summary. No failure of
    the model raises: the summary is then made of quotes (``method`` extractive) and ``method_note`` says why.
    """
    said = utterances(events)
    language = call_language(events, said)
    texts = prompts.sentences(language)
    intent, risk = main_intent(events), risk_level(events)
    facts = tuple(fact for fact in extract_facts(events, started_at) if is_traceable(fact, said))
    at_end = settled(said)
    solved = is_solved(events, said, intent, at_end)
    interviewer = Interviewer(llm, budget_tokens=budget_tokens)
    need = find_need(events, said, intent, language)
    wanted = _wanted(interviewer, need, said, prompts, language)
    if any(utterance.speaker == "seat" for utterance in said):
        agreed = tuple(dict.fromkeys(in_words(one, texts) for one in at_end.standing))
    else:
        agreed = _agreed(interviewer, said, prompts)
    spoke = any(utterance.speaker == "caller" for utterance in said)
    return Summary(
        language=language,
        intent=intent,
        wanted=wanted,
        agreed=agreed,
        unresolved=_unresolved(events, said, facts, intent, solved, need, texts, language),
        facts=facts,
        follow_up=follow_up(
            events,
            started_at=started_at,
            intent=intent,
            risk=risk,
            solved=solved,
            facts=facts,
            sentences=texts,
            agreed=at_end.standing,
        ),
        sentiment_course=sentiment_course(events),
        risk=risk,
        risk_reasons=risk_reasons(events, texts.risk),
        method="llm" if interviewer.used else "extractive",
        solved=solved,
        satisfaction=satisfaction(events),
        method_note=None if interviewer.used else _note(interviewer, llm, spoke, texts),
    )


def _note(interviewer: Interviewer, llm: ChatModel | None, spoke: bool, texts: Sentences) -> str:
    if not spoke:
        return texts.notes["no_speech"]
    if llm is None:
        return texts.notes["no_model"]
    if interviewer.failed is not None:
        return texts.notes["model_failed"].format(code=interviewer.failed)
    return texts.notes["bad_answer" if interviewer.refused else "nothing_to_word"]


def _wanted(
    interviewer: Interviewer,
    need: Need,
    said: Sequence[Utterance],
    prompts: PostcallPrompts,
    language: Language,
) -> str:
    texts = prompts.sentences(language)
    if not any(utterance.speaker == "caller" for utterance in said):
        return texts.no_speech
    if not need.telling:
        return texts.wanted_nothing
    extractive = texts.wanted_extractive.format(words=_short(need.telling, language))
    if not need.material:
        return extractive
    question = prompts.questions(language).wanted
    written = interviewer.ask(question, need.material, lambda s: is_faithful(s, need.material, language))
    return written or extractive


def _agreed(interviewer: Interviewer, said: Sequence[Utterance], prompts: PostcallPrompts) -> tuple[str, ...]:
    agreed = []
    for promise in promises(said)[:_MOST_PROMISES]:
        words, language = promise.text, promise.language
        written = None
        if len(words) > _SHORT[language]:
            question = prompts.questions(language).agreed
            written = interviewer.ask(
                question,
                words,
                lambda s, w=words, lang=language: is_faithful(s, w, lang) and keeps_numbers(s, w),
            )
        agreed.append(written or words)
    return tuple(dict.fromkeys(agreed))


def _unresolved(
    events: Sequence[Event],
    said: Sequence[Utterance],
    facts: Sequence[Fact],
    intent: Intent,
    solved: bool,
    need: Need,
    texts: Sentences,
    language: Language,
) -> tuple[str, ...]:
    points = []
    got_a_person = intent == "human_agent" and taken_over(events)
    if not solved and need.telling and intent in texts.needs and not got_a_person:
        points.append(texts.needs[intent].format(words=_short(need.telling, language)))
    unanswered = _unanswered(events, said)
    if unanswered and unanswered not in need.telling:
        points.append(texts.unanswered.format(words=_short(unanswered, language)))
    points += [texts.unclear_phone.format(words=fact.quote) for fact in facts if fact.kind == UNCLEAR_PHONE]
    transfers = [event.body for event in events if isinstance(event.body, Transfer)]
    if transfers and not transfers[-1].accepted:
        points.append(texts.transfer_failed)
    return tuple(points)


def _unanswered(events: Sequence[Event], said: Sequence[Utterance]) -> str | None:
    """The caller's last words, where they asked for something and nobody of ours said anything after them."""
    if said and said[-1].speaker == "seat":
        return None
    last = next((event.body for event in reversed(events) if isinstance(event.body, AsrFinal | TtsEnded)), None)
    if not isinstance(last, AsrFinal):
        return None
    text = patterns(last.language).one("lead_in").sub("", last.text).strip()
    settled = patterns(last.language).one("caller_settled").search(text)
    return text if says_something(text, last.language) and not settled else None


def _short(words: str, language: Language) -> str:
    words = words.rstrip("。.，,；; ")
    limit = _QUOTE[language]
    return words if len(words) <= limit else words[:limit].rstrip() + "…"
