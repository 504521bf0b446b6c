"""A supervisor lets in a call that is being refused, over a real server with its real store; and it is counted."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from agent.events import LlmReply, SpamJudged
from tests.api.test_metrics import Scrape
from tests.ingress.telephone_exchange import Exchange, Telephone, exchange

JINGHE = Path(__file__).parents[2] / "companies" / "jinghe"
DENIED, ALLOWED_AGAIN = "0571-88990011", "+8657188990011"


async def until(holds: Callable[[], Any], within_s: float = 30.0) -> Any:
    """What it holds."""
    async with asyncio.timeout(within_s):
        while not (found := holds()):
            await asyncio.sleep(0.05)
    return found


def phrases(hotline: Exchange) -> list[str]:
    replies = [body for body in hotline.bodies(DENIED) if isinstance(body, LlmReply)]
    return [name for reply in replies for name in (reply.phrase or "").split()]


async def test_a_call_that_is_being_refused_is_let_in_explained_counted_and_its_number_put_on_the_list(
    tmp_path: Path,
) -> None:
    with exchange(tmp_path, companies=[JINGHE], media_timeout_s=15) as hotline:
        async with (
            httpx.AsyncClient(base_url=hotline.http, trust_env=False) as web,
            Telephone(hotline, DENIED) as telephone,
        ):
            await telephone.ring()
            telephone.talk()
            await until(lambda: "spam.refuse_appeal" in phrases(hotline))
            (row,) = await until(lambda: hotline.app.store.spam_calls("refuse"))
            assert row.live and row.signs[0].words.startswith("在黑名单上：2026 年 3 月起每天推销办公设备")

            path = f"/api/spam/calls/{row.call_id}/let-in"
            nameless = await web.post(path, json={"by": " "})
            assert nameless.status_code == 422 and "name somebody" in nameless.json()["message"]
            answer = await web.post(path, json={"by": "郑洁"})
            assert answer.status_code == 200 and answer.json() == {"call_id": row.call_id, "by": "郑洁"}
            await until(lambda: "greeting" in phrases(hotline))
            again = await web.post(path, json={"by": "郑洁"})
            assert again.status_code == 409 and "neither asked nor refused" in again.json()["message"]

            (passed,) = await until(lambda: hotline.app.store.spam_calls("pass"))
            assert passed.refused and passed.signs[-1].words == "郑洁 放行"
            listed = await web.post(
                f"/api/spam/calls/{row.call_id}/allow", json={"by": "郑洁", "why": "换了业务员，老客户", "days": 30}
            )
            assert (listed.json()["number"], listed.json()["call_id"]) == (ALLOWED_AGAIN, row.call_id)
            until_then = datetime.fromisoformat(listed.json()["until"]) - datetime.now(UTC)
            assert timedelta(days=29) < until_then <= timedelta(days=30)
        await until(lambda: hotline.app.store.get_call(row.call_id).status == "ended")

        async with httpx.AsyncClient(base_url=hotline.http, trust_env=False) as web:
            gone = await web.post(path, json={"by": "郑洁"})
            assert gone.status_code in (404, 409)
            counts = (await web.get("/api/spam/counts")).json()
            assert (counts["calls"], counts["let_in"], counts["refused"]) == (1, 1, 0)
            assert counts["reasons"] == {"let_in": {"overruled": 1}}
            scrape = Scrape((await web.get("/metrics")).text)
            assert scrape.value("hotline_spam_calls_total", outcome="let_in") == 1
            assert scrape.value("hotline_spam_reasons_total", outcome="let_in", reason="overruled") == 1
            report = (await web.get("/api/reports/spam")).json()
            assert report["rows"] == [{"reason": "overruled", "passed": 0, "challenged": 0, "refused": 0, "let_in": 1}]

            async with Telephone(hotline, DENIED) as telephone:
                await telephone.ring()
                telephone.talk()
                await until(lambda: phrases(hotline).count("greeting") == 2)
            judged = [body for body in hotline.bodies(DENIED) if isinstance(body, SpamJudged)]
            assert judged[-1].signs[0].words == "放行名单：郑洁: 换了业务员，老客户", (
                "the list of the file comes second"
            )

            taken_back = await web.post(
                "/api/spam/forget", json={"number": DENIED, "by": "郑洁", "why": "核实过，还是推销"}
            )
            assert taken_back.json()["verdict"] == "none" and (await web.get("/api/spam/numbers")).json() == []


async def test_a_call_that_is_not_there_cannot_be_let_in(tmp_path: Path) -> None:
    with exchange(tmp_path, companies=[JINGHE], media_timeout_s=15) as hotline:
        async with httpx.AsyncClient(base_url=hotline.http, trust_env=False) as web:
            answer = await web.post("/api/spam/calls/nobody/let-in", json={"by": "郑洁"})
            assert answer.status_code == 404 and "allow list" in answer.json()["message"]


@pytest.mark.parametrize("days", [0, -1, 100_000, "soon"])
async def test_a_term_that_is_none_is_said(tmp_path: Path, days: Any) -> None:
    with exchange(tmp_path, companies=[JINGHE], media_timeout_s=15) as hotline:
        async with httpx.AsyncClient(base_url=hotline.http, trust_env=False) as web:
            body = {"number": DENIED, "by": "郑洁", "why": "x", "days": days}
            answer = await web.post("/api/spam/deny", json=body)
            assert answer.status_code == 422 and "days" in answer.json()["message"]
