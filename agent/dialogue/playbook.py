"""What the policy goes by in one company: its flows, tools and sentences, and its rules of conduct."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from agent.dialogue.flow import Flow
from agent.dialogue.phrases import Phrases
from agent.events import Language
from agent.tools.spec import ToolSet
from agent.yaml_file import Bilingual


@dataclass(frozen=True)
class Conduct:
    """The company's rules of conduct. ``greeting`` may name {company} and {bot}, and ends before the question.

    ``identity_failures``: so many, and a person takes over. ``changes_from_own_phone_only``: who knows an order and its
    phone may hear about it, but changes it only from that phone. ``after_warning``: what a caller meets who goes on
    being abusive. ``silence_prompts``: how often they are asked whether they are there. ``callback_flow``: the errand
    of being rung back, done where no person can be reached. ``callback_within``: by when that is, as it is said now.
    ``verify_tool`` takes ``phone`` and ``order_tail``, and
    answers ``matches`` and ``order_number``; ``lookup_tool`` takes ``phone`` and answers who calls from there.
    """

    company: Bilingual
    bot: Bilingual
    greeting: Bilingual
    callback_within: Bilingual
    says_ai_at_start: bool = True
    says_recorded_at_start: bool = True
    identity_failures: int = 3
    changes_from_own_phone_only: bool = True
    after_warning: Literal["end", "transfer"] = "end"
    silence_prompts: int = 2
    callback_minutes: int = 30
    callback_flow: str = "callback"
    verify_tool: str = "verify"
    lookup_tool: str = "get_customer"


@dataclass(frozen=True)
class Playbook:
    flows: Mapping[str, Flow]
    tools: ToolSet
    phrases: Mapping[Language, Phrases]
    conduct: Conduct
