"""All benchmarks, one after the other; each can be run by itself as ``python -m bench.NAME``."""

import subprocess
import sys

NAMES = ("asr", "replay", "server", "lines", "voice_to_voice")

if __name__ == "__main__":
    for name in NAMES:
        print(f"\n== bench.{name}", flush=True)
        # A process each: what one has loaded must not count as another's memory.
        subprocess.run([sys.executable, "-m", f"bench.{name}", *sys.argv[1:]], check=True)
