"""The command line `atlas`: one module per verb, and the exit codes.

Only this room prints or exits. Exit codes: 0 fine, 1 a bug of ours, 2 the command or the catalogue
cannot be used, 3 some inputs were refused (each is named, the rest is done), 130 stopped by Ctrl-C,
141 what read the output has closed it, as `head` does.
"""

import errno
import importlib
import io
import sys
from contextlib import suppress
from inspect import cleandoc
from typing import NamedTuple

import click

from generator.errors import AtlasError, UsageError

STOPPED, READER_GONE = 130, 141
# What is wrong with a path that a user named, where no verb says it better.
UNREACHABLE = (errno.EACCES, errno.EPERM, errno.ENAMETOOLONG)
# What is wrong with a stdout that is a file.
UNWRITABLE = (errno.ENOSPC, errno.EFBIG, errno.EIO)
EXAMPLE = "\n\nExample: "


class Verb(NamedTuple):
    """A verb: its module here, and the first sentence of its help."""

    module: str
    summary: str


VERBS = {
    "inspect": Verb("inspect", "Find out what a file is."),
    "compare": Verb("compare", "Compare two checkpoints, tensor by tensor."),
    "matrix": Verb("matrix", "Distances between many checkpoints."),
    "recipe": Verb("recipe", "Find the weights of the parents in a merge, block by block."),
    "lineage": Verb("lineage", "Find out which checkpoints descend from others."),
    "vram": Verb("vram", "Peak memory of inference."),
    "new": Verb("new", "Make a site of your own."),
    "upgrade": Verb("new", "Bring a site of your own up to date with this version."),
    "add": Verb("add", "Add checkpoints to the catalogue."),
    "import": Verb("importing", "Make groups of distances that others published."),
    "measure": Verb("measure", "Bring data/ up to date with data/catalog.toml."),
    "render": Verb("render", "Make the pages in site_src/ from data/."),
    "check": Verb("check", "Check links, anchors, assets and markup of the built site."),
    "demo": Verb("demo", "Write a small family of checkpoints with a known history."),
}


class _Verbs(click.Group):
    """Loads a verb when it is run, and none to list them: the help comes at once."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in VERBS:
            return None
        module = importlib.import_module(f"generator.cli.{VERBS[cmd_name].module}")
        # `import` is a word of Python's.
        found = getattr(module, cmd_name, None) or getattr(module, f"{cmd_name}_")
        assert isinstance(found, click.Command)
        # An example is there to be copied, so its line is not broken.
        text = cleandoc(found.help or "")
        found.help = text.replace(EXAMPLE, EXAMPLE.replace("E", "\b\nE"))
        return found

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click's, and name the verb that was meant."""
        name = args[0]
        if name in VERBS or name.startswith("-"):
            return super().resolve_command(ctx, args)
        from difflib import get_close_matches

        near = get_close_matches(name, VERBS, 1)
        meant = f"Did you mean {near[0]!r}?" if near else f"Verbs: {', '.join(VERBS)}."
        raise click.UsageError(f"No such verb {name!r}. {meant}", ctx)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl([(name, verb.summary) for name, verb in VERBS.items()])


def _print_version(context: click.Context, _: click.Parameter, asked: bool) -> None:
    if asked and not context.resilient_parsing:
        from generator.cli.version import version_lines

        click.echo("\n".join(version_lines()))
        context.exit()


@click.group(cls=_Verbs, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_print_version,
    help="Show the versions that decide figures, and exit.",
)
def cli() -> None:
    """Measured numbers about diffusion models, and the site that shows them.

    `atlas VERB --help` explains a verb, with an example.
    """


def main() -> None:
    """Run the command line and exit."""
    _ready_streams()
    try:
        code = cli(standalone_mode=False)
    except SystemExit:
        # Click's own, where it cannot print because nobody reads.
        code = READER_GONE
    except click.ClickException as error:
        error.show()
        code = error.exit_code
    except AtlasError as error:
        from generator.cli.terminal import report

        code = report([error])
    except OSError as error:
        from generator.cli.terminal import report

        if error.errno in UNREACHABLE and error.filename:
            refused = UsageError(str(error.filename), f"cannot be reached ({error.strerror})")
        elif sys.platform == "win32" and error.errno == errno.EINVAL and not error.filename:
            # How Windows says that nobody reads.
            sys.exit(READER_GONE)
        elif error.errno in UNWRITABLE and not error.filename:
            refused = UsageError("stdout", f"cannot be written ({error.strerror})")
            with suppress(OSError):
                sys.stdout.close()
        else:
            raise
        code = report([refused])
    except (KeyboardInterrupt, click.Abort):
        from generator.cli.terminal import say

        say("stopped")
        code = STOPPED
    sys.exit(code)


def _ready_streams() -> None:
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            # Whoever runs this has closed it.
            setattr(sys, name, io.StringIO())
        elif isinstance(stream, io.TextIOWrapper):
            # The encoding of redirected output lacks most letters on Windows.
            stream.reconfigure(errors="backslashreplace")
