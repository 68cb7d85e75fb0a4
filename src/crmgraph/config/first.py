"""The first crmgraph.yaml, written by `crmgraph init`: complete, explained, and short enough to read."""

_FIRST = """\
# The configuration of crmgraph. `crmgraph check` reads it and tells every mistake with its line.
# ${NAME} is filled in from the environment, ${NAME:-default} where it may be missing. A secret is written as ${NAME},
# or as NAME_file with the path of a file that holds it; never as plain text.
# Any value can be overridden: CRMGRAPH__SERVER__PORT=9000, CRMGRAPH__SOURCES__BIGCONTACTS__LIMITS__TIMEOUT=5.

# environment: production # No console, and the schema is not told.

# The CRMs, the most trusted first. The names are yours; they appear in answers as where a value comes from.
sources:
  bigcontacts:
    connector: bigcontacts
    token: ${BIGCONTACTS_TOKEN}
    # limits: {rate: 60/1m, concurrency: 4, timeout: 10, attempts: 3}
    # breaker: {failures: 10, window: 30, open: 5} # A CRM that keeps failing is left alone for a while.

  # concord:
  #   connector: concord
  #   base_url: https://${CONCORD_SUBDOMAIN}.appcrm.com.br/api
  #   token: ${CONCORD_TOKEN}

  # orgcrm:
  #   connector: orgcrm
  #   base_url: ${ORGCRM_URL}
  #   token: ${ORGCRM_TOKEN}
  #   org_id: ${ORGCRM_ORG_ID}

  # leadconnector:
  #   connector: leadconnector
  #   token: ${LEADCONNECTOR_TOKEN} # Or client_id and client_secret of an app, for `crmgraph connect leadconnector`.
  #   location_id: ${LEADCONNECTOR_LOCATION_ID}
  #   company_id: ${LEADCONNECTOR_COMPANY_ID:-}
  #   timezone: ${LEADCONNECTOR_TIMEZONE:-}

# How records become one person.
identity:
  default_region: US # The country of phone numbers that are written without one.
  index: on # Reads every source's contacts from time to time, so that lists know who stands in several; off: never.
  line: balanced # Joins what is likely one person; safe: only what is nearly certain.
  max_shared: 5 # An e-mail or phone that more people share joins nobody.

# Which value survives where the CRMs differ: most_trusted, most_recent, oldest, most_frequent, longest,
# spelling_stable, spelling_changing, min, max, union (lists) or most_restrictive (consent). Of several rules each goes
# on with what the one before could not tell apart.
survivorship:
  # jobTitle: most_recent
  # owner: {rule: most_trusted, sources: [bigcontacts]}
  # website: [{rule: most_recent, valid: true, not_older_than: 365d}, most_trusted]

# Custom fields under one key of yours, whatever each CRM calls them.
custom_fields:
  # budget:
  #   type: number
  #   label: Budget
  #   sources: {bigcontacts: Budget}

# Who may ask, and what. Without it nobody is told apart, and the server listens on this machine alone.
auth:
  # pepper: ${CRMGRAPH_PEPPER} # With it, `crmgraph keys create NAME --role ROLE` makes API keys.
  # keys:
  #   dashboards:
  #     key: ${DASHBOARDS_KEY}
  #     role: reports
  # jwt: # Tokens of an identity provider; the word in their claim `roles` leads to a role of yours.
  #   issuer: https://login.example.com
  #   audience: crmgraph
  #   jwks_url: https://login.example.com/keys
  #   roles: {sales-team: agents}

roles:
  # agents: {scopes: ["*:read", "contact:write", "task:write"], hide: {contact: [birthDate]}}
  # reports: {scopes: ["*:read"], priority: report}

server:
  host: 127.0.0.1
  port: 8000
  deadline: 10 # Seconds in which an operation is answered, with what has come by then.
  # admission: {at_once: 64, waiting: 256, max_wait: 2} # Questions that a process works on; the rest is told to wait.
  # cors: [https://app.example.com] # Whose web pages may ask.
  # cursor_key: ${CRMGRAPH_CURSOR_KEY} # Needed when several processes answer: it lets each read the other's cursors.

# documents: {mode: enforce, folder: ./documents} # Only documents that are known beforehand are answered.

# Where writes are kept until every CRM has told what became of them. Without it: the file crmgraph.db beside this one.
store:
  # url: postgresql://${PGUSER:-crmgraph}:${PGPASSWORD:-}@localhost/crmgraph # Or a file: sqlite:///crmgraph.db

# What is told of the work: metrics for Prometheus, traces over OTLP, and how much is logged.
telemetry:
  # metrics_port: 9464
  # otlp: https://collector.example.com
  # log: warning # The usual `info` has a line for every operation.

# What seals tokens in the store: NAME:KEY, a key by `openssl rand -base64 32`; of several, the first one seals.
vault:
  # keys: ${CRMGRAPH_VAULT_KEYS}

# How several processes share what the CRMs allow. Without a url: where writes are kept.
rates:
  # url: redis://localhost:6379
  # reserve: 0.2 # The part of every rate that reading in bulk leaves to people and writes.
"""


def first_file() -> str:
    """The text of a first configuration: one CRM at work, the other three one `#` away."""
    return _FIRST
