"""Whose calls a report is about, in which time zone their days are, and what they cost."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from agent.company.profile import load_profile, plain_number
from agent.config import Settings
from agent.errors import HotlineError
from agent.reports.cdr import Tariff
from agent.reports.days import Days
from agent.reports.tariff import LineTariff
from agent.routing.lines import load_tariff

TARIFF = Path("routing") / "tariff.yaml"
CHINA = ZoneInfo("Asia/Shanghai")


def _everybodys(_called: str) -> bool:
    return True


@dataclass(frozen=True)
class Scope:
    """``tariff`` is None for a company that has none; ``ours`` tells its calls by the number called."""

    zone: ZoneInfo = CHINA
    tariff: Tariff | None = None
    ours: Callable[[str], bool] = _everybodys

    def today(self, now: datetime) -> Days:
        day = now.astimezone(self.zone).date()
        return Days(day, day, self.zone)

    def days(self, first: date | None, last: date | None, now: datetime) -> Days:
        """From one day to another; without the last up to today, without the first the week that ends there."""
        last = last or max(self.today(now).first, first or date.min)
        return Days(first or last - timedelta(days=6), last, self.zone)


def scope_of(settings: Settings, folder: Path | None = None) -> Scope:
    """Of one company; without ``folder`` of the first that is served. Where none is, all calls, and no cost.

    Raises CompanyError for a folder that is wrong.
    """
    served = settings.companies
    folder = folder or (served[0] if served else None)
    if folder is None:
        return Scope()
    if not folder.is_dir():
        raise HotlineError("usage", f"--company {folder}: there is no such folder")
    profile = load_profile(folder)
    tariff = LineTariff(load_tariff(folder / TARIFF)) if (folder / TARIFF).exists() else None
    others = {number for other in served if other != folder for number in load_profile(other).numbers}
    if not served or folder == served[0]:
        # As in the hotline itself: the first takes calls to numbers that nobody has.
        return Scope(profile.hours.timezone, tariff, lambda called: plain_number(called) not in others)
    return Scope(profile.hours.timezone, tariff, lambda called: plain_number(called) in profile.numbers)
