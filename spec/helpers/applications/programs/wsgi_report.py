"""Answers with what uWSGI has read: the variables as a netstring of pairs, and the body."""


def application(environ, start_response):
    length = int(environ.get("CONTENT_LENGTH") or 0)
    body = b""
    while len(body) < length:
        chunk = environ["wsgi.input"].read(min(length - len(body), 65536))
        if not chunk:
            break
        body += chunk
    pairs = [name + "\0" + value + "\0" for name, value in environ.items() if isinstance(value, str)]
    block = "".join(pairs).encode("latin-1")
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"%d:%s,%s" % (len(block), block, body)] if len(body) == max(length, 0) else []
