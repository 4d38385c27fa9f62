"""Let Lighthouse mark pages of the built site: ``make lighthouse`` writes LIGHTHOUSE.md, and fails where a mark is below 95.

The site is served on loopback as any host of static pages serves it: text compressed, the rest as it is.
"""

from __future__ import annotations

import gzip
import json
import os
import platform
import subprocess
import sys
import threading
from datetime import date
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO

from roadshow.stage import browser

HERE = Path(__file__).parent
ROOT = HERE.parent
BUILT = ROOT / "_build/html"
PROGRAM = ROOT / ".tools/lighthouse/node_modules/.bin/lighthouse"
PAGES = {
    "the landing page": "index.html",
    "a page of the guide": "guide/talk-to-it.html",
    "a segment": "talks/segments/what-crosses-the-wire.html",
    "a segment with large pictures": "talks/segments/a-seasonal-ensemble.html",
}
DEVICES = {"phone": [], "desk": ["--preset=desktop"]}
MARKS = {"performance": "Performance", "accessibility": "Accessibility", "best-practices": "Best practices", "seo": "SEO"}
LEAST = 95
RUNS = 3


class _Compressed(SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args: object) -> None:
        pass

    def send_head(self) -> BytesIO | BinaryIO | None:
        path = Path(self.translate_path(self.path))
        if path.suffix not in {".html", ".css", ".js", ".svg"} or not path.is_file():
            return super().send_head()
        body = gzip.compress(path.read_bytes())
        self.send_response(200)
        self.send_header("Content-Type", self.guess_type(path))
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        return BytesIO(body)


def report(address: str, arguments: list[str]) -> dict[str, Any]:
    """What Lighthouse says of the page at `address`."""
    flags = " ".join(["--headless=new", *browser.sandbox()])
    command = [
        str(PROGRAM),
        address,
        *arguments,
        "--quiet",
        "--output=json",
        "--no-enable-error-reporting",
        f"--chrome-flags={flags}",
    ]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True, env={**os.environ, "CHROME_PATH": browser.ensure()})
    return json.loads(done.stdout)


def lost(found: dict[str, Any]) -> list[str]:
    """Every audit that lowers a mark, with what was measured; the ones of no weight, which say why, are left out."""
    counted = [audit for kind in MARKS for audit in found["categories"][kind]["auditRefs"] if audit["weight"]]
    audits = [found["audits"][audit["id"]] for audit in counted]
    return [
        f"{audit['title']}{' ' + audit['displayValue'] if audit.get('displayValue') else ''}".replace("\xa0", " ")
        for audit in audits
        if audit["score"] is not None and audit["score"] < 0.9
    ]


def main() -> None:
    if not PROGRAM.exists():
        sys.exit("Lighthouse is not installed: make lighthouse installs it, where npm is (it comes with Node.js 18 or later)")
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Compressed, directory=str(BUILT)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    rows, low, found = [], [], {}
    for name, page in PAGES.items():
        for device, arguments in DEVICES.items():
            runs = [report(f"http://127.0.0.1:{server.server_port}/{page}", arguments) for _ in range(RUNS)]
            found = sorted(runs, key=lambda run: run["categories"]["performance"]["score"])[RUNS // 2]
            marks = {kind: round(100 * found["categories"][kind]["score"]) for kind in MARKS}
            shown = [*map(str, marks.values()), "; ".join(lost(found))]
            rows.append(f"| {name}: `{page}` | {device} | {' | '.join(shown)} |")
            low += [f"{page} ({device}): {MARKS[kind]} {mark}" for kind, mark in marks.items() if mark < LEAST]
            print(rows[-1], flush=True)
    server.shutdown()
    chromium = found["environment"]["hostUserAgent"].split("Chrome/")[1].split(" ")[0]
    text = f"""# How Lighthouse marks the pages

Measured by `make lighthouse` on {date.today():%d %B %Y}: Lighthouse {found["lighthouseVersion"]}, Chromium {chromium},
{os.cpu_count()} cores, {platform.system()}.
The phone is Lighthouse's own: a slow processor, and a slow network that it works out from what the page loads.
The site was served on loopback with its text compressed, as hosts of static pages do.
Each row is the middle one of {RUNS} runs by its performance; a machine that is busy with other work lowers it.
The aim is {LEAST} of 100 or more in each column; `make lighthouse` fails below it.

| page | device | {" | ".join(MARKS.values())} | what lowers a mark |
| --- | --- |{" --- |" * len(MARKS)} --- |
{chr(10).join(rows)}
"""
    (HERE / "LIGHTHOUSE.md").write_text(text, encoding="utf-8")
    if low:
        sys.exit(f"Below {LEAST}:\n" + "\n".join(low))


if __name__ == "__main__":
    main()
