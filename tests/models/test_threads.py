"""The libraries' threads, on cores that they share."""

import os
import subprocess
import sys

import pytest

ASK = "import os, models.asr, models.llm; print(os.environ['GOMP_SPINCOUNT'])"


@pytest.mark.parametrize(("set_by_user", "expected"), [(None, "1000"), ("0", "0")])
def test_waiting_threads_soon_let_go_of_their_core_unless_the_user_wants_otherwise(
    set_by_user: str | None, expected: str
) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "GOMP_SPINCOUNT"}
    if set_by_user is not None:
        environment["GOMP_SPINCOUNT"] = set_by_user
    printed = subprocess.run([sys.executable, "-c", ASK], env=environment, capture_output=True, text=True, check=True)
    assert printed.stdout.strip() == expected
