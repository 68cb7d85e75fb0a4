"""The configuration: what may be written, what comes of it, and how every mistake is told."""

# ruff: noqa: E501 (A message stands on one line, as people see it.)

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crmgraph.config.first import first_file
from crmgraph.config.loading import ConfigMistakes, load
from crmgraph.config.schema import schema_of_config
from crmgraph.config.sections import ConfigFile, CustomFieldSection
from crmgraph.config.settings import CustomFieldSettings, Sealed, Settings
from crmgraph.connectors.definition import Definition, Setting
from crmgraph.connectors.documents import DefinitionMistakes, Mistake
from crmgraph.connectors.rates import Rate
from crmgraph.connectors.shapes import choices_of, names
from crmgraph.connectors.spec import DefinitionSpec
from crmgraph.domain.errors import ConfigError, DefinitionError
from crmgraph.domain.survivorship.rules import FieldRule, Rule
from crmgraph.domain.words import CUSTOM_FIELD_TYPES
from crmgraph.service.admission import Room
from crmgraph.service.limits import Limits, Mode
from crmgraph.sources.breaker import BreakerRule

TOKEN = Setting("The access token.", required=True, secret=True, default=None)
PLACE_ID = Setting("The location's id.", required=True, secret=False, default=None)
OPTIONAL = Setting("The company's id.", required=False, secret=False, default=None)
ZONE = Setting("The time zone.", required=False, secret=False, default="UTC")


def definition(name: str, base_url: str | None, **asked: Setting) -> Definition:
    return Definition(DefinitionSpec(name=name, title=name.title(), base_url=base_url, resources={}), asked, {}, {})


class Shelf:
    """A catalog of four connectors, and one file with mistakes of its own."""

    definitions: Mapping[str, Definition] = {
        "bigcontacts": definition("bigcontacts", "https://app.bigcontacts.com/api/", token=TOKEN),
        "concord": definition("concord", None, token=TOKEN),
        "orgcrm": definition("orgcrm", None, token=TOKEN, org_id=PLACE_ID),
        "leadconnector": definition(
            "leadconnector",
            "https://services.leadconnectorhq.com",
            token=TOKEN,
            location_id=PLACE_ID,
            company_id=OPTIONAL,
            timezone=ZONE,
        ),
    }

    def load(self, name_or_path: str, beside: Path) -> Definition:
        if name_or_path == "wrong.yaml":
            raise DefinitionMistakes([Mistake("wrong.yaml", 3, 5, "`titel` is not known here.")])
        if name_or_path not in self.definitions:
            raise DefinitionError(f"There is no connector `{name_or_path}`.")
        return self.definitions[name_or_path]

    def names(self) -> tuple[str, ...]:
        return tuple(self.definitions)


ENVIRON = {"TOKEN": "s3cret", "PORT": "9000", "EMPTY": "", "NUMBER": "42", "HOST": "crm.example.com", "BYTES": "\udcff"}
SALES = "sources:\n  sales: {connector: bigcontacts, token: '${TOKEN}'}\n"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "token").write_text("  from-file\n")
    (tmp_path / "blank").write_text(" \n")
    (tmp_path / "binary").write_bytes(b"\xff\xfe\xff")
    for name in ("token", "blank", "binary"):
        (tmp_path / name).chmod(0o600)
    return tmp_path / "crmgraph.yaml"


def read(path: Path, text: str, environ: Mapping[str, str] = ENVIRON) -> Settings:
    path.write_text(text, encoding="utf-8")
    return load(path, environ, Shelf())


def told(path: Path, text: str, environ: Mapping[str, str] = ENVIRON) -> list[str]:
    """Every mistake, with the directory cut off."""
    with pytest.raises(ConfigMistakes) as caught:
        read(path, text, environ)
    return [str(each).replace(f"{path.parent}/", "") for each in caught.value.mistakes]


