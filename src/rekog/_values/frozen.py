"""Frozen values made from the fields that their class declares, and attrs's view of such classes.

Importing attrs and letting it write a few small classes takes a third of a first call, hence by hand. The view
(`attrs.fields`, `asdict`, `evolve`, cattrs) is made by attrs itself when somebody first asks for it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, dataclass_transform

if TYPE_CHECKING:
    from inspect import Signature
    from typing import Self

    import attrs


class Later:
    """An attribute of a class, and another of each subclass, that is made when it is first looked up."""

    def __init__(self, make: Callable[[type[Any]], object]) -> None:
        self._make = make
        self._made: dict[type, object] = {}

    def __get__(self, instance: object, owner: type[Any]) -> object:
        if owner not in self._made:
            self._made[owner] = self._make(owner)
        return self._made[owner]


def _types(owner: type, written: Mapping[str, str]) -> Mapping[str, object]:
    from typing import get_type_hints

    try:
        hints = get_type_hints(owner)
    except NameError:  # a name that only type checkers see, such as tenacity's
        hints = {}
    return {name: hints.get(name, kind) for name, kind in written.items()}


@dataclass_transform(frozen_default=True)
class Value:
    """A frozen value, compared, hashed and shown by its fields: the public names that its class declares with types.

    The names in `_hidden` are left out of its `repr`.
    """

    __match_args__: ClassVar[tuple[str, ...]] = ()
    _kinds: ClassVar[Mapping[str, str]] = {}  # the types of the fields, as they are written
    _defaults: ClassVar[Mapping[str, object]] = {}
    _hidden: ClassVar[frozenset[str]] = frozenset()
    _positions: ClassVar[tuple[str, ...]] = ()

    if TYPE_CHECKING:
        __attrs_attrs__: ClassVar[tuple[attrs.Attribute[Any], ...]]
        __signature__: ClassVar[Signature]
    else:  # a checker that saw these would let any argument be given and any attribute be set

        @Later
        def _twin(cls) -> type:  # noqa: N805 (a descriptor that is given the class)
            """attrs's own class of these fields."""
            import attrs

            fields = {}
            for name, kind in _types(cls, cls._kinds).items():
                default = cls._defaults.get(name, attrs.NOTHING)
                fields[name] = attrs.field(type=kind, kw_only=name not in cls._positions, default=default)
            return attrs.make_class(cls.__name__, fields)

        @Later
        def __attrs_attrs__(cls) -> tuple[attrs.Attribute[Any], ...]:  # noqa: N805
            return cls._twin.__attrs_attrs__

        @Later
        def __signature__(cls) -> Signature:  # noqa: N805
            from inspect import signature

            return signature(cls._twin)

        def __init__(self, *positional: object, **named: object) -> None:
            first = self._positions[: len(positional)]
            given = {**self._defaults, **dict(zip(first, positional, strict=False)), **named}
            if len(first) < len(positional) or not named.keys().isdisjoint(first) or given.keys() != self._kinds.keys():
                type(self).__signature__.bind(*positional, **named)  # it says what is wrong
            for name in self._kinds:
                if name in self.__dict__:  # it is called a second time
                    self.__delattr__(name)
                self.__dict__[name] = self._taken(name, given[name])

        def __setattr__(self, name: str, value: object) -> None:
            raise AttributeError(f"{name} cannot be changed, a {type(self).__name__} is frozen: make another one")

        def __delattr__(self, name: str) -> None:
            self.__setattr__(name, None)

    def __init_subclass__(cls, *, kw_only: bool = False) -> None:
        own = {name: str(kind) for name, kind in cls.__annotations__.items() if not name.startswith("_")}
        cls._kinds = {**cls._kinds, **own}
        cls._defaults = {**cls._defaults, **{name: cls.__dict__[name] for name in own if name in cls.__dict__}}
        cls._positions = (*cls._positions, *(() if kw_only else own))
        cls.__match_args__ = tuple(cls._kinds)  # type: ignore[misc]  # mypy takes it for a constant

    def _taken(self, name: str, value: Any) -> object:  # noqa: ARG002 (for those who override it)
        """Return what is kept of an argument; a class that has rules for it raises."""
        return value

    def __replace__(self, /, **changes: object) -> Self:
        """Return another one with some fields changed: what `copy.replace` calls, from Python 3.13 on."""
        build: Callable[..., Self] = type(self)
        return build(**self.__dict__ | changes)

    def __eq__(self, other: object) -> bool:
        if other.__class__ is not self.__class__:
            return NotImplemented
        return self.__dict__ == other.__dict__

    def __hash__(self) -> int:
        return hash((type(self), *self.__dict__.values()))

    def __repr__(self) -> str:
        shown = (f"{name}={value!r}" for name, value in self.__dict__.items() if name not in self._hidden)
        return f"{type(self).__name__}({', '.join(shown)})"
