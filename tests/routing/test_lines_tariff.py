"""What a call costs is split between its caller and the company, per started step, to the last fen."""

from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.errors import CompanyError
from agent.routing.lines import Cost, cost, load_tariff, locate

TARIFF = load_tariff(Path("companies/jinghe/routing/tariff.yaml"))
HOTLINE, FREEPHONE, SHENZHEN = "4008001234", "800-810-1234", "0755-12345678"
MOBILE, BEIJING, SHANGHAI, HONG_KONG = "13800138000", "01088881234", "02162345678", "+85221234567"


@pytest.mark.parametrize(
    ("caller", "called", "seconds", "caller_pays", "company_pays"),
    [
        (MOBILE, HOTLINE, 0, "0", "0"),
        (MOBILE, HOTLINE, 0.2, "0.19", "0.12"),
        (MOBILE, HOTLINE, 60, "0.19", "0.12"),
        (MOBILE, HOTLINE, 61, "0.38", "0.24"),
        (BEIJING, HOTLINE, 120, "0.22", "0.20"),
        (SHANGHAI, HOTLINE, 120, "0.22", "0.24"),
        (HONG_KONG, HOTLINE, 30, "0.60", "0.12"),
        # Nobody knows where it is from.
        ("anonymous", HOTLINE, 30, "0.11", "0.12"),
        (MOBILE, FREEPHONE, 90, "0", "0.40"),
        # A plain number is its caller's to pay.
        (SHENZHEN, "0755-87654321", 61, "0.22", "0"),
        (BEIJING, SHENZHEN, 13, "0.21", "0"),
        (BEIJING, SHENZHEN, 12, "0.14", "0"),
        (BEIJING, "+12025550123", 12, "1.60", "0"),
        ("13800138000", "not a number", 10, "0.19", "0"),
    ],
)
def test_each_pays_their_part(caller: str, called: str, seconds: float, caller_pays: str, company_pays: str) -> None:
    assert cost(TARIFF, locate(caller), called, seconds) == Cost(Decimal(caller_pays), Decimal(company_pays))


@given(st.sampled_from([MOBILE, BEIJING, SHANGHAI, HONG_KONG, "anonymous", "110"]), st.integers(0, 10_000))
def test_a_longer_call_is_never_cheaper_and_two_calls_never_cheaper_than_one(caller: str, seconds: int) -> None:
    whole, longer = (cost(TARIFF, locate(caller), HOTLINE, one) for one in (seconds, seconds + 1))
    half, rest = (cost(TARIFF, locate(caller), HOTLINE, one) for one in (seconds // 2, seconds - seconds // 2))
    assert longer.total >= whole.total >= 0
    assert half.total + rest.total >= whole.total


def test_a_call_does_not_last_less_than_no_time() -> None:
    with pytest.raises(ValueError, match="0 seconds or more"):
        cost(TARIFF, locate(MOBILE), HOTLINE, -1)


SMALL = """
home: {province: 北京, city: 北京}
rates:
  - {called: ["400"], line: [mobile], caller: {price: 0.1, per: 6s}, company: {price: "0.12"}}
  - {called: ["400"], caller: {price: 0.11}}
  - {caller: {price: 1}}
"""


def test_a_price_is_what_is_written_and_not_its_binary_neighbour(tmp_path: Path) -> None:
    file = tmp_path / "tariff.yaml"
    file.write_text(SMALL, encoding="utf-8")
    assert cost(load_tariff(file), locate(MOBILE), HOTLINE, 18) == Cost(Decimal("0.3"), Decimal("0.12"))


@pytest.mark.parametrize(
    ("right", "wrong", "line", "said"),
    [
        ("  - {caller: {price: 1}}\n", "", 3, "none for a call to 800 from mobile"),
        ('called: ["400"], caller', 'called: ["400"], line: [mobile], caller', 5, "rates above it cover every call"),
        ("price: 1}", "price: -1}", 6, "greater than or equal to 0"),
        ("price: 0.11}", "price: 0.11111}", 5, "decimal"),
        ("per: 6s", "per: 30s", 4, "per"),
        ('called: ["400"], caller', 'called: ["500"], caller', 5, "'400', '800', 'landline'"),
        ("home: {province: 北京, city: 北京}", "home: {province: 北京}", 2, "city is missing"),
    ],
)
def test_a_mistake_is_named_with_its_line(tmp_path: Path, right: str, wrong: str, line: int, said: str) -> None:
    file = tmp_path / "tariff.yaml"
    assert right in SMALL
    file.write_text(SMALL.replace(right, wrong), encoding="utf-8")
    with pytest.raises(CompanyError) as caught:
        load_tariff(file)
    assert f"{file}:{line}: " in str(caught.value) and said in str(caught.value)
