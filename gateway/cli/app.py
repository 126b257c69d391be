"""Where `tts-trainer` begins."""

import signal

from gateway.cli import streams


def main() -> None:
    """Runs the command line; its exit codes are described in `--help`."""
    # Until a command runs, and ends in order when it is interrupted, a Ctrl-C just ends this
    # process: no traceback out of an import. A signal that our parent has us ignore stays ignored.
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    streams.mended()
    from gateway.cli.command_line import app  # noqa: PLC0415 - it takes a moment

    app(prog_name="tts-trainer")
