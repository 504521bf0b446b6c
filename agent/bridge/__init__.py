"""The bridge: the legs of one call, who hears whom, and the audio mixed by that."""

from agent.bridge.bridge import Bridge
from agent.bridge.hearing import BOT, BRIEFING, CALLER, MUSIC, BridgeError, Changed, Hearing, Part
from agent.bridge.leg import BridgeLeg, BufferedLeg

__all__ = [
    "BOT",
    "BRIEFING",
    "CALLER",
    "MUSIC",
    "Bridge",
    "BridgeError",
    "BridgeLeg",
    "BufferedLeg",
    "Changed",
    "Hearing",
    "Part",
]
