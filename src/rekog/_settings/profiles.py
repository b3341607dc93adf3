"""Where settings stand: environment variables and the two profile files.

The files have the form that botocore reads (INI, one level of nesting by indentation), and are merged as botocore
merges them: a profile's lines in the credentials file win over those in the config file.
"""

from __future__ import annotations

import os.path
from collections.abc import Callable, Mapping
from typing import NamedTuple, TypeAlias

from .._values.errors import ConfigError

ReadFile: TypeAlias = Callable[[str], "str | None"]
"""Give a file's text, or None when there is no such file. A leading `~` stands for the home directory."""

Sections: TypeAlias = dict[str, dict[str, str]]

CONFIG_FILE = "~/.aws/config"
CREDENTIALS_FILE = "~/.aws/credentials"


class Found(NamedTuple):
    """A setting's text, and where it stands, for the error message."""

    text: str
    source: str


class Sources(NamedTuple):
    """The environment and one profile; an empty value counts as absent in both."""

    environment: Mapping[str, str]
    profile_name: str
    profile: Mapping[str, str]
    services: Sections

    def variable(self, *names: str) -> Found | None:
        """Look for the first of these variables that is set."""
        return variable(self.environment, *names)

    def key(self, name: str) -> Found | None:
        """Look for a key of the profile."""
        text = self.profile.get(name)
        return Found(text, f"{name} in profile {self.profile_name!r}") if text else None

    def find(self, key: str, *variables: str) -> Found | None:
        """Look for variables, then for the profile's key."""
        return self.variable(*variables) or self.key(key)

    def service_key(self, service: str, key: str) -> Found | None:
        """Look for a service's own key in the `[services NAME]` section that the profile names."""
        named = self.key("services")
        if named is None:
            return None
        section, source = self.services.get(named.text), f"[services {named.text}]"
        if section is None:
            raise ConfigError(f"{named.source} names the section {source}, which does not exist")
        source = f"{service} in {source}"
        text = _nested(Found(section.get(service, ""), source)).get(key)
        return Found(text, f"{key} of {source}") if text else None


def variable(environment: Mapping[str, str], *names: str) -> Found | None:
    """Look for the first of these variables that is set."""
    return next((Found(environment[name], name) for name in names if environment.get(name)), None)


def profile_files(environment: Mapping[str, str]) -> Mapping[str, str]:
    """Return where the two profile files are, by botocore's names for them."""
    return {
        "config_file": environment.get("AWS_CONFIG_FILE") or CONFIG_FILE,
        "credentials_file": environment.get("AWS_SHARED_CREDENTIALS_FILE") or CREDENTIALS_FILE,
    }


def read_sources(profile: Found | None, environment: Mapping[str, str], read_file: ReadFile) -> Sources:
    """Read both files, and choose the profile: one that is named must exist, `default` need not."""
    config_file, credentials_file = profile_files(environment).values()
    profiles, services = _sort(_parse(config_file, read_file))
    for name, values in _parse(credentials_file, read_file).items():
        profiles[name] = profiles.get(name, {}) | values
    if profile is not None and profile.text not in profiles:
        where = f"neither {config_file} nor {credentials_file} has it"
        raise ConfigError(f"{profile.source} names the profile {profile.text!r}, but {where}")
    name = profile.text if profile else "default"
    return Sources(environment, name, profiles.get(name, {}), services)


def _sort(sections: Sections) -> tuple[Sections, Sections]:
    """Sort the config file's sections into profiles, which read `[profile NAME]` there, and services."""
    if not sections:
        return {}, {}
    import shlex  # only who has such a file pays for it

    profiles: Sections = {}
    services: Sections = {}
    for title, values in sections.items():
        try:
            words = shlex.split(title)
        except ValueError:  # a quotation that does not end: no title that we know
            continue
        if title == "default":
            profiles[title] = values
        elif len(words) == 2 and words[0] == "profile":
            profiles[words[1]] = values
        elif len(words) == 2 and words[0] == "services":
            services[words[1]] = values
    return profiles, services


def _parse(path: str, read_file: ReadFile) -> Sections:
    text = read_file(path)
    if not text:
        return {}
    import configparser  # only who has such a file pays for it

    parser = configparser.RawConfigParser()
    try:
        parser.read_string(text)
        return {title: dict(parser.items(title)) for title in parser.sections()}
    except (
        configparser.MissingSectionHeaderError,
        configparser.DuplicateSectionError,
        configparser.DuplicateOptionError,
    ) as error:
        fault, line = type(error).__name__, error.lineno
    except configparser.ParsingError as error:
        fault, line = type(error).__name__, error.errors[0][0]
    # Raised out here, so that no chained error shows the line: it may hold a secret.
    raise ConfigError(f"{path} is not a profile file: {fault} in line {line}")


def _nested(found: Found) -> Mapping[str, str]:
    pairs = [line.partition("=") for line in found.text.splitlines() if line.strip()]
    if any(not equals for _, equals, _ in pairs):
        raise ConfigError(f"{found.source} must be followed by indented lines of the form `key = value`")
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
