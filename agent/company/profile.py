"""Who a company is: ``company.yaml``, the first file of its folder."""

import re
from datetime import datetime
from pathlib import Path
from string import Formatter
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from agent.company.hours import Hours
from agent.dialogue.playbook import Conduct
from agent.events import Language
from agent.routing.spoken_time import in_minutes
from agent.yaml_file import Bilingual, load_yaml

FILE = "company.yaml"
_COUNTRY = re.compile(r"(00)?86(?=\d{8})")


def plain_number(number: str) -> str:
    """Its digits without China's country code: one number is written in many ways. Of ``sip:400…@host``, the number."""
    digits = re.sub(r"\D", "", number.partition("@")[0])
    country = _COUNTRY.match(digits)
    return digits[country.end() :] if country else digits


def _number(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError(f'{value!r} is not a text; put the number in quotes: "{value}"')
    digits = plain_number(value)
    if not re.fullmatch(r"[\d\s()+-]+", value) or not 3 <= len(digits) <= 15:
        raise ValueError(f'{value!r} is no telephone number; 3 to 15 digits, such as "4008001234"')
    return digits


def _greeting(text: Bilingual) -> Bilingual:
    right = "only {company} and {bot} are filled in"
    for sentence in (text.zh, text.en):
        try:
            names = {name for _, name, _, _ in Formatter().parse(sentence) if name is not None}
            if unknown := sorted(names - {"company", "bot"}):
                raise ValueError(f"nothing fills in {{{unknown[0]}}}")
            sentence.format(company="", bot="")
        except ValueError as error:
            raise ValueError(f"{sentence!r}: {error}; {right}") from error
    return text


def _each_once(values: tuple[str, ...]) -> tuple[str, ...]:
    for value in values:
        if values.count(value) > 1:
            raise ValueError(f"{value} is there twice")
    return values


Number = Annotated[str, BeforeValidator(_number)]
Greeting = Annotated[Bilingual, AfterValidator(_greeting)]
_OnceEach = AfterValidator(_each_once)


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Voices(_Part):
    """How the bot sounds: a Kokoro voice for each language, and its pace (1 is the voice's own)."""

    zh: str = Field("zf_xiaoyi", pattern=r"^z[fm]_\w+$")
    en: str = Field("af_heart", pattern=r"^[ab][fm]_\w+$")
    speed: float = Field(1.1, ge=0.5, le=2.0)


class IdentityRules(_Part):
    """``failures``: so many times a caller may fail to show who they are; then a person takes over.
    ``changes_from_own_phone_only``: from another phone than the order's, a person changes what is the customer's.
    """

    failures: int = Field(3, ge=1, le=5)
    changes_from_own_phone_only: bool = True


class AbuseRules(_Part):
    """``after_warning``: what a caller meets who goes on being abusive after the one warning."""

    after_warning: Literal["end", "transfer"] = "end"


class People(_Part):
    """Who takes over: numbers or SIP addresses, empty where nobody does; else somebody rings back within so many
    minutes.
    """

    human_number: str = ""
    specialist_number: str = ""
    callback_due_minutes: int = Field(30, ge=1, le=24 * 60)


class BackEnd(_Part):
    """A back end that is started with the hotline: ``python -m MODULE --port PORT``. One that runs elsewhere needs no
    more than its URL in ``tools.yaml``.
    """

    module: str = Field(pattern=r"^\w+(\.\w+)*$")
    port: int = Field(8401, ge=1, le=65535)


class Profile(_Part):
    """A company. ``numbers``: where it is called, digits only. ``languages``: the first greets. ``hours``: when people
    can be reached; the bot answers at any time.
    """

    id: str = Field(pattern=r"^[a-z][a-z0-9_-]*$", description="lower-case letters, digits, - and _")
    name: Bilingual
    bot_name: Bilingual
    numbers: Annotated[tuple[Number, ...], _OnceEach] = Field(min_length=1)
    languages: Annotated[tuple[Language, ...], _OnceEach] = Field(("zh", "en"), min_length=1)
    voices: Voices = Voices()
    hours: Hours
    greeting: Greeting
    says_ai_at_start: bool = True
    says_recorded_at_start: bool = True
    identity: IdentityRules = IdentityRules()
    abuse: AbuseRules = AbuseRules()
    people: People = People()
    backend: BackEnd | None = None

    @model_validator(mode="after")
    def _a_way_to_people(self) -> Self:
        if self.abuse.after_warning == "transfer" and not self.people.human_number:
            raise ValueError("abuse.after_warning is transfer, but people.human_number is empty; give one, or say end")
        return self

    def greets(self) -> Bilingual:
        """The greeting with the names in it."""
        return Bilingual(
            zh=self.greeting.zh.format(company=self.name.zh, bot=self.bot_name.zh),
            en=self.greeting.en.format(company=self.name.en, bot=self.bot_name.en),
        )

    def conduct(self) -> Conduct:
        """Its rules for the dialogue."""
        return Conduct(
            company=self.name,
            bot=self.bot_name,
            greeting=self.greets(),
            says_ai_at_start=self.says_ai_at_start,
            says_recorded_at_start=self.says_recorded_at_start,
            identity_failures=self.identity.failures,
            changes_from_own_phone_only=self.identity.changes_from_own_phone_only,
            after_warning=self.abuse.after_warning,
            callback_minutes=self.people.callback_due_minutes,
            callback_within=in_minutes(self.people.callback_due_minutes),
        )


def load_profile(folder: Path) -> Profile:
    """The folder's company.yaml. Raises CompanyError ``FILE:LINE: …``."""
    return load_yaml(folder / FILE, Profile)


def is_open(profile: Profile, when: datetime) -> bool:
    """Whether people can be reached then. ``when`` knows its time zone; ValueError if it does not."""
    return profile.hours.is_open(when)
