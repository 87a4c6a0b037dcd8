"""Why an upload is not taken, or not used. A class's docstring is its message."""

from operations.errors import DomainError


class UploadNotFound(DomainError):
    """
    There is no upload {upload_id}. One is kept for an hour: send the file again.
    """

    code = "upload_not_found"
    status = 404


class TooManyUploads(DomainError):
    """
    You have {most} uploads already: import or delete one of them first; each is kept for an hour.
    """

    code = "too_many_uploads"
    status = 409

    def __init__(self, *, most: int, uploads: list[str]) -> None:
        super().__init__(
            most=most, errors=[{"pointer": upload, "detail": "It is kept."} for upload in uploads]
        )


class UploadInUse(DomainError):
    """This upload is being imported: `GET uploads/{upload_id}` tells how far it is."""

    code = "upload_in_use"
    status = 409


class UploadUsed(DomainError):
    """This upload has been imported, and its file is gone: send the file again."""

    code = "upload_used"
    status = 409


class FileTooLargeHere(DomainError):
    """
    {reason} Import it with `manage.py import_market_data FILE --symbol {symbol} --timeframe
    {timeframe}`, which has no such limit.
    """

    code = "file_too_large_here"
    status = 422


class TicketStale(DomainError):
    """
    This form was made for another user or more than an hour ago: open the page anew, and choose
    the file again.
    """

    code = "ticket_stale"
    status = 403


class OptionInvalid(DomainError):
    """{option}: {reason}."""

    code = "option_invalid"
    status = 400


class NotStreamed(DomainError):
    """A file is taken by the site's web server alone (`manage.py serve`), which streams it."""

    code = "not_streamed"
    status = 400


class ReadingFailed(DomainError):
    """Reading it ended with an error of ours, which the site's log tells. Nothing was stored."""

    code = "reading_failed"
    status = 500
