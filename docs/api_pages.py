"""The pages of the reference: every public name of every package, from what they declare in `__all__`."""

from __future__ import annotations

from importlib import import_module
from inspect import cleandoc, ismodule
from pkgutil import iter_modules

from markdown_text import as_markdown, document, first_sentence, table

import costmodel
from costmodel.layers import kinds


def api_pages() -> dict[str, str]:
    """The overview, the errors, and a page for each package; layer kinds have pages of their own."""
    packages = [module.name for module in iter_modules(costmodel.__path__) if module.ispkg]
    pages = {"index": overview(), "errors": document("# Errors", "::: costmodel.errors")}
    return {**pages, **{package: package_page(package) for package in packages}}


def overview() -> str:
    """What `import costmodel` gives."""
    names = ((name, getattr(costmodel, name)) for name in costmodel.__all__)
    rows = [(f"`costmodel.{name}`", first_sentence(value.__doc__)) for name, value in names]
    return document("# Reference", "What `import costmodel` gives; its packages have more.", table(("name", ""), rows))


def package_page(package: str) -> str:
    """One package's public names."""
    module = import_module(f"costmodel.{package}")
    public = ((name, getattr(module, name)) for name in module.__all__)
    names = [name for name, value in public if not ismodule(value) and value not in kinds().values()]
    return document(
        f"# costmodel.{package}",
        as_markdown(cleandoc(module.__doc__ or "")),
        *(f"::: costmodel.{package}.{name}" for name in names),
    )
