"""What a simulation is made of, from a company's folder."""

from datetime import date
from pathlib import Path

from agent.errors import HotlineError
from agent.routing.alerts import FILE as ALERTS
from agent.routing.alerts import load_alert_policy
from agent.routing.floor import load_seats
from agent.routing.lines import load_numbers
from agent.routing.rules import load_rules
from agent.simulation.day import Setting, live
from agent.simulation.figures import summed_up
from agent.simulation.result import Result
from agent.simulation.staffing import FILE as STAFFING
from agent.simulation.staffing import load_staffing
from agent.simulation.traffic import DEFAULT_TRAFFIC, load_traffic


def load_setting(
    company: Path,
    *,
    rules: Path | None = None,
    seats: Path | None = None,
    staff: Path | None = None,
    traffic: Path | None = None,
) -> Setting:
    """From the company's folder, with other files in place of its own where they are given.

    Raises CompanyError ``FILE:LINE: …``, and HotlineError ``simulation`` where there is no roster.
    """
    from agent.company.profile import load_profile

    profile = load_profile(company)
    zone, routing = profile.hours.timezone, company / "routing"
    policy = load_seats(seats or routing / "seats.yaml")
    roster = staff or routing / STAFFING
    if staff is None and not roster.exists():
        raise HotlineError("simulation", f"{roster} is not there: say who is at work when, or give --staff")
    alerts = company / ALERTS
    own_traffic = routing / "traffic.yaml"
    return Setting(
        policy=policy,
        rules=load_rules(rules or routing / "rules.yaml", zone),
        numbers=load_numbers(routing / "numbers.yaml", zone),
        traffic=load_traffic(traffic or (own_traffic if own_traffic.exists() else DEFAULT_TRAFFIC)),
        staffing=load_staffing(roster, policy),
        hours=profile.hours.on,
        keep_days=load_alert_policy(alerts).keep_with_specialist_days if alerts.exists() else 0,
    )


def simulate(setting: Setting, company: str, day: date, calls: int, seed: int) -> Result:
    """The figures of a day. Raises as `live` does."""
    return summed_up(live(setting, day, calls, seed), company, day, seed, calls)
