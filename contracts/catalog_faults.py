"""What is wrong in the catalogue: file, line and reason, all faults at once (design 4)."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class CatalogueFault:
    """One fault of one file. `file` is relative to the folder above the catalogue, `line` counts from 1."""

    file: str
    line: int
    reason_zh: str
    reason_en: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.reason_zh} / {self.reason_en}"


class CatalogueInvalid(Exception):
    """联办目录有误，不能启动；请按文件和行号逐条改正。
    The catalogue is not valid, nothing starts; mend each line named."""

    def __init__(self, faults: Sequence[CatalogueFault]) -> None:
        self.faults = tuple(sorted(faults))
        super().__init__("\n".join(str(fault) for fault in self.faults))
