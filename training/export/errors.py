"""Why something was not exported. A class's docstring is its message."""

from operations.errors import DomainError


class NothingToExport(DomainError):
    """Nothing was written: {reason}"""

    code = "nothing_to_export"
    status = 409


class PackagesMissing(DomainError):
    """
    {format} needs the package {package}, which is not installed. `.venv/bin/python -m pip install
    -c constraints.txt -r requirements-export.txt` installs it. Nothing was written.
    """

    code = "packages_missing"
    status = 422


class ExportDiffers(DomainError):
    """
    Nothing was written: on the {samples} bars of the test part the ONNX network differs from the
    model by up to {largest}, more than {allowed} is too much, and {others} of its decisions are
    others. The bundle's own reader needs NumPy alone, and decides as the model does.
    """

    code = "export_differs"
    status = 422
