"""What a menu does next: a pure function from where the caller is and what happened to acts and where they are then.

    state, acts = step(menu, state, moment)

Whatever happens, it speaks or the call goes on; and however the caller moves, after `Menu.most_steps` it goes on.
"""

from dataclasses import replace
from typing import Literal

from agent.dialogue.cues import plainly_in
from agent.dialogue.values.wishes import asks_for_human, asks_repeat, wants_language
from agent.hotline_events import MenuChosen, MenuEntered
from agent.routing.menu.config import PERSON_KEY, Choice, Function, Spoken, leads_out
from agent.routing.menu.menu import Menu, Place
from agent.routing.menu.moments import Act, Entered, Go, Key, Moment, Said, Silence, Speak, State
from agent.routing.menu.words import key_named, named_among, named_outright, wants

By = Literal["key", "speech", "silence"]
Step = tuple[State, tuple[Act, ...]]


def step(menu: Menu, state: State, moment: Moment) -> Step:
    """What is done about a moment. Never raises, whatever the order of moments; does nothing once the call has gone."""
    if state.gone:
        return state, ()
    state = replace(state, steps=state.steps + 1)
    if state.steps > menu.most_steps:
        return _give_up(menu, state, "silence" if isinstance(moment, Silence | Entered) else _by(moment))
    if isinstance(moment, Entered):
        language = moment.language if moment.language in menu.languages else menu.languages[0]
        return _enter(menu, replace(state, language=language), (menu.top,))
    if not state.trail:
        # Nobody has told that the caller is here; they hear where they are before they choose.
        language = state.language if state.language in menu.languages else menu.languages[0]
        return _enter(menu, replace(state, language=language), (menu.top,))
    match moment:
        case Key(key=key):
            return _on_key(menu, state, key)
        case Said():
            return _on_said(menu, state, moment)
        case Silence():
            return _on_silence(menu, state)


def place_of(menu: Menu, state: State) -> Place:
    """Where the caller is; the top before they have entered."""
    return menu.places[state.trail[-1] if state.trail else menu.top]


# What happens


def _on_key(menu: Menu, state: State, key: str) -> Step:
    place = place_of(menu, state)
    choice = place.by_key(key)
    if choice is not None:
        return _choose(menu, state, place.name, choice, "key", key)
    if key == PERSON_KEY:
        return _leave(menu, state, "key", key, menu.person, menu.said.person)
    function: Function = {"*": place.star, "#": place.hash}.get(key, "nothing")
    if function == "nothing":
        return _fail(menu, state, "key", key, place.wrong_key)
    return _move(menu, state, function, "key", key)


def _on_said(menu: Menu, state: State, said: Said) -> Step:
    text, place = said.text, place_of(menu, state)
    if asks_for_human(text) or (said.intent == "human_agent" and said.probability >= menu.intent_from):
        return _leave(menu, state, "speech", "human_agent", menu.person, menu.said.person)
    asked = wants_language(text)
    if asked in menu.languages and asked != state.language:
        return _move(menu, replace(state, language=asked), "repeat", "speech", asked)
    spoken = plainly_in(text)
    if spoken in menu.languages:
        state = replace(state, language=spoken)
    key = key_named(text)
    choice = (place.by_key(key) if key is not None else None) or named_outright(place.choices, text)
    if choice is not None:
        return _choose(menu, state, place.name, choice, "speech", choice.label.of(state.language))
    if key == PERSON_KEY:
        return _leave(menu, state, "speech", key, menu.person, menu.said.person)
    # Short as they are, these are no errands, whatever the classifier takes them for.
    if wants("top", text):
        return _move(menu, state, "top", "speech", "top")
    if wants("back", text):
        return _move(menu, state, "back", "speech", "back")
    if asks_repeat(text):
        return _move(menu, state, "repeat", "speech", "repeat")
    understood = _understood(menu, state, said)
    if understood is not None:
        return understood
    choice = named_among(place.choices, text)
    if choice is not None:
        return _choose(menu, state, place.name, choice, "speech", choice.label.of(state.language), said=True)
    return _fail(menu, state, "speech", text[:80], menu.said.not_understood)


def _understood(menu: Menu, state: State, said: Said) -> Step | None:
    """What was understood beats the tree: it leads to the choice that has it, at whatever level, or to its flow."""
    intent = said.intent
    # Written so that a probability that is none leads nowhere.
    if intent is None or not said.probability >= menu.intent_from:
        return None
    found = menu.led_to_by(intent, state.trail)
    if found is not None:
        name, choice = found
        return _choose(menu, state, name, choice, "speech", intent, said=True)
    if intent in menu.errands:
        target = f"flow:{menu.errands[intent]}"
        chosen = MenuChosen(node=state.trail[-1], by="speech", choice=intent, target=target)
        return replace(state, gone=target), (chosen, Go(target, said=True))
    return None


