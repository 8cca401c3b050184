"""Collector: a page to vote on. The votes themselves are kept by the aggregator, which it calls by name.

GET /                the page
POST /vote           counts a vote: ?choice=X or a form field, then back to the page
GET /api/tally       the count of each choice, as JSON
"""

import html
import json
import os
import signal
import sys
import threading
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlencode, urlsplit

HOST = os.environ.get("HOST", "0.0.0.0")
PORT = int(os.environ.get("PORT", "8080"))
AGGREGATOR_URL = os.environ.get("AGGREGATOR_URL", "http://aggregator:8080")
TIMEOUT_SECONDS = 5
FACES = {"cats": "\N{CAT FACE}", "dogs": "\N{DOG FACE}"}

PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Vote</title>
<style>
  :root { color-scheme: light dark; font-family: system-ui, sans-serif; }
  body { max-width: 34rem; margin: 12vh auto; padding: 0 1.5rem; text-align: center; }
  form { display: flex; gap: 1rem; margin: 2rem 0; }
  button { flex: 1; padding: 1.5rem; font-size: 1.25rem; border: 2px solid #8886; border-radius: 1rem; background: none;
           color: inherit; cursor: pointer; }
  button:hover { border-color: #2a7de1; }
  button span { display: block; font-size: 3rem; }
  .row { display: flex; align-items: center; gap: 1rem; margin: .5rem 0; }
  .row b { width: 4rem; text-align: left; }
  .bar { flex: 1; height: 1rem; border-radius: .5rem; background: #8883; overflow: hidden; }
  .bar i { display: block; height: 100%; background: #2a7de1; }
  footer { margin-top: 2rem; opacity: .6; font-size: .85rem; }
</style>
<h1>Which do you like better?</h1>
<form method="post" action="/vote">BUTTONS</form>
ROWS
<footer>environment ENVIRONMENT</footer>
"""


class AggregatorError(Exception):
    """The aggregator gave no good answer."""


def call_aggregator(method, path):
    request = urllib.request.Request(AGGREGATOR_URL + path, method=method, data=b"" if method == "POST" else None)
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as response:
            return response.status, json.load(response)
    except urllib.error.HTTPError as err:
        with err:
            try:
                return err.code, json.load(err)
            except ValueError:
                raise AggregatorError(f"{AGGREGATOR_URL} answered {err.code}") from err
    except (OSError, ValueError) as err:
        raise AggregatorError(f"{AGGREGATOR_URL} does not answer: {err}") from err


def button(name):
    name = html.escape(name)
    return f'<button name="choice" value="{name}"><span>{FACES.get(name, "")}</span>{name}</button>'


def row(name, count, total):
    bar = f'<div class="bar"><i style="width:{100 * count / max(total, 1):.0f}%"></i></div>'
    return f'<div class="row"><b>{html.escape(name)}</b>{bar}{count}</div>'


def page(tally, problem=""):
    """The page; without a tally it says what the problem is."""
    total = sum(tally.values())
    rows = "".join(row(name, count, total) for name, count in sorted(tally.items()))
    return (
        PAGE.replace("BUTTONS", "".join(button(name) for name in sorted(FACES)))
        .replace("ROWS", rows or f"<p>Votes can't be counted now: {html.escape(problem)}</p>")
        .replace("ENVIRONMENT", html.escape(os.environ.get("COPILOT_ENVIRONMENT_NAME", "none")))
    )


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        path = urlsplit(self.path).path
        if path == "/health":
            self.answer(200, "application/json", '{"service": "collector"}')
        elif path in ("/", "/api/tally"):
            self.show(path)
        else:
            self.answer(404, "text/plain", f"there is nothing at {path}\n")

    def show(self, path):
        try:
            status, tally = call_aggregator("GET", "/tally")
        except AggregatorError as err:
            self.log_message("%s", err)
            if path == "/":
                self.answer(200, "text/html; charset=utf-8", page({}, str(err)))
            else:
                self.answer(502, "application/json", json.dumps({"error": str(err)}))
            return
        if path == "/":
            self.answer(200, "text/html; charset=utf-8", page(tally))
        else:
            self.answer(status, "application/json", json.dumps(tally, sort_keys=True))

    def do_POST(self):
        url = urlsplit(self.path)
        form = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode(errors="replace")
        choice = parse_qs(url.query or form).get("choice", [""])[0]
        if url.path != "/vote":
            self.answer(404, "text/plain", f"there is nothing at {url.path}\n")
            return
        try:
            status, answer = call_aggregator("POST", "/vote?" + urlencode({"choice": choice}))
        except AggregatorError as err:
            self.log_message("%s", err)
            status, answer = 502, {"error": str(err)}
        if status == 200 and "text/html" in self.headers.get("Accept", ""):
            self.answer(303, "text/plain", "", Location="/")
        else:
            self.answer(status, "application/json", json.dumps(answer, sort_keys=True))

    def answer(self, status, kind, text, **headers):
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, text, *values):
        print(f"collector: {self.address_string()} {text % values}", flush=True)


def main():
    server = ThreadingHTTPServer((HOST, PORT), Handler)
    server.daemon_threads = True
    signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
    print(f"collector: listening on {HOST}:{PORT}, aggregator at {AGGREGATOR_URL}", flush=True)
    server.serve_forever()
    print("collector: stopped", flush=True)


if __name__ == "__main__":
    sys.exit(main())
