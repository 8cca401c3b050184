"""An AWS that refuses everything, for what no emulator does: expired credentials and missing permissions."""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

SENDER = "arn:aws:iam::123456789012:user/ann"


@contextlib.contextmanager
def refusing(code: str, message: str) -> Iterator[str]:
    """The URL of a server that answers each call with AWS's error of that code, in the protocol of the call."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self.do_POST()

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            if "X-Amz-Target" in self.headers:
                self._answer("application/x-amz-json-1.1", json.dumps({"__type": code, "message": message}))
            else:
                error = f"<Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error>"
                self._answer("text/xml", f"<ErrorResponse>{error}<RequestId>1</RequestId></ErrorResponse>")

        def _answer(self, kind: str, text: str) -> None:
            self.send_response(403)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *arguments: object) -> None:
            """Says nothing: what the command prints is what counts."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
