"""Definition files: what an author can write wrong is told in one sentence, in its place."""

from pathlib import Path

import pytest
from tests.connectors.made import definition

from crmgraph.connectors import catalog
from crmgraph.connectors.assembly import settings_of
from crmgraph.connectors.batches import batch_of
from crmgraph.connectors.trees import DefinitionMistakes
from crmgraph.domain.errors import DefinitionError
from crmgraph.domain.model import Kind

HERE = Path(__file__).parent

LIST = "resources:\n  contact:\n    fields: {fullName: name}\n    list:\n      call: GET /c\n"
WRITE = LIST + "    get: {call: 'GET /c/{id}', item: ''}\n"
LINKS = (
    "resources:\n  contact:\n    fields: {fullName: name}\n"
    "    associate: {attach: {call: 'PUT /c/{id}'}, detach: {call: 'DELETE /c/{id}'}, links: {"
)
FIELD = "resources:\n  contact:\n    fields:\n      "
FILTER = (
    LIST + "      filter:\n        style: params\n        condition: {'{name}': '{value}'}\n        fields:\n          "
)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "settings: {base_url: {description: x}}\nresources: {}\n",
            "3:12: `base_url` means something for every source",
        ),
        ("settings: {connector: {description: x}}\nresources: {}\n", "3:12: `connector` means something"),
        ("settings: {limits: {description: x}}\nresources: {}\n", "`limits` means something"),
        ("settings: {allow_private: {description: x}}\nresources: {}\n", "`allow_private` means something"),
        ("settings: {id: {description: x}}\nresources: {}\n", "3:12: `{id}` is filled in by each call"),
        (
            "settings: {token_file: {description: x}}\nresources: {}\n",
            "3:12: `token_file` would be the file of a secret",
        ),
        ("settings: {my-key: {description: x}}\nresources: {}\n", "`my-key` cannot stand in a template"),
        (
            "auth: {bearer: '{tokn}'}\nsettings: {token: {description: x}}\nresources: {}\n",
            "3:8: `{tokn}`: `tokn` is not",
        ),
        (
            "headers: {X: '{token}'}\nsettings: {token: {description: x, secret: true}}\nresources: {}\n",
            "3:1: `{token}` is a secret, and secrets go only into `auth`.",
        ),
        ("limits: {rate: fast}\nresources: {}\n", "3:16: A rate is a number of calls and a time in s, m, h or d"),
        ("limits: {rate: 0/s}\nresources: {}\n", "A rate is a number of calls"),
        (
            "limits: {quota: [{window: 1y, limit: a, remaining: b}]}\nresources: {}\n",
            "A time is a number and one of s, m",
        ),
        ("limits: {concurrency: 0}\nresources: {}\n", "3:23: `concurrency` should be greater than or equal to 1"),
        ("reply: {cases: [{means: absent}]}\nresources: {}\n", "This case fits every failure"),
        ("resources: {person: {fields: {}}}\n", "3:13: `person` is not known here"),
        (LIST.replace("GET /c", "/c"), "7:13: A call is a method in capitals, one blank and a path"),
        (LIST.replace("GET /c", "'GET /{org}/c'"), "7:7: `{org}`: `org` is not known here"),
        (LIST + "      natural: createdat desc\n", "8:7: `createdat` is not known here; did you mean `createdAt`?"),
        (LIST + "      natural: createdAt down\n", "8:7: An order is a field and asc or desc"),
        (LIST + "      natural: fullName asc\n", "Lists are put in order by times"),
        (LIST + "      order: {createdAt: {}}\n", "This order says neither `asc` nor `desc`."),
        (
            LIST + "      pages: {style: page, size: 0, params: {p: '{page}'}}\n",
            "8:34: `size` should be greater than or",
        ),
        (LIST + "      pages: {style: page, params: {p: '{offset}'}}\n", "Pages of the style `page` need `{page}`"),
        (LIST + "      pages: {style: page, params: {p: '{pge}'}}\n", "`{pge}`: `pge` is not known here; did you mean"),
        (LIST + "      pages: {style: cursor}\n", "Pages of the style `cursor` need `next`"),
        (LIST + "      pages: {style: cursor, next: {a: b | table x}}\n", "`table` cannot be used here"),
        (LIST + "      omits: [fulName]\n", "8:7: `fulName` is not known here; did you mean `fullName`?"),
        (LIST + "      text: {q: x}\n", "Nothing here carries the text: use `{text}`."),
        (LIST + "      body: {a: 1}\n", "A GET carries no body"),
        (LIST + "    get: {call: GET /one}\n", "This call does not say what it asks for: use `{id}` in it."),
        (LIST + "    get: {call: 'GET /c/{ids}'}\n", "`{ids}` is not filled in here. Filled in: id, parent."),
        (LIST + "    find: {email: {through: list}}\n", "whose filter cannot look for `emails`"),
        (LIST + "    get_many: {through: search}\n", "whose filter cannot look for `id`"),
        (LIST + "    of: {company: {whole: list}}\n", "Map the field `company`"),
        (LIST + "      lifetime: 301\n", "8:17: `lifetime` should be less than or equal to 300"),
        (
            WRITE + "    get_many: {call: GET /c, query: {ids: '{ids}'}, needs: [frm]}\n",
            "9:53: `frm` is not known here",
        ),
        (
            "settings: {firm: {description: x}}\n"
            + LIST
            + "    get_many: {call: GET /c, query: {ids: '{ids}'}, needs: [firm]}\n",
            "Without these settings each record is got by `get`, which is not there.",
        ),
        (
            LIST + "    find: {email: {call: 'GET /{value}', write: tail x}}\n",
            "`tail` needs a whole number above 0, not `x`.",
        ),
        (FILTER + "fullname: {name: n, ops: {eq: ''}}\n", "did you mean `fullName`?"),
        (FILTER + "fullName: {name: n, ops: {like: ''}}\n", "`like` is not known here"),
        (FILTER + "fullName: {name: n, ops: {gt: ''}}\n", "`gt` is not known here"),
        (
            FILTER + "fullName: {name: n, ops: {eq: ''}, format: lowr}\n",
            "`lowr` is no transform; did you mean `lower`?",
        ),
        (FILTER + "tags: {name: n, ops: {eq: ''}, table: labels}\n", "`labels` is not known here"),
        (FILTER + "customFields: {name: n, ops: {eq: ''}}\n", "Custom fields, and they alone, are named with `{key}`."),
        (FILTER.replace("style: params", "style: tree") + "id: {name: n, ops: {eq: ''}}\n", "need `into` as well"),
        (FIELD + "nickname: x\n", "6:7: `nickname` is not known here"),
        (FIELD + "fullName: name | uper\n", "6:7: `uper` is no transform; did you mean `upper`?"),
        (FIELD + "fullName: name | lower x\n", "`lower` takes nothing after its name"),
        (FIELD + "fullName: name | after\n", "`after` needs something after its name."),
        (FIELD + "createdAt: at | local zone\n", "`zone` is not known here"),
        (FIELD + "leadSource: s | table sources\n", "`sources` is not known here"),
        (FIELD + "fullName: {read: a, const: b}\n", "`read` and `const` exclude each other"),
        (FIELD + "fullName: {}\n", "6:7: This field says nothing"),
        (FIELD + "phones: {each: p, object: {number: n}}\n", "6:34: `number` is not known here"),
        (FIELD + "phones: {each: p, object: {value: n}, key: id}\n", "`id` is what tells the elements apart"),
        (FIELD + "fullName: {read: a, otherwise: b}\n", "`otherwise` means something only beside `words`."),
        (
            "resources: {task: {fields: {status: {read: s, words: {a: DUN}}}}}\n",
            "`DUN` is not known here. Known: CANCELLED",
        ),
        ("resources: {activity: {fields: {kind: {const: RING}}}}\n", "`RING` is not known here"),
        (LIST + "    id: id | nothing\n", "`nothing` is no transform"),
        (LIST + "    delete: {call: 'DELETE /c/{id}'}\n", "so the resource needs `get`"),
        (WRITE + "    update: {call: PUT /c}\n", "9:5: This call does not say what it changes: use `{id}`"),
        (WRITE + "    update: {call: 'GET /c/{id}'}\n", "A GET changes nothing"),
        (WRITE + "    create: {call: 'POST /c/{tag}'}\n", "`{tag}` is not filled in here. Filled in: id, parent."),
        (WRITE + "    create: {call: POST /c, required: [fulName]}\n", "did you mean `fullName`?"),
        (WRITE + "    create: {call: POST /c, constants: {a: b | table c}}\n", "`c` is not known here"),
        (WRITE + "    custom: {call: 'PUT /c/{id}/{field}'}\n", "Map the field `customFields`, which this writes."),
        (
            WRITE.replace("name}", "[a, b]}") + "    create: {call: POST /c}\n",
            "5:14: This mapping does not tell the way back",
        ),
        (WRITE + "    replace: {call: PUT /c}\n", "Say by `into` where in the body the list of records goes."),
        (WRITE + "    replace: {call: PUT /c, into: c}\n", "the resource needs `list` and `name`"),
        (WRITE + "    import: {call: POST /c/all}\n", "9:5: Say by `into` where in the body"),
        (WRITE + "    import: {call: POST /c/all, into: c, omits: [tgs]}\n", "`tgs` is not known here"),
        (WRITE + "    import: {call: 'POST /c/{id}', into: c}\n", "`{id}` is not filled in here. Filled in: nothing."),
        (WRITE + "    append: bdy\n    update: {call: 'PUT /c/{id}'}\n", "`bdy` is not known here"),
        (WRITE + "    append: fullName\n", "This goes by `update`, or beside it"),
        (WRITE + "    complete: {call: 'PUT /c/{id}/done'}\n", "9:5: This goes by `update`, or beside it"),
        (
            WRITE + "    append: fullName\n    update: {call: 'PUT /c/{id}'}\n    create: {call: POST /c}\n",
            "either made by `create` or added by `append`",
        ),
        (WRITE + "    apart: {fulName: {call: 'PUT /c/{id}', into: n}}\n", "`fulName` is not known here"),
        (WRITE + "    apart: {fullName: {call: 'PUT /c/{id}'}}\n", "Say by `into` where in the body the value goes."),
        (LIST + "    certain: {email: {call: GET /twin}}\n", "use `{value}` in it."),
        (FIELD + "fullName: {read: a, write: b | uper}\n", "`uper` is no transform"),
        (FIELD + "phones: {read: a, write: {each: b, object: {number: n}}}\n", "`number` is not known here"),
        (FIELD + "createdAt: {read: a, spread: {b: day}}\n", "`spread` says how a field is written"),
        (FIELD + "createdAt: {read: a, write: {spread: {b: dya}}}\n", "`dya` is no transform; did you mean `day`?"),
        (FIELD + "owner: {read: a, write: {spread: {b: ''}, beside: {c: d}, read: e}}\n", "exclude each other"),
        (FIELD + "owner: {const: {}, write: {const: b, beside: {c: d}}}\n", "`beside` means something only beside"),
        (LINKS + "company: {key: c, held: c}}}\n", "so the resource needs `get`"),
        (LINKS.replace("{id}", "1") + "company: {key: c, held: c}}}\n", "does not say what it changes: use `{id}`"),
        (LINKS + "}}\n", "Nothing is linked here"),
        (LINKS + "company: {key: c}}}\n", "Say by either `held` (in the record) or `of` (a resource)"),
        (LINKS + "company: {key: c, held: c, of: contact}}}\n", "Say by either `held`"),
        (LINKS + "company: {key: c | first, held: c}}}\n", "a key without `*`, and transforms that can write"),
        (LINKS + "company: {key: c | uper, held: c}}}\n", "`uper` is no transform; did you mean `upper`?"),
        (LINKS + "company: {key: c, of: compny}}}\n", "`compny` is not known here"),
        (LINKS + "company: {key: c, of: contact}}}\n", "`contact` is of another kind than company."),
        (LINKS + "contact: {key: c, of: contact}}}\n", "`contact` has no `of` for a contact"),
        (LINKS + "firm: {key: c, held: c}}}\n", "`firm`"),
        ("tables: {t: {key: id}}\nresources: {}\n", "A vocabulary needs either `of` (a resource) or `endpoint`."),
        ("tables: {t: {of: tag}}\nresources: {}\n", "`tag` is not known here"),
        ("probe: {call: 'GET /{id}'}\nresources: {}\n", "`{id}` is not filled in here."),
    ],
)
def test_a_mistake_is_told_in_its_place(text: str, told: str) -> None:
    with pytest.raises(DefinitionMistakes) as wrong:
        definition(text)
    assert wrong.value.message.startswith("tiny.yaml:")
    assert told in wrong.value.message


