"""The settings of whoever rings telephones for us. Read by `agent.config`, like all others."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator


class Section(BaseModel):
    """One section of the settings."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True)


class DiallingSettings(Section):
    """Who rings telephones for us: a provider with an API as Twilio's. Off by default."""

    base_url: str = Field(
        "",
        pattern=r"^(https?://\S+)?$",
        description="of the provider's API, like https://api.twilio.com/2010-04-01; empty: nobody rings out",
    )
    account: str = Field("", description="account at the provider; the user name of its API")
    secret: SecretStr = Field(
        SecretStr(""), description="its password; best set in the environment as HOTLINE_DIALLING__SECRET"
    )
    public_url: str = Field(
        "",
        pattern=r"^((wss?|https?)://\S+)?$",
        description="where the provider reaches this hotline, like wss://hotline.example.cn",
    )
    caller_number: str = Field("", description="number that is shown to whom we ring")
    number_form: Literal["e164", "national"] = Field(
        "e164", description="how numbers are written to the provider: e164 (+8613800138000) or national (13800138000)"
    )
    timeout_s: float = Field(10.0, gt=0, description="longest wait for the provider's API, in s")

    @property
    def is_on(self) -> bool:
        return bool(self.base_url)

    @model_validator(mode="after")
    def _whole(self) -> "DiallingSettings":
        needed = {
            "account": self.account,
            "secret": self.secret.get_secret_value(),
            "public_url": self.public_url,
            "caller_number": self.caller_number,
        }
        missing = [name for name, value in needed.items() if not value]
        if self.is_on and missing:
            raise ValueError(f"base_url is set and {', '.join(missing)} is not; set it too, or leave base_url empty")
        return self
