import os
import subprocess
import sys
from pathlib import Path

import pytest

SAMPLE = """
import unittest

class Sample(unittest.TestCase):
    def test_one(self):
        assert True

    @unittest.skip("not today")
    def test_two(self):
        assert True
"""


def run_sample(folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    (folder / "test_sample.py").write_text(SAMPLE)
    (folder / "pytest.ini").write_text("[pytest]\nasyncio_default_fixture_loop_scope = session\n")
    inherited = {name: value for name, value in os.environ.items() if name != "CI"}
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "tests.conftest", "-p", "no:cacheprovider", str(folder)],
        cwd=folder,
        env={**inherited, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_in_ci_a_skipped_test_fails_the_session(tmp_path: Path) -> None:
    run = run_sample(tmp_path, CI="true")
    assert run.returncode == pytest.ExitCode.TESTS_FAILED, run.stdout
    assert "CI allows no skipped test" in run.stdout
    assert "test_sample.py" in run.stdout


def test_elsewhere_a_skipped_test_is_only_reported(tmp_path: Path) -> None:
    run = run_sample(tmp_path)
    assert run.returncode == pytest.ExitCode.OK, run.stdout + run.stderr
    assert "1 passed, 1 skipped" in run.stdout
