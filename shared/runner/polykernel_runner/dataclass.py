"""The standard library's `dataclass`, but for the time that it takes at each start of a kernel.

The library writes and compiles up to six methods for every class: 0.5 ms each, a fifth of all that
it takes to load the runner (docs/performance.md). Here all classes share methods that look the
fields up. Fields that a class has of others, and those of `InitVar` and `ClassVar`, are not known.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable
    from dataclasses import dataclass
else:

    def dataclass(
        *, frozen: bool = False, eq: bool = True, slots: bool = False, kw_only: bool = False
    ) -> Callable[[_Class], _Class]:
        """Return what makes a dataclass of a class."""
        bare = dataclasses.dataclass(init=False, repr=False, eq=False, slots=slots, kw_only=kw_only)

        def make(cls: _Class) -> _Class:
            made = bare(cls)
            made.__init__ = _init
            made.__repr__ = _repr
            if eq:
                made.__eq__ = _eq
                made.__hash__ = _hash if frozen else None
            if frozen:
                made.__setattr__ = made.__delattr__ = _refuse
            return made

        return make


__all__ = ["dataclass"]

_Class = TypeVar("_Class", bound=type)


def _init(self: Any, /, *args: Any, **given: Any) -> None:
    cls = type(self)
    names = cls.__match_args__
    if len(args) > len(names):
        raise TypeError(f"{cls.__name__} takes {len(names)} values without a name, not {len(args)}")
    for name, value in zip(names, args, strict=False):
        if name in given:
            raise TypeError(f"{cls.__name__} is given {name!r} twice")
        given[name] = value
    fields = cls.__dataclass_fields__
    for name in given.keys() - fields.keys():
        raise TypeError(f"{cls.__name__} has no {name!r}")
    for name, field in fields.items():
        if name in given:
            value = given[name]
        elif field.default is not dataclasses.MISSING:
            value = field.default
        elif field.default_factory is not dataclasses.MISSING:
            value = field.default_factory()
        else:
            raise TypeError(f"{cls.__name__} is not given {name!r}")
        object.__setattr__(self, name, value)
    if hasattr(cls, "__post_init__"):
        self.__post_init__()


def _values(self: Any) -> tuple[Any, ...]:
    return tuple([getattr(self, name) for name in self.__dataclass_fields__])


def _repr(self: Any) -> str:
    values = zip(self.__dataclass_fields__, _values(self), strict=True)
    return f"{type(self).__qualname__}({', '.join(f'{name}={value!r}' for name, value in values)})"


def _eq(self: object, other: object) -> bool:
    return _values(self) == _values(other) if type(self) is type(other) else NotImplemented


def _hash(self: object) -> int:
    return hash(_values(self))


def _refuse(self: object, name: str, *_: object) -> NoReturn:
    raise dataclasses.FrozenInstanceError(f"{type(self).__name__}.{name} stays as it is")
