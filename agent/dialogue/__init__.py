"""The dialogue: what the bot does next, decided by code. `policy` is the place to begin reading."""

from agent.dialogue.flow_check import load_flows
from agent.dialogue.phrases import Phrases, load_phrases
from agent.dialogue.playbook import Conduct, Playbook
from agent.dialogue.policy import decide, replay
from agent.dialogue.state import State

__all__ = ["Conduct", "Phrases", "Playbook", "State", "decide", "load_flows", "load_phrases", "replay"]
