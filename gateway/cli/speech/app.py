"""`tts-trainer inference`: what it takes."""

from pathlib import Path
from typing import Annotated

import typer

from gateway.cli import options
from gateway.cli.errors import UsageError
from gateway.cli.exit_status import EPILOG, ExitStatus
from gateway.cli.output import check_file
from gateway.cli.session import Session, exit_with
from gateway.cli.speech.file_formats import AudioFile, audio_file_of
from gateway.cli.speech.player import installed_player
from gateway.cli.speech.pronunciations import pronunciations
from gateway.cli.speech.speak import Speak
from gateway.cli.speech.text_source import text_source
from ttstrainer.inference.v1 import inference_service_pb2 as pb

speech_app = typer.Typer()
DEFAULT_OUTPUT = Path("speech.wav")


@speech_app.command("inference", epilog=EPILOG)
def inference(
    *,
    text: Annotated[str | None, typer.Option(help="What to say.", show_default=False)] = None,
    file: Annotated[
        Path | None,
        typer.Option(
            help="A text file to say; - for standard input, which is spoken while it is written.",
            show_default=False,
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            help="The audio file. Default: speech.wav; none with --play.",
            show_default=False,
        ),
    ] = None,
    form: Annotated[
        AudioFile | None,
        typer.Option("--format", help="The kind of file. Default: what the file's name says."),
    ] = None,
    play: Annotated[bool, typer.Option("--play", help="Play it while it is made.")] = False,
    voice: Annotated[
        str,
        typer.Option(
            help="Who speaks, see `tts-trainer voices list`. Default: the server's voice.",
            show_default=False,
        ),
    ] = "",
    model: Annotated[
        str,
        typer.Option(
            "--model",
            "--engine",
            help="The model that speaks, see `tts-trainer engines list`. Default: the voice's own.",
            show_default=False,
        ),
    ] = "",
    model_version: Annotated[
        str, typer.Option(help="The model's version. Default: the newest.", show_default=False)
    ] = "",
    language: Annotated[
        str,
        typer.Option(
            help='The language of the text, such as "en". Default: the voice\'s own.',
            show_default=False,
        ),
    ] = "",
    speed: Annotated[
        float, typer.Option(min=0.5, max=2.0, help="How fast; 1 is the voice's own pace.")
    ] = 1.0,
    seed: Annotated[
        int | None,
        typer.Option(
            min=0, max=2**64 - 1, help="The same seed gives the same audio.", show_default=False
        ),
    ] = None,
    temperature: Annotated[
        float | None,
        typer.Option(max=2.0, help="How lively, above 0 to 2, where the model draws."),
    ] = None,
    sample_rate: Annotated[
        int,
        typer.Option(help="The sample rate in Hz. Default: the model's own.", show_default=False),
    ] = 0,
    max_seconds: Annotated[
        float,
        typer.Option(
            min=0.0, help="The longest audio. Default: the server's limit.", show_default=False
        ),
    ] = 0.0,
    say: Annotated[
        list[str] | None,
        typer.Option(
            help='How a word is spoken, such as "nginx=engine ex". Repeatable.', show_default=False
        ),
    ] = None,
    server: options.Server = "",
    as_json: options.AsJson = False,
    debug: options.Debug = False,
) -> None:
    """Speak a text, with a synthetic voice.

    Audio is written, and played, while it is made. The file says that its speech is synthetic.
    """

    async def command(session: Session) -> ExitStatus:
        kind = audio_file_of(output, form)
        source = text_source(text, file)
        target = output if output or play else DEFAULT_OUTPUT
        if target is not None:
            check_file(target)
        if kind is not AudioFile.WAV and (play or source.is_written_now or output is None):
            raise UsageError(
                f"{kind} is made whole, from a whole text: name an --output, leave --play out and "
                "give the text itself, or take wav."
            )
        said = pb.SpeechOptions(
            voice_id=voice,
            model=model,
            model_version=model_version,
            language_code=language,
            speed=speed,
            temperature=temperature,
            seed=seed,
            sample_rate_hertz=sample_rate,
            max_audio_seconds=max_seconds,
            pronunciations=pronunciations(say or ()),
        )
        player = installed_player() if play else None
        return await Speak(source, said, target, kind, player)(session)

    exit_with(command, server, as_json=as_json, debug=debug)
