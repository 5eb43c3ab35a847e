"""A small reader of whole requests, to try the runner of vectors/README.md. It shares no code with the library."""
import re


def read(data):
    colon = re.match(rb"([1-9][0-9]*):", data)
    if not colon:
        raise ValueError("netstring")
    start, end = colon.end(), colon.end() + int(colon.group(1))
    block = data[start:end]
    if data[end : end + 1] != b"," or not block.endswith(b"\0"):
        raise ValueError("block")
    parts = block[:-1].split(b"\0")
    if len(parts) % 2 == 1:
        raise ValueError("odd")
    pairs = list(zip(parts[::2], parts[1::2]))
    variables = dict(pairs)
    if b"" in variables or len(variables) < len(pairs) or variables.get(b"SCGI") != b"1":
        raise ValueError("headers")
    if not re.fullmatch(rb"[0-9]+", variables.get(b"CONTENT_LENGTH", b"")):
        raise ValueError("length")
    length = int(variables[b"CONTENT_LENGTH"])
    body = data[end + 1 : end + 1 + length]
    if len(body) < length:
        raise ValueError("end")
    return pairs, body
