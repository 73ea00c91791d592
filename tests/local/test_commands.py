"""What `lianban` says and how it exits: catalogue, parked keys, explain, republish."""

import asyncio
import json
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest

from contracts.catalog_files import DEFAULT_FOLDER
from tests.journeys.town import Town
from tests.local.test_up import lianban
from tests.stack import Stack

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
async def stack(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stack]:
    """A running system with a few households."""
    running = await Stack("local", tmp_path_factory.mktemp("commands") / "data", people=30).start()
    yield running
    await running.stop()


def test_a_sound_catalogue_is_told_and_exits_with_zero() -> None:
    said = lianban("catalog", "check")
    assert (said.returncode, said.stdout.strip()) == (0, "目录没有错误 · the catalogue is sound")


def test_faults_of_a_catalogue_are_told_by_file_and_line_and_exit_with_one(tmp_path: Path) -> None:
    folder = tmp_path / "catalog"
    shutil.copytree(DEFAULT_FOLDER, folder)
    death = folder / "life_events" / "death.yaml"
    lines = death.read_text(encoding="utf-8").splitlines()
    wrong = next(number for number, line in enumerate(lines) if line.strip() == "owner: health")
    lines[wrong] = lines[wrong].replace("health", "nobody")
    death.write_text("\n".join(lines), encoding="utf-8")
    said = lianban("catalog", "check", str(folder))
    assert said.returncode == 1
    assert f"death.yaml:{wrong + 1}:" in said.stdout


def test_synthetic_people_are_printed_one_household_a_line() -> None:
    said = lianban("people", "generate", "2")
    households = [json.loads(line) for line in said.stdout.splitlines()]
    assert len(households) == 2
    assert all(household["persons"] for household in households)


def test_a_command_without_a_database_says_what_to_do(tmp_path: Path) -> None:
    said = lianban("replay", "list", "--data", str(tmp_path))
    assert said.returncode == 1
    assert "make up" in said.stderr
    assert "Traceback" not in said.stderr


def test_a_worker_of_its_own_needs_kafka(tmp_path: Path) -> None:
    address = "postgresql://nobody@127.0.0.1:1/none"
    said = lianban(
        "worker", "funeral", "--port", "0", "--data", str(tmp_path), LIANBAN_FUNERAL_DATABASE_URL=address
    )
    assert said.returncode == 1
    assert "LIANBAN_BUS=kafka" in said.stderr


async def test_explain_shows_plan_deliveries_and_next_checks_and_nobodys_name(stack: Stack) -> None:
    async with Town.of(stack.address) as town:
        dead = await town.person("dibao", married=True)
        spouse = await town.look(dead["spouse"])
        number = (await town.report(await town.form(dead, spouse))).json()["case_no"]
        await town.settle()
    said = await asyncio.to_thread(lianban, "explain", number, "--data", str(stack.folder))
    assert said.returncode == 0, said.stderr
    assert "assistance.stop_benefits" in said.stdout
    assert "department=health" in said.stdout
    assert "assistance: type=assistance.household_recheck" in said.stdout
    for secret in (dead["name"], dead["id_number"], spouse["name"], spouse["id_number"], "13900000000"):
        assert secret not in said.stdout


async def test_an_unknown_case_is_told_in_both_languages(stack: Stack) -> None:
    said = await asyncio.to_thread(lianban, "explain", "331022-1", "--data", str(stack.folder))
    assert said.returncode == 1
    assert "没有找到这个联办件" in said.stderr
    assert "There is no such case" in said.stderr


async def test_a_parked_key_is_listed_skipped_with_a_reason_and_gone(stack: Stack) -> None:
    connection = await asyncpg.connect(stack.dsn("marriage"))
    try:
        await connection.execute("""
            INSERT INTO parked_keys (consumer, topic, key, reason)
            VALUES ('marriage.orders', 'orders.marriage', 'k1', 'x')""")
        n = await connection.fetchval("""
            INSERT INTO parked_events (consumer, id, topic, key, headers, payload, "partition", "offset")
            VALUES ('marriage.orders', gen_random_uuid(), 'orders.marriage', 'k1', '{}', '', 0, 0) RETURNING n""")
    finally:
        await connection.close()
    data = ("--data", str(stack.folder))
    key = ("marriage.orders", "orders.marriage", "k1")
    listed = await asyncio.to_thread(lianban, "replay", "list", *data)
    assert "marriage.orders  orders.marriage  k1" in listed.stdout
    played = await asyncio.to_thread(lianban, "replay", "run", *key, *data)
    assert (played.returncode, "仍停放" in played.stdout) == (1, True)
    words = ("replay", "skip", *key, str(n), "--person", "值班员", "--reason")
    refused = await asyncio.to_thread(lianban, *words, " ", *data)
    assert (refused.returncode, "跳过须写明操作人和理由" in refused.stderr) == (1, True)
    skipped = await asyncio.to_thread(lianban, *words, "测试数据", *data)
    assert skipped.returncode == 0, skipped.stderr
    assert "没有停放的消息" in (await asyncio.to_thread(lianban, "replay", "list", *data)).stdout


async def test_facts_of_an_owner_are_put_into_its_outbox_again(stack: Stack) -> None:
    said = await asyncio.to_thread(lianban, "republish", "facts", "marriage", "--data", str(stack.folder))
    assert said.returncode == 0, said.stderr
    assert "已放入发件箱" in said.stdout


async def test_a_new_calendar_is_carried_into_all_five_databases(stack: Stack) -> None:
    """As if the notice of the last known year had come after assistance was started."""
    connection = await asyncpg.connect(stack.dsn("assistance"))
    try:
        last = await connection.fetchval(
            "UPDATE calendar_standing SET years = years - (SELECT max(k) FROM jsonb_object_keys(years) k)"
            " RETURNING (SELECT max(k) FROM jsonb_object_keys(years) k)"
        )
        for _ in range(2):
            said = await asyncio.to_thread(lianban, "calendar", "recompute", "--data", str(stack.folder))
            assert said.returncode == 0, said.stderr
            assert said.stdout.count(" moved") == 5
        stands = await connection.fetchval("SELECT max(k) FROM calendar_standing, jsonb_object_keys(years) k")
    finally:
        await connection.close()
    assert int(stands) == int(last) + 1


async def test_migrate_finds_every_database_at_head(stack: Stack) -> None:
    said = await asyncio.to_thread(lianban, "migrate", "--data", str(stack.folder))
    assert said.stdout.count("at head") == 5


async def test_more_people_are_loaded_and_nobody_twice(stack: Stack) -> None:
    before = await people_of(stack)
    said = await asyncio.to_thread(lianban, "people", "load", "31", "--data", str(stack.folder))
    assert said.returncode == 0, said.stderr
    after = await people_of(stack)
    assert before < after < before + 20


async def people_of(stack: Stack) -> int:
    connection = await asyncpg.connect(stack.dsn("gateway"))
    try:
        return int(await connection.fetchval("SELECT count(*) FROM people WHERE household IS NOT NULL"))
    finally:
        await connection.close()
