"""Is the listing complete, and do the buyers' words stand in it?

One idea: a checklist is data. Each rule says what to look at, what is enough, and why; a shop adds its own,
and every listing is held against all of them the same way.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import narwhals as nw

from sellerlab import tables, text
from sellerlab.errors import InputError, unknown
from sellerlab.results import Format, Result

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One rule of a checklist.

    Attributes:
        name: What is asked for, in words.
        column: Column of the listings it looks at: text, a count, or true and false.
        least: Fewest of it: characters of a text, or the number itself.
        most: Most of it; None for no limit.
        why: What it is good for.
        must: Whether the law or the marketplace demands it; else it is advice.
    """

    name: str
    column: str
    least: float = 1
    most: float | None = None
    why: str = ""
    must: bool = False

    def holds(self, value: Any) -> bool:
        """Whether a value is enough; a missing one is not.

        >>> Rule(name="five images", column="images", least=5).holds(4)
        False
        """
        if value is None or value != value:
            return False
        size = len(_plain(value)) if isinstance(value, str) else float(value)
        return self.least <= size and (self.most is None or size <= self.most)


#: A start, in the words of marketplaces' own seller guides; limits differ by marketplace, so change them.
RULES = (
    Rule(name="title of 20 to 80 characters", column="title", least=20, most=80, why="found, and read whole"),
    Rule(name="five images or more", column="images", least=5, why="buyers cannot touch it"),
    Rule(name="a video", column="videos", least=1, why="shows size and use"),
    Rule(
        name="a description of 200 characters or more", column="description", least=200, why="fewer questions"
    ),
    Rule(name="price shown with tax", column="price_with_tax", must=True, why="no surprise at the checkout"),
    Rule(name="delivery time named", column="delivery", must=True, why="late is the first complaint"),
    Rule(name="returns named", column="returns", must=True, why="the law of distance selling"),
    Rule(name="seller named", column="seller", must=True, why="the law of distance selling"),
)


@dataclass(frozen=True, kw_only=True, repr=False)
class Checklist(Result):
    """Listings held against rules; the table has one row a rule.

    Attributes:
        listings: Listings checked.
        complete: Listings that keep every rule that was checked.
        broken: Listing to the rules it breaks.
        unchecked: Rules whose column the table lacks.
    """

    listings: int
    complete: int
    broken: Mapping[str, tuple[str, ...]]
    unchecked: tuple[str, ...]
    bars: tuple[tuple[str, int, bool], ...]

    @property
    def picture_height(self) -> float:
        """Height of the picture in inches: one bar a rule."""
        return 1.5 + 0.4 * max(len(self.bars), 1)

    def _draw(self, ax: Axes) -> None:
        from matplotlib.ticker import MaxNLocator

        from sellerlab import plots

        ax.set_title(text.say("Listings that break a rule"))
        colours = [plots.LOSS if must else plots.COLOURS[1] for *_, must in self.bars]
        names = [text.say("{rule} (must)", rule=name) if must else name for name, _, must in self.bars]
        plots.bars(ax, names, [missing for _, missing, _ in self.bars], colours)
        ax.set_xlim(0, self.listings)
        # Half a listing does not exist.
        ax.xaxis.set_major_locator(MaxNLocator(integer=True))
        ax.set_xlabel(text.say("listings (of {n})", n=text.number(self.listings)))