def test_everything_that_may_be_written_comes_out_as_settings(path: Path) -> None:
    got = read(
        path,
        """
sources:
  lead-eu:
    connector: leadconnector
    token_file: token
    location_id: 007
    limits: {rate: 100/10s, concurrency: 3, timeout: 2.5, connect: 1, total: 6, attempts: 2, queue: 9}
    breaker: {failures: 4, window: 20, open: 3, mode: dry_run}
  own:
    connector: concord
    base_url: http://127.0.0.1:8080/api/
    allow_private: true
    token: ${TOKEN}
identity: {default_region: NO, index: on, index_limit: 10, max_shared: 2}
survivorship:
  emails: union
  jobTitle: {rule: most_recent, sources: [own, lead-eu]}
  website: [{rule: most_recent, valid: true, not_older_than: 90d}, most_trusted]
custom_fields:
  budget: {type: money, label: Budget, sources: {own: cf_1}}
server: {host: 0.0.0.0, port: 1, workers: 2, deadline: 3, page_budget: 4, scan_budget: 5, console: false}
store: {url: "sqlite:///state/crm.db"}
limits: {mode: measure, tokens: 9, directives: 0, aliases: 1, fields: 2, depth: 3, roots: 4, mutations: 5, inputs: 6, values: 7, calls: 8}
""",
    )
    lead, own = got.sources
    assert (lead.name, lead.base_url, lead.connector.name) == (
        "lead-eu",
        "https://services.leadconnectorhq.com",
        "leadconnector",
    )
    assert dict(lead.settings) == {"token": "from-file", "location_id": "007", "timezone": "UTC"}
    assert (lead.rates, lead.concurrency, lead.timeout, lead.allow_private) == ((Rate(100, 10.0),), 3, 2.5, False)
    assert (lead.connect, lead.total, lead.attempts, lead.queue) == (1.0, 6.0, 2, 9)
    assert lead.breaker == BreakerRule(4, 20.0, 3.0, "dry_run")
    assert (own.connect, own.total, own.attempts, own.queue, own.breaker) == (5.0, None, 3, 100, BreakerRule())
    assert (own.base_url, own.allow_private, own.rates, own.concurrency) == (
        "http://127.0.0.1:8080/api",
        True,
        (),
        None,
    )
    assert (got.identity.default_region, got.identity.index, got.identity.max_shared) == ("NO", True, 2)
    assert got.survivorship == {
        "emails": (FieldRule(Rule.UNION),),
        "jobTitle": (FieldRule(Rule.MOST_RECENT, ("own", "lead-eu")),),
        "website": (
            FieldRule(Rule.MOST_RECENT, valid=True, not_older_than=timedelta(days=90)),
            FieldRule(Rule.MOST_TRUSTED),
        ),
    }
    assert got.custom_fields == (CustomFieldSettings("budget", "MONEY", "Budget", {"own": "cf_1"}),)
    assert (got.server.host, got.server.port, got.server.workers, got.server.deadline) == ("0.0.0.0", 1, 2, 3.0)
    assert (got.server.page_budget, got.server.scan_budget, got.server.console) == (4, 5, False)
    assert got.store.url.get_secret_value() == f"sqlite:///{path.parent}/state/crm.db"
    assert got.limits == Limits(Mode.MEASURE, 9, 0, 1, 2, 3, 4, 5, 6, 7, 8)


def test_what_is_not_written_has_a_default(path: Path) -> None:
    """A section with nothing but comments in it counts as not written."""
    got = read(path, SALES + "server:\n  # port: 1\nstore:\n")
    assert (got.server.host, got.server.port, got.server.workers, got.server.deadline) == ("127.0.0.1", 8000, 1, 10.0)
    assert (got.server.page_budget, got.server.scan_budget, got.server.console) == (10, 1000, True)
    assert (got.server.cursor_key, got.survivorship, got.custom_fields) == (None, {}, ())
    assert got.store.url.get_secret_value() == f"sqlite:///{path.parent}/crmgraph.db"
    assert (got.identity.default_region, got.identity.index, got.identity.index_limit) == ("US", True, 100_000)
    assert got.sources[0].base_url == "https://app.bigcontacts.com/api"
    assert got.path == path
    assert got.limits == Limits()


@pytest.mark.parametrize(
    ("written", "url"),
    [
        ("sqlite:///crm.db", "sqlite:///{beside}/crm.db"),
        ("sqlite:////var/crm.db", "sqlite:////var/crm.db"),
        ("postgres://crm@db/crm", "postgres://crm@db/crm"),
        ("postgresql://crm:${TOKEN}@db:5433/crm", "postgresql://crm:s3cret@db:5433/crm"),
    ],
)
def test_the_store_is_a_file_beside_the_configuration_or_a_server(path: Path, written: str, url: str) -> None:
    """Nothing is created by reading the configuration, and a password does not show."""
    before = set(path.parent.iterdir()) | {path}
    got = read(path, f"{SALES}store: {{url: '{written}'}}\n")
    assert got.store.url.get_secret_value() == url.format(beside=path.parent)
    assert "s3cret" not in repr(got)
    assert set(path.parent.iterdir()) == before


