"""What arguments and enumerations' words mean: they say the same wherever they stand, so they are described once."""

from collections.abc import Mapping

from graphql import GraphQLEnumType, GraphQLInterfaceType, GraphQLObjectType, GraphQLSchema

from crmgraph.api import describing_identity

ARGUMENTS: Mapping[str, str] = {
    **describing_identity.ARGUMENTS,
    "after": "Go on behind this cursor: `pageInfo.endCursor` of the page before, unchanged, under the same question.",
    "appliesTo": "Only those of records of this kind.",
    "by": "Which person.",
    "date": "The day; today without it.",
    "fields": "The fields to tell of, by their names on the thing; all of them without it.",
    "filter": "Only what passes this.",
    "first": "How many nodes at the most, from 1 to 100.",
    "id": "A global id.",
    "ids": "Global ids, 100 at the most.",
    "input": "What is to be written, and where.",
    "keys": "The logical keys of the custom fields wanted; all of them without it.",
    "kinds": "Only activities of these kinds.",
    "outcome": "Only those that came to this.",
    "onMissing": "What to do when a source fails.",
    "orderBy": "The order, one key; without it the list goes source by source.",
    "search": "Only what is found by this text: as each CRM searches, or by name in a list of tags.",
    "outcomes": "Only those of these outcomes; all without it.",
    "skip": "Leave out so many from the beginning.",
    "freshness": "How old the answer may be; without it, it is live.",
    "timezone": "The time zone of the day, such as Europe/Berlin; without it, the user's own.",
    "user": "The global id of a user; any of their records leads to them.",
    "sources": "Ask only these sources, by their names in the configuration; without it, all.",
}

