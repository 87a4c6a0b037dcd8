"""Keeps a stack's processes running, as a supervisor with restart=always does."""

from collections.abc import Callable, Mapping

from tests.running.stack import StackProcess

StartProcess = Callable[[], StackProcess]


class Crew:
    """One process at each post; `look` starts another one where it has ended."""

    def __init__(self, posts: Mapping[str, StartProcess]) -> None:
        self._posts = dict(posts)
        self.at = {post: start() for post, start in self._posts.items()}
        self.restarts = 0

    def look(self) -> None:
        for post, process in self.at.items():
            if not process.alive:
                self.at[post] = self._posts[post]()
                self.restarts += 1