def checklist(listings: Any, rules: Sequence[Rule] = RULES, *, name: str = "sku") -> Checklist:
    """Return which listings break which rules.

    Args:
        listings: Any frame narwhals knows; one row a listing.
        rules: The rules; a rule whose column is absent is named and left out.
        name: Column that names the listing.

    Raises:
        UnknownNameError: The column of names is absent.
        InputError: There are no rules or no listings, or the table has a column for none of the rules.

    Source: the rules are data; `RULES` is a start to be changed.

    >>> import pandas as pd
    >>> shop = pd.DataFrame({"sku": ["A", "B"], "images": [6, 2]})
    >>> checklist(shop, [Rule(name="five images", column="images", least=5)]).broken
    {'B': ('five images',)}
    """
    lazy = nw.from_native(listings).lazy()
    present = lazy.collect_schema().names()
    if name not in present:
        raise unknown("column", name, present)
    used = [rule for rule in rules if rule.column in present]
    if not used:
        wanted = ", ".join(dict.fromkeys(rule.column for rule in rules)) or "no rule"
        raise InputError(
            f"The table has a column for none of the rules ({wanted}). Columns: {', '.join(present)}."
        )
    frame = lazy.select(list(dict.fromkeys([name, *(rule.column for rule in used)]))).collect()
    rows = frame.rows(named=True)
    if not rows:
        raise InputError("There are no listings to check.")
    broken = {
        str(row[name]): kept
        for row in rows
        if (kept := tuple(rule.name for rule in used if not rule.holds(row[rule.column])))
    }
    missing = [sum(not rule.holds(row[rule.column]) for row in rows) for rule in used]
    order = sorted(range(len(used)), key=lambda i: (-missing[i], not used[i].must, i))
    columns: dict[str, list[Any]] = {
        "rule": [used[i].name for i in order],
        "kind": [text.say("must") if used[i].must else text.say("advice") for i in order],
        "kept": [len(rows) - missing[i] for i in order],
        "of": [len(rows)] * len(order),
        "why": [used[i].why for i in order],
    }
    unchecked = tuple(rule.name for rule in rules if rule.column not in present)
    complete = len(rows) - sum(any(not rule.holds(row[rule.column]) for rule in used) for row in rows)
    words = {"n": text.number(len(rows)), "whole": text.number(complete), "rules": text.number(len(used))}
    said = text.say("{whole} of {n} listings keep all {rules} rules.", **words)
    if missing[order[0]]:
        said += " " + text.say(
            "The rule broken most is: {rule} ({missing} of {n}).",
            rule=used[order[0]].name,
            missing=text.number(missing[order[0]]),
            n=words["n"],
        )
    demanded = sum(any(rule.must and not rule.holds(row[rule.column]) for rule in used) for row in rows)
    if demanded:
        said += " " + text.say("{n} listings break a rule that is a must.", n=text.number(demanded))
    if unchecked:
        said += " " + text.say("Not checked, for want of a column: {names}.", names=", ".join(unchecked))
    return Checklist(
        table=tables.from_columns(columns, listings),
        sentence=said,
        definition=text.say(
            "A text is measured in characters, a count by itself; an empty field breaks the rule. Keeping "
            "rules is no "
            "proof of sales: compare conversion before and after."
        ),
        formats={"kept": "count", "of": "count"},
        listings=len(rows),
        complete=complete,
        broken=broken,
        unchecked=unchecked,
        bars=tuple((used[i].name, missing[i], used[i].must) for i in order),
    )


@dataclass(frozen=True, kw_only=True, repr=False)
class Coverage(Result):
    """Which of the buyers' words stand in a listing; the table has one row a keyword, most searched first.

    Attributes:
        covered: Keywords found.
        n: Keywords asked for.
        share: Share of the searches (or of the keywords, where these are unknown) that is covered.
        missing: Keywords not found, most searched first.
    """

    covered: int
    n: int
    share: float
    missing: tuple[str, ...]
    bars: tuple[tuple[str, float, bool], ...]

    @property
    def picture_height(self) -> float:
        """Height of the picture in inches: one bar a keyword."""
        return 1.5 + 0.35 * max(len(self.bars), 2)

    def _draw(self, ax: Axes) -> None:
        from sellerlab import plots

        ax.set_title(text.say("Searches of each keyword"))
        colours = [plots.GAIN if found else plots.LOSS for *_, found in self.bars]
        names = [
            name if found else text.say("{keyword} (missing)", keyword=name) for name, _, found in self.bars
        ]
        plots.bars(ax, names, [weight for _, weight, _ in self.bars], colours)
        ax.set_xlabel(text.say("searches"))
        ax.xaxis.set_major_formatter(lambda value, _: text.number(value))


