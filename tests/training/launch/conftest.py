from tests.asking.commands import manage as manage
