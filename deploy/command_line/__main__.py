"""`python -m deploy.command_line`."""

from deploy.command_line.root import app

app()
