"""Countries by their ISO 3166 codes, whichever way a CRM writes them."""

from functools import lru_cache

from crmgraph.domain.folding import fold

_NAMES = {
    "US": "usa, united states, united states of america, america, u s a, u s, etats unis, estados unidos"
    ", vereinigte staaten",
    "GB": "uk, united kingdom, great britain, england, scotland, wales, northern ireland, britain, u k, royaume uni"
    ", reino unido",
    "DE": "germany, deutschland, allemagne, alemania, niemcy, germania, alemanha, ger, deu",
    "FR": "france, frankreich, francia, francja, franca, fra",
    "ES": "spain, espana, spanien, espagne, hiszpania, spagna, espanha, esp",
    "PL": "poland, polska, polen, pologne, polonia, pol",
    "IT": "italy, italia, italien, italie, wlochy, ita",
    "PT": "portugal, portugalia, prt",
    "NL": "netherlands, the netherlands, nederland, holland, niederlande, pays bas, paises bajos, nld",
    "BE": "belgium, belgie, belgique, belgien, belgica, bel",
    "AT": "austria, osterreich, oesterreich, autriche, aut",
    "CH": "switzerland, schweiz, suisse, svizzera, suiza, che",
    "IE": "ireland, eire, irland, irlande, irlanda, irl",
    "DK": "denmark, danmark, danemark, dinamarca, dnk",
    "SE": "sweden, sverige, schweden, suede, suecia, swe",
    "NO": "norway, norge, norwegen, norvege, noruega, nor",
    "FI": "finland, suomi, finnland, finlande, finlandia, fin",
    "CZ": "czechia, czech republic, cesko, ceska republika, tschechien, cze",
    "SK": "slovakia, slovensko, slowakei, svk",
    "HU": "hungary, magyarorszag, ungarn, hongrie, hun",
    "RO": "romania, rumanien, roumanie, rou",
    "GR": "greece, hellas, griechenland, grece, grecia, grc",
    "UA": "ukraine, ukraina, ucrania, ukr",
    "RU": "russia, rossiya, russland, russie, rusia, russian federation, rus",
    "TR": "turkey, turkiye, turkei, turquie, turquia, tur",
    "CA": "canada, kanada, can",
    "MX": "mexico, mexiko, mexique, mex",
    "BR": "brazil, brasil, brasilien, bresil, bra",
    "AR": "argentina, argentinien, argentine, arg",
    "AU": "australia, australien, australie, aus",
    "NZ": "new zealand, neuseeland, nouvelle zelande, nueva zelanda, nzl",
    "IN": "india, indien, inde, bharat, ind",
    "CN": "china, chine, peoples republic of china, chn",
    "JP": "japan, nippon, japon, jpn",
    "ZA": "south africa, sudafrika, afrique du sud, sudafrica, zaf",
    "IL": "israel, isr",
    "AE": "united arab emirates, uae, are",
    "SG": "singapore, singapur, sgp",
}
_CODES = {name: code for code, names in _NAMES.items() for name in names.split(", ")}


@lru_cache(4096)
def country_code(raw: str) -> str:
    """The ISO 3166 code in capitals; a name that is not known stays as it is, folded, and empty stays empty."""
    folded = fold(raw)
    known = _CODES.get(folded)
    return known or (folded.upper() if len(folded) == 2 else folded)
