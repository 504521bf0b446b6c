"""Where notices go: programs by signed webhooks (Standard Webhooks), people by whatever apprise can reach."""

import asyncio
import json
from collections.abc import Mapping
from datetime import UTC, datetime

import httpx
from loguru import logger
from standardwebhooks import Webhook as Signer

from agent.errors import CompanyError
from agent.notices.books import AlertBooks, CompanyAlerts
from agent.notices.delivery import DeliveryError, Target
from agent.notices.people import AppriseTarget
from agent.routing.alerts import FILE, Delivery, Notify, Webhook
from agent.storage import NoticeRow

LARGEST_ANSWER_BYTES = 64_000
"""Of what a webhook answers, no more is read; only its status matters."""


class WebhookTarget:
    """``POST`` of the payload as JSON; any status from 200 to 299 says that it was taken."""

    def __init__(self, name: str, url: str, secret: str, delivery: Delivery) -> None:
        self.name = name
        self.delivery = delivery
        self._url = url
        self._signer = Signer(secret)
        self._client = httpx.AsyncClient(
            timeout=httpx.Timeout(delivery.timeout_s),
            limits=httpx.Limits(max_connections=delivery.at_once, max_keepalive_connections=delivery.at_once),
            follow_redirects=False,
            trust_env=False,
        )

    async def deliver(self, notice: NoticeRow) -> None:
        body = json.dumps(notice.payload, ensure_ascii=False, separators=(",", ":"))
        at = datetime.now(UTC)
        headers = {
            "content-type": "application/json",
            "webhook-id": notice.id,
            "webhook-timestamp": str(int(at.timestamp())),
            "webhook-signature": self._signer.sign(notice.id, at, body),
        }
        try:
            # The client's own limits start anew with each byte.
            async with asyncio.timeout(self.delivery.timeout_s):
                status = await self._post(body.encode(), headers)
        except TimeoutError as error:
            raise DeliveryError(f"no answer within {self.delivery.timeout_s:g} s") from error
        except httpx.HTTPError as error:
            raise DeliveryError(f"{type(error).__name__}: {error}") from error
        if not 200 <= status < 300:
            raise DeliveryError(f"HTTP {status}")

    async def _post(self, body: bytes, headers: Mapping[str, str]) -> int:
        async with self._client.stream("POST", self._url, content=body, headers=headers) as answer:
            read = 0
            async for chunk in answer.aiter_raw():
                # Read to its end, the connection can be used again.
                read += len(chunk)
                if read > LARGEST_ANSWER_BYTES:
                    break
            return answer.status_code

    async def aclose(self) -> None:
        await self._client.aclose()


def open_targets(books: AlertBooks, environ: Mapping[str, str]) -> tuple[Target, ...]:
    """All targets of all companies. Raises CompanyError for one whose secret or URL is not to be had or wrong."""
    return tuple(
        target
        for book in books
        for target in (
            *(_webhook(book, one, environ) for one in book.policy.webhooks),
            *(_people(book, one, environ) for one in book.policy.notify),
        )
    )


def _webhook(book: CompanyAlerts, hook: Webhook, environ: Mapping[str, str]) -> Target:
    secret = hook.secret or _from(environ, hook.secret_env, f"webhook {book.target(hook.name)}")
    try:
        checked = Webhook(name=hook.name, url=hook.url, secret=secret)
    except ValueError as error:
        raise CompanyError(
            f"{FILE}: webhook {book.target(hook.name)}: {hook.secret_env} holds no secret: it is whsec_ and 24 to 64"
            " random bytes in base64"
        ) from error
    if not hook.url.startswith("https://"):
        logger.warning("webhook {}: {} is not encrypted", book.target(hook.name), hook.url)
    return WebhookTarget(book.target(hook.name), checked.url, secret, book.policy.delivery)


def _people(book: CompanyAlerts, notify: Notify, environ: Mapping[str, str]) -> Target:
    name = book.target(notify.name)
    url = notify.url or _from(environ, notify.url_env, f"notify {name}")
    try:
        return AppriseTarget(name, url, book.policy.delivery)
    except ValueError as error:
        # The URL holds a key or a password: it is not shown.
        raise CompanyError(
            f"{FILE}: notify {name}: {error}; right would be wecombot://KEY, dingtalk://TOKEN, feishu://TOKEN or"
            " mailtos://USER:PASSWORD@HOST?to=ADDRESS"
        ) from error


def _from(environ: Mapping[str, str], variable: str | None, what: str) -> str:
    assert variable is not None
    value = environ.get(variable, "")
    if not value:
        raise CompanyError(f"{FILE}: {what}: the environment variable {variable} is not set")
    return value
