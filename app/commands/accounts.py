"""The commands `attune accounts list`, `add`, `reset`, `disable`, `enable`, `sessions`, `revoke` and `audit`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from attune_fit.app.commands.models import ClinicFirstGroup
from attune_fit.app.terminal.arguments import AsJson, ClinicFolder
from attune_fit.app.terminal.errors import handle_errors

if TYPE_CHECKING:
    from attune_fit.workspace import Workspace

AccountName = Annotated[str, typer.Argument(metavar="NAME", help="Name of the account.", show_default=False)]
Address = Annotated[
    str, typer.Option(metavar="ADDRESS", help="Where browsers reach the desk: the first part of the link.")
]
LOCAL_ADDRESS = "http://127.0.0.1:8000"

accounts = typer.Typer(
    name="accounts",
    cls=ClinicFirstGroup,
    no_args_is_help=True,
    help="""List who can sign in to the desk, add accounts, and end sessions.

    An account gets a one-time link, with which its owner sets a password. The
    accounts are in CLINIC/artifacts/desk.db, or in the journal's database.""",
)


@accounts.command("list")
@handle_errors
def list_accounts(clinic: ClinicFolder, json: AsJson = False) -> None:
    """List the accounts: their roles, and whether they can sign in."""
    from attune_fit.app.terminal.console import print_result
    from attune_fit.app.views.account_list import show_accounts

    result = _open(clinic).accounts()
    print_result(result, lambda: show_accounts(result.result, clinic), json)


@accounts.command()
@handle_errors
def add(
    clinic: ClinicFolder,
    name: AccountName,
    role: Annotated[
        str,
        typer.Option(metavar="ROLE", help="coordinator, clinician (own clients only) or admin.", show_default=False),
    ],
    therapist: Annotated[
        str | None, typer.Option(metavar="ID", help="Of a clinician: the therapist whose clients the account sees.")
    ] = None,
    address: Address = LOCAL_ADDRESS,
    json: AsJson = False,
) -> None:
    """Add an account, and print the link with which its owner sets a password."""
    from attune_fit.app.terminal.console import print_result
    from attune_fit.app.views.account_list import show_link

    result = _open(clinic).add_account(name, role, therapist)
    print_result(result, lambda: show_link(result.result, address), json)


@accounts.command("set-up")
@handle_errors
def set_up(clinic: ClinicFolder, address: Address = LOCAL_ADDRESS, json: AsJson = False) -> None:
    """Print a link that makes the first account, an admin, while no account has a password."""
    from attune_fit.app.terminal.console import print_result
    from attune_fit.app.views.account_list import show_link

    result = _open(clinic).set_up_desk()
    print_result(result, lambda: show_link(result.result, address), json)


@accounts.command()
@handle_errors
def reset(clinic: ClinicFolder, name: AccountName, address: Address = LOCAL_ADDRESS, json: AsJson = False) -> None:
    """Take the password away, end the sessions, and print a new link."""
    from attune_fit.app.terminal.console import print_result
    from attune_fit.app.views.account_list import show_link

    result = _open(clinic).reset_account(name)
    print_result(result, lambda: show_link(result.result, address), json)


@accounts.command()
@handle_errors
def disable(clinic: ClinicFolder, name: AccountName, json: AsJson = False) -> None:
    """Disable an account: it cannot sign in, and its sessions end at once."""
    from attune_fit.app.terminal.console import print_result
    from attune_fit.app.views.account_list import show_state

    result = _open(clinic).disable_account(name)
    print_result(result, lambda: show_state(result.result), json)


@accounts.command()
@handle_errors
def enable(clinic: ClinicFolder, name: AccountName, json: AsJson = False) -> None:
    """Enable an account again, with its earlier password."""
    from attune_fit.app.terminal.console import print_result
    from attune_fit.app.views.account_list import show_state

    result = _open(clinic).enable_account(name)
    print_result(result, lambda: show_state(result.result), json)


@accounts.command()
@handle_errors
def sessions(
    clinic: ClinicFolder,
    name: Annotated[str | None, typer.Argument(metavar="[NAME]", help="Only of this account.")] = None,
    json: AsJson = False,
) -> None:
    """List who is signed in, from which computer, and since when."""
    from attune_fit.app.terminal.console import print_result
    from attune_fit.app.views.account_list import show_sessions

    result = _open(clinic).sessions(name)
    print_result(result, lambda: show_sessions(result.result), json)


@accounts.command()
@handle_errors
def revoke(
    clinic: ClinicFolder,
    name: AccountName,
    session: Annotated[
        str | None, typer.Option(metavar="SESSION", help="Only this one, as `sessions` names it. Default: all.")
    ] = None,
    json: AsJson = False,
) -> None:
    """End the sessions of an account; its owner can sign in again."""
    from attune_fit.app.terminal.console import print_result
    from attune_fit.app.views.account_list import show_ended

    result = _open(clinic).revoke_sessions(name, session=session)
    print_result(result, lambda: show_ended(result.result), json)


@accounts.command()
@handle_errors
def audit(
    clinic: ClinicFolder,
    name: Annotated[str | None, typer.Option("--account", metavar="NAME", help="Only of this account.")] = None,
    client: Annotated[str | None, typer.Option(metavar="ID", help="Only about this client.")] = None,
    last: Annotated[int, typer.Option(metavar="N", min=1, help="How many rows.")] = 20,
    json: AsJson = False,
) -> None:
    """List which account opened or changed which page, the latest first."""
    from attune_fit.app.terminal.console import print_result
    from attune_fit.app.views.account_list import show_audit

    result = _open(clinic).page_audit(last=last, name=name, client=client)
    print_result(result, lambda: show_audit(result.result), json)


def _open(clinic: ClinicFolder) -> Workspace:
    from attune_fit.workspace import Workspace

    return Workspace(clinic)
