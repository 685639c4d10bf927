"""What the commands of officers share: whom they call and as whom, and how messages are printed."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from google.protobuf.message import Message

    from service.client import OfficerClient

Server = Annotated[str | None, typer.Option(help="HOST:PORT of the officers' listener; default: as forepost serve.")]
Certs = Annotated[Path | None, typer.Option(help="Folder of the certificates; default: certs in the state folder.")]
As = Annotated[str, typer.Option("--as", help="Officer whose certificate is used.")]
Purpose = Annotated[str, typer.Option(help="Why personal data is read: interdiction, examination, protection, oversight.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def client(server: str | None, certs: Path | None, officer: str) -> "OfficerClient":
    """Raises InputError without the officer's certificate."""
    from service.client import OfficerClient
    from service.settings import load

    settings = load()
    return OfficerClient(server or settings.officers, certs or settings.certificates, officer)


def time(stamp: Any) -> str:
    return f"{stamp.ToDatetime():%Y-%m-%d %H:%M}"


def fields(message: "Message") -> dict[str, Any]:
    from google.protobuf.json_format import MessageToDict

    return MessageToDict(message, preserving_proto_field_name=True, always_print_fields_with_no_presence=True)


def print_json(value: dict[str, Any]) -> None:
    import json

    typer.echo(json.dumps(value, ensure_ascii=False))
