"""Sources of settings: environment variables and the two profile files.

The files have the format that botocore reads (INI, one level of nesting by indentation) and are merged as in botocore:
a profile's lines in the credentials file win over those in the config file.
"""

from __future__ import annotations

import os.path
from collections.abc import Callable, Mapping
from typing import NamedTuple, TypeAlias

from .._values.errors import ConfigError

ReadFile: TypeAlias = Callable[[str], "str | None"]
"""Return a file's text, or None when there is no such file. A leading `~` is the home directory."""

Sections: TypeAlias = dict[str, dict[str, str]]

CONFIG_FILE = "~/.aws/config"
CREDENTIALS_FILE = "~/.aws/credentials"


class Setting(NamedTuple):
    """A setting's text, and its source for the error message."""

    text: str
    source: str


class Sources(NamedTuple):
    """The environment and one profile; an empty value counts as absent in both."""

    environment: Mapping[str, str]
    profile_name: str
    profile: Mapping[str, str]
    services: Sections

    def variable(self, *names: str) -> Setting | None:
        """Return the first of these variables that is set."""
        return variable(self.environment, *names)

    def key(self, name: str) -> Setting | None:
        """Return a key of the profile."""
        text = self.profile.get(name)
        return Setting(text, f"{name} in profile {self.profile_name!r}") if text else None

    def find(self, key: str, *variables: str) -> Setting | None:
        """Return the first of these variables that is set, else the profile's key."""
        return self.variable(*variables) or self.key(key)

    def service_key(self, service: str, key: str) -> Setting | None:
        """Return a service's own key in the `[services NAME]` section that the profile names."""
        named = self.key("services")
        if named is None:
            return None
        section, source = self.services.get(named.text), f"[services {named.text}]"
        if section is None:
            raise ConfigError(f"{named.source} names the section {source}, which does not exist")
        source = f"{service} in {source}"
        text = _nested(Setting(section.get(service, ""), source)).get(key)
        return Setting(text, f"{key} of {source}") if text else None


def variable(environment: Mapping[str, str], *names: str) -> Setting | None:
    """Return the first of these variables that is set."""
    return next((Setting(environment[name], name) for name in names if environment.get(name)), None)


def profile_files(environment: Mapping[str, str]) -> Mapping[str, str]:
    """Return the paths of the two profile files, by botocore's names for them."""
    return {
        "config_file": environment.get("AWS_CONFIG_FILE") or CONFIG_FILE,
        "credentials_file": environment.get("AWS_SHARED_CREDENTIALS_FILE") or CREDENTIALS_FILE,
    }


def read_sources(profile: Setting | None, environment: Mapping[str, str], read_file: ReadFile) -> Sources:
    """Read both files and select the profile: a named one must exist, `default` need not."""
    config_file, credentials_file = profile_files(environment).values()
    profiles, services = _sort(_parse(config_file, read_file))
    for name, values in _parse(credentials_file, read_file).items():
        profiles[name] = profiles.get(name, {}) | values
    if profile is not None and profile.text not in profiles:
        searched = f"neither {config_file} nor {credentials_file} has it"
        raise ConfigError(f"{profile.source} names the profile {profile.text!r}, but {searched}")
    name = profile.text if profile else "default"
    return Sources(environment, name, profiles.get(name, {}), services)


def _sort(sections: Sections) -> tuple[Sections, Sections]:
    """Return the config file's profiles, titled `[profile NAME]` there, and its services."""
    if not sections:
        return {}, {}
    import shlex  # only users of such a file pay for the import

    profiles: Sections = {}
    services: Sections = {}
    for title, values in sections.items():
        try:
            words = shlex.split(title)
        except ValueError:  # a quotation that does not end: an unknown title
            continue
        # As in botocore, a title only has to begin with the word: `[profiles NAME]` is a profile too.
        if title == "default":
            profiles[title] = values
        elif len(words) == 2 and title.startswith("profile"):
            profiles[words[1]] = values
        elif len(words) == 2 and title.startswith("services"):
            services[words[1]] = values
    return profiles, services


def _parse(path: str, read_file: ReadFile) -> Sections:
    text = read_file(path)
    if not text:
        return {}
    import configparser  # only users of such a file pay for the import

    parser = configparser.RawConfigParser()
    try:
        parser.read_string(text)
        return {title: dict(parser.items(title)) for title in parser.sections()}
    except (
        configparser.MissingSectionHeaderError,
        configparser.DuplicateSectionError,
        configparser.DuplicateOptionError,
    ) as error:
        problem, line = type(error).__name__, error.lineno
    except configparser.ParsingError as error:
        problem, line = type(error).__name__, error.errors[0][0]
    # Raised outside the handler, so that no chained error shows the line: it may contain a secret.
    raise ConfigError(f"{path} is not a profile file: {problem} in line {line}")


def _nested(given: Setting) -> Mapping[str, str]:
    pairs = [line.partition("=") for line in given.text.splitlines() if line.strip()]
    if any(not equals for _, equals, _ in pairs):
        raise ConfigError(f"{given.source} must be followed by indented lines of the form `key = value`")
    return {key.strip(): value.strip() for key, _, value in pairs}


def read_text(path: str) -> str | None:
    """Read a profile file; None when it is missing or cannot be opened, as for botocore."""
    try:
        with open(os.path.expanduser(os.path.expandvars(path)), encoding="utf-8-sig") as file:
            return file.read()
    except OSError:
        return None
    except UnicodeDecodeError:
        pass
    raise ConfigError(f"{path} is not a profile file: it is not UTF-8 text")
