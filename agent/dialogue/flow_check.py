"""Whether flows can be carried out: all that they name is there, all sentences can be filled in, none runs in a circle.

Checked when a company is loaded, so that nothing of it can go wrong in a call.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from agent.dialogue.arguments import reference
from agent.dialogue.flow import Flow, Step
from agent.dialogue.render import names_in
from agent.errors import CompanyError
from agent.tools.spec import Tool, ToolSet
from agent.yaml_file import Bilingual, line_of, load_yaml

OF_CALL = frozenset(
    {"caller_number", "caller_known", "address_on_file", "order_number", "phone", "about", "callback_within"}
)
"""What every flow may name; ``offered`` too, where a slot chooses among what the back end has."""

Path_ = tuple[str | int, ...]


@dataclass(frozen=True)
class Fault:
    """What is wrong at a place of a flow's file."""

    path: Path_
    text: str


def load_flows(folder: Path, tools: ToolSet) -> dict[str, Flow]:
    """The flows of ``folder/NAME.yaml``. Raises CompanyError with every fault, ``FILE:LINE: place: …`` for each."""
    files = {file.stem: file for file in sorted(folder.glob("*.yaml"))}
    if not files:
        raise CompanyError(f"{folder}:1: no flows; one file NAME.yaml for each errand")
    flows: dict[str, Flow] = {}
    problems: list[str] = []
    for name, file in files.items():
        try:
            flows[name] = load_yaml(file, Flow)
        except CompanyError as error:
            problems.append(str(error))
    for name, flow in flows.items():
        for fault in faults(flow, set(files), tools):
            place = ".".join(str(part) for part in fault.path)
            problems.append(f"{files[name]}:{line_of(files[name], *fault.path)}: {place}: {fault.text}")
    for circle in circles(flows):
        first = files[circle[0]]
        problems.append(f"{first}:1: runs in a circle: {' → '.join((*circle, circle[0]))}; one of them must end or ask")
    if problems:
        raise CompanyError("\n".join(problems))
    return flows


def faults(flow: Flow, names: set[str], tools: ToolSet) -> Iterator[Fault]:
    """What is wrong with one flow, from its top to its end."""
    known = set(OF_CALL) | set(flow.slots)
    if any(slot.among for slot in flow.slots.values()):
        known.add("offered")
    yield from _slot_faults(flow, known | _all_results(flow, tools))
    for index, step in enumerate(flow.steps):
        yield from _step_faults(flow, step, ("steps", index), known, names, tools)
        if step.call in tools.tools:
            known |= _results(tools.tools[step.call])
    needed = {name for step in flow.steps for name in step.need}
    for name in flow.slots:
        if name not in needed:
            yield Fault(("slots", name), "no step needs it")


def circles(flows: Mapping[str, Flow]) -> Iterator[tuple[str, ...]]:
    """Flows that lead to one another without the caller being asked, so that they would never end."""
    following = {
        name: {outcome.target for step in flow.steps for outcome in step.outcomes if outcome.then.startswith("goto")}
        for name, flow in flows.items()
    }
    done: set[str] = set()
    for start in following:
        path: list[str] = []
        name: str | None = start
        trail = [iter([start])]
        while trail:
            name = next(trail[-1], None)
            if name is None:
                trail.pop()
                if path:
                    done.add(path.pop())
            elif name in path:
                yield tuple(path[path.index(name) :])
            elif name in following and name not in done:
                path.append(name)
                trail.append(iter(sorted(following[name])))


def _slot_faults(flow: Flow, known: set[str]) -> Iterator[Fault]:
    for name, slot in flow.slots.items():
        at: Path_ = ("slots", name)
        texts = {"ask": slot.ask, "ask_again": slot.ask_again, "another_way": slot.another_way}
        for key, text in texts.items():
            yield from _text_faults(text, (*at, key), known)
        yield from _unknown(slot.when, (*at, "when"), known)
        if slot.kind in ("choice", "product") and not slot.choices:
            yield Fault(at, "a choice needs choices")
        if slot.otherwise and slot.otherwise not in slot.choices:
            yield Fault((*at, "otherwise"), f"{slot.otherwise!r} is none of its choices")
        if (referred := reference(slot.default)) is not None:
            yield from _unknown((referred,), (*at, "default"), known)