def test_the_order_of_sources_is_kept_because_it_is_trust(path: Path) -> None:
    lines = [f"  {name}: {{connector: bigcontacts, token: '${{TOKEN}}'}}\n" for name in ("zeta", "alpha", "mid")]
    assert [each.name for each in read(path, "sources:\n" + "".join(lines)).sources] == ["zeta", "alpha", "mid"]


def test_secrets_do_not_show_when_settings_are_printed(path: Path) -> None:
    got = read(path, SALES + "server: {cursor_key: '${TOKEN}'}")
    assert got.sources[0].settings["token"] == "s3cret"
    assert got.server.cursor_key is not None
    assert got.server.cursor_key.get_secret_value() == "s3cret"
    assert "s3cret" not in f"{got} {got!r} {got.sources[0].settings}"
    assert repr(Sealed({"a": "b"})) == "Sealed(a)"


@pytest.mark.parametrize(
    ("text", "read_as"),
    [
        ("server: {port: '${PORT}'}", 9000),
        ("server:\n  port: ${PORT}", 9000),
        ("server:\n  port: ${UNSET:-7}", 7),
        ("server:\n  port: ${EMPTY:-7}", 7),
        ("server:\n  port: 8${NUMBER}", 842),
        ("# ${UNSET}", 8000),
    ],
)
def test_variables_are_filled_in_and_read_as_what_is_asked_for(path: Path, text: str, read_as: int) -> None:
    assert read(path, SALES + text).server.port == read_as


def test_a_variable_stays_a_text_where_a_text_is_asked_for(path: Path) -> None:
    text = "custom_fields:\n  a:\n    type: text\n    label: ${NUMBER}\n    sources: {sales: '${NUMBER}'}\n"
    got = read(path, SALES + text, {**ENVIRON, "CRMGRAPH__CUSTOM_FIELDS__A__LABEL": "2024"}).custom_fields[0]
    assert (got.label, got.sources["sales"]) == ("2024", "42")


@pytest.mark.parametrize(
    ("name", "value", "read_as"),
    [
        ("CRMGRAPH__SERVER__PORT", "9", "9"),
        ("CRMGRAPH__server__Port", "9", "9"),
        ("CRMGRAPH__SOURCES__SALES_EU__BASE_URL", "https://eu.example.com", "https://eu.example.com"),
        ("CRMGRAPH__SOURCES__SALES_EU__TOKEN", "plain", "plain"),
        ("CRMGRAPH__SOURCES__SALES_EU__TIMEZONE", "CET", "CET"),
        ("CRMGRAPH__SOURCES__SALES_EU__LIMITS__TIMEOUT", "3", "3.0"),
        ("CRMGRAPH__IDENTITY__INDEX", "on", "True"),
        ("CRMGRAPH__SURVIVORSHIP__JOBTITLE", "most_recent", "most_recent"),
    ],
)
def test_the_environment_overrides_what_the_file_says(path: Path, name: str, value: str, read_as: str) -> None:
    """Even a variable that is not set does no harm where its value is overridden."""
    token = "${UNSET}" if name.endswith("TOKEN") else "${TOKEN}"
    text = f"sources:\n  sales-eu: {{connector: leadconnector, token: '{token}', location_id: x}}\n"
    got = read(path, text, {**ENVIRON, name: value, "CRMGRAPH_OTHER": "left alone"})
    source = got.sources[0]
    shown = [got.server.port, source.base_url, source.timeout, got.identity.index, *source.settings.values()]
    assert read_as in [*map(str, shown), *(rule.rule for rules in got.survivorship.values() for rule in rules)]


FILE_KEYS = ", ".join(sorted(names(ConfigFile)))

SERVER_KEYS = (
    "admission, batch, console, cors, cursor_key, cursor_key_file, deadline, get, host, page_budget, port, scan_budget,"
    " stopping, workers"
)


