"""The public surface of the package as text: `python -m tests.api.surface --update` stores it in `surface.txt`.

Each line of the text is a public name, or a public member of a public class, with its signature as written. It is read
from the source, as a type checker reads it, and does not depend on the version of Python. Members that a class inherits
from a private class are its own. Methods are sorted, because their order promises nothing; fields and enum members are
in order.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import NamedTuple, TypeAlias

import rekog

STORED = Path(__file__).with_name("surface.txt")
SOURCES = Path(rekog.__file__).parents[1]

PUBLIC = (
    "rekog", "rekog.bulk", "rekog.config", "rekog.conversion", "rekog.cost", "rekog.credentials", "rekog.emulator",
    "rekog.errors", "rekog.images", "rekog.jobs", "rekog.models", "rekog.otel", "rekog.paging", "rekog.people",
    "rekog.pytest_plugin", "rekog.testing", "rekog.transports", "rekog.waiting",
)  # fmt: skip
"""The public modules. docs/versions.md has the same list."""

SPECIAL = set(
    """
    __init__ __call__ __enter__ __exit__ __aenter__ __aexit__ __iter__ __aiter__ __next__ __anext__ __len__ __bool__
    __contains__ __getitem__ __eq__ __hash__ __fspath__
""".split()
)
"""Special methods that programs rely on."""
DECORATORS = {"overload", "classmethod", "staticmethod", "property", "contextmanager", "asynccontextmanager", "fixture"}
"""Decorators that change how a function is used. Others are left out."""

CREATED = set(
    """
    AsgiApp AsyncBulk AsyncBulkRun AsyncCelebrityRecognitionJob AsyncContentModerationJob AsyncFaceDetectionJob
    AsyncFaceSearchJob AsyncJob AsyncJobs AsyncLabelDetectionJob AsyncMediaAnalysisJob AsyncPager AsyncPaginator
    AsyncPeople AsyncPersonTrackingJob AsyncRecording AsyncSegmentDetectionJob AsyncTextDetectionJob AsyncTrainingJob
    AsyncVideoJob AsyncWaiter Bulk BulkRun Call Calls CelebrityRecognitionJob Config ContentModerationJob DecodedImage
    EmulatorTransport FaceDetectionJob FaceSearchJob Faults Job Jobs LabelDetectionJob MediaAnalysisJob Pager Paginator
    Patch People PersonTrackingJob Recording SegmentDetectionJob Sources TextDetectionJob TrainingJob VideoJob Waiter
