"""How much faster than real time all fixtures are replayed in virtual time: with the real models, and with the dummy
engines.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fixtures", type=Path, default=Path("audio_fixtures"))
    arguments, _ = parser.parse_known_args()
    hotline = [
        str(Path(sys.executable).with_name("hotline")),
        "replay",
        str(arguments.fixtures),
        "--runs",
        "1",
        "--json",
    ]
    for engines in ("real", "dummy"):
        with tempfile.TemporaryDirectory() as folder:
            environment = {**os.environ, "HOTLINE_MODELS__ENGINES": engines, "HOTLINE_STORAGE__DATA_DIR": folder}
            done = subprocess.run([*hotline, os.devnull], env=environment, capture_output=True, text=True, check=True)
        print(f"{engines:6} engines: {done.stdout.strip().splitlines()[-1]}", flush=True)


if __name__ == "__main__":
    main()
