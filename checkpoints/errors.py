"""What can go wrong with stored bytes: they are wrong, or nobody can tell."""


class CheckpointCorruptedError(Exception):
    """A stored file is not what was saved. The message names the file and what is wrong with it."""


class StorageUnreachableError(Exception):
    """The storage did not do what it was asked, which says nothing about what it holds."""


class StorageFullError(StorageUnreachableError):
    """The storage has no room for what has to be written."""


class CheckpointInUseError(Exception):
    """The checkpoint cannot be deleted now. The message says what needs it."""
