"""The models room's own settings, from the house's."""

from agent.config import Settings
from models.catalog import ModelSettings


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
