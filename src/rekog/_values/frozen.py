"""Immutable value classes that are written without attrs, and attrs's view of them.

Not attrs's own classes: importing attrs and generating a few classes takes a third of a first call
(docs/design/performance.md). attrs creates its view of a class (`attrs.fields`, `asdict`, `evolve`, cattrs) on first
use.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, dataclass_transform

from .lazy import LazyAttribute, LazyDict

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from inspect import Signature
    from typing import Self

    import attrs


def _types(owner: type[Any], annotations: Mapping[str, str]) -> Mapping[str, object]:
    """Return the types of the fields; the text of a type if a name in it exists for type checkers only, as ssl's."""
    from typing import get_type_hints

    names: dict[str, object] = {}
    for cls in reversed(owner.__mro__):  # the names in an annotation are those of the module that contains the class
        module = sys.modules.get(vars(cls).get("_module", cls.__module__))
        names |= getattr(module, "__dict__", {})
    types: dict[str, object] = dict(annotations)
    for name, text in annotations.items():
        field = type(name, (), {"__annotations__": {name: text}})
        with suppress(NameError):
            types |= get_type_hints(field, localns=names)
    return types


@dataclass_transform(frozen_default=True)
class Frozen:
    """An immutable value that compares, hashes and prints by its fields: the public annotations of its class.

    `kw_only=True` in a class statement makes its fields keyword-only, except those that the class names in
    `_positional`. `public="rekog.config"` is the module under which the class prints and pickles; it must export the
    class. Fields named in `_hidden` are left out of `repr`.
    """

    __match_args__: ClassVar[tuple[str, ...]] = ()
    _annotations: ClassVar[Mapping[str, str]] = {}  # field to the text of its type
    _defaults: ClassVar[Mapping[str, object]] = {}
    _hidden: ClassVar[frozenset[str]] = frozenset()
    _positional: ClassVar[tuple[str, ...]] = ()
    _module: ClassVar[str] = __name__  # the module that contains the class

    if TYPE_CHECKING:
        __annotations__: dict[str, Any]
        __attrs_attrs__: ClassVar[tuple[attrs.Attribute[Any], ...]]
        __signature__: ClassVar[Signature]
    else:  # a type checker that saw these would accept any argument and any assignment

        @LazyAttribute
        def _attrs_class(cls) -> type:  # noqa: N805 (`LazyAttribute` passes the class)
            """attrs's own class of these fields."""
            import attrs

            fields = {}
            for name, kind in _types(cls, cls._annotations).items():
                default = cls._defaults.get(name, attrs.NOTHING)
                shown, keyword = name not in cls._hidden, name not in cls._positional
                fields[name] = attrs.field(type=kind, kw_only=keyword, default=default, repr=shown)
            return attrs.make_class(cls.__name__, fields)

        @LazyAttribute
        def __attrs_attrs__(cls) -> tuple[attrs.Attribute[Any], ...]:  # noqa: N805
            return cls._attrs_class.__attrs_attrs__

        @LazyAttribute
        def __signature__(cls) -> Signature:  # noqa: N805
            from inspect import signature

            return signature(cls._attrs_class)

        def __init__(self, *positional: object, **named: object) -> None:
            first = self._positional[: len(positional)]
            given = {**self._defaults, **dict(zip(first, positional, strict=False)), **named}
            fields = self._annotations.keys()
            if len(first) < len(positional) or not named.keys().isdisjoint(first) or given.keys() != fields:
                self._refuse_names(named)
                type(self).__signature__.bind(*positional, **named)  # raises a TypeError that names the argument
            for name in fields:
                if name in self.__dict__:  # a second call of `__init__`
                    self.__delattr__(name)
                self.__dict__[name] = self._checked(name, given[name])

        def __setattr__(self, name: str, value: object) -> None:
            raise AttributeError(f"{name} cannot be changed, a {type(self).__name__} is frozen: make another one")

        def __delattr__(self, name: str) -> None:
            self.__setattr__(name, None)

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: object, _handler: object) -> dict[str, object]:
        """Return pydantic's schema of an instance, for tools that validate the arguments of a method."""
        return {"type": "is-instance", "cls": cls}

    def __init_subclass__(cls, *, kw_only: bool = False, public: str | None = None) -> None:
        super().__init_subclass__()  # of Generic
        cls._module = cls.__module__
        cls.__module__ = public or cls.__module__
        own = {name: str(text) for name, text in cls.__annotations__.items() if not name.startswith("_")}
        cls._annotations = {**cls._annotations, **own}
        cls._defaults = {**cls._defaults, **{name: cls.__dict__[name] for name in own if name in cls.__dict__}}
        cls._positional = (*cls._positional, *(() if kw_only else own))
        # Tools look for names in the public module, which does not have all of them, and in the containing one here.
        cls.__annotations__ = LazyDict(partial(_types, cls, own))
        cls.__match_args__ = cls._positional  # type: ignore[misc]  # mypy treats it as a constant

    def _refuse_names(self, named: Mapping[str, object]) -> None:
        """Raise a `TypeError` for an argument that has another name here; Python reports any other unknown name."""

    def _checked(self, name: str, value: Any) -> object:  # noqa: ARG002 (for overriding methods)
        """Return the value to store for an argument; a class with rules raises when the argument breaks one."""
        return value

    def __replace__(self, /, **changes: object) -> Self:
        """Return a copy with some fields changed; `copy.replace` calls this from Python 3.13 on."""
        build: Callable[..., Self] = type(self)
        return build(**self.__dict__ | changes)

    def __eq__(self, other: object) -> bool:
        if other.__class__ is not self.__class__:
            return NotImplemented
        return self.__dict__ == other.__dict__

    def __hash__(self) -> int:
        return hash((type(self), *self.__dict__.values()))

    def _shown(self) -> Mapping[str, object]:
        """Return the fields that `repr` shows."""
        return {name: value for name, value in self.__dict__.items() if name not in self._hidden}

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in self._shown().items())})"

    def __rich_repr__(self) -> Iterable[tuple[str, object]]:
        """Return the fields that rich shows: those of `repr`."""
        return self._shown().items()