def test_all_mistakes_are_told_at_once_in_the_order_of_the_file() -> None:
    with pytest.raises(DefinitionMistakes) as wrong:
        definition(LIST.replace("fullName", "fulName") + "      natural: nothing\n")
    assert [mistake.line for mistake in wrong.value.mistakes] == [5, 8, 8]


def test_there_is_no_such_connector() -> None:
    with pytest.raises(
        DefinitionError, match=r"There is no connector `orgcmr`; did you mean `orgcrm`\? Built in: bigcontacts"
    ):
        catalog.load("orgcmr", HERE)
    with pytest.raises(DefinitionError, match=r"The definition ./none.yaml cannot be read: No such file"):
        catalog.load("./none.yaml", HERE)


def test_a_definition_knows_its_kinds_its_settings_and_its_probe() -> None:
    made = catalog.load("leadconnector", HERE)
    assert [resource.name for resource in made.of_kind(Kind.ACTIVITY)] == ["appointment"]
    assert settings_of(made, {"location_id": "x"})["timezone"] == "UTC"
    probe = made.probe()
    assert probe is not None
    assert probe.call.startswith("GET /locations/")
    assert made.resources["contact"].tables_for({"customFields", "fullName"}) == {"fields"}
    assert made.settings["token"].secret


def test_a_look_up_that_needs_a_setting_is_not_there_without_it() -> None:
    head = "settings: {firm: {description: x, required: false}}\n"
    many = "    get_many: {call: GET /c, query: {ids: '{ids}', at: '{firm}'}, max: 7, needs: [firm]}\n"
    made = definition(head + WRITE + many)
    sizes = [batch_of(made.fitted(told).resources["contact"]) for told in (["firm", "source"], ["source"])]
    assert sizes == [7, 1]


def test_the_schema_for_editors_describes_every_key() -> None:
    found = catalog.schema()
    assert all(
        "description" in key or "$ref" in key
        for model in found["$defs"].values()
        for key in model.get("properties", {}).values()
    )