@pytest.mark.parametrize(
    ("text", "mistake"),
    [
        (
            "servr: {}",
            f"3:1: `servr` is not known here; did you mean `server`? Known: {FILE_KEYS}.",
        ),
        ("server: {prt: 1}", f"3:10: `prt` is not known here; did you mean `port`? Known: {SERVER_KEYS}."),
        (
            "server: {port: 70000}",
            "3:16: `port` should be less than or equal to 65535, but the number `70000` is written here.",
        ),
        ("server: {port: '9000'}", "3:16: `port` should be a whole number, but the text `9000` is written here."),
        ("server: {deadline: 0}", "3:20: `deadline` should be greater than 0, but the number `0` is written here."),
        ("server: {console: on}", "3:19: `console` should be true or false, but the text `on` is written here."),
        ("server: {port: '${UNSET}'}", "3:16: The environment variable `UNSET` is not set; set it before starting."),
        (
            "server: {port: '${TOKEN}'}",
            "3:16: `port` should be a whole number, but `${TOKEN}` stands for something else.",
        ),
        ("server: {host: '${BYTES}'}", "3:16: `${BYTES}` stands for bytes that are not UTF-8 text."),
        ("server: {host: '${1}'}", "3:16: `${` starts a variable; write `${NAME}` or `${NAME:-default}`."),
        (
            "server: {cursor_key: abc}",
            "3:22: `cursor_key` is a secret and may not stand here as plain text; "
            "write `cursor_key: ${CRMGRAPH_CURSOR_KEY}` or `cursor_key_file: PATH`.",
        ),
        ("server: 5", "3:9: `server` should be a mapping of keys to values, but the number `5` is written here."),
        ("store: {file: x}", "3:9: `file` is not known here. Known: url."),
        (
            "store: {url: crm.db}",
            "3:14: `url` should be `sqlite:///PATH` of a file, or `postgresql://USER@HOST/DATABASE`.",
        ),
        (
            "store: {url: 'mysql://crm:${TOKEN}@host/crm'}",
            "3:14: `url` should be `sqlite:///PATH` of a file, or `postgresql://USER@HOST/DATABASE`.",
        ),
        (
            "store: {url: 'sqlite:///:memory:'}",
            "3:14: `url` should be `sqlite:///PATH` of a file, or `postgresql://USER@HOST/DATABASE`.",
        ),
        ("identity: {index: yes}", "3:19: `yes` is not known here. Known: off, on."),
        ("identity: {index: true}", "3:19: `index` should be one of off, on, but `true` is written here."),
        (
            "identity: {default_region: us}",
            "3:28: `default_region` is a country by its two capital letters (ISO 3166), for example `US`.",
        ),
        (
            "survivorship: {emials: union}",
            "3:16: `emials` is not known here; did you mean `emails`? Known: addresses, "
            "birthDate, companies, company, companyName, createdAt, customFields, doNotContact, emails, familyName, fullName, "
            "givenName, jobTitle, leadSource, lifecycleStage, opportunities, owner, phones, tags, timezone, updatedAt, url, "
            "website.",
        ),
        (
            "survivorship: {emails: unoin}",
            "3:24: `unoin` is not known here; did you mean `union`? "
            "Known: aggregate, longest, max, min, most_frequent, most_recent, most_restrictive, most_trusted, oldest, "
            "spelling_changing, spelling_stable, union.",
        ),
        (
            "survivorship: {emails: 1}",
            "3:24: `emails` should be one of most_trusted, most_recent, oldest, most_frequent, longest, spelling_stable, "
            "spelling_changing, min, max, union, aggregate, most_restrictive or a mapping of keys to values or a list, "
            "but the number `1` is written here.",
        ),
        (
            "survivorship: {emails: {rul: union}}",
            "3:25: `rul` is not known here; did you mean `rule`? Known: not_empty, not_older_than, rule, "
            "sources, valid.",
        ),
        (
            "survivorship: {owner: {rule: most_trusted, sources: [slaes]}}",
            "3:54: `slaes` is not known here; did you mean `sales`? Known: sales.",
        ),
        (
            "survivorship: {givenName: union}",
            "3:27: `union` joins lists, and `givenName` holds a text; write most_trusted or most_recent.",
        ),
        (
            "survivorship: {jobTitle: [most_recent, {rule: min}]}",
            "3:47: `min` compares times and numbers, and `jobTitle` holds a text; write most_trusted or most_recent.",
        ),
        (
            "survivorship: {jobTitle: [{rule: most_recent, not_older_than: soon}]}",
            "3:63: `not_older_than` is a number and a unit (s, m, h or d), for example `90d`.",
        ),
        (
            "survivorship: {owner: {rule: most_restrictive}}",
            "3:30: `most_restrictive` is for consent, and `owner` holds one value; write most_trusted or most_recent.",
        ),
        (
            "custom_fields: {a: {type: txt, sources: {sales: x}}}",
            "3:27: `txt` is not known here; did you mean `text`? "
            "Known: boolean, date, money, number, option, options, raw, text.",
        ),
        (
            "custom_fields: {a: {type: text, sources: {sale: x}}}",
            "3:43: `sale` is not known here; did you mean `sales`? Known: sales.",
        ),
        (
            "custom_fields: {a: {type: text}}",
            "3:17: `sources` is missing here: A source's name → that source's own key.",
        ),
        (
            "custom_fields: {1a: {type: text, sources: {sales: x}}}",
            "3:17: A custom field's key starts with a letter; letters, digits and `_` follow.",
        ),
        ("server: {port: 1, port: 2}", "3:19: `port` is written twice in one mapping, first on line 3; keep one."),
    ],
)
def test_a_wrong_section_is_told_with_its_place(path: Path, text: str, mistake: str) -> None:
    assert told(path, SALES + text) == [f"crmgraph.yaml:{mistake}"]


