"""The question that is open: asked, asked again after something else was said, and asked in another way."""

from collections.abc import Mapping

from agent.dialogue.flow import Slot
from agent.dialogue.identity import Lack, lacks
from agent.dialogue.phrases import PhraseName
from agent.dialogue.slots import KEYED
from agent.dialogue.state import Pending
from agent.dialogue.turn import Turn
from agent.yaml_file import Bilingual

IDENTITY_QUESTIONS: Mapping[Lack, PhraseName] = {
    "tail": "identity_tail",
    "phone": "identity_phone",
    "both": "identity_both",
}
OF_AN_ERRAND: frozenset[Pending] = frozenset({"identity", "slot", "confirmation"})


def ask(turn: Turn) -> Turn:
    """The open question, for the first time."""
    match turn.state.pending:
        case "identity":
            return turn.say(_identity_question(turn))
        case "slot":
            return turn.say_from(f"{turn.errand.flow}.{turn.errand.asked}", _slot(turn).ask)
        case "confirmation":
            return turn.say_from(f"{turn.errand.flow}.confirm", _read_back(turn))
        case "offer":
            return turn.say("human_hint") if turn.state.offered == "human" else _offer_flow(turn)
        case "anything_else":
            return turn.say("anything_else")
        case "nothing":
            return turn


def reopen(turn: Turn) -> Turn:
    """The open question again, after a digression."""
    if turn.state.waiting is not None or turn.state.pending not in OF_AN_ERRAND:
        return turn
    title = turn.book.flows[turn.errand.flow].title.of(turn.language)
    plain = question(turn)
    if not any(plain in (spoken.text, spoken.plain) for spoken in turn.state.said) or turn.state.unheard:
        return turn.say("back_to", title=title, question=plain)
    # They have just heard it.
    if turn.state.pending == "confirmation":
        return turn.say("still_agreed", title=title)
    again = _slot(turn).ask_again if turn.state.pending == "slot" else None
    return turn.say("back_to", title=title, question=turn.fill(again) if again is not None else plain)


def ask_afresh(turn: Turn) -> Turn:
    """Whatever is open once more, in full: in another language, or after a sentence about the talk itself."""
    if turn.state.waiting is not None:
        return turn
    return ask(turn) if turn.state.pending == "offer" else reopen(turn)


def question(turn: Turn) -> str:
    """The open question of the errand, as it stands."""
    match turn.state.pending:
        case "identity":
            return turn.would_say(_identity_question(turn)).text
        case "slot":
            return turn.fill(_slot(turn).ask)
        case _:
            return turn.fill(_read_back(turn))


def ask_better(turn: Turn, failures: int) -> Turn:
    """The open question after so many answers that brought nothing: in other words, then by another way."""
    again = failures == 1
    match turn.state.pending:
        case "identity":
            return turn.say("identity_again" if again else "identity_keys")
        case "confirmation":
            return turn.say("confirm_unclear" if again else "confirm_keys")
        case _:
            slot = _slot(turn)
            own = slot.ask_again if again else slot.another_way
            if own is not None:
                return turn.say_from(f"{turn.errand.flow}.{turn.errand.asked}", own)
            another_way: PhraseName = "slot_keys" if slot.kind in KEYED else "slot_other_way"
            return turn.say("slot_again" if again else another_way, question=turn.fill(slot.ask))


def _identity_question(turn: Turn) -> PhraseName:
    return IDENTITY_QUESTIONS[lacks(turn.state.identity) or "tail"]


def _slot(turn: Turn) -> Slot:
    return turn.book.flows[turn.errand.flow].slots[turn.errand.asked]


def _read_back(turn: Turn) -> Bilingual:
    confirm = turn.book.flows[turn.errand.flow].steps[turn.errand.step].confirm
    assert confirm is not None, "only a step with a sentence to confirm waits for a yes"
    return confirm


def _offer_flow(turn: Turn) -> Turn:
    return turn.say("offer_errand", title=turn.book.flows[turn.state.offered].title.of(turn.language))
