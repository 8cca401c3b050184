"""Aggregator: keeps the votes in memory and counts them.

GET /tally           the count of each choice, as JSON
POST /vote?choice=X  counts one vote for X
GET /                answers 200 when the service is up
"""

import json
import os
import signal
import sys
import threading
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

HOST = os.environ.get("HOST", "0.0.0.0")
PORT = int(os.environ.get("PORT", "8080"))
CHOICES = ("cats", "dogs")


class Votes:
    """Counts votes; many requests may ask at once."""

    def __init__(self):
        self._lock = threading.Lock()
        self._count = Counter(dict.fromkeys(CHOICES, 0))

    def add(self, choice):
        with self._lock:
            self._count[choice] += 1
            return dict(self._count)

    def tally(self):
        with self._lock:
            return dict(self._count)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        if self.path == "/":
            self.answer(200, {"service": "aggregator"})
        elif urlsplit(self.path).path == "/tally":
            self.answer(200, self.server.votes.tally())
        else:
            self.answer(404, {"error": f"there is nothing at {self.path}"})

    def do_POST(self):
        url = urlsplit(self.path)
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        choice = parse_qs(url.query).get("choice", [""])[0]
        if url.path != "/vote":
            self.answer(404, {"error": f"there is nothing at {url.path}"})
        elif choice not in CHOICES:
            self.answer(400, {"error": f"choice must be one of {', '.join(CHOICES)}"})
        else:
            self.answer(200, self.server.votes.add(choice))

    def answer(self, status, document):
        body = json.dumps(document, sort_keys=True).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, text, *values):
        print(f"aggregator: {self.address_string()} {text % values}", flush=True)


def main():
    server = ThreadingHTTPServer((HOST, PORT), Handler)
    server.daemon_threads = True
    server.votes = Votes()
    signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
    print(f"aggregator: listening on {HOST}:{PORT}", flush=True)
    server.serve_forever()
    print("aggregator: stopped", flush=True)


if __name__ == "__main__":
    sys.exit(main())
