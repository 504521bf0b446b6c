"""A wrong setting names itself, where it stands and what would be right."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from agent.config import Settings, load_settings
from agent.errors import ConfigError


def settings_file(folder: Path, text: str) -> Path:
    file = folder / "hotline.toml"
    file.write_text(text, encoding="utf-8")
    return file


def test_without_a_file_everything_has_a_default(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    settings = load_settings(environ={})
    assert (settings.server.host, settings.server.port) == ("127.0.0.1", 8400)
    assert settings.storage_url == f"sqlite:///{tmp_path / 'data' / 'hotline.db'}"


def test_the_environment_stands_over_the_file_and_the_file_over_the_defaults(tmp_path: Path) -> None:
    file = settings_file(tmp_path, 'company = "美家"\n[llm]\nurl = "http://a/v1"\nmodel = "m"\n[server]\nport = 9000')
    settings = load_settings(environ={"HOTLINE_CONFIG": str(file), "HOTLINE_LLM__URL": "http://b/v1", "PATH": "/bin"})
    assert (settings.company, settings.llm.url, settings.llm.model, settings.server.port) == (
        "美家", "http://b/v1", "m", 9000,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("toml", "says"),
    [
        ("[server]\nport = 0", ["setting server.port in file", "greater than or equal to 1", "got 0", "TCP port"]),
        ("[server]\nprot = 1", ["setting server.prot in file", "no such setting"]),
        ("colour = 1", ["setting colour in file", "no such setting"]),
        ('[models]\nprofile = "cpux"', ["setting models.profile", "'cpu', 'cpu-small' or 'gpu'", "got 'cpux'"]),
        ("server = 5", ["setting server in file", "got 5"]),
        ("[server", ["is not valid TOML"]),
        ("[turn]\npause_ms = 20\nbarge_in_ms = 0", ["turn.pause_ms", "turn.barge_in_ms"]),
    ],
)
def test_a_wrong_value_in_the_file_is_named(tmp_path: Path, toml: str, says: list[str]) -> None:
    file = settings_file(tmp_path, toml)
    with pytest.raises(ConfigError) as raised:
        load_settings(file, environ={})
    assert raised.value.code == "config_invalid" and "\n" not in str(raised.value).replace(f"{file}", "")
    for part in [*says, str(file)]:
        assert part in str(raised.value)


@pytest.mark.parametrize(
    ("environ", "says"),
    [
        ({"HOTLINE_SERVER__PORT": "x"}, "setting server.port in environment variable HOTLINE_SERVER__PORT"),
        ({"HOTLINE_SERVER__COLOUR": "x"}, "setting server.colour in environment variable HOTLINE_SERVER__COLOUR"),
        ({"HOTLINE_LLM": "x"}, "setting llm in environment variable HOTLINE_LLM"),
        ({"HOTLINE_LLM": "x", "HOTLINE_LLM__URL": "y"}, "HOTLINE_LLM"),
        ({"HOTLINE_LLM__URL": "y", "HOTLINE_LLM": "x"}, "HOTLINE_LLM"),
    ],
)
def test_a_wrong_value_in_the_environment_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, environ: dict[str, str], says: str
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigError) as raised:
        load_settings(environ=environ)
    assert says in str(raised.value)


@pytest.mark.parametrize(
    "make", [lambda path: None, lambda path: path.mkdir(), lambda path: path.write_bytes(b"\xff\xfe")]
)
def test_a_settings_file_that_cannot_be_read_is_named(tmp_path: Path, make) -> None:  # type: ignore[no-untyped-def]
    file = tmp_path / "own.toml"
    make(file)
    with pytest.raises(ConfigError, match=r"own\.toml"):
        load_settings(environ={"HOTLINE_CONFIG": str(file)})


def test_settings_do_not_change() -> None:
    with pytest.raises(ValidationError):
        Settings().company = "x"


def test_every_setting_with_a_unit_is_explained() -> None:
    unexplained = [
        f"{section}.{name}"
        for section, field in Settings.model_fields.items()
        for name, inner in getattr(field.annotation, "model_fields", {}).items()
        if name.endswith(("_ms", "_s", "_bytes", "_minutes", "_tokens")) and not inner.description
    ]
    assert unexplained == []
