"""What stands before the bot on a live call: where it is from, whether it is spam, and where the rules send it."""

from agent.front_desk.arrival import Arrival
from agent.front_desk.desk import FrontDesk
from agent.front_desk.memory import Memory

__all__ = ["Arrival", "FrontDesk", "Memory"]
