"""Makes `src/crmgraph/domain/rarity.txt`, the shipped shares of names, cities and mail domains.

    python -m bench.rarity_table NAMES > src/crmgraph/domain/rarity.txt

NAMES is the folder of the package `names` 0.3.0 from the package index, unpacked: its `dist.*` files are the name lists
of the United States' census of 1990, which are in the public domain. The other sources are the name lists of `faker`
(MIT) and `rarity_leaders.txt` beside this file. The same sources give the same bytes.
"""

import importlib
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from importlib.metadata import files, version
from pathlib import Path

from crmgraph.domain.folding import fold, squeezed
from crmgraph.domain.rarity import KINDS

Shares = dict[str, float]

# Where the people of an international CRM live, in per cent of them.
_COUNTRIES = {
    "us": 31, "gb": 12, "de": 12, "fr": 9, "es": 9, "it": 5, "pl": 4.5, "br": 5, "nl": 4, "se": 1.5, "dk": 1, "no": 1,
    "fi": 0.7, "cz": 0.8, "hu": 0.5, "ru": 0.8, "in": 1.2, "cn": 0.7, "tr": 0.3,
}  # fmt: skip

# The lists of faker that belong to a country. Weighted ones are taken as they are; of the others only who is in them.
_LOCALES = {
    "us": "en_US", "gb": "en_GB en_IE", "de": "de_DE de_AT de_CH", "fr": "fr_FR fr_BE", "es": "es_ES es_MX es_AR",
    "it": "it_IT", "pl": "pl_PL", "br": "pt_BR pt_PT", "nl": "nl_NL nl_BE", "se": "sv_SE", "dk": "da_DK", "no": "no_NO",
    "fi": "fi_FI", "cz": "cs_CZ", "hu": "hu_HU", "in": "en_IN",
}  # fmt: skip
_WEIGHTED = {"sv_SE", "fi_FI", "hu_HU"}

# How much of a country's people the lists reach at most.
_REACH = {"given": 0.92, "family": 0.6}

# What is rarer than this (parts per million) is not listed. Nobody counts companies, small towns and work domains;
# what two people of a CRM share of them, who live and work near each other, is assumed, and is their floor as well.
_CUT = {"given": 8.0, "family": 10.0, "city": 300.0, "domain": 150.0, "company": 200.0, "postal_code": 100.0}

_HEAD = """\
# How common values are, in parts per million of the people whom an international CRM knows (a third of them American,
# an eighth each British and German, and so on). "[kind] floor" begins a kind and says what a value counts that is not
# listed; then one value and its share a line. Made by `python -m bench.rarity_table` from the names of the United
# States' census of 1990 (public domain), the name lists of the package faker {version} (licence below), and the
# commonest names, cities and mail domains of twenty countries from general knowledge.
#
# faker: {licence}"""


def main(names: Path) -> None:
    """Write the table to the standard output."""
    census = {"given": _census_given(names), "family": _census(names / "dist.all.last")}
    print(_HEAD.format(version=version("faker"), licence=_licence_of_faker()))
    for kind in KINDS:
        shares = _mixed(kind, census.get(kind, {}))
        listed = {value: share for value, share in shares.items() if share * 1e6 >= _CUT[kind]}
        floor = _met_beyond(census[kind], listed) if kind in census else _CUT[kind]
        print(f"[{kind}] {floor:.3g}")
        for value, share in sorted(listed.items(), key=lambda entry: (-entry[1], entry[0])):
            print(value, f"{float(f'{share * 1e6:.3g}'):g}")


def _licence_of_faker() -> str:
    """The notice that its lists must carry, as lines of a comment."""
    path = next(path for path in files("faker") or [] if path.name == "LICENSE.txt")
    return "\n".join(f"# {line}".rstrip() for line in path.read_text("utf-8").splitlines()).removeprefix("# ")


