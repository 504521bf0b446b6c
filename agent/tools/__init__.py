"""What a company's back end can do, as its tools.yaml declares it."""

from agent.tools.spec import NO_TOOLS, Tool, ToolSet, load_tools

__all__ = ["NO_TOOLS", "Tool", "ToolSet", "load_tools"]
