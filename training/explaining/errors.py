from operations.errors import DomainError


class TooFewBlocks(DomainError):
    """
    The {part} part has {blocks} blocks of {bars} bars, as long as the labels look ahead: of fewer
    than 10 no error can be told. Train with a longer {part} part, or with a shorter horizon.
    """

    code = "too_few_blocks"
    status = 422
