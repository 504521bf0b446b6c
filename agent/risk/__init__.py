"""From what was said to the complaint risk of the call, with its evidence, and to alerts.

Pure: no audio, no clock, no network.
"""

from agent.risk.alerts import alert
from agent.risk.assessment import RiskState, assess, assess_history
from agent.risk.rules import DEFAULT_RULES, RiskRules, load_rules

__all__ = ["DEFAULT_RULES", "RiskRules", "RiskState", "alert", "assess", "assess_history", "load_rules"]
