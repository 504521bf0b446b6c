"""The spam filter's page in a real browser: refusals are explained and taken back, numbers listed and taken off."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from agent.api.spam import spam_router
from agent.events import CallEnded, SpamJudged, SpamSign
from agent.storage import Store
from tests.dashboard.conftest import Site, make_site, serve
from tests.dashboard.test_browser import browser, size, until, wrong  # noqa: F401 — fixtures
from tests.storage.seed import HOSTILE, Talk, store_call
from tests.storage.test_spam_store import refused

pytestmark = pytest.mark.browser
MARK = SpamSign(sign="mark", words="被 36 人标记为推销（来源 list）", weight=0.55)


@dataclass
class Spam:
    site: Site
    let_in: list[tuple[str, str]] = field(default_factory=list)


def live(store: Store, call_id: str, number: str, now: datetime) -> None:
    talk = Talk(call_id, number)
    talk.put(SpamJudged(turn=0, verdict="refuse", score=0.9, signs=(MARK,)))
    store_call(store, talk, now)


@pytest.fixture
def spam(tmp_path: Path) -> Iterator[Spam]:
    made = Spam(make_site(tmp_path))
    now = datetime.now(UTC)
    over = refused("CA-spam")
    over.put(CallEnded(ended_by="bot", reason="refused as spam", duration_ms=9000))
    store_call(made.site.store, over, now - timedelta(hours=1))
    hostile = Talk("CA-hostile", HOSTILE)
    hostile.put(
        SpamJudged(turn=0, verdict="refuse", score=1, signs=(SpamSign(sign="denied", words=HOSTILE, weight=1),))
    )
    hostile.put(CallEnded(ended_by="bot", reason="refused as spam", duration_ms=9000))
    store_call(made.site.store, hostile, now - timedelta(hours=2))
    live(made.site.store, "CA-live", "02166668888", now)

    def let_in(call_id: str, by: str) -> None:
        assert threading.current_thread() is not threading.main_thread()
        made.let_in.append((call_id, by))

    made.site.app.include_router(spam_router(made.site.store, lambda: datetime.now(UTC), let_in))
    for site in serve(made.site):
        made.site = site
        yield made


@pytest.fixture
def page(browser: Any, spam: Spam, size: tuple[int, int], wrong: list[str]) -> Iterator[Any]:  # noqa: F811
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]}, base_url=spam.site.url, locale="zh-CN"
    )
    page = context.new_page()
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda line: wrong.append(line.text) if line.type == "error" else None)
    page.goto("/spam")
    yield page
    context.close()
    assert wrong == []


def decide(page: Any, **fields: str) -> None:
    form = page.locator("#spam-form")
    for name, value in fields.items():
        control = form.locator(f"[name={name}]")
        control.select_option(value) if name in ("days", "list") else control.fill(value)
    form.get_by_role("button", name="确定").click()


def test_a_refused_call_is_explained_and_let_in_by_name(page: Any, spam: Spam) -> None:
    card = page.locator(".under-way article")
    assert "正在拒接" in card.inner_text() and "被 36 人标记为推销" in card.inner_text()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), "it fits the screen"
    card.get_by_role("button", name="放行这通电话").click()
    decide(page, by="郑洁")
    page.locator("#spam-dialog").wait_for(state="hidden")
    assert spam.let_in == [("CA-live", "郑洁")]


def test_a_number_goes_on_a_list_with_who_why_and_until_and_off_it_again(page: Any, spam: Spam) -> None:
    assert "在推销贷款" in page.locator(".spam-table").inner_text()
    page.locator("#deny-call-CA-spam").click()
    decide(page, by="郑洁", why="天天推销贷款", days="30")
    listed = page.locator(".listed")
    listed.wait_for()
    assert all(words in listed.inner_text() for words in ("170 0000 1111", "黑名单", "天天推销贷款", "郑洁", "前有效"))
    (row,) = spam.site.store.spam_overrides(in_force_at=datetime.now(UTC))
    assert (row.verdict, row.call_id) == ("deny", "CA-spam") and row.until is not None

    listed.get_by_role("button", name="撤销").click()
    decide(page, why="换人了")
    until(page, "document.querySelectorAll('.listed').length === 0")
    assert [one.verdict for one in spam.site.store.spam_overrides()] == ["none", "deny"], "both can still be read"


def test_what_is_no_number_is_said_in_the_dialog(page: Any, spam: Spam, wrong: list[str]) -> None:  # noqa: F811
    page.get_by_role("button", name="添加号码").click()
    decide(page, number="总机", by="郑洁", why="老客户", list="allow")
    until(page, "!document.getElementById('spam-error').hidden")
    assert "请填写手机号" in page.locator("#spam-error").inner_text()
    wrong.clear()  # the browser reports the answer's status by itself
    decide(page, number="0571-8899 0013")
    until(page, "document.querySelectorAll('.listed.allow').length === 1")
