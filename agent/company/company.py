"""A company: its folder, read into one object; and all companies of a server, told apart by the number that is called.

company.yaml          who it is, its numbers, hours, voices, greeting, rules of conduct
vocabulary.zh.txt     its own words, for the recogniser
phrases/{zh,en}.yaml  the sentences of the dialogue
flows/NAME.yaml       its errands
tools.yaml            what its back end can do (optional)
knowledge/{zh,en}/    faq*.yaml and *.md (optional)
risk.toml             what makes a call risky (optional: the common rules)
routing.toml          what supervisors are told of routes (optional: the common sentences)
routing/              what is around the talk: `agent.company.routing` (optional)
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from urllib.parse import urlsplit

from agent.company.problem import Problem, Problems
from agent.company.profile import FILE as PROFILE_FILE
from agent.company.profile import Profile, load_profile, plain_number
from agent.company.routing import read_routing
from agent.company.vocabulary import FILE as VOCABULARY_FILE
from agent.company.vocabulary import load_vocabulary
from agent.dialogue.flow import Flow
from agent.dialogue.flow_check import load_flows
from agent.dialogue.phrases import Phrases, load_phrases
from agent.dialogue.playbook import Conduct, Playbook
from agent.errors import CompanyError
from agent.events import Language
from agent.postcall.survey_config import Survey
from agent.risk import RiskRules, load_rules
from agent.routing import Reasons, load_reasons
from agent.routing.floor import FloorPolicy
from agent.routing.floor.words import QueueWords
from agent.routing.lines import Numbers, Tariff
from agent.routing.menu import Menus
from agent.routing.rules import Rules
from agent.routing.spam import SpamPolicy
from agent.tools.spec import NO_TOOLS, Tool, ToolSet, load_tools
from agent.yaml_file import line_of, load_yaml


@dataclass(frozen=True)
class Company:
    """Everything that makes a hotline this company's. ``folder``: where it was read from."""

    folder: Path
    profile: Profile
    tools: ToolSet
    flows: Mapping[str, Flow]
    phrases: Mapping[Language, Phrases]
    vocabulary: tuple[str, ...]
    risk: RiskRules
    reasons: Reasons
    floor: FloorPolicy | None = None
    queue_words: QueueWords | None = None
    numbers: Numbers | None = None
    tariff: Tariff | None = None
    rules: Rules | None = None
    menus: Menus | None = None
    spam: SpamPolicy | None = None
    survey: Survey | None = None

    @property
    def id(self) -> str:
        return self.profile.id

    @property
    def knowledge_dir(self) -> Path | None:
        """Where it has written down what it knows; None where it has not."""
        folder = self.folder / "knowledge"
        return folder if folder.is_dir() else None

    def has_bound(self, called: str) -> bool:
        """Whether the number is one that a trunk reports for one of its own."""
        return self.numbers is not None and self.numbers.of(called) is not None

    def playbook(self) -> Playbook:
        """What the dialogue goes by."""
        return Playbook(self.flows, self.tools, self.phrases, self.profile.conduct())


@dataclass(frozen=True)
class Companies:
    """The companies of one server, at least one. The first takes calls to numbers that nobody has."""

    all: tuple[Company, ...]

    def __iter__(self) -> Iterator[Company]:
        return iter(self.all)

    def by_number(self, called: str) -> Company:
        """Whose number was called, with or without country code, or as a SIP address; the first's if nobody's."""
        number = plain_number(called)
        ours = (company for company in self.all if number in company.profile.numbers or company.has_bound(called))
        return next(ours, self.all[0])


def load_company(folder: Path) -> Company:
    """The company of a folder. Raises CompanyError with everything that is wrong, ``FILE:LINE: …`` a line."""
    company, problems = read_company(folder)
    if company is None:
        raise CompanyError("\n".join(str(problem) for problem in problems))
    return company


