"""People are really told: over sockets, as the messengers' and mail's own rules have it, and again where it failed."""

import base64
import hashlib
import hmac
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import pairwise
from typing import Any

import pytest

from agent.events import AlertRaised, Evidence
from agent.notices import people, robots
from agent.routing.alerts import AlertPolicy
from agent.storage import NoticeRow, Store
from bench.receiver import SECRET, Receiver
from tests.notices.conftest import Open, raised
from tests.notices.stand_ins import Answer, MailServer, Messenger, mail_server, messenger

OK = {"errcode": 0, "errmsg": "ok", "code": 0, "msg": "success"}
ADDRESSES = {
    "wecom": "wecombot://693a91f6-7xxx-4bc4-97a0-0ec2sifa5aaa",
    "dingtalk": "dingtalk://f00ba4",
    "feishu": "feishu://2f0ee0f5-token",
}
KEYS = ("693a91f6", "f00ba4", "2f0ee0f5", "secret")


@pytest.fixture(autouse=True)
def short_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(people, "PAUSE_S", 0.05)


@pytest.fixture
def at_loopback(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A stand-in, in the place of all three messengers' hosts."""
    with ExitStack() as stack:

        def serve(answer: Any = lambda _: (200, OK)) -> Messenger:
            robot = stack.enter_context(messenger(answer))
            for ours in (robots.WeComRobot, robots.DingTalkRobot, robots.FeishuRobot):
                path = ours.notify_url.split("/", 3)[3]
                monkeypatch.setattr(ours, "notify_url", f"{robot.url}/{path}")
            return robot

        yield serve


def tells(*urls: str, webhook: Receiver | None = None, **delivery: Any) -> AlertPolicy:
    hooks = [] if webhook is None else [{"name": "crm", "url": webhook.url, "secret": SECRET}]
    return AlertPolicy.model_validate(
        {
            "notify": [{"name": f"p{number}", "url": url, "levels": ["high"]} for number, url in enumerate(urls)],
            "webhooks": hooks,
            "delivery": {"timeout_s": 1, "retry_after_s": [0.1, 0.2], **delivery},
        }
    )


def settled(store: Store, count: int = 1, timeout_s: float = 15.0) -> list[NoticeRow]:
    """The notices, once so many are no longer pending."""
    until = time.monotonic() + timeout_s
    while True:
        notices = [one for one in store.notices() if one.state != "pending"]
        if len(notices) >= count:
            return notices
        assert time.monotonic() < until, [(one.target, one.state, one.last_error) for one in store.notices()]
        time.sleep(0.02)


def alert(open_house: Open, policy: AlertPolicy, calls: int = 1) -> Store:
    house = open_house(policy)
    for number in range(calls):
        call = house.ring(f"c{number}")
        call.alert()
        call.write()
    return house.store


@pytest.mark.parametrize(
    ("messenger_name", "path", "query", "body"),
    [
        (
            "wecom",
            "/cgi-bin/webhook/send",
            {"key": "693a91f6-7xxx-4bc4-97a0-0ec2sifa5aaa"},
            lambda text: {"msgtype": "text", "text": {"content": text}},
        ),
        (
            "dingtalk",
            "/robot/send",
            {"access_token": "f00ba4"},
            lambda text: {
                "msgtype": "text",
                "text": {"content": text},
                "at": {"atMobiles": [], "isAtAll": False},
            },
        ),
        (
            "feishu",
            "/open-apis/bot/v2/hook/2f0ee0f5-token",
            {},
            lambda text: {"msg_type": "text", "content": {"text": text}},
        ),
    ],
)
def test_a_robot_is_asked_as_its_documentation_has_it(
    open_house: Open, at_loopback: Any, messenger_name: str, path: str, query: dict[str, str], body: Any
) -> None:
    group = at_loopback()
    (notice,) = settled(alert(open_house, tells(ADDRESSES[messenger_name])))

    (posted,) = group.posted
    text = f"{notice.payload['title']}\n{notice.payload['body']}"
    assert (posted.method, posted.path, posted.query) == ("POST", path, query)
    assert posted.content_type == "application/json; charset=utf-8"
    assert posted.body == body(text) or posted.body == body(text.replace("\n", "\r\n", 1))
    assert "孩子被电到了 {紧急}" in text and notice.state == "delivered"


@pytest.mark.parametrize("secret", ["SEC0123456789abcdef", "SECffffffffffffffff"])
def test_dingtalk_finds_the_signature_right(open_house: Open, at_loopback: Any, secret: str) -> None:
    group = at_loopback()
    settled(alert(open_house, tells(f"dingtalk://{secret}@f00ba4/13800138000")))

    (posted,) = group.posted
    at_ms = posted.query["timestamp"]
    right = hmac.new(secret.encode(), f"{at_ms}\n{secret}".encode(), hashlib.sha256).digest()
    assert posted.query["sign"] == base64.b64encode(right).decode()
    assert posted.query["access_token"] == "f00ba4"
    assert abs(int(at_ms) / 1000 - time.time()) < 60
    assert posted.body["at"]["atMobiles"] == ["13800138000"]


@pytest.mark.parametrize(
    ("messenger_name", "refusal", "says"),
    [
        ("wecom", (200, {"errcode": 93000, "errmsg": "invalid webhook url"}), "errcode 93000: invalid webhook url"),
        ("wecom", (200, {"errcode": 45009, "errmsg": "api freq out of limit"}), "errcode 45009"),
        ("dingtalk", (200, {"errcode": 310000, "errmsg": "sign not match"}), "errcode 310000: sign not match"),
        ("feishu", (200, {"code": 19024, "msg": "Key Words Not Found"}), "code 19024: Key Words Not Found"),
        ("wecom", (500, {}), "HTTP 500"),
        ("dingtalk", (302, OK), "HTTP 302"),
        ("feishu", (200, "<html>"), "no code in the answer"),
        ("wecom", 2.0, "ReadTimeout"),
    ],
)
def test_what_a_robot_refuses_is_sent_again_though_it_says_http_200(
    open_house: Open, at_loopback: Any, messenger_name: str, refusal: Answer, says: str
) -> None:
    group = at_loopback(lambda number: refusal if number < 1 else (200, OK))
    (notice,) = settled(alert(open_house, tells(ADDRESSES[messenger_name], timeout_s=0.5)))
    assert (notice.state, notice.attempts, len(group.posted)) == ("delivered", 2, 2)
    assert group.posted[0].body == group.posted[1].body

    group.answer = lambda _: refusal
    failed = [one for one in settled(alert(open_house, tells(ADDRESSES[messenger_name], timeout_s=0.5), 2), 2)]
    (given_up,) = [one for one in failed if one.state == "failed"]
    assert given_up.attempts == 3 and says in (given_up.last_error or "")
    assert not any(key in (given_up.last_error or "") for key in KEYS), "a key is nobody's to read"


def test_alerts_one_after_the_other_reach_a_group_once_each_with_a_pause_between(
    open_house: Open, at_loopback: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(people, "PAUSE_S", 0.4)
    group = at_loopback()
    notices = settled(alert(open_house, tells(ADDRESSES["wecom"]), 4), 4)

    assert {one.attempts for one in notices} == {1}
    assert len(set(group.texts)) == len(group.posted) == 4
    at_s = [one.at_s for one in group.posted]
    assert all(later - earlier > 0.2 for earlier, later in pairwise(at_s))


def test_targets_that_hang_delay_nobody_else(open_house: Open, at_loopback: Any) -> None:
    with Receiver() as crm, MailBox() as silent, mail_server(MailServer()) as mail:
        group = at_loopback(lambda number: 30.0 if number < 16 else (200, OK))
        hanging = [ADDRESSES["wecom"] + str(number) for number in range(8)]
        mute = f"mailto://alarm:secret@127.0.0.1:{silent.port}?from=a@example.com&to=b@example.com"
        begun_s = time.monotonic()
        good = f"mailto://alarm:secret@127.0.0.1:{mail.port}?from=a@example.com&to=head@example.com"
        store = alert(open_house, tells(*hanging, mute, good, webhook=crm, timeout_s=8, retry_after_s=[60]), 2)
        crm.wait_for(2)
        until = time.monotonic() + 5
        while len(mail.mails) < 2:
            assert time.monotonic() < until, "mail waits for who hangs"
            time.sleep(0.02)
        assert time.monotonic() - begun_s < 4
        assert len(group.posted) >= 8, "they do hang meanwhile"
        assert {one.state for one in store.notices() if one.target == "jinghe/p9"} <= {"delivered", "pending"}


def test_a_mail_is_plain_text_that_reads_as_it_was_said(open_house: Open) -> None:
    with mail_server(MailServer()) as server:
        house = open_house(tells(mail_to(server)))
        call = house.ring("c1")
        call.put(raised_with("<img src=x onerror=alert(1)>我要投诉\n到12315"))
        call.write()
        (notice,) = settled(house.store)

    (mail,) = server.mails
    assert server.recipients == [["head@example.com"]]
    assert mail["subject"] == notice.payload["title"] and "高风险预警" in mail["subject"]
    assert mail["from"] == "alarm@example.com"
    assert mail.get_content_type() == "text/plain", "a browser in a mail program runs nothing of it"
    assert mail.get_content().replace("\r\n", "\n").strip() == notice.payload["body"]
    assert "<img src=x onerror=alert(1)>我要投诉" in mail.get_content()


@pytest.mark.parametrize(
    ("server", "password", "attempts"),
    [
        (MailServer(lambda number: "451 try again later" if number < 1 else ""), "secret", 2),
        (MailServer(), "wrong", 3),
        (MailServer(lambda number: "554 no"), "secret", 3),
    ],
    ids=["greylisted", "wrong password", "refused"],
)
def test_a_mail_that_is_not_taken_is_sent_again(
    open_house: Open, server: MailServer, password: str, attempts: int
) -> None:
    with mail_server(server):
        (notice,) = settled(alert(open_house, tells(mail_to(server, password))))
    assert notice.attempts == attempts
    assert (notice.state == "delivered") == (len(server.mails) == 1) == (attempts == 2)
    assert notice.state == "delivered" or "mail" in (notice.last_error or "")
    assert not any(key in (notice.last_error or "") for key in KEYS)


def test_a_mail_server_that_is_not_there_is_named(open_house: Open) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        url = f"mailto://alarm:secret@127.0.0.1:{nobody.getsockname()[1]}?from=a@example.com&to=b@example.com"
        (notice,) = settled(alert(open_house, tells(url)))
    assert notice.state == "failed" and "127.0.0.1" in (notice.last_error or "")


@pytest.mark.parametrize("said", ["洗衣机又漏水了" * 300, "a" * 5000, "😡" * 1000])
def test_wecom_is_sent_no_more_than_it_takes(open_house: Open, at_loopback: Any, said: str) -> None:
    group = at_loopback()
    house = open_house(tells(ADDRESSES["wecom"]))
    call = house.ring("c1")
    call.put(raised_with(said))
    call.write()
    (notice,) = settled(house.store)
    (text,) = group.texts
    assert notice.state == "delivered"
    assert len(text.encode()) <= 2048 and text.endswith("…") and said[:100] in text


class MailBox:
    """Takes connections and never says a word."""

    def __enter__(self) -> "MailBox":
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()


def mail_to(server: MailServer, password: str = "secret") -> str:
    return f"mailto://alarm:{password}@127.0.0.1:{server.port}?from=alarm@example.com&to=head@example.com"


def raised_with(words: str) -> AlertRaised:
    body = raised("c1-a1")
    return body.model_copy(update={"evidence": (Evidence(signal="safety", words=words, turn=1, weight=0.9),)})
