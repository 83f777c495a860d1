"""Turn a provider's saved documentation page into a piece of a contract.

    fragment = ingest(open_page(Path("page.html")))
    print(json.dumps(model_file.model_file(fragment).document, indent=2))

A page is text, Markdown or HTML. What cannot be read is listed (`Fragment.unread`), never guessed in silence; what was
read and put aside is listed too (`Fragment.notes`).
"""

from __future__ import annotations

from types import ModuleType

from screentest_contracts.ingest import hiapi, runcomfy, runflow
from screentest_contracts.ingest.fragment import Fragment as Fragment
from screentest_contracts.ingest.page import Page as Page
from screentest_contracts.ingest.page import PageError as PageError
from screentest_contracts.ingest.page import open_page as open_page
from screentest_contracts.ingest.page import read_page as read_page

_FORMATS: dict[str, ModuleType] = {module.NAME: module for module in (runcomfy, runflow, hiapi)}


def ingest(page: Page, provider: str | None = None) -> Fragment:
    """The page as a fragment; `provider` is found by the page's own words when it is not given. Raises `PageError`."""
    if page.document is not None:
        raise PageError(f"{page.name}: JSON without a documentation page around it; OpenAPI documents go to `drift`")
    fragment: Fragment = _FORMATS[provider or provider_of(page)].ingest(page)
    return fragment


def provider_of(page: Page) -> str:
    """Whose page this is; raises `PageError` where it could be nobody's or several people's."""
    found = [name for name, module in _FORMATS.items() if module.known_by(page.text)]
    if len(found) != 1:
        whose = " or ".join(found) or "nobody"
        raise PageError(f"{page.name}: looks like a page of {whose}; name the provider ({', '.join(_FORMATS)})")
    return found[0]
