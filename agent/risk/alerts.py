"""When supervisors are told: once a cause, and again only for a serious one."""

from dataclasses import replace

from agent.events import AlertRaised, RiskAssessed
from agent.risk.assessment import RiskState
from agent.risk.rules import RiskRules, Signal


def alert(
    state: RiskState, rules: RiskRules, assessed: RiskAssessed, *, call_id: str
) -> tuple[RiskState, AlertRaised | None]:
    """An alert when the call is at high risk for a reason that supervisors have not been told yet.

    The first alert names every cause. A later one needs a new cause that is a threat or worse, so a caller who
    goes on complaining raises nothing new. Causes stand gravest first; the gravest new one gives the next step.
    """
    if assessed.level != "high":
        return state, None
    causes = _gravest_first({item.signal for item in assessed.evidence}, rules)
    new = [signal for signal in causes if signal.name not in state.alerted]
    if not new or (state.alerts and new[0].gravity < rules.alerts.again_from_gravity):
        return state, None
    number = state.alerts + 1
    names = tuple(signal.name for signal in causes)
    raised = AlertRaised(
        alert_id=f"{call_id}-a{number}",
        turn=assessed.turn,
        level=assessed.level,
        causes=names,
        evidence=assessed.evidence,
        recommended=new[0].next_step(state.language),
    )
    return replace(state, alerted=state.alerted | set(names), alerts=number), raised


def _gravest_first(names: set[str], rules: RiskRules) -> list[Signal]:
    signals = (rules.by_name(name) for name in names)
    return sorted(signals, key=lambda signal: (-signal.gravity, -signal.weight, signal.name))