def _on_silence(menu: Menu, state: State) -> Step:
    place = place_of(menu, state)
    if state.silences >= place.repeats:
        return _leave(menu, state, "silence", "", place.after_silence, menu.said.silent)
    chosen = MenuChosen(node=place.name, by="silence", choice="", target="")
    return _again(menu, replace(state, silences=state.silences + 1), chosen)


# What is done about it


def _choose(menu: Menu, state: State, at: str, choice: Choice, by: By, named: str, *, said: bool = False) -> Step:
    """``at``: the node of the choice; where it is not this one, the way back leads through that."""
    chosen = MenuChosen(node=state.trail[-1], by=by, choice=named, target=choice.target)
    if choice.language in menu.languages:
        state = replace(state, language=choice.language)
    if leads_out(choice.target):
        return replace(state, gone=choice.target), (chosen, Go(choice.target, said=said))
    trail = state.trail if at == state.trail[-1] else menu.places[at].way
    return _enter(menu, state, _through(trail, choice.target), chosen)


def _move(menu: Menu, state: State, function: Function, by: By, named: str) -> Step:
    here = state.trail[-1]
    if function == "repeat":
        return _again(menu, state, MenuChosen(node=here, by=by, choice=named, target=here))
    trail = (menu.top,) if function == "top" else state.trail[:-1]
    if here == menu.top or not trail:
        return _again(menu, state, MenuChosen(node=here, by=by, choice=named, target=""), menu.said.at_top)
    return _enter(menu, state, trail, MenuChosen(node=here, by=by, choice=named, target=trail[-1]))


def _fail(menu: Menu, state: State, by: By, named: str, sentence: Spoken) -> Step:
    """A wrong key, or words that are not understood."""
    place, failures = place_of(menu, state), state.failures + 1
    if failures >= place.failures:
        return _leave(menu, state, by, named, place.after_failures, menu.said.failed)
    chosen = MenuChosen(node=place.name, by=by, choice=named, target="")
    return _again(menu, replace(state, failures=failures), chosen, sentence)


def _give_up(menu: Menu, state: State, by: By) -> Step:
    """The caller has gone round for long enough."""
    target = place_of(menu, state).after_failures
    target = target if leads_out(target) else menu.person
    target = target if leads_out(target) else "bot"
    return _leave(menu, replace(state, trail=state.trail or (menu.top,)), by, "", target, menu.said.failed)


def _leave(menu: Menu, state: State, by: By, named: str, target: str, sentence: Spoken) -> Step:
    """To where the call goes without a choice of the tree: a person, or what comes after silence and failures."""
    chosen = MenuChosen(node=state.trail[-1], by=by, choice=named, target=target)
    if not leads_out(target):
        return _enter(menu, state, _through(state.trail, target), chosen, sentence)
    speak = _speak(menu, state, sentence.of(state.language))
    return replace(state, gone=target), (chosen, *speak, Go(target))


def _enter(menu: Menu, state: State, trail: tuple[str, ...], *before: MenuChosen | Spoken) -> Step:
    """A node anew."""
    times = state.times if state.trail == trail else 0
    state = replace(state, trail=trail, times=times, silences=0, failures=0)
    return _again(menu, state, *before)


def _again(menu: Menu, state: State, *before: MenuChosen | Spoken) -> Step:
    """The prompt of the node, with what is said and noted before it."""
    place, state = place_of(menu, state), replace(state, times=state.times + 1)
    noted = tuple(one for one in before if isinstance(one, MenuChosen))
    texts = [one for one in before if isinstance(one, Spoken)]
    if place.name == menu.top and state.language not in state.greeted:
        texts, state = [*texts, menu.said.greeting], replace(state, greeted=(*state.greeted, state.language))
    sentences = tuple(sentence for text in (*texts, place.prompt) for sentence in text.of(state.language))
    entered = MenuEntered(node=place.name, level=place.level, times=state.times)
    return state, (*noted, entered, *_speak(menu, state, sentences))


def _speak(menu: Menu, state: State, sentences: tuple[str, ...]) -> tuple[Speak, ...]:
    node = state.trail[-1] if state.trail else menu.top
    return (Speak(sentences, state.language, node),) if sentences else ()


def _through(trail: tuple[str, ...], target: str) -> tuple[str, ...]:
    """The way to a node; where it leads to one that was passed, back to that."""
    return trail[: trail.index(target) + 1] if target in trail else (*trail, target)


def _by(moment: Moment) -> By:
    return "key" if isinstance(moment, Key) else "speech"
