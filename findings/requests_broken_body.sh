#!/usr/bin/env bash
# requests 2.34.2 (urllib3 2.8.0), seen 2026-11-29.
# Guess: a session whose adapter has urllib3's Retry(total=5, read=5) asks again when an answer breaks off half-way, as urllib3 does with the same Retry.
# Behaviour: it asks once and raises ChunkedEncodingError. requests has urllib3 hand over the answer before its body is read, and reads it where no
# Retry is at hand, with stream=False too. A refused connection and a status of 503 are asked again, so a test with those shows nothing of it.
# For whoever fetches large answers over lines that break.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room/venv"
"$room/venv/bin/pip" install --quiet --disable-pip-version-check requests==2.34.2 urllib3==2.8.0
cd "$room"
cat >look.py <<'PY'
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import requests
import urllib3
from requests.adapters import HTTPAdapter
from urllib3.util import Retry


class Breaks(BaseHTTPRequestHandler):
    """Answers the first call with 400 of 1000 bytes, the others whole."""

    calls = 0

    def do_GET(self):
        type(self).calls += 1
        self.send_response(200)
        self.send_header("Content-Length", "1000")
        self.end_headers()
        self.wfile.write(b"x" * (400 if self.calls == 1 else 1000))

    def log_message(self, *_):
        pass


def asked(get):
    Breaks.calls = 0
    try:
        outcome = f"{len(get())} bytes"
    except Exception as error:
        outcome = type(error).__name__
    return Breaks.calls, outcome


server = HTTPServer(("127.0.0.1", 0), Breaks)
threading.Thread(target=server.serve_forever, daemon=True).start()
address = f"http://127.0.0.1:{server.server_address[1]}"
retry = Retry(total=5, read=5, backoff_factor=0)
session = requests.Session()
session.trust_env = False
session.mount("http://", HTTPAdapter(max_retries=retry))
seen = [
    asked(lambda: urllib3.PoolManager(retries=retry).request("GET", address).data),
    asked(lambda: session.get(address).content),
]
for library, (calls, outcome) in zip(("urllib3", "requests"), seen):
    print(f"{library}: {calls} calls, {outcome}")
raise SystemExit("the behaviour has changed" if seen != [(2, "1000 bytes"), (1, "ChunkedEncodingError")] else 0)
PY
"$room/venv/bin/python" look.py