def _mixed(kind: str, census: Mapping[str, float]) -> Shares:
    whole, mixed = sum(_COUNTRIES.values()), defaultdict[str, float](float)
    leaders = dict(_leaders(kind))
    for country, per_cent in _COUNTRIES.items():
        shares = census if country == "us" and census else _country(kind, country, leaders.get(country, {}))
        for value, share in shares.items():
            mixed[value] += share * per_cent / whole
    return mixed


def _country(kind: str, country: str, leaders: Shares) -> Shares:
    """The leaders, and what the lists hold besides, none of it as common as the last of the leaders."""
    shares, others = defaultdict[str, float](float, leaders), set[str]()
    locales = _LOCALES.get(country, "").split() if kind in _REACH else []
    for locale in locales:
        for value, share in _faker(locale, kind).items():
            if locale in _WEIGHTED:
                shares[value] += share
            elif value not in leaders:
                others.add(value)
    left = max(0.0, _REACH.get(kind, 0) - sum(shares.values()))
    for value in others:
        shares[value] = min(left / len(others), min(leaders.values(), default=1) / 2)
    return shares


def _met_beyond(census: Mapping[str, float], listed: Iterable[str]) -> float:
    """The mean share of the name that somebody has whose name is not listed, in parts per million."""
    known = set(listed)
    rest = [share for value, share in census.items() if value not in known]
    unnamed = max(0.0, 1 - sum(census.values()))  # Their names are rarer than the rarest that the census tells.
    return 1e6 * sum(share * share for share in rest) / (sum(rest) + unnamed)


def _census_given(names: Path) -> Shares:
    shares = defaultdict[str, float](float)
    for file in ("dist.male.first", "dist.female.first"):
        for value, share in _census(names / file).items():
            shares[value] += share / 2
    return shares


def _census(file: Path) -> Shares:
    shares = defaultdict[str, float](float)
    for line in file.read_text("ascii").splitlines():
        name, per_cent, *_ = line.split()
        shares[squeezed(fold(name))] += float(per_cent) / 100
    return shares


def _leaders(kind: str) -> Iterator[tuple[str, Shares]]:
    for line in (Path(__file__).parent / "rarity_leaders.txt").read_text("utf-8").splitlines():
        country, its, *entries = line.split()
        if its == kind:
            yield country, _ranked(kind, float(entries[0]) / 100, entries[1:])


def _ranked(kind: str, first: float, entries: list[str]) -> Shares:
    shares, anchor = defaultdict[str, float](float), (1, first)
    for rank, entry in enumerate(entries, 1):
        names, _, said = entry.partition("=")
        if said:
            anchor = (rank, float(said) / 100)
        share = anchor[1] * (anchor[0] / rank) ** 0.5
        forms = names.split("/")
        for name in forms:
            for value in _forms(kind, name.replace("_", " ")):
                shares[value] += share / len(forms)
    return shares


def _faker(locale: str, kind: str) -> Shares:
    """The shares of a locale's list; where it has no weights, the same for all."""
    provider = importlib.import_module(f"faker.providers.person.{locale}").Provider
    lists = ("first_names_male", "first_names_female") if kind == "given" else ("last_names", "unisex_last_names")
    shares = defaultdict[str, float](float)
    for attribute in lists:
        listed = getattr(provider, attribute, ())
        weights = listed if isinstance(listed, Mapping) else dict.fromkeys(listed, 1.0)
        for name, weight in weights.items():
            for value in _forms(kind, name):
                shares[value] += weight / (2 if kind == "given" else 1)
    return shares


def _forms(kind: str, name: str) -> set[str]:
    """The normal forms under which a value is looked up: a given name's first word, a family name without "van der"."""
    if kind == "domain":
        return {name}
    words = name.replace("'", "").split() if kind == "family" else [name]
    told = [word for word in words if not word.islower()] or words
    head = {squeezed(fold(name).split()[0])} if kind == "given" else set()
    return {form for form in {squeezed(fold(name)), squeezed(fold(" ".join(told)))} | head if form}


if __name__ == "__main__":
    main(Path(sys.argv[1]))
