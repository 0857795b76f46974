"""Random changes of bytes and of JSON, each from a seeded generator."""

import copy
import json

NUMBERS = (0, 1, -1, 2**31, 2**32 - 1, 2**53, 2**63 - 1, 2**63, 2**64, 10**30, 0.5, 1e400)
ODD = (*NUMBERS, None, True, "", "x" * 300, "\0", "\ud800", "../x", [], {}, [[]], {"": {}})
BYTES = (b"\0", b"\xff", b'"', b"{", b"}", b"[", b"]", b",", b":", b"\\", b"9", b"-", b"\n", b"(")
NESTED = json.loads("[" * 60 + "]" * 60)


def change_bytes(random, content, others=()):
    """`content` with one to four changes: bits, bytes, lengths, or a piece of one of `others`."""
    content = bytearray(content)
    for _ in range(random.randint(1, 4)):
        at = random.randrange(len(content) + 1)
        size = min(random.choice((1, 1, 2, 4, 8, 30)), len(content) - at)
        match random.randrange(7):
            case 0 if at < len(content):
                content[at] ^= 1 << random.randrange(8)
            case 1:
                content[at : at + size] = random.choice(BYTES)
            case 2:
                content[at:at] = random.choice(BYTES) * random.choice((1, 1, 2, 8, 64))
            case 3:
                del content[at : at + size]
            case 4:
                content[at:at] = content[at : at + size]
            case 5:
                number = random.choice((0, 1, 255, 2**16, 2**31, 2**32 - 1, 2**63, 2**64 - 1))
                width = random.choice((1, 2, 4, 8))
                content[at : at + width] = (number % 256**width).to_bytes(width, "little")
            case 6 if others:
                other = random.choice(others)
                start = random.randrange(len(other) + 1)
                content[at : at + size] = other[start : start + random.choice((4, 16, 64))]
    return bytes(content)


def change_json(random, value):
    """A copy of `value` with one to three changes at random places."""
    value = json.loads(json.dumps(value))
    for _ in range(random.randint(1, 3)):
        holder = value
        while True:
            keys = list(holder) if isinstance(holder, dict) else list(range(len(holder)))
            if not keys:
                break
            key = random.choice(keys)
            inner = holder[key]
            if isinstance(inner, dict | list) and random.random() < 0.8:
                holder = inner
                continue
            match random.randrange(4):
                case 0:
                    del holder[key]
                case 1 if isinstance(holder, dict):
                    holder[random.choice(("", "x", key + "x", "__metadata__"))] = holder.pop(key)
                case 2 if isinstance(inner, int) and not isinstance(inner, bool):
                    holder[key] = inner + random.choice((-1, 1, 4, -inner - 1, 2**40))
                case _:
                    holder[key] = copy.deepcopy(random.choice((*ODD, NESTED)))
            break
    return value


def as_json(random, value):
    """`value` as JSON, now and then with a key twice or changed bytes."""
    text = json.dumps(value, allow_nan=True).encode(errors="surrogatepass")
    if random.random() < 0.1 and text.startswith(b'{"'):
        text = text.replace(b'{"', b'{"x":1,"x":2,"', 1)
    return change_bytes(random, text) if random.random() < 0.2 else text
