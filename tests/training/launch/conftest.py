from tests.commands import manage as manage
