"""Where settings come from, and that every fault is told at once."""

from pathlib import Path

import pytest

from service.settings import Settings, SettingsError, load


@pytest.fixture(autouse=True)
def _clean(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(f"FOREPOST_{name.upper()}", raising=False)


def test_what_is_given_beats_the_environment_which_beats_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = tmp_path / "forepost.yaml"
    config.write_text("policy: ca\nreflection: true\ndeadline: 5\n")
    monkeypatch.setenv("FOREPOST_POLICY", "eu")
    monkeypatch.setenv("FOREPOST_DEADLINE", "6")
    settings = load(config, deadline=7)
    assert (settings.policy, settings.deadline, settings.reflection) == ("eu", 7.0, True)


def test_toml_and_yaml_say_the_same(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text('carriers = "127.0.0.1:0"\nqueue_travellers = 9\n')
    (tmp_path / "a.yaml").write_text("carriers: 127.0.0.1:0\nqueue_travellers: 9\n")
    assert load(tmp_path / "a.toml") == load(tmp_path / "a.yaml")


def test_certificates_and_lists_lie_in_the_state_folder_unless_named(tmp_path: Path) -> None:
    settings = load(state=tmp_path)
    assert (settings.certificates, settings.lists) == (tmp_path / "certs", tmp_path / "snapshot")
    assert load(state=tmp_path, certs=tmp_path / "c").certificates == tmp_path / "c"


def test_every_fault_is_told_at_once_with_its_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = tmp_path / "forepost.yaml"
    config.write_text("carriers: nowhere\nport: 8443\nqueue_travellers: 0\n")
    monkeypatch.setenv("FOREPOST_GRACE", "soon")
    with pytest.raises(SettingsError) as refused:
        load(config)
    faults = "\n".join(refused.value.faults)
    assert len(refused.value.faults) == 4
    assert "carriers 'nowhere': write HOST:PORT" in faults
    assert f"{config}: port is no setting" in faults
    assert "queue_travellers 0" in faults
    assert "FOREPOST_GRACE 'soon'" in faults


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.yaml", "policy: [demo"), ("a.toml", "policy = demo"), ("a.yaml", "- policy"), ("a.yaml", "\x00")],
)
def test_a_file_that_is_no_settings_file_is_refused(tmp_path: Path, name: str, content: str) -> None:
    (tmp_path / name).write_text(content)
    with pytest.raises(SettingsError, match=name):
        load(tmp_path / name)


def test_a_file_that_is_absent_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"none\.yaml"):
        load(tmp_path / "none.yaml")


def test_settings_do_not_change() -> None:
    with pytest.raises(ValueError, match="frozen"):
        load().policy = "demo"  # type: ignore[misc]
