"""What calls cost and where they come from, by the company's own tariff."""

from agent.reports.record import Cost, Region
from agent.routing import lines


def region_of(number: str) -> Region:
    """Where a number is from, as far as it tells: for calls whose timeline does not say."""
    located = lines.locate(number)
    return Region(province=located.province, city=located.city, line=located.kind)


class LineTariff:
    """`agent.reports.cdr.Tariff` over ``routing/tariff.yaml``."""

    def __init__(self, tariff: lines.Tariff) -> None:
        self._tariff = tariff

    def cost(self, caller: str, called: str, seconds: int) -> Cost:
        cost = lines.cost(self._tariff, lines.locate(caller), called, seconds)
        return Cost(caller_yuan=cost.caller, company_yuan=cost.company)
