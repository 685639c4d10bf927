"""The development certificate authority: what it makes, keeps and renews."""

import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509

from manifests.errors import InputError
from service import certs

NOW = datetime(2026, 12, 1, 12, tzinfo=UTC)


def certificate(path: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificate(path.read_bytes())


def names(path: Path) -> x509.SubjectAlternativeName:
    return certificate(path).extensions.get_extension_for_class(x509.SubjectAlternativeName).value


def test_makes_authority_server_and_clients(tmp_path: Path) -> None:
    made = certs.create(tmp_path, ["ac"], ["officer-1"], ["forepost.example"], NOW)
    assert [path.relative_to(tmp_path).as_posix() for path in made] == [
        "ca.pem",
        "server.pem",
        "carriers/ac.pem",
        "officers/officer-1.pem",
    ]
    authority = certificate(tmp_path / "ca.pem")
    for path in made[1:]:
        certificate(path).verify_directly_issued_by(authority)
        assert certificate(path).not_valid_after_utc <= NOW + timedelta(days=365)
    uri = x509.UniformResourceIdentifier
    assert names(tmp_path / "carriers/ac.pem").get_values_for_type(uri) == ["forepost://carriers/ac"]
    assert names(tmp_path / "officers/officer-1.pem").get_values_for_type(uri) == ["forepost://officers/officer-1"]
    server = names(tmp_path / "server.pem")
    assert server.get_values_for_type(x509.DNSName) == ["localhost", "forepost.example"]
    assert [str(address) for address in server.get_values_for_type(x509.IPAddress)] == ["127.0.0.1", "::1"]


def test_keys_are_for_their_owner_only(tmp_path: Path) -> None:
    certs.create(tmp_path, ["ac"], ["officer-1"], [], NOW)
    keys = sorted(tmp_path.rglob("*.key"))
    assert len(keys) == 4
    assert {stat.S_IMODE(key.stat().st_mode) for key in keys} == {0o600}


def test_a_client_certificate_cannot_serve_nor_a_server_certificate_call(tmp_path: Path) -> None:
    certs.create(tmp_path, ["ac"], [], [], NOW)
    usages = {
        path.name: list(certificate(path).extensions.get_extension_for_class(x509.ExtendedKeyUsage).value)
        for path in (tmp_path / "server.pem", tmp_path / "carriers/ac.pem")
    }
    assert usages == {
        "server.pem": [x509.oid.ExtendedKeyUsageOID.SERVER_AUTH],
        "ac.pem": [x509.oid.ExtendedKeyUsageOID.CLIENT_AUTH],
    }


def test_what_is_good_stays_and_only_what_is_missing_is_made(tmp_path: Path) -> None:
    certs.create(tmp_path, ["ac"], ["officer-1"], [], NOW)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    assert certs.create(tmp_path, ["ac"], ["officer-1"], [], NOW + timedelta(days=100)) == []
    assert [path.name for path in certs.create(tmp_path, ["ac", "lh"], [], [], NOW)] == ["lh.pem"]
    assert all(path.read_bytes() == content for path, content in before.items())


def test_a_new_host_renews_the_server_certificate_alone(tmp_path: Path) -> None:
    certs.create(tmp_path, ["ac"], [], [], NOW)
    assert [path.name for path in certs.create(tmp_path, ["ac"], [], ["10.0.0.7"], NOW)] == ["server.pem"]


def test_near_the_end_everything_is_made_anew(tmp_path: Path) -> None:
    first = certs.create(tmp_path, ["ac"], ["officer-1"], [], NOW)
    assert certs.create(tmp_path, ["ac"], ["officer-1"], [], NOW + timedelta(days=340)) == first


def test_a_damaged_or_foreign_file_is_made_anew(tmp_path: Path) -> None:
    certs.create(tmp_path, ["ac", "lh"], [], [], NOW)
    (tmp_path / "carriers/ac.key").write_text("no key")
    other = tmp_path / "other"
    certs.create(other, ["lh"], [], [], NOW)
    for suffix in (".pem", ".key"):
        (other / f"carriers/lh{suffix}").replace(tmp_path / f"carriers/lh{suffix}")
    assert [path.name for path in certs.create(tmp_path, ["ac", "lh"], [], [], NOW)] == ["ac.pem", "lh.pem"]


@pytest.mark.parametrize("name", ["", "../x", "a/b", "a b", "é", "x" * 65, ".hidden"])
def test_a_name_that_cannot_stand_in_a_uri_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError) as refused:
        certs.create(tmp_path / "certs", [name], [name], [], NOW)
    assert len(refused.value.faults) == 2
    assert not (tmp_path / "certs").exists()


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="choose another folder"):
        certs.create(tmp_path / "file" / "certs", [], [], [], NOW)
