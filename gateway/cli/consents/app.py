"""`tts-trainer consents`: who agreed to what."""

from collections.abc import Awaitable
from enum import StrEnum
from typing import Annotated

import typer

from gateway.cli import options
from gateway.cli.confirming import confirm
from gateway.cli.consents import options as consent_options
from gateway.cli.consents.agreement import WAYS_TO_RECORD, Agreement
from gateway.cli.consents.report import consent_lines, consents_table
from gateway.cli.consents.withdraw import WithdrawConsent
from gateway.cli.errors import UsageError
from gateway.cli.exit_status import EPILOG, ExitStatus
from gateway.cli.names import printable
from gateway.cli.payloads import message_payload
from gateway.cli.session import Session, exit_with
from gateway.services import DATASET
from ttstrainer.dataset.v1 import consent_service_pb2 as pb

consents_app = typer.Typer(
    help="Record, show and withdraw what people agreed to.", no_args_is_help=True
)
ConsentId = Annotated[
    str, typer.Argument(help="The consent, as `tts-trainer consents list` shows it.")
]
StatementLanguage = Annotated[
    str, typer.Option("--language", help="The language of the statement.")
]


class Purpose(StrEnum):
    """What a voice may be used for."""

    CLONING = "cloning"
    TRAINING = "training"


PURPOSES = {
    Purpose.CLONING: pb.CONSENT_PURPOSE_CLONING,
    Purpose.TRAINING: pb.CONSENT_PURPOSE_TRAINING,
}


@consents_app.command("grant", epilog=EPILOG)
def grant(
    *,
    speaker: consent_options.Speaker,
    purposes: Annotated[
        list[Purpose] | None,
        typer.Option("--purpose", help="What for. Repeatable. Default: cloning."),
    ] = None,
    statement: consent_options.Statement = None,
    signed: Annotated[
        str, typer.Option(help="The words that the speaker signed.", show_default=False)
    ] = "",
    i_have_consent: consent_options.IHaveConsent = False,
    datasets: Annotated[
        list[str] | None,
        typer.Option("--dataset", help="A dataset that holds the voice. Repeatable."),
    ] = None,
    language: StatementLanguage = "en",
    server: options.Server = "",
    as_json: options.AsJson = False,
    debug: options.Debug = False,
) -> None:
    """Record that somebody agreed to the use of their voice, with what shows it."""

    async def command(session: Session) -> ExitStatus:
        if sum((statement is not None, bool(signed), i_have_consent)) != 1:
            raise UsageError(WAYS_TO_RECORD)
        agreement = Agreement("", speaker, statement, signed, language)
        wanted = [PURPOSES[each] for each in purposes or [Purpose.CLONING]]
        async with session.client(*agreement.services) as client:
            consent = await agreement.recorded(client.consents, wanted, datasets or ())
        session.reporter.result(message_payload(consent), consent_lines(consent))
        return ExitStatus.OK

    exit_with(command, server, as_json=as_json, debug=debug)


@consents_app.command("list", epilog=EPILOG)
def list_consents(
    *, server: options.Server = "", as_json: options.AsJson = False, debug: options.Debug = False
) -> None:
    """List consents, the newest first."""

    async def command(session: Session) -> ExitStatus:
        async with session.client(DATASET) as client:
            found = [each async for each in client.consents.consents()]
        payload = {"consents": [message_payload(each) for each in found]}
        session.reporter.result(payload, consents_table(found))
        return ExitStatus.OK

    exit_with(command, server, as_json=as_json, debug=debug)


@consents_app.command("show", epilog=EPILOG)
def show(
    *,
    consent_id: ConsentId,
    server: options.Server = "",
    as_json: options.AsJson = False,
    debug: options.Debug = False,
) -> None:
    """Show a consent with its evidence."""

    async def command(session: Session) -> ExitStatus:
        async with session.client(DATASET) as client:
            consent = await client.consents.get(consent_id)
        session.reporter.result(message_payload(consent), consent_lines(consent))
        return ExitStatus.OK

    exit_with(command, server, as_json=as_json, debug=debug)


@consents_app.command("withdraw", epilog=EPILOG)
def withdraw(
    *,
    consent_id: ConsentId,
    reason: Annotated[str, typer.Option(help="Why, in words.", show_default=False)] = "",
    yes: options.Yes = False,
    server: options.Server = "",
    as_json: options.AsJson = False,
    debug: options.Debug = False,
) -> None:
    """Withdraw a consent: voices fall silent, datasets are marked; it cannot be taken back."""

    def command(session: Session) -> Awaitable[ExitStatus]:
        question = f"Withdraw the consent {printable(consent_id)} for ever?"
        confirm(question, agreed=yes, flag="--yes", may_ask=not as_json)
        return WithdrawConsent(consent_id, reason)(session)

    exit_with(command, server, as_json=as_json, debug=debug)


@consents_app.command("statement", epilog=EPILOG)
def statement(
    *,
    speaker: consent_options.Speaker,
    language: StatementLanguage = "en",
    server: options.Server = "",
    as_json: options.AsJson = False,
    debug: options.Debug = False,
) -> None:
    """Show the words that a speaker has to say on a recording of their consent."""

    async def command(session: Session) -> ExitStatus:
        async with session.client(DATASET) as client:
            words = await client.consents.statement(speaker, language)
        session.reporter.result({"statement": words}, [words])
        return ExitStatus.OK

    exit_with(command, server, as_json=as_json, debug=debug)
