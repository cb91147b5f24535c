"""Settings, all from variables that begin with WM_. A setting left out means the embedded default."""

from datetime import timedelta
from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

MIB = 1024 * 1024
EXAMPLE = "change-me"
"""Stands in every secret of .env.example; a process does not start with it."""
NEEDED = ("database_url", "redis_url", "storage_url", "keystore_url", "master_key", "password_pepper", "signing_keys")


class Settings(BaseSettings):
    """Read once at start. `hide_input_in_errors`: a validation error must not print a secret."""

    model_config = SettingsConfigDict(env_prefix="WM_", extra="ignore", frozen=True, hide_input_in_errors=True)

    database_url: SecretStr | None = Field(None, description="PostgreSQL as the application role wm_app.")
    migration_url: SecretStr | None = Field(
        None, description="PostgreSQL as wm_migrator; used by `migrate` and `load-reference` only."
    )
    worker_url: SecretStr | None = Field(None, description="PostgreSQL as wm_worker; default: as the application.")
    release_url: SecretStr | None = Field(
        None, description="PostgreSQL as wm_release; used by benchmark releases only."
    )
    redis_url: SecretStr | None = Field(None, description="Redis-compatible server; it only wakes workers.")
    storage_url: str | None = Field(None, description="Object store: file:///folder or s3://bucket/prefix.")
    keystore_url: str | None = Field(None, description="Key store, apart from the object store.")
    master_key: SecretStr | None = Field(None, description="32 bytes, base64url: wraps every account's keys.")
    password_pepper: SecretStr | None = Field(None, description="32 bytes, base64url: keyed before argon2id.")
    signing_keys: Path | None = Field(None, description="Folder of ES256 private keys in PEM, named by kid.")
    public_url: str = Field("http://127.0.0.1:8080", description="Base URL: issuer, audience and problem types.")
    cors_origins: tuple[str, ...] = Field((), description="Origins of browser applications, as a JSON list.")
    trusted_proxies: tuple[str, ...] = Field((), description="Addresses whose X-Forwarded-For is believed.")
    data_dir: Path = Field(Path(".wm"), description="Folder of the embedded servers, objects and secrets.")

    access_token_lifetime: timedelta = timedelta(minutes=10)
    grant_token_lifetime: timedelta = timedelta(minutes=10)
    refresh_idle: timedelta = timedelta(days=30)
    refresh_absolute: timedelta = timedelta(days=90)
    invitation_lifetime: timedelta = timedelta(days=7)
    upload_lifetime: timedelta = timedelta(hours=24)
    idempotency_lifetime: timedelta = timedelta(days=7)
    lease: timedelta = timedelta(seconds=30)
    sweep_every: timedelta = timedelta(seconds=5)
    transaction_idle: timedelta = timedelta(seconds=30)
    retention_every: timedelta = timedelta(hours=1)
    max_attempts: int = 5

    push_bytes: int = 32 * MIB
    crosswalk_bytes: int = 160 * MIB
    upload_bytes: int = 5 * 1024 * MIB
    append_bytes: int = 16 * MIB
    most_uploads: int = Field(50, description="Uploads of one account that are not used yet.")
    most_datasets: int = Field(10_000, description="Datasets of one account, until they are deleted.")
    most_bytes: int = Field(500 * 1024 * MIB, description="Bytes of one account, as they were sent.")
    body_idle: timedelta = timedelta(seconds=60)
    json_bytes: int = 64 * 1024
    sandbox_slots: int = 2
    sandbox_memory_bytes: int = 2 * 1024 * MIB
    sandbox_seconds: int = 120
    login_failures: int = 10
    login_window: timedelta = timedelta(minutes=15)
    most_simulations: int = Field(
        60, description="Of one account in each window, scores under another methodology with them."
    )
    simulation_window: timedelta = timedelta(hours=1)
    max_api_keys: int = 50
    max_sources: int = 200
    database_pool: int = 20

    @property
    def embedded(self) -> bool:
        """Nothing external is named: the project starts its own servers."""
        return self.database_url is None

    @property
    def audience(self) -> str:
        return f"{self.public_url}/v1"

    def lacking(self, names: tuple[str, ...] = NEEDED) -> list[str]:
        """What keeps a process from starting on servers of your own, a line each. Names variables, never a value."""
        lines = []
        for name in names:
            value = getattr(self, name)
            if value is None:
                lines.append(f"Set WM_{name.upper()}.")
            elif isinstance(value, SecretStr) and EXAMPLE in value.get_secret_value():
                lines.append(f"WM_{name.upper()} is the example of .env.example: make a secret of your own.")
        return lines
