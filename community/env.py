"""Reads deployment values from the environment, and refuses invalid ones.

Every function raises ConfigurationError, whose message is the one line that an operator needs.
"""

import gettext
import os
from collections.abc import Iterable
from pathlib import Path
from zoneinfo import ZoneInfo

from django.utils.translation import to_locale

TRUE = {"1", "true", "yes", "on"}
FALSE = {"0", "false", "no", "off", ""}


class ConfigurationError(SystemExit):
    """A value in the environment is missing or invalid.

    As a SystemExit it ends every entry point (manage.py, a WSGI server, a worker) with its one line instead
    of a stack trace.
    """


def read_env_file(path: Path) -> None:
    """Add the NAME=value lines of a .env file to the environment; existing variables stay."""
    try:
        text = path.read_text(encoding="utf-8") if path.is_file() else ""
    except (OSError, ValueError) as error:  # ValueError if it is not UTF-8
        raise ConfigurationError(f"{path} cannot be read: {error}") from None
    for line in text.splitlines():
        name, separator, value = line.strip().removeprefix("export ").partition("=")
        if separator and not name.startswith("#"):
            value = value.strip()
            if len(value) > 1 and value[0] == value[-1] and value[0] in "'\"":
                value = value[1:-1]
            os.environ.setdefault(name.strip(), value)


def env_str(name: str, default: str = "") -> str:
    """The value of NAME, or of the file that NAME_FILE points to (container secrets), stripped."""
    value = os.environ.get(name, "").strip()
    file_name = os.environ.get(f"{name}_FILE", "").strip()
    if not value and file_name:
        try:
            value = Path(file_name).read_text(encoding="utf-8").strip()
        except (OSError, ValueError) as error:  # ValueError if it is not UTF-8
            raise ConfigurationError(f"{name}_FILE names a file that cannot be read: {error}") from error
    return value or default


def env_bool(name: str, default: bool) -> bool:
    value = os.environ.get(name)
    if value is None or not value.strip():
        return default
    word = value.strip().lower()
    if word in TRUE:
        return True
    if word in FALSE:
        return False
    raise ConfigurationError(f"{name} must be 1 or 0 (or on, off, yes, no), not {value!r}.")


def env_int(name: str, default: int, minimum: int = 0) -> int:
    value = os.environ.get(name, "").strip()
    if not value:
        return default
    try:
        number = int(value)
    except ValueError:
        raise ConfigurationError(f"{name} must be a whole number, not {value!r}.") from None
    if number < minimum:
        raise ConfigurationError(f"{name} must be {minimum} or more, not {number}.")
    return number


def env_list(name: str, default: list[str] | None = None) -> list[str]:
    """Values separated by commas, stripped; empty ones are dropped."""
    values = [part.strip() for part in env_str(name).split(",") if part.strip()]
    return values or list(default or [])


def env_choice(name: str, default: str, *choices: str) -> str:
    """One of the choices, in any case."""
    value = env_str(name, default)
    for choice in choices:
        if value.lower() == choice.lower():
            return choice
    raise ConfigurationError(f"{name} must be {', '.join(choices[:-1])} or {choices[-1]}, not {value!r}.")


def env_time_zone(name: str, default: str) -> str:
    value = env_str(name, default)
    try:
        return ZoneInfo(value).key
    except (KeyError, ValueError, OSError):
        raise ConfigurationError(
            f"{name} must be a time zone such as Europe/London, not {value!r}."
        ) from None


def env_language(name: str, default: str, folders: Iterable[Path]) -> str:
    """A language code with translations in one of the folders, perhaps of another country."""
    value = env_str(name, default)
    if not any(gettext.find("django", str(folder), [to_locale(value)]) for folder in folders):
        raise ConfigurationError(
            f"{name} must be a language that the site is translated into, such as de, not {value!r}."
        )
    return value


def make_folder(name: str, folder: Path, *, to_write: bool = False) -> Path:
    """Create the folder named by the variable.

    Raises ConfigurationError if that fails, or it must be writable and is not.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigurationError(f"{name} points to a folder that cannot be created: {error}") from None
    if to_write and not os.access(folder, os.W_OK):
        raise ConfigurationError(f"{name} points to a folder that is not writable: {folder}")
    return folder
