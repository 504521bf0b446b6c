"""The back ends that companies bring along, as processes beside the server: started with it, stopped with it."""

import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import httpx
from loguru import logger

from agent.company.company import Company
from agent.errors import HotlineError

READY_S = 20.0
POLL_S = 0.1
STOP_S = 5.0


@contextmanager
def back_ends(companies: Iterable[Company]) -> Iterator[None]:
    """Every back end that a ``company.yaml`` names, listening. One that listens already is left as it is.

    Raises HotlineError ``back_end_failed`` where one does not come up.
    """
    started: list[subprocess.Popen[bytes]] = []
    try:
        for company in companies:
            back_end = company.profile.backend
            if back_end is None or _listens(back_end.port):
                continue
            command = [sys.executable, "-m", back_end.module, "--port", str(back_end.port)]
            process = subprocess.Popen(command)
            started.append(process)
            _wait(process, back_end.module, back_end.port)
            logger.info("the back end of {} listens on port {}", company.id, back_end.port)
        yield
    finally:
        for process in started:
            process.terminate()
        for process in started:
            try:
                process.wait(STOP_S)
            except subprocess.TimeoutExpired:
                process.kill()


def _wait(process: "subprocess.Popen[bytes]", module: str, port: int) -> None:
    deadline = time.monotonic() + READY_S
    while not _listens(port):
        if process.poll() is not None:
            raise HotlineError("back_end_failed", f"python -m {module} --port {port} ended with {process.returncode}")
        if time.monotonic() > deadline:
            raise HotlineError("back_end_failed", f"python -m {module} does not listen on port {port}")
        time.sleep(POLL_S)


def _listens(port: int) -> bool:
    try:
        httpx.get(f"http://127.0.0.1:{port}/openapi.json", timeout=2.0, trust_env=False)
    except httpx.HTTPError:
        return False
    return True
