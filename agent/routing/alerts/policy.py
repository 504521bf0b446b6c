"""How a company treats its alerts: ``routing/alerts.yaml``. Who must have seen one by when, who is told when they have
not, what makes an incident, where notices go.
"""

import base64
import binascii
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from agent.events import Language, RiskLevel
from agent.yaml_file import line_of, load_yaml

FILE = "routing/alerts.yaml"
MINUTE_MS = 60_000
DAY_MS = 24 * 60 * MINUTE_MS

Channel = Literal["webhook", "apprise"]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


def _secret(text: str) -> str:
    try:
        key = base64.b64decode(text.removeprefix("whsec_"), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not text.startswith("whsec_") or not 24 <= len(key) <= 64:
        raise ValueError("a secret is whsec_ and 24 to 64 random bytes in base64; `openssl rand -base64 32` makes them")
    return text


def _web_address(text: str) -> str:
    if not text.startswith(("http://", "https://")):
        raise ValueError(f"{text!r} is no web address; right would be https://crm.example.com/hotline")
    return text


Secret = Annotated[str, AfterValidator(_secret)]
WebAddress = Annotated[str, AfterValidator(_web_address)]
Name = Annotated[str, Field(min_length=1, max_length=64)]
EnvironmentName = Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]*$")]
Minutes = Annotated[int, Field(ge=1, le=60 * 24 * 30)]


class Webhook(_Part):
    """A program that is told of every alert. Its secret stands here, or in the environment variable named."""

    name: Name
    url: WebAddress
    secret: Secret | None = None
    secret_env: EnvironmentName | None = None

    @model_validator(mode="after")
    def _one_secret(self) -> Self:
        if (self.secret is None) == (self.secret_env is None):
            raise ValueError("give either secret or secret_env: receivers check by it that a notice is ours")
        return self


class Notify(_Part):
    """People who are told by e-mail or messenger: an apprise URL (``wecombot://…``, ``dingtalk://…``, ``feishu://…``,
    ``mailtos://…``) here or in the environment variable named. ``levels``: of every alert of these; empty: only when an
    escalation or an incident names them.
    """

    name: Name
    url: str | None = Field(None, pattern=r"^[A-Za-z0-9]+://\S+$")
    url_env: EnvironmentName | None = None
    levels: frozenset[RiskLevel] = frozenset()

    @model_validator(mode="after")
    def _one_url(self) -> Self:
        if (self.url is None) == (self.url_env is None):
            raise ValueError("give either url or url_env")
        return self


class EscalateTo(_Part):
    """The next person, so long after a clock has run out, by these ``channels`` (names of ``notify``)."""

    to: Name
    channels: tuple[Name, ...] = ()
    after_minutes: int = Field(0, ge=0, le=60 * 24 * 30)


class SlaRule(_Part):
    """By when an alert of these levels and causes must be seen, and by when settled. Empty: of all."""

    name: Name
    levels: frozenset[RiskLevel] = frozenset()
    causes: frozenset[str] = frozenset()
    acknowledge_within_minutes: Minutes
    resolve_within_minutes: Minutes
    escalate: tuple[EscalateTo, ...] = ()

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.resolve_within_minutes < self.acknowledge_within_minutes:
            raise ValueError("resolve_within_minutes must not be less than acknowledge_within_minutes")
        afters = [person.after_minutes for person in self.escalate]
        if afters != sorted(afters):
            raise ValueError("escalate: whoever is told later stands later, so after_minutes must not fall")
        return self

    def covers(self, level: RiskLevel, causes: Collection[str]) -> bool:
        """Whether it is about an alert of this level and these causes."""
        return (not self.levels or level in self.levels) and (not self.causes or not self.causes.isdisjoint(causes))


