"""Waits in a queue by the recursion of Kiefer and Wolfowitz (1955), to hold the simulation against. Pure.

It knows nothing of the floor: callers are served in the order of their coming, each by the server that is free first.
"""

from collections.abc import Iterable
from heapq import heapreplace


def waits_ms(servers: int, arrivals_ms: Iterable[int], services_ms: Iterable[int]) -> list[int]:
    """How long each caller waits. ``arrivals_ms``: in order."""
    free_ms = [0] * servers
    waits = []
    for at_ms, takes_ms in zip(arrivals_ms, services_ms, strict=True):
        begins_ms = max(at_ms, free_ms[0])
        waits.append(begins_ms - at_ms)
        heapreplace(free_ms, begins_ms + takes_ms)
    return waits
