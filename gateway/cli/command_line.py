"""The `tts-trainer` command line."""

from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer

from gateway.cli import options
from gateway.cli.consents.app import consents_app
from gateway.cli.datasets.app import datasets_app
from gateway.cli.discord.app import discord_app
from gateway.cli.doctor.report import Doctor
from gateway.cli.engines.app import engines_app
from gateway.cli.exit_status import EPILOG
from gateway.cli.names import voice_of
from gateway.cli.runs.app import runs_app
from gateway.cli.runs.run_options import Format, StageOptions
from gateway.cli.runs.run_pipeline import RunPipeline
from gateway.cli.session import exit_with
from gateway.cli.speech.app import speech_app
from gateway.cli.stages.build_dataset import BuildDataset
from gateway.cli.stages.commands import (
    EXTRACT_AUDIO,
    PREPROCESS_AUDIO,
    PREPROCESS_AUDIO_WITH_CLIPS,
    TRANSCRIBE,
    StageCommand,
)
from gateway.cli.up import Up
from gateway.cli.voices.app import voices_app

app = typer.Typer(
    name="tts-trainer",
    help="From a dropped video to a voice that speaks.",
    epilog=EPILOG,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
app.add_typer(runs_app, name="runs")
app.add_typer(datasets_app, name="datasets")
app.add_typer(speech_app)
app.add_typer(discord_app)
app.add_typer(voices_app, name="voices")
app.add_typer(consents_app, name="consents")
app.add_typer(engines_app, name="engines")


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"tts-trainer {version('tts-trainer')}")
        raise typer.Exit


@app.callback()
def common(
    *,
    show_version: Annotated[
        bool,
        typer.Option("--version", help="Show the version.", is_eager=True, callback=_show_version),
    ] = False,
) -> None:
    """From a dropped video to a voice that speaks."""


@app.command("extract-audio", epilog=EPILOG)
def extract_audio(
    *,
    paths: options.Inputs,
    output: Annotated[Path, options.output_option("./audio", "the audio")] = Path("audio"),
    language: options.Language = "",
    server: options.Server = "",
    as_json: options.AsJson = False,
    debug: options.Debug = False,
) -> None:
    """Take the audio out of videos: FLAC at its native sample rate, without loss.

    --language chooses the audio track where a video has several.
    """
    command = StageCommand(EXTRACT_AUDIO, paths, output, StageOptions(language=language))
    exit_with(command, server, as_json=as_json, debug=debug)


@app.command("preprocess-audio", epilog=EPILOG)
def preprocess_audio(
    *,
    paths: options.Inputs,
    output: Annotated[Path, options.output_option("./clips", "prepared audio")] = Path("clips"),
    sample_rate: options.SampleRate = None,
    noise_reduction: options.Noise = None,
    reference: options.Reference = None,
    min_clip: options.MinClip = None,
    max_clip: options.MaxClip = None,
    cut_clips: Annotated[
        bool, typer.Option("--clips", help="Also write each accepted clip as a WAV file.")
    ] = False,
    server: options.Server = "",
    as_json: options.AsJson = False,
    debug: options.Debug = False,
) -> None:
    """Level audio, find the speech in it, cut it into clips and grade each clip."""
    wanted = StageOptions(
        sample_rate_hertz=sample_rate or 0,
        noise_reduction=noise_reduction,
        reference=reference,
        min_clip_seconds=min_clip or 0.0,
        max_clip_seconds=max_clip or 0.0,
    )
    stage = PREPROCESS_AUDIO_WITH_CLIPS if cut_clips else PREPROCESS_AUDIO
    exit_with(StageCommand(stage, paths, output, wanted), server, as_json=as_json, debug=debug)


@app.command("transcribe", epilog=EPILOG)
def transcribe(
    *,
    paths: options.Inputs,
    output: Annotated[Path, options.output_option("./transcripts", "texts")] = Path("transcripts"),
    language: options.Language = "",
    model: options.Model = "",
    no_subtitles: options.NoSubtitles = False,
    server: options.Server = "",
    as_json: options.AsJson = False,
    debug: options.Debug = False,
) -> None:
    """Write down what is said in each clip, and say which texts can be trusted."""
    wanted = StageOptions(language=language, model=model)
    command = StageCommand(TRANSCRIBE, paths, output, wanted, with_subtitles=not no_subtitles)
    exit_with(command, server, as_json=as_json, debug=debug)


@app.command("build-dataset", epilog=EPILOG)
def build_dataset(
    *,
    paths: options.Inputs,
    output: Annotated[Path | None, options.output_option("./dataset/VOICE", "the dataset")] = None,
    voice: options.Voice = "",
    language: options.Language = "",
    form: options.OutputFormat = Format.LJSPEECH,
    force: options.Force = False,
    server: options.Server = "",
    as_json: options.AsJson = False,
    debug: options.Debug = False,
) -> None:
    """Filter clips, split them into training and validation, and write the dataset."""
    name = voice or voice_of(paths[0])
    folder = output or Path("dataset") / name
    wanted = StageOptions(language=language)
    command = BuildDataset(paths, folder, wanted, voice=name, format=form, force=force)
    exit_with(command, server, as_json=as_json, debug=debug)


@app.command("run-pipeline", epilog=EPILOG)
def run_pipeline(
    *,
    paths: options.Inputs,
    output: Annotated[Path | None, options.output_option("./dataset/VOICE", "the dataset")] = None,
    voice: options.Voice = "",
    language: options.Language = "",
    model: options.Model = "",
    sample_rate: options.SampleRate = None,
    noise_reduction: options.Noise = None,
    reference: options.Reference = None,
    min_clip: options.MinClip = None,
    max_clip: options.MaxClip = None,
    form: options.OutputFormat = Format.LJSPEECH,
    no_subtitles: options.NoSubtitles = False,
    force: options.Force = False,
    server: options.Server = "",
    as_json: options.AsJson = False,
    debug: options.Debug = False,
) -> None:
    """Do everything: from videos to a dataset folder with a report.

    What was done before is not done again. An interruption cancels the run;
    `tts-trainer runs retry` goes on with it.
    """
    name = voice or voice_of(paths[0])
    command = RunPipeline(
        paths,
        name,
        output or Path("dataset") / name,
        StageOptions(
            language=language,
            model=model,
            sample_rate_hertz=sample_rate or 0,
            noise_reduction=noise_reduction,
            reference=reference,
            min_clip_seconds=min_clip or 0.0,
            max_clip_seconds=max_clip or 0.0,
        ),
        format=form,
        force=force,
        with_subtitles=not no_subtitles,
    )
    exit_with(command, server, as_json=as_json, debug=debug)


@app.command("up", epilog=EPILOG)
def up(
    *,
    watch: Annotated[
        Path | None,
        typer.Option(
            file_okay=False,
            help="A folder to watch, made if need be: what is dropped into FOLDER/VOICE/ becomes a "
            "dataset.",
        ),
    ] = None,
    debug: options.Debug = False,
) -> None:
    """Run the whole stack in the foreground, at the usual ports, until Ctrl-C.

    Where DISCORD_TOKEN is set the Discord bot runs, too.
    """
    if watch is not None:
        watch.mkdir(parents=True, exist_ok=True)
    exit_with(Up(watch.absolute() if watch else None), "", as_json=False, debug=debug)


@app.command("doctor", epilog=EPILOG)
def doctor(
    *,
    server: options.ServerToLookAt = "",
    as_json: options.AsJson = False,
    debug: options.Debug = False,
) -> None:
    """Say what is installed, which models, which servers, and what to do about what is missing."""
    exit_with(Doctor(), server, as_json=as_json, debug=debug)
