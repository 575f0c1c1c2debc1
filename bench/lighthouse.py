"""What Lighthouse says of the book's pages, on a phone and on a desktop, behind gzip as a public host sends them.

python bench/lighthouse.py                         the cover, chapters 1, 4, 8 and 10
python bench/lighthouse.py book/glossary.html      another page
python bench/lighthouse.py --json                  for a machine

Lighthouse is fetched by npm at the first use. Its figure for speed is simulated from what the page asks for, on a slow line and
a processor four times slower; on a busy machine it is too low.
"""

import argparse
import json
import shutil
import subprocess
import sys
import threading
from pathlib import Path

from rnnbook.publish.pdf import chromium
from rnnbook.publish.serve import server

PACKAGE = "lighthouse@13.5.0"
HOME = Path(sys.prefix) / "share" / "lighthouse"
PAGES = ["index.html"] + [
    f"notebooks/{name}.html" for name in ("01_dynamical_systems", "04_imdb_simple_rnn", "08_training", "10_comparison")
]
DEVICES = {"phone": [], "desktop": ["--preset=desktop"]}
KINDS = ("performance", "accessibility", "best-practices", "seo")


def program():
    """The command of Lighthouse, installed beside this environment's packages."""
    found = HOME / "node_modules" / ".bin" / "lighthouse"
    if not found.exists():
        npm = shutil.which("npm") or Path(sys.prefix) / "bin" / "npm"
        subprocess.run([npm, "install", "--prefix", HOME, "--no-audit", "--no-fund", "--silent", PACKAGE], check=True)
    return found


def measure(address, device):
    """{kind: 0 to 100, "shift": layout shift, "bytes": …, "failed": names of the audits that fail} of one page."""
    done = subprocess.run(
        [program(), address, *DEVICES[device], "--quiet", "--output=json", f"--only-categories={','.join(KINDS)}",
         "--chrome-flags=--headless=new --no-sandbox"],
        capture_output=True, encoding="utf-8", env={"CHROME_PATH": chromium(), "PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": str(HOME)},
    )  # fmt: skip
    if done.returncode:
        sys.exit(f"Lighthouse failed: {done.stderr[-500:]}")
    report = json.loads(done.stdout)
    audits = report["audits"]
    judged = {ref["id"] for kind in KINDS[1:] for ref in report["categories"][kind]["auditRefs"] if ref["weight"]}
    return {kind: round(100 * report["categories"][kind]["score"]) for kind in KINDS} | {
        "shift": round(audits["cumulative-layout-shift"]["numericValue"], 3),
        "kB": round(audits["total-byte-weight"]["numericValue"] / 1000),
        "paint": round(audits["largest-contentful-paint"]["numericValue"] / 1000, 2),
        "failed": sorted(name for name in judged if audits[name]["score"] == 0),
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("pages", nargs="*", default=PAGES)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    found = {}
    with server(0) as book:
        threading.Thread(target=book.serve_forever, daemon=True).start()
        for page in options.pages:
            for device in DEVICES:
                made = measure(f"http://127.0.0.1:{book.server_port}/{page}", device)
                found[f"{page} {device}"] = made
                if not options.json:
                    print(f"{page} {device}: {made}", flush=True)
        book.shutdown()
    if options.json:
        print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
