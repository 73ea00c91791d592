"""The commands, gathered."""

from deploy.command_line import calendar, catalog, explain, parked, people, republish, running
from deploy.command_line.trouble import CommandLine

app = CommandLine(
    no_args_is_help=True, add_completion=False, rich_markup_mode=None,
    help="联办：一件事一次办。Lianban: one submission opens every linked procedure.",
)  # fmt: skip

app.command("up")(running.up)
app.command("migrate")(running.migrate)
app.command("serve")(running.serve)
app.command("worker")(running.worker)
app.command("explain")(explain.explain)
app.add_typer(people.app, name="people")
app.add_typer(parked.app, name="replay")
app.add_typer(republish.app, name="republish")
app.add_typer(catalog.app, name="catalog")
app.add_typer(calendar.app, name="calendar")