def load_companies(folders: Iterable[Path]) -> Companies:
    """Several companies. Raises CompanyError as `load_company` does, and where two have the same number or id."""
    companies = tuple(load_company(folder) for folder in folders)
    if not companies:
        raise CompanyError("no company; name the folder of one at least")
    seen: dict[str, Path] = {}
    for company in companies:
        file = company.folder / PROFILE_FILE
        for what, value in [("id", company.id), *(("numbers", number) for number in company.profile.numbers)]:
            if value in seen:
                raise CompanyError(f"{file}:{line_of(file, what)}: {what}: {value} is {seen[value]}'s already")
            seen[value] = file
    return Companies(companies)


def read_company(folder: Path) -> tuple[Company | None, tuple[Problem, ...]]:
    """The company, and what is wrong with it; no company if anything is."""
    if not folder.is_dir():
        return None, (Problem(folder, 1, "there is no such folder; `hotline company new` makes one"),)
    problems = Problems()
    profile = problems.read(load_profile, folder)
    vocabulary = problems.read(load_vocabulary, folder / VOCABULARY_FILE)
    zh = problems.read(load_phrases, folder / "phrases" / "zh.yaml")
    en = problems.read(load_phrases, folder / "phrases" / "en.yaml")
    tools = problems.read(_tools, folder / "tools.yaml")
    flows = _flows(problems, folder / "flows", tools)
    risk = problems.read(lambda file: load_rules(file) if file.exists() else load_rules(), folder / "risk.toml")
    reasons = problems.read(
        lambda file: load_reasons(file) if file.exists() else load_reasons(), folder / "routing.toml"
    )
    around = read_routing(problems, folder, profile, flows)
    if flows is not None and tools is not None and profile is not None:
        _check_identity(problems, folder, flows, tools, profile.conduct())
    if tools is not None and profile is not None:
        _check_back_end(problems, folder, tools, profile)
    if problems.found:
        return None, problems.found
    # Nothing was wrong, so everything was read.
    assert profile and zh and en and risk and reasons and tools is not None
    assert flows is not None and vocabulary is not None
    parts = {field.name: getattr(around, field.name) for field in fields(around)}
    return Company(folder, profile, tools, flows, {"zh": zh, "en": en}, vocabulary, risk, reasons, **parts), ()


def _tools(file: Path) -> ToolSet:
    return load_tools(file) if file.exists() else NO_TOOLS


def _flows(problems: Problems, folder: Path, tools: ToolSet | None) -> Mapping[str, Flow] | None:
    """Where the tools cannot be read, only each flow by itself: that it names unknown tools is no fault of its own."""
    if tools is not None:
        return problems.read(lambda path: load_flows(path, tools), folder)
    for file in sorted(folder.glob("*.yaml")):
        problems.read(lambda path: load_yaml(path, Flow), file)
    return None


def _check_identity(
    problems: Problems, folder: Path, flows: Mapping[str, Flow], tools: ToolSet, conduct: Conduct
) -> None:
    """A flow that asks who calls needs a tool that knows the answer."""
    first = next((name for name, flow in flows.items() if flow.identity), None)
    if first is None:
        return
    tool = tools.tools.get(conduct.verify_tool)
    if tool is None or not _verifies(tool):
        file = folder / "flows" / f"{first}.yaml"
        problems.add(
            file,
            line_of(file, "identity"),
            f"identity: it needs the tool {conduct.verify_tool} in tools.yaml, with the arguments phone and order_tail"
            " and the results matches and order_number",
        )


def _check_back_end(problems: Problems, folder: Path, tools: ToolSet, profile: Profile) -> None:
    """A back end that is started where nobody calls it would be down in every call."""
    if profile.backend is None:
        return
    port = profile.backend.port
    urls = [url for server in tools.servers.values() for url in (server.http, server.mcp) if url is not None]
    if not any(f":{port}" in urlsplit(url).netloc for url in urls):
        file = folder / PROFILE_FILE
        problems.add(file, line_of(file, "backend"), f"backend.port: no server in tools.yaml is on port {port}")


def _verifies(tool: Tool) -> bool:
    needed = {name for name, argument in tool.arguments.items() if argument.required}
    return needed <= {"phone", "order_tail"} <= set(tool.arguments) and {"matches", "order_number"} <= set(tool.result)
