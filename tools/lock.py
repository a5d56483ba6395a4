"""Write requirements.lock and requirements-pandas2.lock: versions and hashes, no addresses.

Both hold for every platform and for Python 3.11 to 3.13. The second pins the oldest pandas that the
library supports; everything else follows from pyproject.toml.

    python tools/lock.py
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OLDEST_PANDAS = "pandas==2.2.3"


def lock(target: Path, constraint: str) -> None:
    """Resolve pyproject.toml with all extras that tests need into `target`."""
    uv = shutil.which("uv") or str(Path(sys.executable).parent / "uv")
    with tempfile.TemporaryDirectory() as folder:
        limits = Path(folder) / "limits.txt"
        limits.write_text(constraint + "\n", encoding="utf-8")
        options = "--universal --generate-hashes --no-emit-index-url --no-header --no-annotate --quiet"
        command = [uv, "pip", "compile", *options.split(), "--python-version", "3.11", "--extra", "test"]
        command += ["--constraint", str(limits), str(ROOT / "pyproject.toml"), "--output-file", str(target)]
        subprocess.run(command, check=True, cwd=ROOT)


if __name__ == "__main__":
    lock(ROOT / "requirements.lock", "")
    lock(ROOT / "requirements-pandas2.lock", OLDEST_PANDAS)