class IncidentRule(_Part):
    """So many ``alerts`` on one cause, or on one product, ``within_minutes`` are an incident; it is over when none has
    come for ``quiet_minutes``. ``causes``: those that are counted; empty: all. ``products``: words for them.
    """

    alerts: int = Field(5, ge=2)
    within_minutes: Minutes = 60
    quiet_minutes: Minutes = 60
    causes: frozenset[str] = frozenset()
    products: tuple[Name, ...] = ()
    channels: tuple[Name, ...] = ()


class Delivery(_Part):
    """How hard a notice is tried: a try may take ``timeout_s``; after each failure the next pause of ``retry_after_s``;
    after the last it has failed. ``at_once``: so many to one target.
    """

    timeout_s: float = Field(5.0, gt=0, le=15)
    retry_after_s: tuple[Annotated[float, Field(gt=0)], ...] = (5, 30, 120, 600, 1800, 7200, 21600)
    at_once: int = Field(8, ge=1, le=64)


class AlertPolicy(_Part):
    """What a company does about its alerts. ``language``: of what supervisors are sent."""

    language: Language = "zh"
    sla: tuple[SlaRule, ...] = ()
    incidents: IncidentRule | None = None
    keep_with_specialist_days: int = Field(0, ge=0, le=365)
    webhooks: tuple[Webhook, ...] = ()
    notify: tuple[Notify, ...] = ()
    delivery: Delivery = Delivery()

    @model_validator(mode="after")
    def _names_fit(self) -> Self:
        names = [*(hook.name for hook in self.webhooks), *(people.name for people in self.notify)]
        if twice := next((name for name in names if names.count(name) > 1), None):
            raise ValueError(f"two targets are named {twice!r}; each needs a name of its own")
        known = {target.name for target in self.notify}
        for where, channels in self._channels():
            if unknown := next((name for name in channels if name not in known), None):
                raise ValueError(f"{where}: there is no {unknown!r} under notify" + _known(known))
        return self

    def _channels(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        for rule in self.sla:
            for person in rule.escalate:
                yield f"sla {rule.name}, escalate to {person.to}", person.channels
        if self.incidents is not None:
            yield "incidents", self.incidents.channels

    def rule_for(self, level: RiskLevel, causes: Collection[str]) -> SlaRule | None:
        """The first that is about such an alert; None where no clock runs."""
        return next((rule for rule in self.sla if rule.covers(level, causes)), None)


NO_POLICY = AlertPolicy()
"""Of a company that has none: alerts are shown, and nobody is told."""


def load_alert_policy(path: Path) -> AlertPolicy:
    """Read ``alerts.yaml``. Raises CompanyError ``FILE:LINE: …``, one line a problem."""
    return load_yaml(path, AlertPolicy)


def check_alert_policy(policy: AlertPolicy, path: Path, signals: Collection[str]) -> Iterator[tuple[int, str]]:
    """Line and problem, where it names causes that the company's rules of risk (``signals``) do not know, or has SLA
    rules that an earlier one leaves nothing for.
    """
    for number, rule in enumerate(policy.sla):
        for cause in sorted(rule.causes - set(signals)):
            yield line_of(path, "sla", number, "causes"), f"sla {rule.name}: no signal of risk is named {cause!r}"
        if before := next((earlier for earlier in policy.sla[:number] if _hides(earlier, rule)), None):
            yield line_of(path, "sla", number), f"sla {rule.name}: never used, as {before.name} comes first"
    if policy.incidents is not None:
        for cause in sorted(policy.incidents.causes - set(signals)):
            yield line_of(path, "incidents", "causes"), f"incidents: no signal of risk is named {cause!r}"


def _hides(earlier: SlaRule, later: SlaRule) -> bool:
    levels = not earlier.levels or (bool(later.levels) and later.levels <= earlier.levels)
    causes = not earlier.causes or (bool(later.causes) and later.causes <= earlier.causes)
    return levels and causes


def _known(names: Collection[str]) -> str:
    return f"; there are {', '.join(sorted(names))}" if names else "; there are none"
