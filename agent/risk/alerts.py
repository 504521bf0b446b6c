"""When supervisors are told: once a cause, again when it gets worse, and when it was a mistake."""

from dataclasses import replace

from agent.events import AlertEscalated, AlertRaised, AlertWithdrawn, RiskAssessed
from agent.risk.assessment import RiskState
from agent.risk.rules import RiskRules, Signal

Told = AlertRaised | AlertEscalated | AlertWithdrawn


def alert(state: RiskState, rules: RiskRules, assessed: RiskAssessed, *, call_id: str) -> tuple[RiskState, Told | None]:
    """What supervisors are to be told after one more utterance.

    A call has one alert at a time. It is raised when the risk is high, and names every cause. It is escalated by a new
    cause that is a threat or worse, so a caller who goes on complaining tells nothing new. It is withdrawn when the
    caller takes back what it was raised for. Causes stand gravest first; the gravest new one gives the next step.
    """
    if state.open_alert is not None and state.retracted is not None and assessed.level in ("none", "low"):
        withdrawn = AlertWithdrawn(alert_id=state.open_alert, turn=assessed.turn, words=state.retracted)
        return replace(state, open_alert=None, alerted=frozenset()), withdrawn
    if assessed.level != "high":
        return state, None
    causes = _gravest_first({item.signal for item in assessed.evidence}, rules)
    new = [signal for signal in causes if signal.name not in state.alerted]
    if not new or (state.open_alert is not None and new[0].gravity < rules.alerts.again_from_gravity):
        return state, None
    names = tuple(signal.name for signal in causes)
    told = {
        "turn": assessed.turn,
        "level": assessed.level,
        "causes": names,
        "evidence": assessed.evidence,
        "recommended": new[0].next_step(state.language),
    }
    named = state.alerted | set(names)
    if state.open_alert is not None:
        return replace(state, alerted=named), AlertEscalated.model_validate({"alert_id": state.open_alert, **told})
    alert_id = f"{call_id}-a{state.alerts + 1}"
    raised = AlertRaised.model_validate({"alert_id": alert_id, **told})
    return replace(state, alerted=named, alerts=state.alerts + 1, open_alert=alert_id), raised


def _gravest_first(names: set[str], rules: RiskRules) -> list[Signal]:
    signals = (rules.by_name(name) for name in names)
    return sorted(signals, key=lambda signal: (-signal.gravity, -signal.weight, signal.name))
