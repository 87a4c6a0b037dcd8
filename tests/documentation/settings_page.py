"""docs/SETTINGS.md: every environment variable, its default and what it is for."""

from ktrdr_site.variables import VARIABLES, Variable
from tests.documentation import sources
from tests.documentation.table import table
from tests.running.stack import PROJECT

SETTINGS = PROJECT / "docs" / "SETTINGS.md"
HEAD = """# Settings

Environment variables; a bad value stops the process at start with the variable's name and what it
accepts. Written from `ktrdr_site/variables.py` and the code by `make reference`;
a test compares it.

"""


def settings_page() -> str:
    return HEAD + table(("variable", "default", ""), map(_row, VARIABLES)) + "\n"


def _row(variable: Variable) -> tuple[str, str, str]:
    names = ", ".join(f"`{name}`" for name in variable.names.split())
    return names, _default(variable), variable.about


def _default(variable: Variable) -> str:
    """Raises `ValueError` where words say once more what is a number in the code."""
    number = sources.environment_variables().get(variable.names)
    if number is not None and variable.default is not None:
        raise ValueError(f"{variable.names}: its default is the {number} in the code; say no other")
    return number or variable.default or ""