def _step_faults(
    flow: Flow, step: Step, at: Path_, known: set[str], names: set[str], tools: ToolSet
) -> Iterator[Fault]:
    # A flow that another one led to begins with what that one found out.
    yield from _unknown(step.when, (*at, "when"), known | _all_results(flow, tools))
    yield from _unknown(step.need, (*at, "need"), set(flow.slots))
    yield from _text_faults(step.say, (*at, "say"), known)
    if not step.call:
        return
    if step.call not in tools.tools:
        yield Fault((*at, "call"), f"no tool {step.call!r}" + _nearest(step.call, tools.tools))
        return
    tool = tools.tools[step.call]
    yield from _argument_faults(step, tool, at, known)
    if tool.personal and not flow.identity:
        yield Fault((*at, "call"), f"{step.call} gives personal data; the flow needs identity: true")
    if tool.changes and tool.confirm and step.confirm is None:
        yield Fault(
            (*at, "call"), f"{step.call} changes something; the step needs confirm: the sentence a yes agrees to"
        )
    yield from _text_faults(step.confirm, (*at, "confirm"), known)
    known = known | _results(tool)
    for number, outcome in enumerate(step.outcomes):
        here: Path_ = (*at, "outcomes", number)
        yield from _unknown(outcome.when, (*here, "when"), known)
        yield from _text_faults(outcome.say, (*here, "say"), known)
        yield from _unknown(outcome.fill, (*here, "fill"), set(flow.slots))
        references = [name for value in outcome.fill.values() if (name := reference(value)) is not None]
        yield from _unknown(references, (*here, "fill"), known)
        if outcome.target:
            yield from _unknown((outcome.target,), (*here, "then"), names)
        if outcome.then.startswith("offer") and outcome.say is None:
            yield Fault((*here, "then"), "an offer needs say: the question that a yes answers")


def _argument_faults(step: Step, tool: Tool, at: Path_, known: set[str]) -> Iterator[Fault]:
    for name, value in step.with_.items():
        if name not in tool.arguments:
            yield Fault((*at, "with", name), f"{step.call} takes no {name!r}" + _nearest(name, tool.arguments))
        if (referred := reference(value)) is not None:
            yield from _unknown((referred,), (*at, "with", name), known)
    for name, argument in tool.arguments.items():
        if argument.required and name not in step.with_:
            yield Fault((*at, "call"), f"{step.call} needs {name!r}")


def _text_faults(text: Bilingual | None, at: Path_, known: set[str]) -> Iterator[Fault]:
    if text is None:
        return
    for language in ("zh", "en"):
        try:
            names = names_in(text.of(language))
        except ValueError as error:
            yield Fault((*at, language), f"{error} in a sentence with braces")
            continue
        for name in sorted(names):
            both = {f"{name}_zh", f"{name}_en"} <= known
            if name not in known and not both:
                yield Fault((*at, language), f"nothing fills in {{{name}}}" + _nearest(name, known))


def _unknown(names: Mapping[str, object] | Sequence[str], at: Path_, known: set[str]) -> Iterator[Fault]:
    for name in names:
        if name not in known:
            yield Fault(at, f"no {name!r}" + _nearest(name, known))


def _nearest(name: str, known: Mapping[str, object] | set[str]) -> str:
    near = get_close_matches(name, sorted(known), 1)
    return f"; did you mean {near[0]}?" if near else ""


def _all_results(flow: Flow, tools: ToolSet) -> set[str]:
    called = [tools.tools[step.call] for step in flow.steps if step.call in tools.tools]
    return set().union(*(_results(tool) for tool in called))


def _results(tool: Tool) -> set[str]:
    """What a result adds to what is known; of a list, how long it is."""
    return {"count"} if tool.many else set(tool.result)
