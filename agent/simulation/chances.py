"""What is drawn, and from what. Each draw takes its generator: nothing here is random by itself."""

from collections.abc import Mapping, Sequence
from itertools import accumulate
from math import exp, log, sqrt
from random import Random
from typing import Annotated, Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field

Share = Annotated[float, Field(ge=0, le=1)]

T = TypeVar("T")


class Part(BaseModel):
    """Of a file that is read here."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Duration(Part):
    """A time that is not always the same. ``spread``: its standard deviation over its mean; 0 is always the mean.
    Lognormal, as times of calls are; exponential has a spread of 1 whatever is written.
    """

    mean_s: float = Field(gt=0, le=86_400)
    spread: float = Field(default=0.6, ge=0, le=5)
    shape: Literal["lognormal", "exponential"] = "lognormal"

    def at(self, uniform: float, normal: float) -> float:
        """In s, for a caller who drew these: the same caller takes as long relative to others under any rules."""
        if self.shape == "exponential":
            return -log(1 - uniform) * self.mean_s
        if self.spread == 0:
            return self.mean_s
        variance = log(1 + self.spread**2)
        return self.mean_s * exp(sqrt(variance) * normal - variance / 2)

    def draw(self, chance: Random) -> float:
        """In s."""
        return self.at(chance.random(), chance.gauss())


class Choice(Generic[T]):
    """One of several by their weights. ValueError where none has any."""

    def __init__(self, weights: Mapping[T, float] | Sequence[tuple[T, float]]) -> None:
        pairs = list(weights.items()) if isinstance(weights, Mapping) else list(weights)
        self._values = [value for value, _ in pairs]
        self._up_to = list(accumulate(weight for _, weight in pairs))
        if not self._up_to or self._up_to[-1] <= 0:
            raise ValueError("all weights are 0; give at least one a weight above 0")

    def draw(self, chance: Random) -> T:
        return chance.choices(self._values, cum_weights=self._up_to)[0]
