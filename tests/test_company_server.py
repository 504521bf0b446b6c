"""Companies as a server has them: calls over real sockets, their back end a real process beside it."""

import socket
from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

import httpx
import pytest

from agent.back_end import back_ends
from agent.company.company import Company, load_companies
from agent.errors import HotlineError
from agent.events import Body, CallerKnown, TtsEnded
from agent.tools.desk import open_desk
from tests.ingress.telephone_exchange import Telephone, exchange

BodyT = TypeVar("BodyT")
JINGHE = Path(__file__).resolve().parent.parent / "companies" / "jinghe"


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
        return port


def moved(company: Company, port: int, module: str = "companies.jinghe.backend") -> Company:
    """The company with its back end on another port, so that tests do not meet one that runs."""
    back_end = company.profile.backend
    assert back_end is not None
    profile = company.profile.model_copy(
        update={"backend": back_end.model_copy(update={"port": port, "module": module})}
    )
    return Company(**{**vars(company), "profile": profile})


@pytest.fixture(scope="module")
def company() -> Company:
    (company,) = load_companies([JINGHE])
    return company


def test_a_companys_back_end_runs_as_long_as_the_server(company: Company) -> None:
    port = free_port()
    with back_ends([moved(company, port)]):
        document = httpx.get(f"http://127.0.0.1:{port}/openapi.json", trust_env=False).json()
        assert any(
            one.get("operationId") == "get_order" for path in document["paths"].values() for one in path.values()
        )
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"http://127.0.0.1:{port}/openapi.json", trust_env=False)


def test_a_back_end_that_does_not_come_up_is_named(company: Company) -> None:
    broken = moved(company, free_port(), "companies.jinghe.nothing")
    with pytest.raises(HotlineError, match=r"companies\.jinghe\.nothing"), back_ends([broken]):
        pass


async def test_tools_are_asked_over_the_network(company: Company) -> None:
    port = free_port()
    with back_ends([moved(company, port)]):
        servers = {
            name: server.model_copy(
                update={
                    kind: address.replace(":8401", f":{port}")
                    for kind in ("http", "mcp")
                    if (address := getattr(server, kind)) is not None
                }
            )
            for name, server in company.tools.servers.items()
        }
        async with open_desk(company.tools.model_copy(update={"servers": servers})) as desk:
            customer = await desk.call("get_customer", {"phone": "13812345678"})
            device = await desk.call("get_device", {"phone": "13658249356"})
    assert (customer.code, customer.value["name"]) == ("ok", "陈建国")
    assert (device.code, device.value["fault_code"]) == ("ok", "F2")


async def test_a_call_over_the_media_stream_is_answered_by_the_company_that_was_called(tmp_path: Path) -> None:
    caller = "13812345678"
    with exchange(tmp_path, companies=[JINGHE]) as hotline:
        async with Telephone(hotline, caller) as telephone:
            await telephone.ring()
            telephone.talk()
            await telephone.until_quiet()
        bodies = _of(hotline.bodies(caller), TtsEnded)
        assert bodies[0].heard.startswith("您好，这里是京和电器。")
        (known,) = _of(hotline.bodies(caller), CallerKnown)
        assert known.fields["name"] == "陈建国"


def _of(bodies: Sequence[Body], kind: type[BodyT]) -> list[BodyT]:
    return [body for body in bodies if isinstance(body, kind)]
