"""Whose alert it is: each company's policy and the names of things in it, found by the number that was called."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, tzinfo

from agent.company.company import Companies, Company
from agent.errors import CompanyError
from agent.notices.texts import Texts, load_texts
from agent.routing.alerts import FILE, NO_POLICY, AlertPolicy, check_alert_policy, load_alert_policy


@dataclass(frozen=True)
class CompanyAlerts:
    """What notices of one company are made by. labels: its signals of risk in words. timezone: of times in texts."""

    company: str
    name: str
    policy: AlertPolicy
    texts: Texts
    labels: Mapping[str, str] = field(default_factory=dict)
    timezone: tzinfo = UTC

    def target(self, name: str) -> str:
        """What a target of this company is called among all of them."""
        return f"{self.company}/{name}"


@dataclass(frozen=True)
class AlertBooks:
    """Of all companies of a server."""

    all: tuple[CompanyAlerts, ...]
    of: Callable[[str], CompanyAlerts]
    """Whose number was called."""

    def __iter__(self) -> Iterator[CompanyAlerts]:
        return iter(self.all)


def open_books(companies: Companies | None) -> AlertBooks:
    """Those of the companies that are served. Raises CompanyError for what is wrong in ``routing/alerts.yaml``."""
    texts = load_texts()
    if companies is None:
        nobodys = CompanyAlerts("", "", NO_POLICY, texts)
        return AlertBooks((nobodys,), lambda _: nobodys)
    by_id = {company.id: _book(company, texts) for company in companies}
    return AlertBooks(tuple(by_id.values()), lambda called: by_id[companies.by_number(called).id])


def _book(company: Company, texts: Texts) -> CompanyAlerts:
    file = company.folder / FILE
    policy = load_alert_policy(file) if file.exists() else NO_POLICY
    signals = company.risk.signal
    problems = list(check_alert_policy(policy, file, {one.name for one in signals})) if file.exists() else []
    if problems:
        raise CompanyError("\n".join(f"{file}:{line}: {problem}" for line, problem in problems))
    labels = {one.name: one.label_zh if policy.language == "zh" else one.label_en for one in signals}
    name = company.profile.name.of(policy.language)
    return CompanyAlerts(company.id, name, policy, texts, labels, company.profile.hours.timezone)
