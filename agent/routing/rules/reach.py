"""Whether any call can reach a rule past the rules before it, and a call that does.

A rule is a box: along each axis a set of samples. The question is whether a box lies wholly inside the union of others.
It is answered exactly, by leaving each of the others along one axis after the other, until a call is found or every way
is closed.
"""

from collections.abc import Mapping, Sequence

Box = Mapping[str, int]
"""For each axis that is asked about, the samples that will do, as bits; an axis that is not there: all."""

BUDGET = 100_000
"""So many tries are made before it is left undecided; rules of a page take some hundred."""


class Undecided(Exception):
    """There are too many ways to look through."""


def outside(box: Box, others: Sequence[Box], full: Box) -> Box | None:
    """A part of ``box`` that is in none of the others, each axis with one sample at least; None where there is none.

    full: all samples of each axis. Raises Undecided.
    """
    tries = [0]

    def search(left: dict[str, int], index: int) -> dict[str, int] | None:
        tries[0] += 1
        if tries[0] > BUDGET:
            raise Undecided
        while index < len(others) and _apart(left, others[index]):
            index += 1
        if index == len(others):
            return left
        inside = dict(left)
        for axis, bits in others[index].items():
            beyond = inside[axis] & ~bits
            if beyond and (found := search({**inside, axis: beyond}, index + 1)) is not None:
                return found
            # This way is closed: whatever else is tried stays inside along this axis, so that nothing is tried twice.
            inside[axis] &= bits
            if not inside[axis]:
                return None
        return None

    start = {axis: box.get(axis, bits) for axis, bits in full.items()}
    return search(start, 0) if all(start.values()) else None


def covering(box: Box, others: Sequence[Box], full: Box) -> tuple[int, ...]:
    """Which of the others cover the box, none of them too many. Only where `outside` finds nothing."""
    # One alone is the plainest reason.
    for index, other in enumerate(others):
        if outside(box, [other], full) is None:
            return (index,)
    needed = [index for index, other in enumerate(others) if not _apart({**full, **box}, other)]
    for index in tuple(needed):
        without = [one for one in needed if one != index]
        if outside(box, [others[one] for one in without], full) is None:
            needed = without
    return tuple(needed)


def _apart(left: Mapping[str, int], other: Box) -> bool:
    return any(not left[axis] & bits for axis, bits in other.items())
