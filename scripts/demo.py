"""The voting application on this machine: bring it up, cast a vote through the load balancer, read the tally back.

Standard library only, and of Copilot only the command line. Run it as often as you like; it leaves the application
running.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

EXAMPLE = Path(__file__).resolve().parent.parent / "examples" / "vote"
COPILOT = Path(sys.executable).with_name("copilot")
PATIENCE_SECONDS = 30


def main() -> int:
    began = time.monotonic()
    up = subprocess.run([COPILOT, "local", "up", "--engine", "host"], cwd=EXAMPLE, stdout=subprocess.PIPE, text=True)
    if up.returncode:
        return up.returncode
    urls = [line.rstrip("/") for line in up.stdout.splitlines() if line.startswith("http://")]
    if not urls:
        raise SystemExit(f"`copilot local up` printed no URL: {up.stdout!r}")
    url = urls[0]
    answer(f"{url}/vote?choice=cats", method="POST")
    tally = json.loads(answer(f"{url}/api/tally"))
    print(f"\nOne vote for cats is cast. The tally now: {json.dumps(tally)}")
    print(f"Ready in {time.monotonic() - began:.1f} s. Open {url}/ and vote yourself.")
    print("\nIt keeps running. From here:")
    print('  export PATH="$PWD/.venv/bin:$PATH"; cd examples/vote')
    print("  copilot --local svc logs --follow    what it logs")
    print("  copilot local up                     after you have changed it")
    print("  copilot local down                   stop it")
    return 0


def answer(url: str, *, method: str = "GET") -> str:
    """The body behind a URL; a load balancer whose targets are not healthy yet is asked again."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            with urllib.request.urlopen(urllib.request.Request(url, method=method), timeout=10) as response:
                return response.read().decode()
        except (urllib.error.URLError, ConnectionError) as error:
            if time.monotonic() > deadline:
                raise SystemExit(f"{method} {url} does not answer: {error}") from error
            time.sleep(0.2)


if __name__ == "__main__":
    sys.exit(main())
