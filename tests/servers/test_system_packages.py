import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "deploy" / "local" / "packages.sh"


@pytest.fixture
def bare_path(tmp_path: Path) -> str:
    """A PATH with a shell and nothing else."""
    (tmp_path / "bash").symlink_to("/bin/bash")
    return str(tmp_path)


def ask_as_ordinary_user(*parts: str, path: str) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": path, "LIANBAN_USER_ID": "1000"}
    return subprocess.run(
        ["/bin/bash", str(SCRIPT), *parts], env=environment, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize(
    ("part", "package"), [("java", "default-jre-headless"), ("maven", "maven"), ("browser", "chromium")]
)
def test_an_ordinary_user_is_told_the_names_of_missing_packages(
    part: str, package: str, bare_path: str
) -> None:
    answer = ask_as_ordinary_user(part, path=bare_path)
    assert answer.returncode == 3
    assert f"apt-get install {package}" in answer.stderr


def test_nothing_is_said_when_every_program_is_there(bare_path: str) -> None:
    for program in ("java", "mvn"):
        executable = Path(bare_path) / program
        executable.write_text("#!/bin/bash\n")
        executable.chmod(0o755)
    answer = ask_as_ordinary_user("java", "maven", path=bare_path)
    assert (answer.returncode, answer.stderr) == (0, "")


def test_an_unknown_part_is_refused(bare_path: str) -> None:
    answer = ask_as_ordinary_user("mainframe", path=bare_path)
    assert answer.returncode == 2
    assert "mainframe" in answer.stderr