MISSING_TOKEN = (
    "`token` is missing here: The access token. "
    "As a secret it is not written down: write `token: ${A_TOKEN}` or `token_file: PATH`."
)
ONE_LINE = "a: {connector: bigcontacts, token: '${TOKEN}', "


@pytest.mark.parametrize(
    ("source", "mistake"),
    [
        (
            "a: {}",
            "2:3: `connector` is missing here: A built-in connector's name, "
            "or the path of a definition file beside this file.",
        ),
        ("a: {connector: concrod}", "2:18: There is no connector `concrod`."),
        ('a: {connector: "x\\ty"}', "2:18: `connector` should be a name or a path, on one line."),
        ("a: {connector: 5}", "2:18: `connector` should be a text, but the number `5` is written here."),
        (
            "a: bigcontacts",
            "2:6: `a` should be a mapping of keys to values, but the text `bigcontacts` is written here.",
        ),
        (
            "A: {connector: bigcontacts, token: '${TOKEN}'}",
            "2:3: A source's name starts with a small letter; small letters, digits, `_` and `-` follow.",
        ),
        ("a: {connector: bigcontacts}", f"2:3: {MISSING_TOKEN}"),
        ("a: {connector: bigcontacts, token: '${EMPTY}'}", f"2:38: {MISSING_TOKEN.replace('missing', 'empty')}"),
        (
            "a: {connector: bigcontacts, token: abc}",
            "2:38: `token` is a secret and may not stand here as plain text; "
            "write `token: ${A_TOKEN}` or `token_file: PATH`.",
        ),
        (
            "a: {connector: bigcontacts, token: 'x${TOKEN}'}",
            "2:38: `token` is a secret and may not stand here as plain "
            "text; write `token: ${A_TOKEN}` or `token_file: PATH`.",
        ),
        (
            "a: {connector: bigcontacts, token: '${TOKEN:-abc}'}",
            "2:38: `token` is a secret and may not stand here as "
            "plain text; write `token: ${A_TOKEN}` or `token_file: PATH`.",
        ),
        ("a: {connector: bigcontacts, token: [1]}", "2:38: `token` should be a single text, not a list or a mapping."),
        (
            "a: {connector: bigcontacts, token_file: none}",
            "2:43: The file `none` that should hold `token` cannot be read: No such file or directory.",
        ),
        ("a: {connector: bigcontacts, token_file: blank}", "2:43: The file `blank` that should hold `token` is empty."),
        (
            "a: {connector: bigcontacts, token_file: binary}",
            "2:43: The file `binary` that should hold `token` "
            "cannot be read: it is not UTF-8 text, or its path is not one.",
        ),
        (ONE_LINE + "token_file: token}", "2:62: `token` and `token_file` are both given; keep one of them."),
        (
            ONE_LINE + "tokn: x}",
            "2:50: `tokn` is not known here; did you mean `token`? "
            "Known: allow_private, base_url, breaker, connector, duplicate_free, limits, per_caller, token, token_file.",
        ),
        (
            ONE_LINE + "limits: {rate: 60}}",
            "2:65: `rate` should be a text or a list, but the number `60` is written here.",
        ),
        (
            ONE_LINE + "limits: {rate: 0/1m}}",
            "2:65: `rate` is a count and a period (s, m, h or d), for example `60/1m` or `100/10s`.",
        ),
        (
            ONE_LINE + "limits: {burst: 1}}",
            "2:59: `burst` is not known here. Known: attempts, concurrency, connect, queue, rate, timeout, total.",
        ),
        (
            ONE_LINE + "limits: {timeout: 5, total: 4}}",
            "2:78: `total` is for all attempts of a call, so it should not be less than `timeout`.",
        ),
        (
            ONE_LINE + "breaker: {mode: maybe}}",
            "2:66: `maybe` is not known here. Known: dry_run, off, on.",
        ),
        (
            ONE_LINE + "limits: {timeout: 0}}",
            "2:68: `timeout` should be greater than 0, but the number `0` is written here.",
        ),
        (ONE_LINE + "base_url: 5}", "2:60: `base_url` should be a text, but the number `5` is written here."),
        (
            "a: {connector: concord, token: '${TOKEN}'}",
            "2:3: `base_url` is missing here: only you know where your Concord "
            "lives, for example https://crm.example.com/api.",
        ),
        (
            "a: {connector: leadconnector, token: '${TOKEN}', location_id: ''}",
            "2:65: `location_id` is empty here: The location's id.",
        ),
    ],
)
def test_a_wrong_source_is_told_with_its_place(path: Path, source: str, mistake: str) -> None:
    assert told(path, f"sources:\n  {source}\n") == [f"crmgraph.yaml:{mistake}"]


