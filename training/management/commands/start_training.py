from argparse import ArgumentParser
from typing import Any

from operations.errors import InvalidInput
from operations.management.base import ExitCode, KtrdrCommand, add_user_argument, owner_of
from operations.management.following import follow_to_end
from training.launch.seeds import start_seeds
from training.launch.start import start_training
from training.management.starting import add_training_arguments, tell, training_request, warn


class Command(KtrdrCommand):
    help = "Start training a strategy. A worker takes it; nothing is trained in this process."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        add_user_argument(parser)
        add_training_arguments(parser)
        parser.add_argument("--seed", type=int, metavar="N")
        parser.add_argument(
            "--seeds",
            type=int,
            metavar="N",
            help="Start N that differ in the seed only, from --seed on.",
        )

    def run(self, options: dict[str, Any]) -> ExitCode:
        if options["seeds"] and options["follow"]:
            raise InvalidInput(reason="--follow shows one operation: it goes without --seeds.")
        warn(self, options)
        request, owner = training_request(options, seed=options["seed"]), owner_of(options)
        if options["seeds"] is None:
            started = [start_training(request, owner=owner)]
        else:
            started = start_seeds(request, seeds=options["seeds"], owner=owner)
        tell(self, started, options, as_list=options["seeds"] is not None)
        if options["follow"]:
            return follow_to_end(self, started[0].pk, as_json=options["json"])
        return ExitCode.DONE