""".split()
)
"""Classes that only the package creates: their constructors are private."""

Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef
Definition: TypeAlias = ast.ClassDef | Function | ast.Assign | ast.AnnAssign


class Home(NamedTuple):
    """The module that defines a name; for a public module `name` is empty."""

    module: str
    name: str


@cache
def source(module: str) -> str:
    """Return the source of a module of the package."""
    path = SOURCES.joinpath(*module.split("."))
    return (path / "__init__.py" if path.is_dir() else path.with_suffix(".py")).read_text("utf-8")


def exported(module: str) -> list[str]:
    """Return `__all__` of a public module. `rekog.models` creates it on demand, so the source does not have it."""
    names: list[str] = import_module(module).__all__
    return names


def statements(module: str) -> list[ast.stmt]:
    """Return the statements of a module that a type checker sees."""
    return _parsed(source(module))


@cache
def _parsed(text: str) -> list[ast.stmt]:
    return list(_visible(ast.parse(text).body))


@cache
def _defined(text: str) -> dict[str, list[Definition]]:
    """Return the statements of a source that define each of its names."""
    found: dict[str, list[Definition]] = {}
    for node in _parsed(text):
        if isinstance(node, Definition):
            for name in _names(node):
                found.setdefault(name, []).append(node)
    return found


def _visible(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    for node in body:
        test = ast.unparse(node.test) if isinstance(node, ast.If) else ""
        if isinstance(node, ast.If) and test in ("TYPE_CHECKING", "not TYPE_CHECKING"):
            yield from _visible(node.orelse if test.startswith("not") else node.body)
        else:
            yield node


def _names(node: ast.stmt) -> list[str]:
    """Return the names that a statement other than an import defines."""
    if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
        return [node.name]
    return [target.id for target in _targets(node) if isinstance(target, ast.Name)]


def _targets(node: ast.AST) -> list[ast.expr]:
    return node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []


def definitions(home: Home) -> list[Definition]:
    """Return the statements that define a name; several for a function with overloads."""
    return _defined(source(home.module)).get(home.name, [])


@cache
def find(module: str, name: str) -> Home | None:
    """Return the module of the package that defines a name of a module, or None for a name from outside."""
    if definitions(Home(module, name)):
        return Home(module, name)
    is_package = SOURCES.joinpath(*module.split(".")).is_dir()
    package = module.split(".") if is_package else module.split(".")[:-1]
    for node in statements(module):
        if not isinstance(node, ast.ImportFrom):
            continue
        start = package[: len(package) - node.level + 1] if node.level else []
        origin = ".".join([*start, *filter(None, [node.module])])
        for alias in node.names if origin.partition(".")[0] == "rekog" else []:
            if (alias.asname or alias.name) == name and f"{origin}.{alias.name}" in PUBLIC:
                return Home(f"{origin}.{alias.name}", "")
            if alias.name == "*" or (alias.asname or alias.name) == name:
                home = find(origin, name if alias.name == "*" else alias.name)
                if home:
                    return home
    return None


@cache
def homes() -> dict[Home, str]:
    """Return each definition of a public name with the public module to import it from; `rekog` itself comes last."""
    found: dict[Home, str] = {}
    for module in (*PUBLIC[1:], PUBLIC[0]):
        for name in exported(module):
            home = find(module, name)
            if home is None:
                raise LookupError(f"{module}.{name} is not defined in the package")
            found.setdefault(home, module)
    return found


def lines() -> list[str]:
    """Return the lines of the surface."""
    text = ["# The public surface, stored by `python -m tests.api.surface --update`. docs/versions.md has the rules."]
    for module in PUBLIC:
        text += ["", f"== {module}"]
        for name in sorted(exported(module)):
            home = find(module, name)
            assert home is not None
            if not home.name:
                text.append(f"{name}: module")
            elif homes()[home] != module or home.name != name:
                text.append(f"{name}: {homes()[home]}.{home.name}")
            else:
                text += _described(home)
    return text


def _described(home: Home) -> Iterator[str]:
    nodes = definitions(home)
    if isinstance(nodes[0], ast.ClassDef):
        yield from _class(home, nodes[0])
    else:
        yield from _functions([node for node in nodes if isinstance(node, Function)])
        yield from (_value(node, "") for node in nodes if isinstance(node, ast.Assign | ast.AnnAssign))


def _functions(nodes: list[Function], prefix: str = "") -> Iterator[str]:
    """Yield a line for each overload, or for the only signature."""
    overloads = [node for node in nodes if "overload" in _decorators(node)]
    for node in overloads or nodes:
        decorators = _decorators(node)
        kind = "async def" if isinstance(node, ast.AsyncFunctionDef) else "def"
        name, returns = f"{prefix}{node.name}", ast.unparse(node.returns) if node.returns else "None"
        if "property" in decorators:
            yield f"property {name}: {returns}"
        elif any(each.endswith(".setter") for each in decorators):
            yield f"property {name}: may be assigned"
        else:
            marks = "".join(f"@{each} " for each in decorators)
            yield f"{marks}{kind} {name}({_parameters(node.args)}) -> {returns}"


def _decorators(node: Function) -> list[str]:
    texts = [ast.unparse(each) for each in node.decorator_list]
    return [text for text in texts if text.partition("(")[0].rpartition(".")[2] in {*DECORATORS, "setter"}]


def _parameters(arguments: ast.arguments) -> str:
    """Return parameters as written; a default of a private name is `...`."""
    for defaults in (arguments.defaults, arguments.kw_defaults):
        for index, default in enumerate(defaults):
            if default is not None:
                defaults[index] = ast.parse(_shown(default), mode="eval").body
    return ast.unparse(arguments)


def _shown(value: ast.expr) -> str:
    private = any(isinstance(node, ast.Name) and node.id.startswith("_") for node in ast.walk(value))
    return "..." if private else ast.unparse(value)


def _value(node: ast.Assign | ast.AnnAssign, prefix: str) -> str:
    name = f"{prefix}{_names(node)[0]}"
    if isinstance(node, ast.Assign):
        return f"{name} = {_shown(node.value)}"
    value = f" = {_shown(node.value)}" if node.value else ""
    return f"{name}: {ast.unparse(node.annotation)}{value}"


class Class(NamedTuple):
    """A class of the package and where it is defined."""

    home: Home
    node: ast.ClassDef


def _parents(owner: Class) -> Iterator[tuple[ast.expr, Class | None]]:
    """Yield the bases, each with its class if that is in the package."""
    for base in owner.node.bases:
        name = base.value if isinstance(base, ast.Subscript) else base
        home = find(owner.home.module, name.id) if isinstance(name, ast.Name) else None
        node = definitions(home)[0] if home and home.name else None
        yield base, Class(home, node) if home and isinstance(node, ast.ClassDef) else None


def _bases(owner: Class) -> list[str]:
    """Return the bases, with a private one replaced by its own bases."""
    found: list[str] = []
    for node, parent in _parents(owner):
        if parent is None or parent.home in homes():
            found.append(ast.unparse(node))
        elif isinstance(node, ast.Subscript):
            found += _variables(owner, node)
            found += [base for base in _bases(parent) if not base.startswith("Generic[")]
        else:
            found += _bases(parent)
    return [base for index, base in enumerate(found) if base not in found[:index]]


def _variables(owner: Class, base: ast.Subscript) -> list[str]:
    """Return `Generic[...]` of the type variables that a class passes to a private base."""
    passed = base.slice.elts if isinstance(base.slice, ast.Tuple) else [base.slice]
    homes_of = {each.id: find(owner.home.module, each.id) for each in passed if isinstance(each, ast.Name)}
    names = [name for name, home in homes_of.items() if home and isinstance(definitions(home)[0], ast.Assign)]
    return [f"Generic[{', '.join(names)}]"] if names else []


def parts(owner: Class) -> list[Class]:
    """Return the class and its private bases, whose members are its own."""
    found = [owner]
    for _, parent in _parents(owner):
        if parent and parent.home not in homes():
            found += [each for each in parts(parent) if each not in found]
    return found


def _class(home: Home, node: ast.ClassDef) -> Iterator[str]:
    owner, prefix = Class(home, node), f"{home.name}."
    bases = _bases(owner)
    options = [f"{each.arg}={ast.unparse(each.value)}" for each in node.keywords if each.arg == "total"]
    yield f"class {home.name}({', '.join([*bases, *options])})" if bases or options else f"class {home.name}"
    functions, values = _members(owner)
    if home.name in CREATED:
        functions.pop("__init__", None)
    elif "__init__" not in functions:
        yield from _constructor(owner, prefix)
    for name in sorted(functions):
        yield from _functions(functions[name], prefix)
    for value in values.values():
        yield _value(value, prefix)
    if init := functions.get("__init__"):
        is_model = any(base in ("Model", "Response") for base in bases)
        yield from (f"{prefix}{text}" for text in _attributes(init[0], {*functions, *values}, is_model=is_model))


def _members(owner: Class) -> tuple[dict[str, list[Function]], dict[str, ast.Assign | ast.AnnAssign]]:
    functions: dict[str, list[Function]] = {}
    values: dict[str, ast.Assign | ast.AnnAssign] = {}
    for each in parts(owner):
        mine: dict[str, list[Function]] = {}
        fields: dict[str, ast.Assign | ast.AnnAssign] = {}
        for node in _visible(each.node.body):
            for name in _names(node):
                if name.startswith("_") and name not in SPECIAL:
                    continue
                if isinstance(node, Function):
                    mine.setdefault(name, []).append(node)
                elif isinstance(node, ast.Assign | ast.AnnAssign):
                    fields[name] = node
        known = {*functions, *values}
        functions |= {name: nodes for name, nodes in mine.items() if name not in known}
        values = {name: node for name, node in fields.items() if name not in known} | values
    return functions, values


def _constructor(owner: Class, prefix: str) -> Iterator[str]:
    """Yield the constructor of a frozen value or of an attrs class, which its fields define."""
    keyword_only = any(
        option.arg == "kw_only" and ast.unparse(option.value) == "True"
        for each in parts(owner)
        for options in (each.node.keywords, *(d.keywords for d in each.node.decorator_list if isinstance(d, ast.Call)))
        for option in options
    )
    is_value = any(each.home.name == "Frozen" for each in parts(owner)) or any(
        ast.unparse(each).startswith("attrs.") for each in owner.node.decorator_list
    )
    fields = [node for node in _members(owner)[1].values() if isinstance(node, ast.AnnAssign)]
    fields = [node for node in fields if "ClassVar" not in ast.unparse(node.annotation)]
    if is_value and fields:
        star = ["*"] if keyword_only else []
        parameters = ", ".join(["self", *star, *(_value(node, "") for node in fields)])
        yield f"def {prefix}__init__({parameters}) -> None"


def _attributes(init: Function, known: set[str], *, is_model: bool) -> Iterator[str]:
    """Yield the public attributes that a constructor assigns; of a model those whose type is not the parameter's."""
    parameters = (*init.args.posonlyargs, *init.args.args, *init.args.kwonlyargs)
    types = {each.arg: ast.unparse(each.annotation) for each in parameters if each.annotation}
    for node in ast.walk(init):
        for target in _targets(node):
            if isinstance(target, ast.Attribute) and ast.unparse(target.value) == "self":
                name, given = target.attr, types.get(target.attr)
                kind = ast.unparse(node.annotation) if isinstance(node, ast.AnnAssign) else given
                if not name.startswith("_") and name not in known and not (is_model and kind == given):
                    yield f"{name}: {kind}" if kind else name


def text() -> str:
    """Return the contents of the file."""
    return "\n".join(lines()) + "\n"


if __name__ == "__main__":
    if sys.argv[1:] == ["--update"]:
        STORED.write_text(text(), "utf-8")
    else:
        sys.stdout.write(text())
