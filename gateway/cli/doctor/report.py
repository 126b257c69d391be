"""`tts-trainer doctor`: what is here, what is missing, and what to do about it."""

import asyncio
import os
from collections.abc import Sequence
from dataclasses import dataclass

from rich.table import Table
from rich.text import Text

from gateway.cli.doctor.finding import Finding, Health
from gateway.cli.doctor.machine import machine_checks
from gateway.cli.doctor.models import model_checks
from gateway.cli.doctor.packages import package_checks
from gateway.cli.doctor.servers import server_checks
from gateway.cli.exit_status import ExitStatus
from gateway.cli.session import Session, data_folder

STYLES = {Health.OK: "green", Health.WARNING: "yellow", Health.MISSING: "bold red"}


@dataclass(frozen=True, slots=True)
class Doctor:
    """Looks at everything that the product needs on this machine."""

    async def __call__(self, session: Session) -> ExitStatus:
        """Runs the command; it fails when something that is needed is missing."""
        folder = data_folder()
        findings = [
            *await asyncio.to_thread(machine_checks, folder),
            *await asyncio.to_thread(package_checks),
            *await asyncio.to_thread(model_checks),
            *await server_checks(session.server, folder, os.environ),
        ]
        missing = any(finding.health is Health.MISSING for finding in findings)
        status = ExitStatus.FAILED if missing else ExitStatus.OK
        payload = {
            "exit_code": int(status),
            "findings": [
                {
                    "subject": finding.subject,
                    "health": finding.health.value,
                    "detail": finding.detail,
                    "remedy": finding.remedy,
                }
                for finding in findings
            ],
        }
        session.reporter.result(payload, [_table(findings)])
        return status


def _table(findings: Sequence[Finding]) -> Table:
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for finding in findings:
        told = Text(finding.detail)
        if finding.remedy:
            told.append(f"\n→ {finding.remedy}", style="bold")
        health = Text(finding.health.value, style=STYLES[finding.health])
        table.add_row(health, finding.subject, told)
    return table
