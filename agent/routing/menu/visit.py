"""One caller's way through a menu: remembers where they are, so that whoever has the line need not."""

from dataclasses import dataclass

from agent.events import Intent, Language
from agent.hotline_events import MenuChosen, MenuEntered
from agent.routing.menu.menu import Menu, voice_of
from agent.routing.menu.moments import Entered, Go, Key, Moment, Said, Silence, Speak, State
from agent.routing.menu.step import place_of, step


@dataclass(frozen=True)
class Guidance:
    """What is to be done now, in this order: note ``events``, speak ``sentences`` (each in a language), go to
    ``target`` (empty: stay).

    ``said``: the last words led there. ``timeout_ms``: so long a silence after the sentences is to be told.
    """

    events: tuple[MenuChosen | MenuEntered, ...]
    sentences: tuple[tuple[str, Language], ...]
    language: Language
    node: str
    target: str
    said: bool
    timeout_ms: int


class Visit:
    """Begins at the menu's top. Every method says what happens, and returns what is to be done about it."""

    def __init__(self, menu: Menu) -> None:
        self._menu = menu
        self._state = State()

    @property
    def state(self) -> State:
        return self._state

    def enter(self, language: Language) -> Guidance:
        return self._tell(Entered(language))

    def key(self, key: str) -> Guidance:
        return self._tell(Key(key))

    def said(self, text: str, intent: Intent | None, probability: float, language: Language) -> Guidance:
        return self._tell(Said(text, intent, probability, language))

    def silence(self) -> Guidance:
        return self._tell(Silence())

    def _tell(self, moment: Moment) -> Guidance:
        self._state, acts = step(self._menu, self._state, moment)
        place = place_of(self._menu, self._state)
        speak = next((act for act in acts if isinstance(act, Speak)), None)
        go = next((act for act in acts if isinstance(act, Go)), None)
        return Guidance(
            events=tuple(act for act in acts if isinstance(act, MenuChosen | MenuEntered)),
            sentences=tuple((one, voice_of(one, speak.language)) for one in speak.sentences)
            if speak is not None
            else (),
            language=self._state.language,
            node=speak.node if speak is not None else place.name,
            target=go.target if go is not None else "",
            said=go is not None and go.said,
            timeout_ms=place.timeout_ms,
        )
