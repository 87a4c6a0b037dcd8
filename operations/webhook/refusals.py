"""Why a message did not arrive."""


class NotReceived(Exception):
    """It was not taken; its text goes into logs and events, and holds no secret."""


class Unreachable(NotReceived):
    """Nobody is there: then none of the others would arrive either, and they wait a round."""
