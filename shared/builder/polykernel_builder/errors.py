"""What can go wrong on the way to an image.

BuilderError              exit code 1
├── UsageError            64  what was typed cannot be meant
├── DefinitionError       65  a manifest, an example or a Dockerfile of the tree is wrong
├── MissingToolError      69  a program that this machine lacks
├── EngineError           75  no Docker engine, or one that refuses
├── BuildFailedError      1   an image could not be built
├── UntestedError         1   an image whose tests have not passed is not pushed
└── RegistryError         76  a registry cannot be reached or does not take an image
    └── LoginRefusedError 77  it wants other credentials
"""

from __future__ import annotations

from typing import ClassVar


class BuilderError(Exception):
    """Base of all; its text says what failed and what to do."""

    exit_code: ClassVar[int] = 1


class UsageError(BuilderError):
    """An unknown language, a name that is taken, a word too many."""

    exit_code = 64


class DefinitionError(BuilderError):
    """A file of the tree that breaks a rule; the text names file and key."""

    exit_code = 65


class MissingToolError(BuilderError):
    """A program of the host's that is needed and not there."""

    exit_code = 69


class EngineError(BuilderError):
    """The Docker engine cannot be reached or refused a request."""

    exit_code = 75


class BuildFailedError(BuilderError):
    """A step of an image's build failed; the text has the step and its last lines."""


class UntestedError(BuilderError):
    """An image is to be pushed whose tests have not passed, for that very image id."""


class RegistryError(BuilderError):
    """A registry cannot be reached, or does not take what it is given."""

    exit_code = 76


class LoginRefusedError(RegistryError):
    """A registry refuses the credentials, or wants some."""

    exit_code = 77
