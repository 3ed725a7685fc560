"""The directory of authorities is one that OpenSSL finds its way in."""

import datetime
import importlib.util
import socket
import ssl
import sys
import threading
from pathlib import Path

import certifi
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509 import NameAttribute, NameOID
from cryptography.x509.name import _ASN1Type

SCRIPT = Path(__file__).parents[2] / "layers/dependencies/hash_authorities.py"
NOW = datetime.datetime.now(datetime.UTC)
DAY = datetime.timedelta(days=1)

NAMES = {
    "plain": [NameAttribute(NameOID.COMMON_NAME, "An Authority")],
    "white space and capitals": [NameAttribute(NameOID.COMMON_NAME, "  AN   Authority  OF Ours ")],
    "letters beyond ASCII": [NameAttribute(NameOID.ORGANIZATION_NAME, "Ünïque ÉTAT 株式会社")],
    "another string type": [NameAttribute(NameOID.COMMON_NAME, "Für Uns", _type=_ASN1Type.BMPString)],
    "several": [
        NameAttribute(NameOID.COUNTRY_NAME, "FR"),
        NameAttribute(NameOID.ORGANIZATION_NAME, "o" * 64),
        NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, "Unit"),
        NameAttribute(NameOID.COMMON_NAME, "x" * 64),
    ],
}

Key = ec.EllipticCurvePrivateKey


@pytest.mark.parametrize("name", NAMES)
def test_openssl_finds_the_authority_it_needs(tmp_path: Path, name: str) -> None:
    authority, key = certificate(NAMES[name], None, None)
    other, _ = certificate([NameAttribute(NameOID.COMMON_NAME, "another")], None, None)
    bundle = tmp_path / "bundle.pem"
    bundle.write_bytes(other.public_bytes(Encoding.PEM) + authority.public_bytes(Encoding.PEM))
    split(bundle, tmp_path / "authorities")
    assert greets(tmp_path, authority, key, tmp_path / "authorities")


def test_a_server_of_another_authority_is_refused(tmp_path: Path) -> None:
    authority, key = certificate(NAMES["plain"], None, None)
    namesake, _ = certificate(NAMES["plain"], None, None)
    bundle = tmp_path / "bundle.pem"
    bundle.write_bytes(namesake.public_bytes(Encoding.PEM))
    split(bundle, tmp_path / "authorities")
    with pytest.raises(ssl.SSLCertVerificationError):
        greets(tmp_path, authority, key, tmp_path / "authorities")


def test_every_authority_of_the_bundle_has_its_file(tmp_path: Path) -> None:
    split(Path(certifi.where()), tmp_path)
    written = sorted(path.read_text().strip() for path in tmp_path.iterdir())
    context = ssl.create_default_context(cafile=certifi.where())
    loaded = [ssl.DER_cert_to_PEM_cert(der).strip() for der in context.get_ca_certs(binary_form=True)]
    assert written == sorted(loaded)
    assert len(written) > 80


def split(bundle: Path, directory: Path) -> None:
    spec = importlib.util.spec_from_file_location("hash_authorities", SCRIPT)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["", str(bundle), str(directory)])
        module.main()


def certificate(
    subject: list[NameAttribute[str]], issuer: x509.Certificate | None, issuer_key: Key | None
) -> tuple[x509.Certificate, Key]:
    key = ec.generate_private_key(ec.SECP256R1())
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name(subject))
        .issuer_name(issuer.subject if issuer else x509.Name(subject))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW - DAY)
        .not_valid_after(NOW + DAY)
        .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True)
    )
    if issuer:
        builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), False)
    return builder.sign(issuer_key or key, hashes.SHA256()), key


def greets(folder: Path, authority: x509.Certificate, key: Key, authorities: Path) -> bool:
    """Whether a client that knows the directory alone accepts a server of the authority."""
    leaf, leaf_key = certificate([NameAttribute(NameOID.COMMON_NAME, "localhost")], authority, key)
    pem = folder / "server.pem"
    pem.write_bytes(
        leaf_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        + leaf.public_bytes(Encoding.PEM)
    )
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(pem)
    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client.load_verify_locations(capath=str(authorities))
    ours, theirs = socket.socketpair()

    def answer() -> None:
        try:
            server.wrap_socket(theirs, server_side=True).close()
        except OSError:
            theirs.close()

    thread = threading.Thread(target=answer)
    thread.start()
    try:
        with client.wrap_socket(ours, server_hostname="localhost") as session:
            return session.version() is not None
    finally:
        thread.join()
        ours.close()
        theirs.close()
