"""Frozen values whose `__init__` is written out, and attrs's view of classes like these.

Importing attrs and letting it write seven small classes takes a third of a first call, hence by hand. The view
(`attrs.fields`, `asdict`, `evolve`, cattrs) is made by attrs itself when somebody first asks for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    import attrs

_FROZEN = "{} cannot be changed, a {} is frozen: make another one"


def field_names(kind: type) -> tuple[str, ...]:
    """Return the names of a class's fields: its slots and its parents', but for private ones."""
    names = (name for cls in reversed(kind.__mro__) for name in cls.__dict__.get("__slots__", ()))
    return tuple(name for name in names if not name.startswith("_"))


class AttrsView:
    """Make a class's `__attrs_attrs__` from its slots and its `__init__` when it is first looked up."""

    def __get__(self, instance: object, owner: type[Any]) -> tuple[attrs.Attribute[Any], ...]:
        import attrs

        fields = {name: attrs.field(**known) for name, known in self.fields(owner).items()}
        view: tuple[attrs.Attribute[Any], ...] = attrs.fields(attrs.make_class(owner.__name__, fields))
        owner.__attrs_attrs__ = view
        return view

    def fields(self, owner: type[Any]) -> dict[str, dict[str, Any]]:
        """Return what `attrs.field` is told of each field."""
        import inspect

        hints, parameters = self.hints(owner), inspect.signature(owner.__init__).parameters
        fields: dict[str, dict[str, Any]] = {}
        for name in field_names(owner):
            parameter = parameters[name]
            fields[name] = {"type": hints[name], "kw_only": parameter.kind is parameter.KEYWORD_ONLY}
            if parameter.default is not parameter.empty:
                fields[name]["default"] = parameter.default
        return fields

    def hints(self, owner: type[Any]) -> Mapping[str, Any]:
        """Return the types of the arguments."""
        from typing import get_type_hints

        try:
            return get_type_hints(owner.__init__)
        except NameError:  # a name that only type checkers see, such as tenacity's
            written: Mapping[str, Any] = owner.__init__.__annotations__
            return written


class Value:
    """A frozen value, compared, hashed and shown by its fields; each is set once, by `__init__`.

    The names in `_hidden` are left out of its `repr`.
    """

    __slots__ = ("__weakref__",)
    __match_args__: ClassVar[tuple[str, ...]] = ()
    _hidden: ClassVar[frozenset[str]] = frozenset()

    if TYPE_CHECKING:
        __attrs_attrs__: ClassVar[tuple[attrs.Attribute[Any], ...]]
    else:  # a checker that saw the setter would let any attribute be set
        __attrs_attrs__ = AttrsView()

        def __init_subclass__(cls) -> None:
            cls.__match_args__ = field_names(cls)

        def __setattr__(self, name: str, value: object) -> None:
            if name not in self.__match_args__ or hasattr(self, name):
                raise AttributeError(_FROZEN.format(name, type(self).__name__))
            object.__setattr__(self, name, value)

        def __delattr__(self, name: str) -> None:
            raise AttributeError(_FROZEN.format(name, type(self).__name__))

    def __eq__(self, other: object) -> bool:
        if other.__class__ is not self.__class__:
            return NotImplemented
        return self._values() == tuple(getattr(other, name) for name in self.__match_args__)

    def __hash__(self) -> int:
        return hash((type(self), *self._values()))

    def __repr__(self) -> str:
        shown = (f"{name}={getattr(self, name)!r}" for name in self.__match_args__ if name not in self._hidden)
        return f"{type(self).__name__}({', '.join(shown)})"

    def _values(self) -> tuple[object, ...]:
        return tuple(getattr(self, name) for name in self.__match_args__)
