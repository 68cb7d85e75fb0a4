"""The words that the generator types: mailbox providers, roles, placeholders, nicknames and foldings."""

REGION = {
    "en_US": "US",
    "en_GB": "GB",
    "de_DE": "DE",
    "fr_FR": "FR",
    "es_ES": "ES",
    "pl_PL": "PL",
    "pt_BR": "BR",
    "it_IT": "IT",
    "nl_NL": "NL",
}
"""The country of each locale; the last three are of no default."""

CALLING = {"GB": "44", "DE": "49", "FR": "33", "ES": "34", "PL": "48", "BR": "55", "IT": "39", "NL": "31"}
MOBILE = {
    "GB": ("7", 9),
    "DE": ("15", 9),
    "FR": ("6", 8),
    "ES": ("6", 8),
    "PL": ("5", 8),
    "BR": ("119", 8),
    "IT": ("34", 8),
    "NL": ("6", 8),
}
"""How a mobile number begins after the country code, and how many digits follow."""

LANDLINE = {
    "GB": ("20", 8),
    "DE": ("30", 8),
    "FR": ("1", 8),
    "ES": ("91", 7),
    "PL": ("22", 7),
    "BR": ("11", 8),
    "IT": ("06", 8),
    "NL": ("20", 7),
}
TOP_LEVEL = {
    "US": ".com",
    "GB": ".co.uk",
    "DE": ".de",
    "FR": ".fr",
    "ES": ".es",
    "PL": ".pl",
    "BR": ".com.br",
    "IT": ".it",
    "NL": ".nl",
}

FREE = (
    ["gmail.com"] * 9 + ["outlook.com"] * 3 + ["hotmail.com"] * 2 + ["yahoo.com"] * 3 + ["icloud.com"] * 2
)  # As often as they are met.
FREE_OF = {
    "DE": ["gmx.de", "web.de", "t-online.de"],
    "FR": ["orange.fr", "free.fr"],
    "GB": ["btinternet.com"],
    "ES": ["hotmail.es"],
    "PL": ["wp.pl", "onet.pl"],
    "US": ["aol.com", "comcast.net"],
    "BR": ["uol.com.br", "bol.com.br"],
    "IT": ["libero.it", "virgilio.it"],
    "NL": ["ziggo.nl", "kpnmail.nl"],
}
TAGGED = ("gmail", "googlemail", "outlook", "icloud")
TAGS = ["news", "crm", "work", "shop", "2023"]
MISSPELT = {"gmail.com": "gmial.com", "hotmail.com": "hotmial.com", "yahoo.com": "yaho.com"}
ROLE = ["info", "sales", "office", "contact", "admin", "hello", "support"]
JUNK_MAIL = ["noemail@noemail.com", "test@test.com", "none@none.com", "na@na.com", "no@email.com", "x@x.com"]
JUNK_PHONE = ["0000000000", "1234567890", "9999999999", "+1 555 555 5555", "111-111-1111", "n/a"]
LEGAL = (
    *(" Ltd", " Inc", " PLC", " LLC", " Group", " GmbH", " AG", " KG", " OHG mbH", " S.A.", " SARL", " S.L."),
    *(", Inc", " & Co. KG", " Sp. z o.o."),
)
HIS, HERS = ["Dr. ", "Mr ", "Mrs. ", "Prof. "], ["Dr. ", "Ms ", "Mrs. "]

_NICKNAMES = """
robert Bob Rob Bobby; william Bill Will Liam; richard Rick Dick Rich; james Jim Jimmy Jamie; john Jack Johnny;
michael Mike Mick; thomas Tom Tommy; joseph Joe Joey; charles Charlie Chuck; christopher Chris Topher; daniel Dan Danny;
matthew Matt; anthony Tony; andrew Andy Drew; edward Ed Ted Eddie; steven Steve; stephen Steve; kenneth Ken;
timothy Tim; ronald Ron; jeffrey Jeff; gregory Greg; benjamin Ben; samuel Sam; nicholas Nick; jonathan Jon;
alexander Alex Sasha; patrick Pat Paddy; peter Pete; david Dave; donald Don; frederick Fred;
elizabeth Liz Beth Betty Lizzie; margaret Maggie Peggy Meg; katherine Kate Kathy Katie; catherine Cathy Kate;
jennifer Jen Jenny; patricia Pat Tricia Patty; barbara Barb Babs; susan Sue Susie; jessica Jess Jessie;
deborah Debbie Deb; rebecca Becky Becca; amanda Mandy; melissa Mel Missy; stephanie Steph; kimberly Kim; samantha Sam;
christine Chris Tina; victoria Vicky Tori; alexandra Alex Sandra; francisco Paco Fran; jose Pepe; maria Mari;
antonio Toni; manuel Manolo; dolores Lola; katarzyna Kasia; malgorzata Gosia; agnieszka Aga; krzysztof Krzys;
jakub Kuba; aleksandra Ola; hans Hansi; johannes Hannes; maximilian Max; friedrich Fritz; sebastian Basti; ulrike Uli;
jean Jeannot; philippe Phil; frederic Fred; isabelle Isa; benoit Ben
"""
NICKNAMES = {given: short for given, *short in (entry.split() for entry in _NICKNAMES.split(";"))}

GERMAN = {"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "ß": "ss"}
_FOLD = str.maketrans(
    "äöüÄÖÜàâáãåèéêëìíîïòóôõùúûçñłńśźżćęąŁŚŻŹĆßÉÈÀÇÑÓÍ",
    "aouAOUaaaaaeeeeiiiioooouuucnlnszzceaLSZZCsEEACNOI",
)


def fold(text: str) -> str:
    """Without accents, as far as the generator's languages have them."""
    return text.translate(_FOLD)


def slug(text: str) -> str:
    """The letters and digits alone."""
    return "".join(one for one in fold(text).lower() if one.isalnum())


def digraphs(text: str) -> str:
    """Umlauts in two letters."""
    return "".join(GERMAN.get(one, one) for one in text)
