"""The command line `atlas`: one module per verb, and the exit codes.

Only this room prints or exits. Exit codes: 0 fine, 1 a bug of ours, 2 the command or the catalogue
cannot be used, 3 some inputs were refused (each is named, the rest is done), 130 stopped by Ctrl-C.
"""

import sys

import click

from generator.cli.add import add
from generator.cli.check import check
from generator.cli.compare import compare
from generator.cli.demo import demo
from generator.cli.importing import import_
from generator.cli.inspect import inspect
from generator.cli.lineage import lineage
from generator.cli.matrix import matrix
from generator.cli.measure import measure
from generator.cli.new import new, upgrade
from generator.cli.recipe import recipe
from generator.cli.render import render
from generator.cli.terminal import report, say
from generator.cli.vram import vram
from generator.errors import AtlasError

STOPPED = 130
VERBS = (
    inspect,
    compare,
    matrix,
    recipe,
    lineage,
    vram,
    new,
    upgrade,
    add,
    import_,
    measure,
    render,
    check,
    demo,
)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="diffusion-atlas")
def cli() -> None:
    """Measured numbers about diffusion models, and the site that shows them."""


for verb in VERBS:
    cli.add_command(verb)


def main() -> None:
    """Run the command line and exit."""
    try:
        code = cli(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        code = error.exit_code
    except AtlasError as error:
        code = report([error])
    except (KeyboardInterrupt, click.Abort):
        say("stopped; finished results are kept, and the next run resumes")
        code = STOPPED
    sys.exit(code)