ABSOLUTE = "should be an absolute address, for example https://crm.example.com/api."
PRIVATE = "is a private or loopback address; set `allow_private: true` if that is meant."


@pytest.mark.parametrize(
    ("url", "mistake"),
    [
        ("crm.example.com", ABSOLUTE),
        ("/api", ABSOLUTE),
        ("ftp://crm.example.com", ABSOLUTE),
        ("https://", ABSOLUTE),
        ("https://[::1", ABSOLUTE),
        ("https://crm.example.com:99999", ABSOLUTE),
        ("https://crm.exam ple.com", ABSOLUTE),
        ("https://crm.example.com\\\\@evil.example", ABSOLUTE),
        ("https://me:pw@crm.example.com", "may not hold a user name or password; give them as settings of the source."),
        ("https://crm.example.com/?a=b", "may not hold a query or a fragment; end it with the path."),
        ("https://crm.example.com/#a", "may not hold a query or a fragment; end it with the path."),
        ("http://crm.example.com", "should start with https://, because credentials are sent there."),
        ("http://localhost:8000", PRIVATE),
        ("https://api.localhost.", PRIVATE),
        ("https://10.1.2.3", PRIVATE),
        ("https://169.254.169.254/latest", PRIVATE),
        ("https://127.1", PRIVATE),
        ("https://0x7f000001", PRIVATE),
        ("https://2130706433", PRIVATE),
        ("https://[::1]:8443", PRIVATE),
        ("https://[::ffff:10.0.0.1]", PRIVATE),
    ],
)
def test_an_address_that_could_send_credentials_astray_is_refused(path: Path, url: str, mistake: str) -> None:
    text = f'sources:\n  a: {{connector: concord, token: "${{TOKEN}}", base_url: "{url}"}}\n'
    assert told(path, text) == [f"crmgraph.yaml:2:56: `base_url` {mistake}"]


@pytest.mark.parametrize(
    "url", ["http://localhost:8000/x", "http://10.1.2.3", "http://crm.example.com", "https://[::1]"]
)
def test_allow_private_allows_private_addresses_and_http(path: Path, url: str) -> None:
    text = f"sources:\n  a: {{connector: concord, token: '${{TOKEN}}', base_url: '{url}', allow_private: true}}\n"
    assert read(path, text).sources[0].base_url == url


