"""Erlang's formulas for a queue with one skill, nobody impatient, times exponential: what a simulation must agree with.

A. K. Erlang, 1917. ``erlangs``: calls an hour times hours a call, the load that is offered. Pure.
"""

from math import exp


def erlang_b(servers: int, erlangs: float) -> float:
    """The share of calls that find all servers busy where nobody waits. By Jagerman's recursion on its inverse, which
    neither overflows nor loses digits, however many servers there are. ValueError for a load or a number below 0.
    """
    if servers < 0 or not erlangs >= 0:
        raise ValueError(f"{servers} servers, {erlangs} erlangs: neither can be below 0")
    if erlangs == 0:
        return 1.0 if servers == 0 else 0.0
    inverse = 1.0
    for server in range(1, servers + 1):
        inverse = 1.0 + inverse * server / erlangs
    return 1.0 / inverse


def erlang_c(servers: int, erlangs: float) -> float:
    """The share of calls that must wait; 1 where the load is as much as the servers can take, or more."""
    blocked = erlang_b(servers, erlangs)
    if erlangs >= servers:
        return 1.0
    return servers * blocked / (servers - erlangs * (1 - blocked))


def mean_wait_s(servers: int, erlangs: float, handling_s: float) -> float:
    """Of all calls, those with them that do not wait; infinite where the load is too much."""
    if erlangs >= servers:
        return float("inf")
    return erlang_c(servers, erlangs) * handling_s / (servers - erlangs)


def service_level(servers: int, erlangs: float, handling_s: float, within_s: float) -> float:
    """The share of calls that are answered within so many seconds."""
    if erlangs >= servers:
        return 0.0
    return 1.0 - erlang_c(servers, erlangs) * exp(-(servers - erlangs) * within_s / handling_s)