WORDS: Mapping[str, Mapping[str, str]] = {
    **describing_identity.WORDS,
    "ActivityKind": {
        "APPOINTMENT": "A meeting that was booked in a calendar.",
        "CALL": "A call.",
        "MEETING": "A meeting.",
        "NOTE": "Something that somebody wrote down.",
        "OTHER": "Anything else; `kindOriginal` says what.",
    },
    "AppointmentStatus": {
        "CANCELLED": "It was called off.",
        "CONFIRMED": "It was confirmed.",
        "INVALID": "It was booked by mistake.",
        "NEW": "It is booked and not confirmed yet.",
        "NO_SHOW": "The person did not come.",
        "SHOWED": "The person came.",
        "UNKNOWN": "The CRM says something else; `statusOriginal` says what.",
    },
    "BreakerState": {
        "CLOSED": "Calls go out.",
        "HALF_OPEN": "A single call finds out whether the CRM is back.",
        "OPEN": "No call goes out for now.",
    },
    "ConsentState": {
        "ALLOWED": "They may be contacted.",
        "BLOCKED": "They must not be contacted.",
        "UNKNOWN": "No CRM says.",
    },
    "CustomFieldType": {
        "BOOLEAN": "True or false.",
        "DATE": "A day.",
        "MONEY": "An amount of money.",
        "NUMBER": "A number.",
        "OPTION": "One of some choices.",
        "OPTIONS": "Any of some choices.",
        "RAW": "Nobody says what; `value` is the CRM's own JSON.",
        "TEXT": "Text.",
    },
    "Direction": {
        "ASC": "The smallest, or earliest, first.",
        "DESC": "The largest, or latest, first.",
    },
    "GapReason": {
        "EMPTY": "The CRM has the field, and nothing in it.",
        "FAILED": "Reading it failed.",
        "HIDDEN": "This caller may not see it.",
        "UNSUPPORTED": "The CRM has no such field.",
    },
    "ImportMode": {
        "CREATE": "Make everybody, without asking whether they are there.",
        "UPSERT": "In each source, change whoever has the e-mail, else the phone, and make the others.",
    },
    "ImportOutcome": {
        "DONE": "It was written.",
        "FAILED": "Nothing happened at one of its sources.",
        "PENDING": "It is still to be done, or found out, at one of its sources.",
        "REJECTED": "One of its CRMs refused it.",
        "UNCHANGED": "It was so already everywhere.",
        "UNKNOWN": "It may have happened at one of its sources; nothing tells.",
        "UNSUPPORTED": "One of its sources cannot do it.",
    },
    "ImportState": {
        "DONE": "Every row has been told.",
        "RUNNING": "It goes on.",
        "STOPPED": "A source was given up, and some rows are left.",
    },
    "Kind": {
        "ACTIVITY": "Something that happened or is to happen with a person.",
        "COMPANY": "A company.",
        "CONTACT": "A person.",
        "CUSTOM_FIELD": "The definition of a custom field.",
        "NOTE": "Something that somebody wrote down.",
        "OPPORTUNITY": "A possible sale.",
        "PIPELINE": "A way that opportunities go.",
        "SAVED_VIEW": "A filter that people have saved.",
        "STAGE": "A step of a pipeline.",
        "TAG": "A tag.",
        "TASK": "Something to be done.",
        "TEMPLATE_VALUE": "A value that is put into message texts.",
        "USER": "Somebody who works in the CRM.",
    },
    "DayEntryKind": {
        "APPOINTMENT": "An appointment or meeting that falls on the day.",
        "DUE_TODAY": "An open task that is due on the day, whatever the hour.",
        "OVERDUE": "An open task that was due before the day began.",
    },
    "OnMissing": {
        "PARTIAL": "Go on without it; its records come once it is back.",
        "STOP": "End the page there; the cursor goes on from the same place.",
    },
    "Operation": {
        "ATTACH": "Link a record to others, leaving the links it has.",
        "CHANGED_SINCE": "List what was changed after some time.",
        "COMPLETE": "Mark a task as done, or open it again.",
        "CREATE": "Make a record.",
        "DELETE": "Remove a record.",
        "DETACH": "Take links of a record away.",
        "FILTER": "List what satisfies conditions.",
        "FIND_BY_EMAIL": "Find people by an e-mail address.",
        "FIND_BY_PHONE": "Find people by a phone number.",
        "GET": "Get one record by its id.",
        "GET_MANY": "Get several records by their ids.",
        "IMPORT": "Make or change many records in one call.",
        "LIST": "List all records.",
        "OF_COMPANY": "List what belongs to a company.",
        "OF_CONTACT": "List what belongs to a person.",
        "ORDER": "List in an order.",
        "REPLACE": "Save and remove members of a set that the CRM takes as a whole.",
        "SEARCH": "Find records by free text.",
        "SYNC": "Make the links of a record exactly these.",
        "TAG": "Put tags on a record and take them off.",
        "TOTAL_COUNT": "Tell how many there are.",
        "UPDATE": "Change a record.",
    },
    "OpportunityStatus": {
        "ABANDONED": "Nobody works on it any more.",
        "LOST": "It was lost.",
        "OPEN": "It is being worked on.",
        "UNKNOWN": "The CRM says something else; `statusOriginal` says what.",
        "WON": "It was won.",
    },
    "OrderField": {
        "CREATED_AT": "When the record was made.",
        "DUE_AT": "When it is due.",
        "FAMILY_NAME": "The last name.",
        "GIVEN_NAME": "The first name.",
        "NAME": "The name.",
        "UPDATED_AT": "When the record was last changed; it moves while one pages through it.",
    },
    "Priority": {
        "HIGH": "More pressing than most.",
        "LOW": "Less pressing than most.",
        "NORMAL": "As pressing as most.",
        "URGENT": "The most pressing.",
    },
    "RuleOutcome": {
        "CREATED": "A record was made.",
        "FAILED": "Nothing happened; the next run tries again.",
        "REJECTED": "The CRM refused it, or cannot do it.",
        "SKIPPED": "It was left alone: there is no saying who it is, or the rule is not to.",
        "UNCHANGED": "There was nothing to do.",
        "UNKNOWN": "It may have happened; `pendingWrites` tells when it is found out.",
        "UPDATED": "A record was changed.",
    },
    "RuleRunState": {
        "COMPLETE": "Everybody was gone through.",
        "MORE": "The limit was reached; the next run goes on.",
        "STOPPED": "A source failed; what was done stands, and the next run goes on.",
    },
    "SourceHealth": {
        "DENIED": "It refuses our credentials.",
        "DOWN": "It does not answer, or with failures of its own.",
        "OK": "It answers as it should.",
        "RECONNECT": "Its tokens cannot be renewed: a person has to connect it again, with `crmgraph connect`.",
        "SLOW": "It answers, and takes long.",
        "THROTTLED": "Its allowance of calls is used up for now.",
        "UNKNOWN": "It has not been called yet.",
    },
    "TaskStatus": {
        "CANCELLED": "It will not be done.",
        "DONE": "It is done.",
        "IN_PROGRESS": "It has been begun.",
        "OPEN": "It is still to be done.",
        "UNKNOWN": "The CRM says something else; `statusOriginal` says what.",
    },
    "UserErrorCode": {
        "AMBIGUOUS": "It fits several things.",
        "CONFLICT": "The idempotency key stands for something else, or for what is still being done.",
        "FOREIGN": "It names something of a source that is not configured here.",
        "INVALID": "It is not written as it should be.",
        "NOT_FOUND": "There is no such thing.",
        "REQUIRED": "It is missing.",
        "FORBIDDEN": "You may not do or see this.",
        "UNAVAILABLE": "It cannot be done just now; nothing was sent.",
        "WRONG_KIND": "It names something of another kind.",
    },
    "WriteOutcome": {
        "DONE": "It was done; a part that was not is told as the error.",
        "FAILED": "Nothing happened.",
        "REJECTED": "The CRM refused it, and nothing happened.",
        "UNCHANGED": "The record was so already.",
        "UNKNOWN": "It may have happened; `pendingWrites` tells when it is found out.",
        "UNSUPPORTED": "This source cannot do it; it was not asked.",
    },
    "WriteState": {
        "DONE": "It was done.",
        "FAILED": "Nothing happened.",
        "PLANNED": "It is to be sent.",
        "REJECTED": "The CRM refused it.",
        "SENDING": "It was sent, and is not answered.",
        "UNCHANGED": "The record was so already.",
        "UNKNOWN": "It was sent, and nothing tells what became of it.",
        "UNSUPPORTED": "This source cannot do it.",
    },
    "TimezoneOrigin": {
        "ARGUMENT": "The question.",
        "DEFAULT": "Nobody, so it is UTC.",
        "SOURCE": "The setting `timezone` of an account that the user works in.",
        "USER": "A CRM, of the user.",
    },
    "TextFormat": {
        "HTML": "HTML as the CRM gives it: sanitise it before it is shown.",
        "PLAIN": "Plain text.",
    },
}


def describe(schema: GraphQLSchema) -> None:
    """Describe the arguments and words of a schema that say nothing of themselves."""
    for one in schema.type_map.values():
        if isinstance(one, GraphQLEnumType) and one.name in WORDS:
            for word, value in one.values.items():
                value.description = value.description or WORDS[one.name].get(word)
        elif isinstance(one, GraphQLObjectType | GraphQLInterfaceType) and not one.name.startswith("__"):
            for field in one.fields.values():
                for name, argument in field.args.items():
                    argument.description = argument.description or ARGUMENTS.get(name)
