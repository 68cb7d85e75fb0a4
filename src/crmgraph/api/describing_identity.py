"""What the arguments and words mean that tell who is who."""

from collections.abc import Mapping

ARGUMENTS: Mapping[str, str] = {
    "a": "The id of a person, or of one record of theirs.",
    "b": "The id of another.",
    "source": "The source, by its name in the configuration.",
    "contacts": "The ids of the people.",
    "contact": "Only what concerns this person.",
}

WORDS: Mapping[str, Mapping[str, str]] = {
    "JudgementKind": {
        "DIFFERENT": "Two records are two persons.",
        "PIN": "A field has a value.",
        "SAME": "Two records are one person.",
        "UNDO": "An earlier judgement does not hold.",
    },
    "JoinObstacle": {
        "COLLEAGUES": "Both have a mailbox at one company, each another, and no line in common.",
        "DUPLICATE_FREE": "The person would hold two records of a source that holds nobody twice.",
        "JUDGED": "Somebody decided that records of both are different people.",
        "STRANGERS": "Two of the records match, but the others of both are too unlike.",
    },
    "MatchBand": {
        "APART": "They are different people, as far as anybody can tell.",
        "JOINED": "They are one person, nearly certainly: joined on either line.",
        "LIKELY": "They are likely one person: joined where the line is BALANCED.",
        "SUGGESTED": "They may be one person: never joined, but offered to people to decide.",
    },
    "MatchLine": {
        "BALANCED": "What is likely is joined.",
        "SAFE": "Only what is nearly certain is joined.",
    },
    "MatchVerdict": {
        "BELOW_THE_LINE": "They may be one, but the evidence stays below the line.",
        "COLLEAGUES": "One company keeps a mailbox for each of them, and they have no line in common.",
        "DUPLICATE_FREE": "Together they would hold two records of a source that holds nobody twice.",
        "JUDGED": "Somebody decided that they are different people.",
        "NOT_COMPARED": "They have nothing in common by which records are found to be compared.",
        "ONE": "They are one person.",
        "STRANGERS": "Two of their records match, but the others are too unlike.",
        "UNLIKE": "Too little speaks for one person, or too much against it.",
    },
}
