"""`tts-trainer voices`: who can speak."""

import asyncio
from collections.abc import Awaitable
from pathlib import Path
from typing import Annotated

import typer

from gateway.cli import options
from gateway.cli.confirming import confirm
from gateway.cli.consents import options as consent_options
from gateway.cli.consents.agreement import asked_agreement
from gateway.cli.exit_status import EPILOG, ExitStatus
from gateway.cli.names import checked_voice, printable
from gateway.cli.output import check_file
from gateway.cli.payloads import message_payload
from gateway.cli.session import Session, exit_with
from gateway.cli.speech.player import installed_player, play_file
from gateway.cli.voices.create import CreateVoice
from gateway.cli.voices.report import comparison_lines, voice_lines, voices_table
from gateway.cli.voices.sample import voice_sample
from gateway.cli.voices.update import UpdateVoice
from gateway.services import INFERENCE
from ttstrainer.inference.v1 import voice_service_pb2 as pb

voices_app = typer.Typer(
    help="Clone, show, change, compare and delete voices.", no_args_is_help=True
)
VoiceId = Annotated[str, typer.Argument(help="The voice, as `tts-trainer voices list` shows it.")]
Sample = Annotated[str, typer.Argument(help="A voice by its name, or an audio file.")]


@voices_app.command("create", epilog=EPILOG)
def create(
    *,
    voice_id: Annotated[str, typer.Argument(help="What the voice shall be called.")],
    references: Annotated[
        list[Path],
        typer.Option(
            "--reference",
            "-r",
            help="A recording of the voice: clean speech of one person, 6 to 30 seconds. "
            "Repeatable.",
            show_default=False,
        ),
    ],
    consent: consent_options.ConsentId = "",
    speaker: consent_options.Speaker = "",
    statement: consent_options.Statement = None,
    i_have_consent: consent_options.IHaveConsent = False,
    name: Annotated[
        str, typer.Option(help="Its name for people. Default: the voice's.", show_default=False)
    ] = "",
    language: Annotated[str, typer.Option(help="The language of the recordings.")] = "en",
    model: Annotated[
        str,
        typer.Option(
            "--model",
            "--engine",
            help="The model to clone with. Default: the server's choice.",
            show_default=False,
        ),
    ] = "",
    replace: Annotated[
        bool, typer.Option("--replace", help="Take the place of a voice of this name.")
    ] = False,
    server: options.Server = "",
    as_json: options.AsJson = False,
    debug: options.Debug = False,
) -> None:
    """Clone a voice from a few seconds of speech, with the consent of the person it belongs to.

    Name a consent that was recorded (--consent), or record one now: --speaker
    with a recording of the statement (--statement) or with your word for it
    (--i-have-consent). Who gives none of these is asked.
    """
    header = pb.CreateVoiceHeader(
        voice_id=voice_id,
        display_name=name,
        language_code=language,
        model=model,
        replace=replace,
    )

    def command(session: Session) -> Awaitable[ExitStatus]:
        checked_voice(voice_id)
        agreement = asked_agreement(
            consent_id=consent,
            speaker_name=speaker,
            statement=statement,
            is_declared=i_have_consent,
            language_code=language,
            may_ask=not as_json,
        )
        return CreateVoice(header, references, agreement)(session)

    exit_with(command, server, as_json=as_json, debug=debug)


@voices_app.command("list", epilog=EPILOG)
def list_voices(
    *, server: options.Server = "", as_json: options.AsJson = False, debug: options.Debug = False
) -> None:
    """List who can speak."""

    async def command(session: Session) -> ExitStatus:
        async with session.client(INFERENCE) as client:
            found = [each async for each in client.voices.voices()]
        payload = {"voices": [message_payload(each) for each in found]}
        session.reporter.result(payload, voices_table(found))
        return ExitStatus.OK

    exit_with(command, server, as_json=as_json, debug=debug)


