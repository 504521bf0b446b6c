"""What a company's back end can do, declared once in its ``tools.yaml``: names, arguments, results, and what is special
about each. Everything else is checked against this: flows before they run, arguments before they are sent, results
before they are believed.
"""

from pathlib import Path
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from agent.errors import CompanyError
from agent.yaml_file import Bilingual, line_of, load_yaml

ValueType = Literal["string", "name", "integer", "number", "boolean", "date", "digits"]
"""digits: a string of nothing but 0-9, for numbers that are not counted with. date: ISO 8601. name: what something or
somebody is called, a few words without the marks that make sentences; where the back end may only name, it cannot talk.
"""
TEXT_TYPES: frozenset[ValueType] = frozenset({"string", "name", "digits"})

MAX_TEXT_CHARS = 200


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class _Value(_Strict):
    """choices: the only values, if any."""

    type: ValueType = "string"
    required: bool = True
    choices: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _choices_are_texts(self) -> Self:
        if self.choices and self.type not in TEXT_TYPES:
            raise ValueError(f"choices are texts, so the type is string, not {self.type}")
        return self


class Argument(_Value):
    """What a tool is given."""

    description: str = ""


class ResultField(_Value):
    """What a tool gives. A field that is not declared is dropped. max_chars: longer texts are no such field."""

    max_chars: int = Field(MAX_TEXT_CHARS, ge=1)


class Tool(_Strict):
    """One thing that the back end does.

    served: by which of ``servers``. operation: what it is called there, where that is not its own name: an OpenAPI
    operationId, an MCP tool's name, a Python function's name. personal: only for a caller who has shown who they are.
    changes: something is other afterwards, so it gets a key that makes it happen once. confirm: the caller is asked
    before; only what changes nothing of theirs (a ticket) may do without. many: the result is a list of such fields.
    before: what is said while it runs. about: what its result tells of, so that routing's rules can ask for it: the
    caller's appliance (``device``) or an order of theirs (``order``). rejected: reasons that the back end may give for
    not doing it. timeout_s: how long its caller waits at most, all tries together.
    """

    description: str
    served: str
    operation: str = ""
    arguments: dict[str, Argument] = {}
    result: dict[str, ResultField] = {}
    many: bool = False
    personal: bool = False
    changes: bool = False
    confirm: bool = True
    rejected: tuple[str, ...] = ()
    before: Bilingual | None = None
    about: Literal["device", "order"] | None = None
    timeout_s: float = Field(4.0, gt=0, le=30)


class Server(_Strict):
    """Where tools are served: ``http`` (a base URL with /openapi.json), ``mcp`` (a streamable HTTP endpoint) or
    ``python`` (a module whose functions they are). Exactly one.
    """

    http: str | None = Field(default=None, pattern=r"^https?://\S+$")
    mcp: str | None = Field(default=None, pattern=r"^https?://\S+$")
    python: str | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if sum(value is not None for value in (self.http, self.mcp, self.python)) != 1:
            raise ValueError("a server has exactly one of http, mcp and python")
        return self


class ToolSet(_Strict):
    """The file. Every tool's ``served`` is one of ``servers``, which `load_tools` sees to."""

    servers: dict[str, Server] = {}
    tools: dict[str, Tool] = {}

    def operation(self, name: str) -> str:
        """What the tool is called where it is served: its own name unless it says otherwise."""
        return self.tools[name].operation or name


NO_TOOLS = ToolSet()


def load_tools(file: Path) -> ToolSet:
    """The company's tools. Raises CompanyError ``FILE:LINE: …``."""
    read = load_yaml(file, ToolSet)
    known = ", ".join(sorted(read.servers)) or "none"
    problems = []
    for name, tool in read.tools.items():
        if tool.served not in read.servers:
            line = line_of(file, "tools", name, "served")
            problems.append(f"{file}:{line}: tools.{name}.served: no server {tool.served}; there is {known}")
    if problems:
        raise CompanyError("\n".join(problems))
    return read
