"""What kind of day a date is in China: holidays and make-up working days, as the State Council announces them."""

from datetime import date
from functools import lru_cache
from typing import Literal, get_args

DayKind = Literal["workday", "makeup", "weekend", "holiday"]
"""``makeup``: a Saturday or Sunday that is worked for a holiday. Each date is of one kind."""

DAY_KINDS: tuple[DayKind, ...] = get_args(DayKind)


@lru_cache(maxsize=4096)
def day_kind(day: date) -> DayKind:
    """The kind of a date. By its weekday alone in a year whose holidays are not known: see `has_calendar`."""
    weekend = day.weekday() >= 5
    if not has_calendar(day.year):
        return "weekend" if weekend else "workday"
    from chinese_calendar import get_holiday_detail, is_workday

    if is_workday(day):
        return "makeup" if weekend else "workday"
    # Of a plain weekend no name is known.
    _, name = get_holiday_detail(day)
    return "holiday" if name is not None else "weekend"


@lru_cache(maxsize=64)
def has_calendar(year: int) -> bool:
    """Whether the holidays of this year are known. They are announced each November for the next."""
    from chinese_calendar import is_workday

    try:
        is_workday(date(year, 1, 1))
    except NotImplementedError:
        return False
    return True
