"""An answer in the making: the state as it becomes, and the acts so far. Immutable; every method gives a new one.

The one place where a sentence becomes an act, and so where nothing is said twice running.
"""

from dataclasses import dataclass, replace
from typing import Any

from agent.dialogue.acts import Act, Say
from agent.dialogue.phrases import PhraseName
from agent.dialogue.playbook import Playbook
from agent.dialogue.render import listed, render
from agent.dialogue.slots import open_items
from agent.dialogue.state import Errand, Identity, Spoken, State
from agent.dialogue.values import ON_FILE
from agent.events import Language
from agent.sentences import sentences
from agent.yaml_file import Bilingual


@dataclass(frozen=True)
class Turn:
    """``goes_on``: it is the rest of an answer that a tool was waited for."""

    book: Playbook
    state: State
    acts: tuple[Act, ...] = ()
    goes_on: bool = False

    # What the state is

    @property
    def language(self) -> Language:
        return self.state.language

    @property
    def errand(self) -> Errand:
        """The errand under way, which there must be."""
        assert self.state.errand is not None, "asked about an errand while there is none"
        return self.state.errand

    @property
    def facts(self) -> dict[str, Any]:
        """Everything that a flow may name: of the call, of the back end's answers and of the caller's."""
        state, errand = self.state, self.state.errand
        of_call = {
            "caller_number": state.caller_number,
            "caller_known": bool(state.customer),
            "order_number": errand.order if errand is not None else "",
            "phone": state.identity.phone if state.identity.proven else state.caller_number,
            "about": state.about or (self.book.flows[errand.flow].title.of(state.language) if errand else ""),
            "address_on_file": ON_FILE if state.customer else "",
            "callback_within": self.book.conduct.callback_within.of(state.language),
        }
        known = {name: value for name, value in of_call.items() if value != ""}
        if errand is None:
            return known
        flow = self.book.flows[errand.flow]
        fields = [slot.among for slot in flow.slots.values() if slot.among]
        offered = listed(open_items(flow, errand), fields, self.language)
        return {**known, "offered": offered, **errand.results, **errand.slots}

    # What it becomes

    def set(self, **changes: Any) -> "Turn":
        return replace(self, state=replace(self.state, **changes))

    def set_errand(self, **changes: Any) -> "Turn":
        return self.set(errand=replace(self.errand, **changes))

    def set_identity(self, **changes: Any) -> "Turn":
        identity: Identity = replace(self.state.identity, **changes)
        return self.set(identity=identity)

    def do(self, act: Act) -> "Turn":
        return replace(self, acts=(*self.acts, act))

    # What is said

    def say(self, name: PhraseName, first: Bilingual | None = None, **values: str) -> "Turn":
        """A phrase, in a wording that was not just used; ``first``: a wording that is better than the phrase's own."""
        wordings = self._phrase(name, **values)
        if first is not None:
            wordings = (self.fill(first), *wordings)
        return self._speak(name, wordings, plain=values.get("sentence") or values.get("question"))

    def say_from(self, name: str, text: Bilingual, *, told: bool = False) -> "Turn":
        """A company's sentence, filled in with what is known. ``told``: it tells of the caller's own affairs."""
        sentence = self.fill(text)
        turn = self._speak(name, (sentence,))
        return turn.set(told=(*self.state.told, sentence)[-6:]) if told else turn

    def say_text(self, name: str, sentence: str) -> "Turn":
        """A sentence that is ready: an approved answer."""
        return self._speak(name, (sentence,))

    def fill(self, text: Bilingual) -> str:
        state = self.state
        slots = self.book.flows[state.errand.flow].slots if state.errand is not None else {}
        return render(text, self.language, self.facts, slots)

    def would_say(self, name: PhraseName, **values: str) -> Say:
        """The phrase, for somebody else to say if need be."""
        used = {spoken.text for spoken in self.state.said}
        wordings = self._phrase(name, **values)
        return Say(next((text for text in wordings if text not in used), wordings[0]), name, self.language)

    def _phrase(self, name: PhraseName, **values: str) -> tuple[str, ...]:
        conduct = self.book.conduct
        always = {"company": conduct.company.of(self.language), "bot": conduct.bot.of(self.language)}
        return self.book.phrases[self.language].of(name, **{**always, **values})

    def _speak(self, name: str, wordings: tuple[str, ...], plain: str | None = None) -> "Turn":
        """The first wording that is not in the answer before; if all are, it is said that this was said.

        Something that stands in this very answer already is not said again at all. So of the wordings and their
        introduced forms at most one is in any answer, and as there are at least two, one is always free.
        """
        wordings = tuple(wording for wording in wordings if wording.strip())
        if not wordings:
            return self
        introduced = tuple(text for wording in wordings for text in self._phrase("as_i_said", sentence=wording))
        saying = {spoken.text for spoken in self.state.saying}
        if not saying.isdisjoint((*wordings, *introduced)):
            return self
        said = {spoken.text for spoken in self.state.said}
        heard = {piece for spoken in self.state.said for piece in sentences(spoken.text)}
        # Best none of whose sentences was just heard; at least not the same as a whole.
        fresh = (text for text in wordings if heard.isdisjoint(sentences(text)))
        text = next(fresh, None) or next(text for text in (*wordings, *introduced) if text not in said)
        spoken = Spoken(text, plain or (text if text in wordings else wordings[0]))
        return self.set(saying=(*self.state.saying, spoken), unheard=False).do(Say(text, name, self.language))


def begin(book: Playbook, state: State, *, goes_on: bool = False) -> Turn:
    """A new answer: what was being said has been said. ``goes_on``: it is the same answer still."""
    if goes_on:
        return Turn(book, state, goes_on=True)
    return Turn(book, replace(state, said=state.saying or state.said, saying=()))
