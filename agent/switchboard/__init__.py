"""Where routing's decisions are carried out on live lines: people's seats on one side, calls on the other."""

from agent.switchboard.keeper import FloorKeeper, Journal
from agent.switchboard.outdoors import Outdoors
from agent.switchboard.seat_desk import SeatsAtSwitchboard
from agent.switchboard.switchboard import Switchboard
from agent.switchboard.words import Words, load_words

__all__ = ["FloorKeeper", "Journal", "Outdoors", "SeatsAtSwitchboard", "Switchboard", "Words", "load_words"]