@pytest.mark.parametrize(
    ("name", "mistake"),
    [
        (
            "CRMGRAPH__SERVR__PORT",
            f"`servr` is not known here; did you mean `server`? Known: {FILE_KEYS}.",
        ),
        ("CRMGRAPH__SERVER__PRT", f"`prt` is not known here; did you mean `port`? Known: {SERVER_KEYS}."),
        (
            "CRMGRAPH__SERVER__PORT",
            "`port` should be a whole number, but `${CRMGRAPH__SERVER__PORT}` stands for something else.",
        ),
        (
            "CRMGRAPH__SERVER",
            "`server` should be a mapping of keys to values, but `${CRMGRAPH__SERVER}` stands for something else.",
        ),
        ("CRMGRAPH__SERVER__PORT__X", "`port` should be a whole number, but a mapping is written here."),
        ("CRMGRAPH__SOURCES__SALE__TOKEN", "`sale` is not known here; did you mean `sales`? Known: sales."),
        (
            "CRMGRAPH__SOURCES__SALES__TOKN",
            "`tokn` is not known here; did you mean `token`? "
            "Known: allow_private, base_url, breaker, connector, duplicate_free, limits, per_caller, token, token_file.",
        ),
        ("CRMGRAPH__SERVER__", "This names no key; write CRMGRAPH__SECTION__KEY."),
        ("CRMGRAPH__", "This names no key; write CRMGRAPH__SECTION__KEY."),
    ],
)
def test_a_wrong_override_is_told_with_the_variables_name(path: Path, name: str, mistake: str) -> None:
    assert told(path, SALES, {**ENVIRON, name: "s3cret"}) == [f"environment variable {name}: {mistake}"]


def test_an_override_that_fits_two_sources_is_refused(path: Path) -> None:
    text = SALES.replace("sales", "a-b") + SALES.removeprefix("sources:\n").replace("sales", "a_b")
    assert told(path, text, {**ENVIRON, "CRMGRAPH__SOURCES__A_B__TOKEN": "x"}) == [
        "environment variable CRMGRAPH__SOURCES__A_B__TOKEN: This may mean `a-b` or `a_b`; rename one."
    ]


def test_every_mistake_is_told_at_once_and_in_order(path: Path) -> None:
    text = """
sources:
  a: {connector: wrong.yaml, anything: else}
  b: {connector: concord, base_url: 'http://x.example.com', token: abc, limits: {rate: fast}}
survivorship: {emials: union}
server: {port: '${UNSET}', wrokers: 2}
"""
    assert [line.partition(": ")[0] for line in told(path, text)] == [
        "crmgraph.yaml:4:37",
        "crmgraph.yaml:4:68",
        "crmgraph.yaml:4:88",
        "crmgraph.yaml:5:16",
        "crmgraph.yaml:6:16",
        "crmgraph.yaml:6:28",
        "wrong.yaml:3:5",
    ]


def test_no_source_at_all_is_a_mistake(path: Path) -> None:
    missing = "crmgraph.yaml:1:1: `sources` is missing here: The CRM accounts by name, the most trusted first."
    assert told(path, "") == [missing]
    assert told(path, "sources:\n") == [missing]
    assert told(path, "- a") == [
        "crmgraph.yaml:1:1: This document should be a mapping of keys to values, but a list is written here."
    ]


def test_a_file_that_cannot_be_read_is_a_mistake_of_the_operator(path: Path) -> None:
    with pytest.raises(ConfigError, match=r"cannot be read: No such file or directory; `crmgraph init` writes a first"):
        load(path, {}, Shelf())
    path.write_bytes(b"a: \xff")
    with pytest.raises(ConfigError, match=r"This configuration is not UTF-8 text\."):
        load(path, {}, Shelf())


def test_the_first_file_loads_once_its_variables_are_set(path: Path) -> None:
    assert [each.name for each in read(path, first_file(), {"BIGCONTACTS_TOKEN": "x"}).sources] == ["bigcontacts"]


def test_the_first_file_loads_with_every_comment_taken_away(path: Path) -> None:
    """What is offered behind a `#` is right as well."""
    lines = [line.replace("  # ", "  ", 1) if line.startswith("  # ") else line for line in first_file().splitlines()]
    names = ["BIGCONTACTS_TOKEN", "CONCORD_SUBDOMAIN", "CONCORD_TOKEN", "ORGCRM_TOKEN", "ORGCRM_ORG_ID"]
    names += ["LEADCONNECTOR_TOKEN", "LEADCONNECTOR_LOCATION_ID", "CRMGRAPH_CURSOR_KEY"]
    environ = {**dict.fromkeys(names, "x"), "ORGCRM_URL": "https://crm.example.com"}
    environ |= dict.fromkeys(["CRMGRAPH_PEPPER", "DASHBOARDS_KEY"], "x" * 32)
    environ["CRMGRAPH_VAULT_KEYS"] = f"first:{'A' * 43}="
    got = read(path, "\n".join(lines), environ)
    assert [each.name for each in got.sources] == ["bigcontacts", "concord", "orgcrm", "leadconnector"]
    assert (list(got.survivorship), [each.key for each in got.custom_fields]) == (
        ["jobTitle", "owner", "website"],
        ["budget"],
    )


