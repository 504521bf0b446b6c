"""What reports and pages call each sign, from ``reasons.yaml``. What one call's sign says of it stands in the sign."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from agent.event_base import Language
from agent.routing.spam.policy import SignName
from agent.yaml_file import Bilingual, load_yaml

FILE = Path(__file__).with_name("reasons.yaml")


class _Reasons(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    reasons: Mapping[SignName, Bilingual] = Field(min_length=1)


def reason_words(sign: str, language: Language) -> str:
    """A few words for a sign; the name itself of one that is not known (any more)."""
    words = _read().get(sign)
    return sign if words is None else words.of(language)


@cache
def _read() -> Mapping[str, Bilingual]:
    return {str(sign): words for sign, words in load_yaml(FILE, _Reasons).reasons.items()}