@voices_app.command("show", epilog=EPILOG)
def show(
    *,
    voice_id: VoiceId,
    server: options.Server = "",
    as_json: options.AsJson = False,
    debug: options.Debug = False,
) -> None:
    """Show a voice, and what it was cloned from."""

    async def command(session: Session) -> ExitStatus:
        async with session.client(INFERENCE) as client:
            voice = await client.voices.get(voice_id)
        session.reporter.result(message_payload(voice), voice_lines(voice))
        return ExitStatus.OK

    exit_with(command, server, as_json=as_json, debug=debug)


@voices_app.command("update", epilog=EPILOG)
def update(
    *,
    voice_id: VoiceId,
    name: Annotated[
        str | None,
        typer.Option(help="Its new name for people. Empty: the voice's.", show_default=False),
    ] = None,
    language: Annotated[
        str | None,
        typer.Option(help="The language it speaks unless told otherwise.", show_default=False),
    ] = None,
    model: Annotated[
        str | None,
        typer.Option(
            "--model",
            "--engine",
            help="The model to speak with it. Empty: the server's choice.",
            show_default=False,
        ),
    ] = None,
    server: options.Server = "",
    as_json: options.AsJson = False,
    debug: options.Debug = False,
) -> None:
    """Change the name, the language or the model of a cloned voice."""
    exit_with(UpdateVoice(voice_id, name, language, model), server, as_json=as_json, debug=debug)


@voices_app.command("compare", epilog=EPILOG)
def compare(
    *,
    first: Sample,
    second: Sample,
    server: options.Server = "",
    as_json: options.AsJson = False,
    debug: options.Debug = False,
) -> None:
    """Say how alike two voices are."""

    async def command(session: Session) -> ExitStatus:
        samples = [await asyncio.to_thread(voice_sample, each) for each in (first, second)]
        async with session.client(INFERENCE) as client:
            compared = await client.voices.compare(*samples)
        session.reporter.result(message_payload(compared), comparison_lines(compared))
        return ExitStatus.OK

    exit_with(command, server, as_json=as_json, debug=debug)


@voices_app.command("delete", epilog=EPILOG)
def delete(
    *,
    voice_id: VoiceId,
    yes: options.Yes = False,
    server: options.Server = "",
    as_json: options.AsJson = False,
    debug: options.Debug = False,
) -> None:
    """Delete a cloned voice with all that was derived from it; what speaks with it ends."""

    def command(session: Session) -> Awaitable[ExitStatus]:
        question = f"Delete the voice {printable(voice_id)} for ever?"
        confirm(question, agreed=yes, flag="--yes", may_ask=not as_json)
        return _delete(voice_id, session)

    exit_with(command, server, as_json=as_json, debug=debug)


async def _delete(voice_id: str, session: Session) -> ExitStatus:
    async with session.client(INFERENCE) as client:
        count = await client.voices.delete(voice_id)
    payload = {"voice_id": voice_id, "removed_object_count": count}
    told = f"The voice {printable(voice_id)} is gone, with {count} objects in the store."
    session.reporter.result(payload, [told])
    return ExitStatus.OK


@voices_app.command("preview", epilog=EPILOG)
def preview(
    *,
    voice_id: VoiceId,
    text: Annotated[
        str,
        typer.Option(
            help="What to say, at most 300 characters. Default: a sentence in its language.",
            show_default=False,
        ),
    ] = "",
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", help="The WAV file. Default: VOICE.wav.", show_default=False
        ),
    ] = None,
    play: Annotated[bool, typer.Option("--play", help="Play it too.")] = False,
    server: options.Server = "",
    as_json: options.AsJson = False,
    debug: options.Debug = False,
) -> None:
    """Hear a voice say a sentence."""

    async def command(session: Session) -> ExitStatus:
        path = output or Path(f"{checked_voice(voice_id)}.wav")
        check_file(path)
        player = installed_player() if play else None
        async with session.client(INFERENCE) as client:
            audio = await client.voices.preview(voice_id, text)
        await asyncio.to_thread(path.write_bytes, audio)
        if player is not None:
            await play_file(player, path)
        payload = {"voice_id": voice_id, "output": str(path)}
        session.reporter.result(payload, [f"Synthetic speech: {printable(str(path))}"])
        return ExitStatus.OK

    exit_with(command, server, as_json=as_json, debug=debug)
