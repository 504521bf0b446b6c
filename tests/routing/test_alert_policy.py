"""What a supervisor writes wrong in alerts.yaml is named with its line."""

from pathlib import Path

import pytest

from agent.errors import CompanyError
from agent.risk import load_rules
from agent.routing.alerts import check_alert_policy, load_alert_policy

JINGHE = Path(__file__).resolve().parents[2] / "companies" / "jinghe" / "routing" / "alerts.yaml"
SIGNALS = {signal.name for signal in load_rules().signal}

RULE = """
sla:
  - name: all
    acknowledge_within_minutes: 5
    resolve_within_minutes: 60
"""


def test_the_demo_company_has_clocks_and_tells_nobody_outside() -> None:
    policy = load_alert_policy(JINGHE)
    assert list(check_alert_policy(policy, JINGHE, SIGNALS)) == []
    assert policy.sla and policy.incidents and policy.keep_with_specialist_days == 7
    assert policy.webhooks == policy.notify == ()
    assert policy.rule_for("high", ("regulator", "safety")) is policy.sla[0]


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        (
            RULE + "    escalate: [{to: a, after_minutes: 9}, {to: b, after_minutes: 3}]\n",
            3,
            "after_minutes must not fall",
        ),
        (RULE.replace("60", "3"), 3, "must not be less than"),
        (RULE + "    escalate: [{to: 张, channels: [wecom]}]\n", 2, "there is no 'wecom' under notify; there are none"),
        ("webhooks:\n  - {name: crm, url: crm.example.com, secret_env: X}\n", 2, "no web address"),
        ("webhooks:\n  - {name: crm, url: 'https://x'}\n", 2, "give either secret or secret_env"),
        ("webhooks:\n  - {name: crm, url: 'https://x', secret: abc}\n", 2, "a secret is whsec_"),
        ("notify:\n  - {name: a, url_env: A}\n  - {name: a, url_env: B}\n", 1, "two targets are named 'a'"),
        ("notify:\n  - {name: a, url: weixin}\n", 2, "pattern"),
        ("delivery: {timeout_s: 60}\n", 1, "less than or equal to 15"),
        ("incidents: {alerts: 1}\n", 1, "greater than or equal to 2"),
        ("incident: {alerts: 5}\n", 1, "did you mean incidents"),
    ],
)
def test_a_mistake_is_named_with_its_line(tmp_path: Path, text: str, line: int, says: str) -> None:
    file = tmp_path / "alerts.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(CompanyError, match=says) as raised:
        load_alert_policy(file)
    assert str(raised.value).startswith(f"{file}:{line}:")


def test_causes_that_do_not_exist_and_rules_that_never_count_are_found(tmp_path: Path) -> None:
    file = tmp_path / "alerts.yaml"
    second = RULE.replace("\nsla:\n", "").replace("name: all", "name: late\n    causes: [saftey]")
    file.write_text(RULE + second + "incidents: {causes: [nothing]}\n", encoding="utf-8")
    assert [problem for _, problem in check_alert_policy(load_alert_policy(file), file, SIGNALS)] == [
        "sla late: no signal of risk is named 'saftey'",
        "sla late: never used, as all comes first",
        "incidents: no signal of risk is named 'nothing'",
    ]
