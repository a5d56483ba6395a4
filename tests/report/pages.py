"""A reader that sees a page as a browser's tree does, and knows what a report's page must have."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from itertools import pairwise


@dataclass
class Page(HTMLParser):
    """What a page holds: its tags with their attributes, in order, and its visible text."""

    html: str
    tags: list[tuple[str, dict[str, str | None]]] = field(default_factory=list)
    words: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.feed(self.html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in ("meta", "img", "br", "hr"):
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, f"</{tag}> closes another tag"

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.words.append(data)

    def all(self, *names: str) -> list[dict[str, str | None]]:
        return [attributes for tag, attributes in self.tags if tag in names]

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


def faults(html: str) -> list[str]:
    """Return what is wrong with a page for somebody without sight, without a network, or on paper."""
    page = Page(html)
    found = []
    names = [tag for tag, _ in page.tags]
    levels = [int(tag[1]) for tag in names if tag in ("h1", "h2", "h3", "h4", "h5", "h6")]
    if not page.all("html")[0].get("lang") or page.all("html")[0].get("dir") not in ("ltr", "rtl"):
        found.append("no lang or dir")
    if levels.count(1) != 1 or levels[0] != 1:
        found.append(f"h1: {levels}")
    if any(deeper > level + 1 for level, deeper in pairwise(levels)):
        found.append(f"headings leave out a level: {levels}")
    if any(not (image.get("alt") or "").strip() for image in page.all("img")):
        found.append("a picture without words")
    addresses = [
        value or "" for _, each in page.tags for name, value in each.items() if name in ("src", "href")
    ]
    if any(not each.startswith(("data:", "#")) for each in addresses):
        found.append(f"an address: {addresses}")
    if any(word in html for word in ("url(", "@import", "http:", "https:")):
        found.append("an address in the text or style")
    if {"script", "iframe", "object", "link", "code", "input"} & set(names):
        found.append(f"not for a report: {names}")
    if names.count("main") != 1 or names.count("title") != 1:
        found.append("main or title")
    if names.count("table") != names.count("caption"):
        found.append("a table without a caption")
    if any(cell.get("scope") not in ("col", "row") for cell in page.all("th")):
        found.append("a heading of a table without scope")
    return found
