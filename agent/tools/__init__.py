"""What a company's back end can do, as its tools.yaml declares it, and the desk that asks it."""

from agent.tools.answer import Desk, NotFound, Rejected, ToolCode, ToolResult
from agent.tools.spec import NO_TOOLS, Tool, ToolSet, load_tools

__all__ = ["NO_TOOLS", "Desk", "NotFound", "Rejected", "Tool", "ToolCode", "ToolResult", "ToolSet", "load_tools"]
