"""One settings class per service (design 11.13): subclass `ServiceSettings` and give `name`.

    class AssistanceSettings(ServiceSettings, service="assistance"):
        sample_percent: int = 30

Each field is read from `LIANBAN_<SERVICE>_<FIELD>`, else from `LIANBAN_<FIELD>` (shared by all services of one
machine). Secrets have a default in the demo profile only: outside it a missing one stops the start with its name.
"""

from typing import Any, ClassVar, Literal, Self

from pydantic import SecretStr, model_validator
from pydantic_settings import BaseSettings, EnvSettingsSource, PydanticBaseSettingsSource, SettingsConfigDict

# Known to everybody who reads this repository: good for invented people, refused outside the demo profile.
DEMO_SECRETS: dict[str, str] = {
    "service_key": "demo-service-key-0123456789abcdef",
    "token_key": "demo-token-key-0123456789abcdef0123456789abcdef",
    "sealing_key": "ZGVtby1zZWFsaW5nLWtleS0wMTIzNDU2Nzg5YWJjZGU=",
    "blind_index_key": "ZGVtby1ibGluZC1pbmRleC1rZXktMDEyMzQ1Njc4OWE=",
}


class SecretMissing(Exception):
    """生产环境缺少密钥配置。
    A secret is not configured outside the demo profile."""


class ServiceSettings(BaseSettings):
    """What every service needs to start. Keys are base64 of 32 random bytes unless their line says otherwise."""

    model_config = SettingsConfigDict(env_prefix="LIANBAN_", extra="ignore", frozen=True)

    service: ClassVar[str] = ""

    database_url: str = ""
    profile: Literal["demo", "production"] = "demo"
    bus: Literal["local", "kafka"] = "local"
    kafka_bootstrap: str = "127.0.0.1:9092"
    pool_size: int = 8
    log_level: str = "INFO"
    region: str = "331000"
    suite: Literal["international", "guomi"] = "international"  # AES-256-GCM/SHA-256 or SM4-GCM/SM3
    service_key: SecretStr = SecretStr("")  # any string of ≥ 24 characters: /internal routes
    token_key: SecretStr = SecretStr("")  # any string of ≥ 32 characters: signs bearer tokens
    sealing_key: SecretStr = SecretStr("")  # root key that the owners' keys derive from
    sealing_key_version: int = 1
    old_sealing_keys: dict[int, SecretStr] = {}  # JSON {"1": "…"}: still opened, no longer used to seal
    blind_index_key: SecretStr = SecretStr("")
    blind_index_key_version: int = 1
    body_limit_bytes: int = 1024 * 1024
    materials_limit_bytes: int = 20 * 1024 * 1024

    def __init_subclass__(cls, service: str = "", **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if service:
            cls.service = service

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        own = EnvSettingsSource(settings_cls, env_prefix=f"LIANBAN_{cls.service.upper()}_")
        return (init_settings, own, env_settings) if cls.service else (init_settings, env_settings)

    @model_validator(mode="after")
    def _secrets_are_given(self) -> Self:
        for name, demo_value in DEMO_SECRETS.items():
            value = getattr(self, name).get_secret_value()
            if self.profile == "demo" and not value:
                object.__setattr__(self, name, SecretStr(demo_value))
            elif self.profile != "demo" and value in ("", demo_value):
                raise SecretMissing(
                    f"缺少密钥 {name}：请设置环境变量 LIANBAN_{self.service.upper()}_{name.upper()}。 "
                    f"Secret {name} is missing: set LIANBAN_{self.service.upper()}_{name.upper()}."
                )
        return self

    @property
    def demo(self) -> bool:
        return self.profile == "demo"
