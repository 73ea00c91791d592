"""`lianban`: everything that a person runs (design 10). Each group of commands is a file of its own."""

from deploy.command_line.root import app

__all__ = ["app"]
