"""Install what the tests need and Python's packages do not bring: a Chromium.

Nothing happens where one is found, or where the system's packages may not be installed; the browser
tests then say that they are skipped, or fail where CI is set.
"""

import os
import shutil
import subprocess
import sys

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def main() -> None:
    """Install Debian's Chromium, if that is possible here without asking for a password."""
    if any(map(shutil.which, BROWSERS)):
        return
    if not shutil.which("apt-get"):
        print("No Chromium found: the browser tests will be skipped.", file=sys.stderr)
        return
    prefix = [] if os.geteuid() == 0 else ["sudo", "-n"]
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["update"], ["install", "--yes", "chromium", "fonts-liberation"]):
        done = subprocess.run([*prefix, "apt-get", "-qq", *command], env=environment, check=False)
        if done.returncode:
            print("Chromium could not be installed.", file=sys.stderr)
            return


if __name__ == "__main__":
    main()
