"""The command line: the same jobs as the bot's, in the terminal. Heavy parts load when needed."""

from __future__ import annotations

import typer

from bot import asking_cli, backup_cli, knowledge_cli, library_cli, models_cli
from bot.insight import command as insight_command
from bot.invocation import opened, told_plainly
from bot.setup import command as setup_command
from bot.vitals import command as vitals_command
from bot.web import command as web_command

app = typer.Typer(
    name="footnote",
    help="Answers from your documents, with a citation for every sentence.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


app.command()(asking_cli.ask)
app.command()(asking_cli.chat)
app.command()(asking_cli.search)
app.command()(asking_cli.check)
app.command("eval")(asking_cli.evaluate)
app.command()(vitals_command.run)
app.command()(vitals_command.health)
app.command()(library_cli.index)
app.command()(library_cli.remove)
app.command()(library_cli.status)
app.command()(library_cli.doctor)
app.add_typer(models_cli.group, name="models")
knowledge_cli.mount(app, command=told_plainly, opened=opened)
backup_cli.mount(app, command=told_plainly, located=lambda home: opened(home).settings.home)
setup_command.mount(app, command=told_plainly)
insight_command.mount(app, command=told_plainly, opened=opened)
web_command.mount(app, command=told_plainly, opened=opened)


def main() -> None:
    """Run the command line."""
    from knowledge.hardware import share_cores
    from knowledge.quiet import be_quiet

    be_quiet()
    share_cores()
    app()