def coverage(texts: Mapping[str, str] | str, keywords: Mapping[str, float] | Sequence[str]) -> Coverage:
    """Return which keywords stand in the texts of a listing, and how many searches that covers.

    A keyword is covered if each of its words stands somewhere in the texts. Width and case do not matter;
    words of scripts that put spaces between words have to match whole, others (Japanese, Chinese, Korean) as
    parts. A regular English plural matches its singular, and the other way: -s; -es after s, x, z, ch, sh or
    o; -ies for -y after a consonant; -ves for -lf, -eaf, -oaf, -arf and -ife; from three letters on. Words of
    their own do not ("shorts" is not "short"), and irregular plurals ("feet") have to match whole.

    Args:
        texts: The listing's texts, by field (title, attributes, description), or the title alone.
        keywords: Keyword to its searches; or keywords alone, each counted as one.

    Returns:
        `Coverage`; the column `found_in` names the first field that has the whole keyword.

    Raises:
        InputError: There are no keywords, or searches are negative.

    Source: the first step of every marketplace's own listing guide; how much a word brings is not claimed
    here.

    >>> found = coverage("Folding phone stand, aluminium", {"phone stand": 900, "tablet stand": 300})
    >>> found.share, found.missing
    (0.75, ('tablet stand',))
    >>> coverage("Steel shelf for boxes", ["steel shelves", "box shelf", "shelving"]).missing
    ('shelving',)
    """
    fields = {"title": texts} if isinstance(texts, str) else dict(texts)
    searches = dict(keywords) if isinstance(keywords, Mapping) else dict.fromkeys(keywords, 1.0)
    if isinstance(keywords, str) or not searches or any(not each >= 0 for each in searches.values()):
        raise InputError("keywords: expected at least one keyword, with searches of 0 or more.")
    plain = {field: _plain(words) for field, words in fields.items()}
    whole = " ".join(plain.values())
    order = sorted(searches, key=lambda keyword: (-searches[keyword], keyword))
    rows = []
    for keyword in order:
        words = _plain(keyword).split()
        found = bool(words) and all(_stands(word, whole) for word in words)
        place = next((field for field in plain if all(_stands(word, plain[field]) for word in words)), None)
        rows.append(
            (keyword, float(searches[keyword]), found, place or (text.say("several") if found else ""))
        )
    weight = sum(each for _, each, *_ in rows)
    covered = [row for row in rows if row[2]]
    share = sum(row[1] for row in covered) / weight if weight else len(covered) / len(rows)
    missing = tuple(row[0] for row in rows if not row[2])
    said = text.say(
        "{covered} of {n} keywords stand in the listing, {share} of the searches.",
        covered=text.number(len(covered)),
        n=text.number(len(rows)),
        share=text.percent(share),
    )
    if missing:
        said += " " + text.say("Missing, most searched first: {names}.", names=", ".join(missing[:5]))
    columns = {
        "keyword": [row[0] for row in rows],
        "searches": [row[1] for row in rows],
        "covered": [text.say("yes") if row[2] else text.say("no") for row in rows],
        "found_in": [row[3] for row in rows],
    }
    import pandas as pd

    formats: dict[str, Format] = {"searches": "count"}
    return Coverage(
        table=pd.DataFrame(columns),
        sentence=said,
        definition=text.say(
            "Covered: each word of the keyword stands in the texts, whatever its width or case; a regular "
            "English plural counts as its singular. Share = searches of the covered keywords / searches of "
            "all. A word that does not fit the product does not belong there."
        ),
        formats=formats,
        covered=len(covered),
        n=len(rows),
        share=share,
        missing=missing,
        bars=tuple(row[:3] for row in rows[:20]),
    )


def _plain(words: str) -> str:
    """Return text without differences of width, case and spacing."""
    return re.sub(r"\s+", " ", unicodedata.normalize("NFKC", words).casefold()).strip()


def _stands(word: str, within: str) -> bool:
    if re.search(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]", word):
        return word in within
    either = "|".join(re.escape(form) for form in sorted(_forms(word)))
    return re.search(rf"(?<!\w)(?:{either})(?!\w)", within) is not None


#: Words that look like a plural and mean something else than their singular.
_OWN_WORDS = {
    "briefs",
    "customs",
    "flats",
    "goods",
    "means",
    "news",
    "overalls",
    "shorts",
    "slacks",
    "tights",
}


def _forms(word: str) -> set[str]:
    """Return a word with its regular English plural and singular; of "t-shirt" the last part has them."""
    parts = re.fullmatch(r"(.*[^a-z])?([a-z]{3,})", word)
    if not parts:
        return {word}
    head, noun = parts[1] or "", parts[2]
    singulars = (noun[:-1], noun[:-2], f"{noun[:-3]}y", f"{noun[:-3]}f", f"{noun[:-3]}fe")
    alike = _plurals(noun) | {each for each in singulars if noun in _plurals(each)}
    return {word, *(head + each for each in alike)}


def _plurals(noun: str) -> set[str]:
    # "pc" and "pcs", "xs" and "x" are different things: short words have no plural here.
    if len(noun) < 3:
        return set()
    if re.search(r"(s|x|z|ch|sh)$", noun):
        made = {f"{noun}es"}
    elif re.search(r"[^aeiou]y$", noun):
        made = {f"{noun[:-1]}ies"}
    else:
        made = {f"{noun}s", *([f"{noun}es"] if noun.endswith("o") else [])}
    if re.search(r"(lf|eaf|oaf|arf|ife)$", noun):
        made.add(re.sub(r"fe?$", "ves", noun))
    return made - _OWN_WORDS
