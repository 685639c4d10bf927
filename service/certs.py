"""A development certificate authority: one folder with everything that mutual TLS on this machine needs.

```
ca.pem ca.key            the authority
server.pem server.key    for localhost, 127.0.0.1, ::1 and the hosts asked for
carriers/NAME.pem .key   subject alternative name forepost://carriers/NAME
officers/ID.pem .key     subject alternative name forepost://officers/ID
```

Who a caller is stands in that URI and nowhere else. Keys are EC P-256 and readable by their owner only. In production
the same URIs come from the operator's own authority; the authority's key then never lies beside the server.
"""

import ipaddress
import os
import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from manifests.errors import InputError
from service.credentials import CARRIERS, OFFICERS

HOSTS = ("localhost", "127.0.0.1", "::1")
VALID = timedelta(days=365)
RENEW = timedelta(days=30)  # a certificate with less time left is made anew
BACKDATED = timedelta(minutes=5)  # clocks of one machine's clients may lag
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


def create(folder: Path, carriers: Sequence[str], officers: Sequence[str], hosts: Sequence[str], now: datetime) -> list[Path]:
    """Make what is missing, foreign to the authority or within 30 days of its end; give the certificates that were made.

    `now` carries a time zone. Raises InputError for a name that cannot stand in a URI or for a folder that cannot be written.
    """
    wrong = [
        f"{name!r} is not a name for a certificate: use up to 64 letters, digits, dots, hyphens or underscores"
        for name in (*carriers, *officers)
        if not NAME.fullmatch(name)
    ]
    if wrong:
        raise InputError(wrong)
    addresses = [*HOSTS, *(host for host in hosts if host not in HOSTS)]
    clients = [(f"carriers/{name}", CARRIERS + name) for name in carriers]
    clients += [(f"officers/{name}", OFFICERS + name) for name in officers]
    made = []
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        authority = _load(folder / "ca", now)
        if authority is None:
            authority = _authority(now)
            made.append(_save(folder / "ca", *authority))
        server = x509.SubjectAlternativeName([_host(host) for host in addresses])
        if not _usable(folder / "server", authority[0], server, now):
            made.append(
                _save(folder / "server", *_leaf(authority, "forepost server", server, ExtendedKeyUsageOID.SERVER_AUTH, now))
            )
        for place, uri in clients:
            (folder / place).parent.mkdir(mode=0o700, exist_ok=True)
            client = x509.SubjectAlternativeName([x509.UniformResourceIdentifier(uri)])
            if not _usable(folder / place, authority[0], client, now):
                leaf = _leaf(authority, place.partition("/")[2], client, ExtendedKeyUsageOID.CLIENT_AUTH, now)
                made.append(_save(folder / place, *leaf))
    except OSError as error:
        raise InputError(f"{error.filename or folder}: {error.strerror}: choose another folder for the certificates") from error
    return made


def _authority(now: datetime) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = _name("Forepost development authority")
    usage = x509.KeyUsage(
        digital_signature=False,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=True,
        crl_sign=True,
        encipher_only=False,
        decipher_only=False,
    )
    certificate = (
        _builder(name, name, key, now, now + VALID)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    return certificate, key


def _leaf(
    authority: tuple[x509.Certificate, ec.EllipticCurvePrivateKey],
    name: str,
    names: x509.SubjectAlternativeName,
    usage: x509.ObjectIdentifier,
    now: datetime,
) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    issuer, issuer_key = authority
    key = ec.generate_private_key(ec.SECP256R1())
    until = min(now + VALID, issuer.not_valid_after_utc)
    certificate = (
        _builder(_name(name), issuer.subject, key, now, until)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(names, critical=False)
        .add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False)
        .sign(issuer_key, hashes.SHA256())
    )
    return certificate, key


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, now: datetime, until: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - BACKDATED)
        .not_valid_after(until)
    )


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _host(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _load(place: Path, now: datetime) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey] | None:
    """The certificate and its key, or None where either is absent, unreadable, of another pair or near its end."""
    try:
        certificate = x509.load_pem_x509_certificate(place.with_name(place.name + ".pem").read_bytes())
        key = serialization.load_pem_private_key(place.with_name(place.name + ".key").read_bytes(), password=None)
    except (FileNotFoundError, ValueError):
        return None
    if not isinstance(key, ec.EllipticCurvePrivateKey) or certificate.public_key() != key.public_key():
        return None
    return None if certificate.not_valid_after_utc < now + RENEW else (certificate, key)


def _usable(place: Path, issuer: x509.Certificate, names: x509.SubjectAlternativeName, now: datetime) -> bool:
    pair = _load(place, now)
    if pair is None:
        return False
    try:
        pair[0].verify_directly_issued_by(issuer)
        held = pair[0].extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (ValueError, TypeError, InvalidSignature, x509.ExtensionNotFound):
        return False
    return set(names) <= set(held)


def _save(place: Path, certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> Path:
    secret = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    _write(place.with_name(place.name + ".key"), secret, 0o600)
    public = place.with_name(place.name + ".pem")
    _write(public, certificate.public_bytes(serialization.Encoding.PEM), 0o644)
    return public


def _write(path: Path, content: bytes, mode: int) -> None:
    fresh = path.with_name(path.name + ".new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
        file.write(content)
    fresh.replace(path)
