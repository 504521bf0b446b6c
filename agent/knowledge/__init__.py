"""What the company knows: approved answers and passages as they are written, and whether a sentence stands in them."""

from agent.knowledge.documents import Entry, read_knowledge
from agent.knowledge.found import NOTHING, SURE, Found, Passage

__all__ = ["NOTHING", "SURE", "Entry", "Found", "Passage", "read_knowledge"]
