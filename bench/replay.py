"""How much faster than real time all fixtures are replayed in virtual time, with the real models and with the dummy
engines; and whether with the real ones every call came to what its YAML says: speed bought with quality shows here.
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
    ]
    for engines, options in (("real", ["--check"]), ("dummy", ["--runs", "1", "--json", os.devnull])):
        with tempfile.TemporaryDirectory() as folder:
            environment = {
                **os.environ,
                "HOTLINE_MODELS__ENGINES": engines,
                "HOTLINE_STORAGE__DATA_DIR": folder,
                "COLUMNS": "160",
            }
            # --check ends with 1 where a call came to something else: that is a result, and printed.
            done = subprocess.run([*hotline, *options], env=environment, stdout=subprocess.PIPE, text=True)
        *table, speed = done.stdout.strip().splitlines()
        if options == ["--check"]:
            print("\n".join(table))
        print(f"{engines:6} engines: {speed}", flush=True)


if __name__ == "__main__":
    main()
