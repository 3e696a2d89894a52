"""The typer app: every command with the group of people it is for.

The modules of commands import what is slow inside their functions, so that all
of them together are imported in a few milliseconds.
"""

import typer

from servelab.commands import bench, services
from servelab.commands.debug import debug
from servelab.commands.doctor import doctor
from servelab.commands.grade import grade
from servelab.commands.hint import hint
from servelab.commands.progress import progress
from servelab.commands.reset import reset
from servelab.commands.reveal import reveal
from servelab.commands.serve import serve
from servelab.commands.services import down, up
from servelab.commands.start import start
from servelab.commands.test import test
from servelab.commands.watch import watch
from servelab.dev.commands import monitoring, stack, zoo
from servelab.dev.commands.acceptance import acceptance
from servelab.dev.commands.overhead import overhead
from servelab.dev.commands.peers import peers
from servelab.dev.commands.screens import screens
from servelab.dev.commands.selftest import selftest
from servelab.dev.commands.sync import sync
from servelab.dev.commands.verify import verify

LEARNERS = "For learners"
INSTRUCTORS = "For instructors"
CONTRIBUTORS = "For contributors"

app = typer.Typer(
    name="servelab",
    help='The course "ML Model Serving & APIs": learn it, grade it, prove its grading right.',
    epilog="Exit codes: 0 done, 1 something failed, 2 wrong use, 3 a fault of the grader.",
    add_completion=False,
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)

for command in (start, watch, test, debug, hint, progress, reset, reveal, serve, up, down, doctor):
    app.command(rich_help_panel=LEARNERS)(command)
app.command(rich_help_panel=INSTRUCTORS)(grade)
app.command(rich_help_panel=CONTRIBUTORS)(verify)
app.command(rich_help_panel=CONTRIBUTORS)(sync)
app.command(rich_help_panel=CONTRIBUTORS)(screens)
for command in (overhead, acceptance, peers):
    bench.app.command(rich_help_panel=CONTRIBUTORS)(command)
services.app.command(rich_help_panel=CONTRIBUTORS)(selftest)
app.add_typer(bench.app, name="bench", rich_help_panel=LEARNERS)
app.add_typer(services.app, name="services", rich_help_panel=LEARNERS)
app.add_typer(zoo.app, name="zoo", rich_help_panel=CONTRIBUTORS)
app.add_typer(stack.app, name="stack", rich_help_panel=CONTRIBUTORS)
app.add_typer(monitoring.app, name="monitoring", rich_help_panel=CONTRIBUTORS)
