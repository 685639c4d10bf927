"""Who calls: read from the client certificate that TLS verified, never from a message."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc

from manifests.errors import InputError
from service.errors import Denied

CARRIERS = "forepost://carriers/"  # then the submitter's name
OFFICERS = "forepost://officers/"  # then the officer's id
URI = "x509_subject_alternative_name"  # gRPC lists every subject alternative name under this property


def server_credentials(folder: Path) -> grpc.ServerCredentials:
    """TLS with a client certificate required, from the files of `service.certs`. Raises InputError where one is absent."""
    authority, certificate, key = _files(folder, "ca.pem", "server.pem", "server.key")
    return grpc.ssl_server_credentials([(key, certificate)], root_certificates=authority, require_client_auth=True)


def client_credentials(folder: Path, place: str) -> grpc.ChannelCredentials:
    """The credential `carriers/NAME` or `officers/ID` of the folder. Raises InputError where it is absent."""
    authority, certificate, key = _files(folder, "ca.pem", f"{place}.pem", f"{place}.key")
    return grpc.ssl_channel_credentials(authority, key, certificate)


def _files(folder: Path, *names: str) -> list[bytes]:
    contents, faults = [], []
    for name in names:
        try:
            contents.append((folder / name).read_bytes())
        except OSError as error:
            faults.append(f"{folder / name}: {error.strerror}: make it with forepost certs create --out {folder}")
    if faults:
        raise InputError(faults)
    return contents


@dataclass(frozen=True)
class Caller:
    """A verified caller: a carrier's submitter name, or an officer's id."""

    id: str
    officer: bool


def caller(context: Any) -> Caller:
    """The caller of this call. Raises Denied for a certificate with no, or more than one, name of ours."""
    names = [name.decode("utf-8", "replace") for name in context.auth_context().get(URI, ())]
    found = [Caller(name.removeprefix(CARRIERS), officer=False) for name in names if name.startswith(CARRIERS)]
    found += [Caller(name.removeprefix(OFFICERS), officer=True) for name in names if name.startswith(OFFICERS)]
    if len(found) != 1 or not found[0].id:
        raise Denied(f"the certificate names no single caller: it needs one URI {CARRIERS}NAME or {OFFICERS}ID")
    return found[0]


def submitter(context: Any) -> str:
    """The carrier's submitter name. Raises Denied for an officer's credential."""
    who = caller(context)
    if who.officer:
        raise Denied("this listener is for carriers: an officer's credential cannot screen")
    return who.id


def officer(context: Any) -> str:
    """The officer's id. Raises Denied for a carrier's credential."""
    who = caller(context)
    if not who.officer:
        raise Denied("this listener is for officers: a carrier's credential has no access to referrals")
    return who.id


def load_roles(folder: Path) -> Mapping[str, frozenset[str]]:
    """Roles by officer id from `roles.json` beside the certificates; empty where there is none. Raises InputError."""
    path = folder / "roles.json"
    try:
        read = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: {error}") from error
    if not isinstance(read, dict) or not all(
        isinstance(roles, list) and all(isinstance(role, str) for role in roles) for roles in read.values()
    ):
        raise InputError(f'{path}: write the roles of each officer, as in {{"officer-1": ["officer", "senior_officer"]}}')
    return {name: frozenset(roles) for name, roles in read.items()}


def roles_of(roles: Mapping[str, frozenset[str]], officer_id: str) -> frozenset[str]:
    """The officer's roles; whoever is not named holds the role `officer` alone."""
    return roles.get(officer_id, frozenset({"officer"}))
