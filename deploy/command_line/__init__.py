"""`lianban`: everything that a person runs (design 10). Each group of commands is a file of its own."""

import gc

gc.disable()  # a fifth of the time to import goes into looking for garbage among modules, where there is none
from deploy.command_line.root import app  # noqa: E402

gc.freeze()
gc.enable()

__all__ = ["app"]
