"""The documentation site: `python -m website` writes its pages below `build/website` and builds them with MkDocs.

All pages are plain Markdown files before MkDocs reads them: it needs no hooks and no plug-ins for them, so another
program that reads `mkdocs.yml` can take its place (docs/design/site.md).
"""
