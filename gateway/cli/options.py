"""The options that commands share.

Choices are named in the help, since side by side they leave no room for the names of options.
"""

from pathlib import Path
from typing import Annotated

import typer

from gateway.cli.runs.run_options import Format, NoiseReduction

Inputs = Annotated[
    list[Path],
    typer.Option(
        "--input",
        "-i",
        help="A recording, a folder of recordings, or what an earlier stage wrote. Repeatable; "
        "folders are searched with all that is in them.",
        show_default=False,
    ),
]
Server = Annotated[
    str,
    typer.Option(
        envvar="TTSTRAINER_SERVER",
        help="The host whose services to use, at their usual ports. Without it the services are "
        "started here for as long as the command needs them.",
        show_default=False,
    ),
]
ServerToLookAt = Annotated[
    str,
    typer.Option(
        "--server",
        envvar="TTSTRAINER_SERVER",
        help="The host whose services to look at. Without it: those that run here.",
        show_default=False,
    ),
]
AsJson = Annotated[
    bool,
    typer.Option(
        "--json", help="Tell programs: one JSON object a line, the last of type result or error."
    ),
]
Debug = Annotated[bool, typer.Option("--debug", help="Show tracebacks.", hidden=True)]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]
Voice = Annotated[
    str,
    typer.Option(
        help="What the voice, and its dataset, is called. Default: the name of the input's folder.",
        show_default=False,
    ),
]
Language = Annotated[
    str,
    typer.Option(help='The language that is spoken, such as "en". Default: found out.'),
]
Model = Annotated[
    str,
    typer.Option(
        help='The Whisper model, by name ("small", "large-v3", "tiny.en") or by path. '
        "Default: the transcription service's setting."
    ),
]
SampleRate = Annotated[
    int | None,
    typer.Option(
        "--sample-rate", help="The sample rate of the clips in Hz: 22050 or 24000 (default)."
    ),
]
Noise = Annotated[
    NoiseReduction | None,
    typer.Option(
        "--noise-reduction",
        metavar="KIND",
        help=f"Noise reduction before clips are graded: {', '.join(NoiseReduction)}.",
    ),
]
Reference = Annotated[
    Path | None,
    typer.Option(
        exists=True,
        dir_okay=False,
        help="A recording of the voice that is wanted, for recordings with several speakers. "
        "Default: who speaks longest.",
    ),
]
MinClip = Annotated[
    float | None,
    typer.Option("--min-clip", min=0.1, metavar="SECONDS", help="The shortest clip to keep."),
]
MaxClip = Annotated[
    float | None,
    typer.Option("--max-clip", min=0.2, metavar="SECONDS", help="The longest clip to make."),
]
OutputFormat = Annotated[
    Format,
    typer.Option(
        "--format",
        metavar="FORM",
        help=f"In which form the dataset is written: {', '.join(Format)}.",
    ),
]
Force = Annotated[bool, typer.Option("--force", help="Write into a folder that holds other files.")]
NoSubtitles = Annotated[
    bool,
    typer.Option(
        "--no-subtitles",
        help="Leave a transcript that lies beside a recording (talk.srt or talk.vtt beside "
        "talk.mp4) alone. Default: it is used, and checked against what is heard.",
    ),
]
RunId = Annotated[str, typer.Argument(help="The run, as `tts-trainer runs list` shows it.")]
DatasetId = Annotated[
    str, typer.Argument(help="The dataset, as `tts-trainer datasets list` shows it.")
]
Version = Annotated[
    int, typer.Option("--version", min=0, help="The version of the dataset; 0 for the newest.")
]


def output_option(default: str, what: str) -> typer.models.OptionInfo:
    """Returns the option that says where a command writes."""
    option: typer.models.OptionInfo = typer.Option(
        "--output", "-o", help=f"The folder for {what}. Default: {default}.", show_default=False
    )
    return option
