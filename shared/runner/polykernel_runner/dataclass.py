"""The standard library's `dataclass`, but for the time that it takes at each start of a kernel.

The library writes and compiles up to six methods for every class: 0.5 ms each, a fifth of all that
it takes to load the runner (docs/performance.md). Here all classes share methods that look the
fields up. Fields that a class has of others, and those of `InitVar` and `ClassVar`, are not known.
"""

from __future__ import annotations

import dataclasses
from types import MemberDescriptorType
from typing import TYPE_CHECKING, Any, NoReturn, TypeAlias, TypeVar

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
# Its name, what sets it, its default, and what makes its default.
_Field: TypeAlias = "tuple[str, Callable[[Any, Any], None], Any, Any]"

_FIELDS: dict[type, tuple[_Field, ...]] = {}


def _init(self: Any, /, *args: Any, **given: Any) -> None:
    cls = type(self)
    if args:
        _name(cls, args, given)
    for name, put, default, make in _FIELDS.get(cls) or _look_up(cls):
        if name in given:
            put(self, given.pop(name))
        elif make is not dataclasses.MISSING:
            put(self, make())
        elif default is not dataclasses.MISSING:
            put(self, default)
        else:
            _refuse_unknown(cls, given)
            raise TypeError(f"{cls.__name__} is not given {name!r}")
    if given:
        _refuse_unknown(cls, given)
    if hasattr(cls, "__post_init__"):
        self.__post_init__()


def _name(cls: type, args: tuple[Any, ...], given: dict[str, Any]) -> None:
    """Put values that came without a name among those that came with one."""
    names = cls.__match_args__  # type: ignore[attr-defined]
    if len(args) > len(names):
        raise TypeError(f"{cls.__name__} takes {len(names)} values without a name, not {len(args)}")
    for name, value in zip(names, args, strict=False):
        if name in given:
            raise TypeError(f"{cls.__name__} is given {name!r} twice")
        given[name] = value


def _refuse_unknown(cls: Any, given: dict[str, Any]) -> None:
    for name in given.keys() - cls.__dataclass_fields__.keys():
        raise TypeError(f"{cls.__name__} has no {name!r}")


def _look_up(cls: Any) -> tuple[_Field, ...]:
    """Return a class's fields in the form in which they are needed whenever one is made."""
    _FIELDS[cls] = tuple(
        (name, _setter(cls, name), field.default, field.default_factory)
        for name, field in cls.__dataclass_fields__.items()
    )
    return _FIELDS[cls]


def _setter(cls: type, name: str) -> Callable[[Any, Any], None]:
    slot = getattr(cls, name, None)
    if isinstance(slot, MemberDescriptorType):
        return slot.__set__
    return lambda self, value: object.__setattr__(self, name, value)


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