def test_words_that_stand_in_two_places_agree() -> None:
    types = choices_of(CustomFieldSection.model_fields["type"].annotation)
    assert tuple(word.upper() for word in types) == CUSTOM_FIELD_TYPES


def test_the_schema_describes_every_key() -> None:
    schema = schema_of_config()
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    shapes = [schema, *schema["$defs"].values()]
    assert all("description" in key for shape in shapes for key in shape.get("properties", {}).values())
    assert schema["$defs"]["ServerSection"]["properties"]["port"]["anyOf"][1]["pattern"] == "\\$\\{"
    assert schema["$defs"]["ServerSection"]["additionalProperties"] is False
    assert schema["$defs"]["SourceSection"]["additionalProperties"]["type"] == ["string", "number", "boolean"]


PIECES = [
    *("sources:", "sales", "server:", "port", "identity:", "survivorship:", "custom_fields:", "connector", "token"),
    *("bigcontacts", "concord", "base_url", "limits", "rate", "emails", "union", "rule", "type", "text", "60/1m"),
    *(": ", "\n", "\n  ", "\n    ", "- ", "[", "]", "{", "}", ", ", '"', "'", "\\0", "&a ", "*a", "#", "|", "~"),
    *("${TOKEN}", "${UNSET}", "${", "}", "${A:-b}", "https://", "http://[", "127.0.0.1", "1", "true", "9" * 5000),
]
TEXTS = st.text(st.characters(exclude_categories=["Cs"])) | st.lists(st.sampled_from(PIECES), max_size=40).map("".join)
OVERRIDES = st.dictionaries(
    st.lists(st.sampled_from(["SERVER", "SOURCES", "SALES", "PORT", "TOKEN", "LIMITS", "X", ""]), max_size=4).map(
        lambda parts: "CRMGRAPH__" + "__".join(parts)
    ),
    st.text(),
    max_size=3,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(TEXTS, OVERRIDES)
def test_no_text_and_no_environment_makes_loading_fail_in_any_other_way(
    path: Path, text: str, overrides: dict[str, str]
) -> None:
    try:
        loaded = read(path, SALES + text, {**ENVIRON, **overrides})
        mistakes: tuple[Mistake, ...] = ()
    except ConfigMistakes as wrong:
        loaded, mistakes = None, wrong.mistakes
    assert loaded is not None or mistakes
    assert not any("s3cret" in str(each) for each in mistakes)


@pytest.mark.parametrize(
    ("written", "production", "console"),
    [
        ("", False, True),
        ("environment: development\nserver: {console: false}", False, False),
        ("environment: production", True, False),
        ("environment: production\nserver: {console: true}", True, True),
    ],
)
def test_in_production_there_is_no_console_unless_it_is_wanted(
    path: Path, written: str, production: bool, console: bool
) -> None:
    got = read(path, SALES + written)
    assert (got.production, got.server.console) == (production, console)


def test_how_many_are_let_in_and_whose_pages_may_ask(path: Path) -> None:
    words = "admission: {at_once: 2, waiting: 0, max_wait: 0.5}, get: false, batch: 10"
    cors = "cors: ['https://app.example.com', 'http://localhost:3000', 'http://[::1]:3000']"
    server = read(path, SALES + f"server: {{{words}, {cors}, stopping: {{notice: 5, within: 20}}}}").server
    assert (server.room, server.get, server.batch) == (Room(2, 0, 0.5), False, 10)
    assert server.cors == ("https://app.example.com", "http://localhost:3000", "http://[::1]:3000")
    assert (server.notice, server.within) == (5.0, 20.0)
    server = read(path, SALES).server
    assert (server.room, server.get, server.batch, server.cors) == (Room(64, 256, 2.0), True, 0, ())
    assert (server.notice, server.within) == (0.0, 10.0)


@pytest.mark.parametrize(
    "origin",
    ["*", "https://*.example.com", "app.example.com", "https://app.example.com/", "https://App.example.com", "null"],
)
def test_an_origin_is_exact(path: Path, origin: str) -> None:
    [mistake] = told(path, SALES + f"server: {{cors: ['{origin}']}}")
    assert "`cors` lists origins as browsers send them, like `https://app.example.com`" in mistake
    assert mistake.startswith("crmgraph.yaml:3:17: ")
