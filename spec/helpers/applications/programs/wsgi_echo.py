"""Answers a body with itself, chunk by chunk, and a request without a body with its variables."""

import json

CHUNK_BYTES = 65536


def chunks(stream):
    while True:
        chunk = stream.read(CHUNK_BYTES)
        if not chunk:
            return
        yield chunk


def application(environ, start_response):
    if environ.get("PATH_INFO") == "/declared":
        start_response("404 Not There", [("Content-Length", "2"), ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")])
        return [b"no"]
    start_response("200 OK", [("Content-Type", "application/octet-stream")])
    if int(environ.get("CONTENT_LENGTH") or 0) > 0:
        return chunks(environ["wsgi.input"])
    return [json.dumps({name: value for name, value in environ.items() if isinstance(value, str)}).encode()]
