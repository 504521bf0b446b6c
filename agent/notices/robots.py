"""The group robots of WeCom, DingTalk and Feishu. apprise reads their addresses; what is sent, and what counts as
taken, is here, by the robots' public documentation:

- WeCom: https://developer.work.weixin.qq.com/document/path/91770
- DingTalk: https://open.dingtalk.com/document/robots/custom-robot-access
- Feishu: https://open.feishu.cn/document/client-docs/bot-v3/add-custom-bot

All three answer HTTP 200 to what they refuse; a code in the answer says so. apprise looks for it at Feishu only, and
encodes DingTalk's signature twice, so that it is never right.
"""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from functools import cache
from typing import Any

import httpx
from apprise import NotifyBase, NotifyFormat, NotifyType
from apprise.plugins.dingtalk import NotifyDingTalk
from apprise.plugins.feishu import NotifyFeishu
from apprise.plugins.wecombot import NotifyWeComBot

WECOM_BYTES = 2048
"""Of a message's text, in UTF-8; more is refused."""
PAUSE_S = 3.0
"""Between two messages to one robot: WeCom and DingTalk take 20 a minute, and DingTalk is deaf for ten minutes then."""


class WeComRobot(NotifyWeComBot):
    """``wecombot://KEY``. apprise hands the title over as the first line of the body."""

    def send(
        self,
        body: str,
        title: str = "",
        notify_type: NotifyType = NotifyType.INFO,
        body_format: NotifyFormat | None = None,
        **_: Any,
    ) -> bool:
        text = _cut(f"{title}\n{body}" if title else body, WECOM_BYTES)
        return _post(self, self.api_url, {"msgtype": "text", "text": {"content": text}}, "errcode", "errmsg")


class DingTalkRobot(NotifyDingTalk):
    """``dingtalk://TOKEN``, or ``dingtalk://SECRET@TOKEN`` where it is signed; behind it, numbers of who is named."""

    def send(
        self,
        body: str,
        title: str = "",
        notify_type: NotifyType = NotifyType.INFO,
        body_format: NotifyFormat | None = None,
        **_: Any,
    ) -> bool:
        content = {
            "msgtype": "text",
            "text": {"content": f"{title}\n{body}" if title else body},
            "at": {"atMobiles": self.targets, "isAtAll": False},
        }
        url = httpx.URL(self.notify_url.format(token=self.token))
        if self.secret:
            timestamp = str(round(time.time() * 1000))
            signed = hmac.new(self.secret.encode(), f"{timestamp}\n{self.secret}".encode(), hashlib.sha256).digest()
            url = url.copy_merge_params({"timestamp": timestamp, "sign": base64.b64encode(signed).decode()})
        return _post(self, url, content, "errcode", "errmsg")


class FeishuRobot(NotifyFeishu):
    """``feishu://TOKEN``."""

    notify_url = "https://open.feishu.cn/open-apis/bot/v2/hook/{token}"

    def send(
        self,
        body: str,
        title: str = "",
        notify_type: NotifyType = NotifyType.INFO,
        body_format: NotifyFormat | None = None,
        **_: Any,
    ) -> bool:
        content = {"msg_type": "text", "content": {"text": f"{title}\n{body}" if title else body}}
        return _post(self, self.notify_url.format(token=self.token), content, "code", "msg")


_ROBOTS: Mapping[type[NotifyBase], type[NotifyBase]] = {
    NotifyWeComBot: WeComRobot,
    NotifyDingTalk: DingTalkRobot,
    NotifyFeishu: FeishuRobot,
}


def robot_of(service: NotifyBase) -> NotifyBase | None:
    """Ours in the place of apprise's; None for what is no robot."""
    ours = _ROBOTS.get(type(service))
    if ours is None:
        return None
    read = ours.parse_url(service.url())
    assert read is not None, "apprise reads what it wrote"
    return ours(**{**read, "asset": service.asset})


def _post(robot: NotifyBase, url: str | httpx.URL, content: Mapping[str, Any], code: str, words: str) -> bool:
    """Whether it was taken; what went wrong goes to apprise's log of this try, never with the key in it."""
    timeout = httpx.Timeout(robot.socket_read_timeout, connect=robot.socket_connect_timeout)
    body = json.dumps(content, ensure_ascii=False).encode()
    headers = {"content-type": "application/json; charset=utf-8"}
    try:
        answer = _client(robot.verify_certificate).post(url, content=body, headers=headers, timeout=timeout)
    except httpx.HTTPError as error:
        robot.logger.warning("%s", type(error).__name__)
        return False
    if answer.status_code != httpx.codes.OK:
        robot.logger.warning("HTTP %d", answer.status_code)
        return False
    try:
        told = answer.json()
        number = told[code]
    except (ValueError, LookupError, TypeError):
        robot.logger.warning("HTTP 200, but no %s in the answer", code)
        return False
    if number != 0:
        robot.logger.warning("%s %s: %s", code, number, told.get(words, ""))
        return False
    return True


@cache
def _client(verify: bool) -> httpx.Client:
    """One for all robots, as reading this machine's certificates takes longer than a message. Keeps no connection."""
    return httpx.Client(verify=verify, limits=httpx.Limits(max_connections=None, max_keepalive_connections=0))


def _cut(text: str, limit_bytes: int) -> str:
    """As much of it as fits, whole characters, and an ellipsis where that is not all."""
    whole = text.encode()
    if len(whole) <= limit_bytes:
        return text
    mark = "…"
    return whole[: limit_bytes - len(mark.encode())].decode(errors="ignore") + mark
