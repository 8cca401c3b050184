from __future__ import annotations

import subprocess
import sys
from pathlib import Path

SCRIPT = """
import logging, os, sys
from pathlib import Path
from copilot.local.logs import OneFile
handler = OneFile(Path(sys.argv[1]), max_bytes=2000)
logging.basicConfig(level=logging.INFO, handlers=[handler], format="%(message)s")
for number in range(200):
    logging.info("line %d of the server's log", number)
print("said on stdout", flush=True)
os.write(2, b"said on stderr\\n")
"""


def test_the_log_is_rotated_and_keeps_what_the_process_says_itself(tmp_path: Path) -> None:
    log = tmp_path / "server.log"
    subprocess.run([sys.executable, "-c", SCRIPT, str(log)], check=True)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["server.log", "server.log.1", "server.log.2"]
    assert all(path.stat().st_size < 2100 for path in tmp_path.iterdir())
    assert log.read_text().endswith("line 199 of the server's log\nsaid on stdout\nsaid on stderr\n")
