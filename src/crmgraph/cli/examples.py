"""The console's first tabs."""

from crmgraph.web.console_page import Example

PERSON = """# One person, asked of every CRM, and why each value is what it is.
query OnePerson {
  contact(by: {email: "maria.fernandez@tamarind.example.org"}) {
    displayName
    jobTitle
    companyName
    emails { value origins { source } }
    phones { value e164 origins { source } }
    tags { name }
    customFields { label text origin { source } }
    tasks(first: 5) { nodes { title dueDate status record { source { name } } } }
    provenance(fields: ["jobTitle", "companyName"]) {
      field value rule origin { source } losers { value origin { source } }
    }
    records { source { name } id url updatedAt }
  }
}
"""

PEOPLE = """# A page of people over all CRMs, each once. Go on with `after: endCursor`.
query People($first: Int = 10, $after: String) {
  contacts(first: $first, after: $after) {
    nodes {
      id
      displayName
      email
      jobTitle
      owner { name }
      records { source { name } }
    }
    pageInfo { hasNextPage endCursor }
  }
}
"""

FILTER = """# The same grammar for every CRM: pushed down where it can, applied by the gateway where it cannot.
query Vips {
  contacts(first: 10, filter: {and: [{tags: {eq: "vip"}}, {createdAt: {gte: "2024-01-01T00:00:00Z"}}]}) {
    nodes { displayName tags { name } records { source { name } } }
    pageInfo { hasNextPage endCursor }
  }
}
"""

SOURCES = """# What is connected, how it is, and what it can do.
query Sources {
  sources {
    name
    connector
    health
    lastSuccessAt
    indexedContacts
    quota { window limit remaining }
    capabilities { kind operation native note }
  }
}
"""

WRITE = """# Write once: each CRM that can makes a record, and tells what it really did.
# `dryRun: true` shows the calls, and what would be lost, without making them.
mutation NewPerson {
  createContact(input: {
    givenName: "Nora"
    familyName: "Quill"
    emails: [{value: "nora@quill.example"}, {value: "n.quill@home.example"}]
    phones: [{value: "+14155550188"}]
    tags: ["newsletter"]
    dryRun: true
  }) {
    results {
      source { name }
      outcome
      recordId
      alteredFields { field asked kept }
      ignoredFields
      error { message reasons { field message } }
      calls { method path body }
    }
    userErrors { field message }
  }
}
"""

EXAMPLES = (
    Example("One person", PERSON),
    Example("A page of people", PEOPLE, {"first": 10}),
    Example("Filters", FILTER),
    Example("Write", WRITE),
    Example("Sources", SOURCES),
)
