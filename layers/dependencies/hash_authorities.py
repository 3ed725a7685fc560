"""Split a bundle of certificate authorities into the directory that OpenSSL looks them up in.

    python3.13 hash_authorities.py BUNDLE.pem DIRECTORY

Each certificate lies in a file named after the hash of its subject, as `openssl rehash` would name it. A TLS
context that is pointed at the directory reads the one authority that it needs instead of parsing all of them.
Done here and not by `openssl rehash`, so that every machine with a Python builds the same.
"""

import hashlib
import ssl
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

SEQUENCE, SET = 0x30, 0x31
UTF8_STRING = 0x0C
ENCODINGS = {0x0C: "utf-8", 0x12: "ascii", 0x13: "ascii", 0x14: "latin-1", 0x16: "ascii", 0x1A: "ascii",
             0x1C: "utf-32-be", 0x1E: "utf-16-be"}  # fmt: skip
"""ASN.1's string types, which OpenSSL makes one before it compares names."""


def main() -> None:
    """Read the bundle and write the directory."""
    bundle, directory = Path(sys.argv[1]), Path(sys.argv[2])
    directory.mkdir(parents=True, exist_ok=True)
    context = ssl.create_default_context(cafile=str(bundle))
    seen: Counter[str] = Counter()
    for certificate in context.get_ca_certs(binary_form=True):
        name = subject_hash(certificate)
        (directory / f"{name}.{seen[name]}").write_text(ssl.DER_cert_to_PEM_cert(certificate))
        seen[name] += 1
    print(f"{seen.total()} certificate authorities")


def subject_hash(certificate: bytes) -> str:
    """Return OpenSSL's `X509_NAME_hash`: SHA-1 over the canonical form of the subject, four bytes of it."""
    [(_, body)] = _elements(certificate)
    to_be_signed = next(_elements(body))[1]
    fields = [field for field in _elements(to_be_signed) if field[0] != 0xA0]  # without the version
    subject = fields[4][1]  # serial number, signature, issuer, validity, subject (RFC 5280 4.1)
    canonical = b"".join(_canonical(relative) for _, relative in _elements(subject))
    digest = hashlib.sha1(canonical, usedforsecurity=False).digest()
    return f"{int.from_bytes(digest[:4], 'little'):08x}"


def _canonical(relative_name: bytes) -> bytes:
    attributes = []
    for _, attribute in _elements(relative_name):
        (_, oid), (kind, value) = _elements(attribute)
        if kind in ENCODINGS:
            words = value.decode(ENCODINGS[kind]).split()
            kind, value = UTF8_STRING, _lower(" ".join(words)).encode()
        attributes.append(_encoded(SEQUENCE, _encoded(0x06, oid) + _encoded(kind, value)))
    return _encoded(SET, b"".join(sorted(attributes)))


def _lower(text: str) -> str:
    """Lower the letters of ASCII only, as OpenSSL does."""
    return "".join(letter.lower() if letter.isascii() else letter for letter in text)


def _elements(der: bytes) -> Iterator[tuple[int, bytes]]:
    position = 0
    while position < len(der):
        kind, length = der[position], der[position + 1]
        position += 2
        if length & 0x80:
            count = length & 0x7F
            length = int.from_bytes(der[position : position + count])
            position += count
        yield kind, der[position : position + length]
        position += length


def _encoded(kind: int, value: bytes) -> bytes:
    if len(value) < 0x80:
        return bytes([kind, len(value)]) + value
    size = len(value).to_bytes((len(value).bit_length() + 7) // 8)
    return bytes([kind, 0x80 | len(size)]) + size + value


if __name__ == "__main__":
    main()
