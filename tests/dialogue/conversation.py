"""A conversation without audio: text in, acts out."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from agent.dialogue.acts import Act, CallTool, HangUp, Say, Transfer, Write
from agent.dialogue.flow_check import load_flows
from agent.dialogue.moments import Began, Heard, Moment
from agent.dialogue.phrases import load_phrases
from agent.dialogue.playbook import Conduct, Playbook
from agent.dialogue.policy import decide
from agent.dialogue.state import State
from agent.events import Intent, Language
from agent.knowledge.found import NOTHING, Found, Passage
from agent.tools.spec import load_tools
from agent.yaml_file import Bilingual
from tests.dialogue.back_end import TODAY, Answer, answer, customer

JINGHE = Path(__file__).resolve().parents[2] / "companies" / "jinghe"


def conduct(**changes: Any) -> Conduct:
    names = {
        "company": Bilingual(zh="京和电器", en="Jinghe Appliances"),
        "bot": Bilingual(zh="小京", en="Jing"),
        "greeting": Bilingual(zh="您好，这里是{company}。", en="Hello, this is {company}."),
        "callback_within": Bilingual(zh="30分钟内", en="within 30 minutes"),
    }
    return Conduct(**{**names, **changes})


TOOLS = load_tools(JINGHE / "tools.yaml")
FLOWS = load_flows(JINGHE / "flows", TOOLS)
PHRASES: dict[Language, Any] = {
    "zh": load_phrases(JINGHE / "phrases" / "zh.yaml"),
    "en": load_phrases(JINGHE / "phrases" / "en.yaml"),
}


def playbook(**changes: Any) -> Playbook:
    return Playbook(FLOWS, TOOLS, PHRASES, conduct(**changes))


FREIGHT = Found(0.95, "return_freight", "七天无理由退货，运费由您承担，大件取件60元。", ())
WARRANTY = Found(0.95, "warranty", "The whole machine is covered for one year.", ())
NEAR = Found(0.6, "", None, (Passage("p1", "噪音", "挂机空调的噪音最低20分贝。"),))


class Call:
    """One call, from its greeting on."""

    def __init__(
        self,
        caller: str = "",
        language: Language = "zh",
        *,
        people: bool = True,
        back_end: Mapping[str, Answer] | None = None,
        **changes: Any,
    ) -> None:
        self.book = playbook(**changes)
        self.state = State()
        self.acts: list[Act] = []
        self.turns = 0
        self.back_end = dict(back_end or {})
        self.answer: tuple[Act, ...] = ()
        """What the bot did since the caller last spoke."""
        self.feel(Began("c1", caller, language, TODAY, customer(caller), people))

    def feel(self, moment: Moment, *, tools_answer: bool = True) -> "Call":
        """A moment, and all that the back end answers because of it."""
        self.state, acts = decide(self.book, self.state, moment)
        self.acts += acts
        self.answer = acts
        while tools_answer and (calls := [act for act in acts if isinstance(act, CallTool)]):
            assert len(calls) == 1, "one tool at a time"
            self.state, acts = decide(self.book, self.state, answer(calls[0], self.back_end))
            self.acts += acts
            self.answer = (*self.answer, *acts)
        return self

    def says(
        self,
        text: str,
        intent: Intent | None = None,
        *,
        probability: float = 0.9,
        found: Found = NOTHING,
        keys: bool = False,
        tools_answer: bool = True,
        **more: Any,
    ) -> "Call":
        self.turns += 1
        language: Language = "zh" if any("一" <= character <= "鿿" for character in text) else "en"
        heard = Heard(
            self.turns, text, language, intent, probability if intent else 0.0, keys=keys, found=found, **more
        )
        return self.feel(heard, tools_answer=tools_answer)

    def keys(self, digits: str) -> "Call":
        return self.says(digits, keys=True)

    @property
    def sentences(self) -> list[Say]:
        before = [act.before for act in self.answer if isinstance(act, CallTool) and act.before is not None]
        return [*before, *(act for act in self.answer if isinstance(act, Say))]

    @property
    def heard(self) -> str:
        """All that the caller heard in answer."""
        return " ".join(say.text for say in self.sentences)

    @property
    def names(self) -> list[str]:
        return [say.name for say in self.sentences]

    @property
    def calls(self) -> list[CallTool]:
        """The tools called in answer."""
        return [act for act in self.answer if isinstance(act, CallTool)]

    @property
    def tools(self) -> list[str]:
        return [call.tool for call in self.calls]

    @property
    def all_tools(self) -> list[str]:
        return [act.tool for act in self.acts if isinstance(act, CallTool)]

    @property
    def writes(self) -> Write | None:
        return next((act for act in self.answer if isinstance(act, Write)), None)

    @property
    def transferred(self) -> bool:
        return any(isinstance(act, Transfer) for act in self.answer)

    @property
    def hung_up(self) -> bool:
        return any(isinstance(act, HangUp) for act in self.answer)
