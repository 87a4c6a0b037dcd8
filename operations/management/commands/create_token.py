from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from operations.access import tokens
from operations.access.tokens import Scope
from operations.errors import InvalidInput
from operations.management.base import ExitCode, KtrdrCommand, get_user
from operations.text import unspeakable


class Command(KtrdrCommand):
    help = "Create a token for the API and print it: this once, since only its hash is kept."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("user", help="The user's name.")
        parser.add_argument("--scope", choices=Scope.values, required=True)
        parser.add_argument("--expires", type=int, metavar="DAYS", help="Without: never.")
        parser.add_argument("--name", default="", help="What it is for.")

    def run(self, options: dict[str, Any]) -> ExitCode:
        days = options["expires"]
        if days is not None and not 1 <= days <= tokens.LIFETIME_MAX_DAYS:
            raise InvalidInput(
                reason=f"--expires is a number of days, 1 to {tokens.LIFETIME_MAX_DAYS}."
            )
        if len(options["name"]) > tokens.NAME_MAX_LENGTH:
            raise InvalidInput(reason=f"--name has at most {tokens.NAME_MAX_LENGTH} characters.")
        if character := unspeakable(options["name"]):
            raise InvalidInput(reason=f"--name is text on one line: it holds {character}.")
        token, secret = tokens.issue(
            get_user(options["user"]),
            scope=Scope(options["scope"]),
            name=options["name"],
            lifetime=timedelta(days=days) if days else None,
        )
        if options["json"]:
            self.print_json({"token": secret, "scope": token.scope, "expires_at": token.expires_at})
        else:
            self.stdout.write(secret)
        return ExitCode.DONE
