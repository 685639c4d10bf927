"""What a server is told once, at its start: from the environment, then a TOML or YAML file, then these defaults."""

import os
import tomllib
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import AfterValidator, Field, ValidationError
from pydantic_settings import BaseSettings, EnvSettingsSource, SettingsConfigDict

from manifests.errors import InputError


class SettingsError(InputError):
    """Settings that cannot be used; every fault names the setting, its value and the fix."""


def _address(value: str) -> str:
    host, _, port = value.rpartition(":")
    if not host or not port.isdecimal() or int(port) > 65535:
        raise ValueError("write HOST:PORT, as in 127.0.0.1:8443 or [::1]:8443")
    return value


Address = Annotated[str, AfterValidator(_address)]


class Settings(BaseSettings):
    """Each field is also the environment variable FOREPOST_<FIELD>."""

    model_config = SettingsConfigDict(env_prefix="FOREPOST_", frozen=True, extra="forbid")

    carriers: Address = Field("127.0.0.1:8443", description="where carriers call; port 0 takes a free one")
    officers: Address = Field("127.0.0.1:8444", description="where officers call")
    state: Path = Field(Path("state"), description="folder of the store, its key and what is compiled")
    certs: Path | None = Field(None, description="folder of the certificates; default: certs in the state folder")
    snapshot: Path | None = Field(None, description="watchlist snapshot; default: snapshot in the state folder")
    policy: str = Field("standard", description="name of a shipped policy or path of one")
    model: Path | None = Field(None, description="model artefact; without it lists and scenarios screen alone")
    reflection: bool = Field(False, description="let callers list the services (gRPC reflection)")
    deadline: float = Field(30.0, gt=0, description="seconds a call may take where the caller sets no deadline")
    grace: float = Field(30.0, ge=0, description="seconds that calls under way get when the server stops")
    batch_travellers: int = Field(512, ge=1, description="travellers screened together at most, except in one large manifest")
    queue_travellers: int = Field(20_000, ge=1, description="travellers that may wait before calls are turned away")
    message_bytes: int = Field(16 * 2**20, ge=1024, description="size of a PAXLST interchange at most")
    request_bytes: int = Field(4 * 2**20, ge=1024, description="size of any other request at most")

    @property
    def certificates(self) -> Path:
        return self.certs or self.state / "certs"

    @property
    def lists(self) -> Path:
        return self.snapshot or self.state / "snapshot"


def load(config: Path | None = None, **given: Any) -> Settings:
    """Settings from `given`, else the environment, else the file `config`. Raises SettingsError with every fault."""
    file = _read(config) if config else {}
    environment = EnvSettingsSource(Settings)()
    try:
        return Settings(**{**file, **environment, **given})
    except ValidationError as error:
        faults = []
        for fault in error.errors():
            name = ".".join(str(part) for part in fault["loc"])
            variable = f"FOREPOST_{name.upper()}"
            place = variable if name in environment and variable in os.environ and name not in given else name
            if fault["type"] == "extra_forbidden":
                faults.append(f"{config}: {place} is no setting; there are {', '.join(Settings.model_fields)}")
            else:
                faults.append(f"{place} {fault['input']!r}: {fault['msg'].removeprefix('Value error, ')}")
        raise SettingsError(faults) from error


def _read(config: Path) -> dict[str, Any]:
    try:
        text = config.read_text(encoding="utf-8")
        read = tomllib.loads(text) if config.suffix == ".toml" else yaml.safe_load(text)
    except OSError as error:
        raise SettingsError(f"{config}: {error.strerror}: name a readable TOML or YAML file") from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, yaml.YAMLError) as error:
        raise SettingsError(f"{config}: {' '.join(str(error).split())}") from error
    if read is None:
        return {}
    if not isinstance(read, dict) or not all(isinstance(name, str) for name in read):
        raise SettingsError(f"{config}: write one setting per line, as in policy: standard")
    return read
