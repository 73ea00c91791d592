import os
import subprocess
from pathlib import Path
from typing import Any

import asyncpg
import pytest
import yaml

from deploy.local.postgres import PostgresServer
from deploy.local.postgres_user import installed_programs

ROOT = Path(__file__).parents[2]
SERVICES = ("gateway", "assistance", "eldercare", "funeral", "marriage")


@pytest.fixture
def compose() -> dict[str, Any]:
    return yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))["services"]


@pytest.mark.parametrize("service", SERVICES)
def test_every_service_has_a_process_and_a_worker_with_its_database(
    service: str, compose: dict[str, Any]
) -> None:
    assert compose[service]["command"][:2] == ["serve", service]
    assert compose[f"{service}-worker"]["command"][:2] == ["worker", service]
    for process in (service, f"{service}-worker"):
        address = compose[process]["environment"][f"LIANBAN_{service.upper()}_DATABASE_URL"]
        assert address.startswith(f"postgresql+asyncpg://{service}:")
        assert address.endswith(f"/{service}")


def test_every_process_is_measured(compose: dict[str, Any]) -> None:
    scraped = yaml.safe_load((ROOT / "deploy/observability/prometheus.yml").read_text(encoding="utf-8"))
    targets = scraped["scrape_configs"][0]["static_configs"][0]["targets"]
    processes = {name for name in compose if name.removesuffix("-worker") in SERVICES}
    assert set(targets) == {f"{name}:8000" for name in processes}


def test_no_secret_has_a_value_in_the_compose_file(compose: dict[str, Any]) -> None:
    secrets = {
        value
        for service in compose.values()
        for name, value in service.get("environment", {}).items()
        if name.endswith(("_KEY", "PASSWORD"))
    }
    assert secrets
    assert all(secret.startswith("${") and secret.endswith(":?}") for secret in secrets), secrets


@pytest.mark.slow
async def test_the_first_start_of_the_database_makes_one_database_and_role_for_each_service(
    tmp_path: Path,
) -> None:
    server = PostgresServer(tmp_path)
    server.start()
    try:
        environment = {
            "PATH": f"{installed_programs()}:{os.environ['PATH']}",
            "PGHOST": "127.0.0.1",
            "PGPORT": str(server.port),
            "PGDATABASE": "postgres",
            "PGPASSWORD": server.password_file.read_text(),
            "POSTGRES_USER": "lianban",
            "LIANBAN_DATABASE_PASSWORD": "of-the-services",
        }
        made = subprocess.run(  # noqa: ASYNC221
            ["/bin/bash", ROOT / "deploy/docker/databases.sh"],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert made.returncode == 0, made.stderr
        own = f"postgresql://funeral:of-the-services@127.0.0.1:{server.port}/"
        connection = await asyncpg.connect(own + "funeral")
        await connection.execute("CREATE TABLE mine (id int)")
        await connection.close()
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await asyncpg.connect(own + "marriage")
    finally:
        server.stop()
