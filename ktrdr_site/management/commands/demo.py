import signal
import time
from argparse import ArgumentParser
from contextlib import suppress
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from ktrdr_site.demo import story
from ktrdr_site.demo.screen import Screen
from ktrdr_site.demo.site import DemoSite, SiteFailed
from ktrdr_site.demo.story import Outcome, Stage, StoryFailed
from ktrdr_site.local.first_login import NAME, Login, create_first_login
from ktrdr_site.local.supervisor import STOP_SIGNALS
from operations.errors import DomainError
from operations.reading.words import ordinal
from training.views.sample import EPOCHS


class Command(BaseCommand):
    help = (
        "Trains the sample strategy on a site of its own: kills the worker half-way, lets it "
        "recover, cancels, resumes, and compares its last bytes with those of an undisturbed twin."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--epochs",
            type=int,
            default=EPOCHS,
            help=f"of each training ({EPOCHS})",
        )
        parser.add_argument("--keep", action="store_true", help="leave the site up until Ctrl-C")

    def handle(self, *args: Any, epochs: int, keep: bool, **options: Any) -> None:
        began = time.monotonic()
        for number in STOP_SIGNALS:
            signal.signal(number, signal.default_int_handler)  # KeyboardInterrupt, for each
        call_command("migrate", interactive=False, verbosity=0)
        login = create_first_login(settings.KTRDR_DATA_DIR, output=self.stdout)
        assert login is not None  # the demo's database began empty
        try:
            with DemoSite() as site:
                self._perform(site, epochs)
                self.stdout.write(f"Done in {time.monotonic() - began:.0f} s.")
                if keep:
                    self._keep_up(site, login)
        except (StoryFailed, SiteFailed, DomainError) as error:
            raise CommandError(f"The demo failed. {error}") from error
        except KeyboardInterrupt:
            raise CommandError("Interrupted; nothing is left running.", returncode=130) from None

    def _perform(self, site: DemoSite, epochs: int) -> None:
        with Screen() as screen:
            screen.tell(f"starting the site at {site.url}")
            site.wait_until_ready()
            owner = get_user_model()._default_manager.get(username=NAME)
            outcome = story.perform(Stage(screen=screen, site=site, owner=owner, epochs=epochs))
        self._compare(outcome)
        self._tell_what_it_is_worth(outcome.result)

    def _compare(self, outcome: Outcome) -> None:
        """Raises `StoryFailed` where one byte differs."""
        disturbed, undisturbed = outcome.disturbed, outcome.undisturbed
        best, trained = (
            f"the {ordinal(outcome.result['best_epoch'])}",
            outcome.result["epochs_trained"],
        )
        self._show(
            f"State digest of the end, {trained:,} epochs: weights, optimizer, schedule, history",
            disturbed.state,
            undisturbed.state,
        )
        self._show(
            f"SHA-256 of model.safetensors: the weights of the best epoch, {best} of {trained:,}",
            disturbed.weights,
            undisturbed.weights,
        )
        if disturbed != undisturbed:
            raise StoryFailed("The two trainings did not end with the same bytes.")
        self.stdout.write(self.style.SUCCESS("Equal, byte for byte."))

    def _show(self, title: str, disturbed: str, undisturbed: str) -> None:
        self.stdout.write(f"\n{title}")
        self.stdout.write(f"  killed, cancelled, resumed  {disturbed}")
        self.stdout.write(f"  never disturbed             {undisturbed}")

    def _tell_what_it_is_worth(self, result: dict[str, Any]) -> None:
        test = result["test"]
        model = test["metrics"]["log_loss"]
        prior = test["baselines"]["class_prior"]["log_loss"]
        self.stdout.write(
            f"On the test part its log loss is {model:.4f}; "
            f"always saying how frequent each class was gives {prior:.4f}."
        )

    def _keep_up(self, site: DemoSite, login: Login) -> None:
        self.stdout.write(f"\nThe site stays up at {site.url} until Ctrl-C.")
        self.stdout.write(f"  sign in  {login}")
        with suppress(KeyboardInterrupt):
            site.wait_until_stopped()
