"""`tts-trainer engines`: the models that speak."""

from typing import Annotated

import typer

from gateway.cli import options
from gateway.cli.engines.report import model_lines, models_table
from gateway.cli.exit_status import EPILOG, ExitStatus
from gateway.cli.payloads import message_payload
from gateway.cli.session import Session, exit_with
from gateway.services import INFERENCE
from ttstrainer.inference.v1 import engine_service_pb2 as pb

engines_app = typer.Typer(help="Show, load and unload the models that speak.", no_args_is_help=True)
ModelName = Annotated[
    str, typer.Argument(help="The model, as `tts-trainer engines list` shows it.")
]


@engines_app.command("list", epilog=EPILOG)
def list_models(
    *, server: options.Server = "", as_json: options.AsJson = False, debug: options.Debug = False
) -> None:
    """List the models, where they are, and the memory they take."""

    async def command(session: Session) -> ExitStatus:
        async with session.client(INFERENCE) as client:
            answer = await client.engines.models()
        session.reporter.result(message_payload(answer), models_table(answer))
        return ExitStatus.OK

    exit_with(command, server, as_json=as_json, debug=debug)


@engines_app.command("load", epilog=EPILOG)
def load(
    *,
    name: ModelName,
    version: Annotated[
        str, typer.Option(help="The version. Default: the newest.", show_default=False)
    ] = "",
    accept_licence: Annotated[
        bool,
        typer.Option(
            "--accept-licence",
            help="Say that you have read, and accept, the licence that `engines list` shows.",
        ),
    ] = False,
    server: options.Server = "",
    as_json: options.AsJson = False,
    debug: options.Debug = False,
) -> None:
    """Bring a model into memory before it is needed; a newer version takes over without a break."""

    async def command(session: Session) -> ExitStatus:
        request = pb.LoadModelRequest(name=name, version=version, accept_licence=accept_licence)
        async with session.client(INFERENCE) as client:
            if session.stack is not None:
                note = "The services end with this command; under `tts-trainer up` a model stays."
                session.reporter.note(note)
            model = await client.engines.load(request)
        session.reporter.result(message_payload(model), model_lines(model))
        return ExitStatus.OK

    exit_with(command, server, as_json=as_json, debug=debug)


@engines_app.command("unload", epilog=EPILOG)
def unload(
    *,
    name: ModelName,
    version: Annotated[
        str, typer.Option(help="The version. Default: all.", show_default=False)
    ] = "",
    server: options.Server = "",
    as_json: options.AsJson = False,
    debug: options.Debug = False,
) -> None:
    """Take a model out of memory once its streams have ended."""

    async def command(session: Session) -> ExitStatus:
        async with session.client(INFERENCE) as client:
            freed_bytes = await client.engines.unload(name, version)
        payload = {"name": name, "freed_bytes": freed_bytes}
        session.reporter.result(payload, [f"{freed_bytes >> 20:,} MiB are free again."])
        return ExitStatus.OK

    exit_with(command, server, as_json=as_json, debug=debug)
