"""`python -m gateway.cli` is `tts-trainer`."""

from gateway.cli.app import main

main()
