"""The words of the graph's enumerations, each in one place for definitions, filters and the schema."""

from enum import StrEnum


class CustomFieldType(StrEnum):
    """What a custom field holds; RAW: nobody says."""

    TEXT = "TEXT"
    NUMBER = "NUMBER"
    BOOLEAN = "BOOLEAN"
    DATE = "DATE"
    OPTION = "OPTION"
    OPTIONS = "OPTIONS"
    MONEY = "MONEY"
    RAW = "RAW"


class TaskStatus(StrEnum):
    """How far a task is. UNKNOWN: the CRM says something else."""

    OPEN = "OPEN"
    IN_PROGRESS = "IN_PROGRESS"
    DONE = "DONE"
    CANCELLED = "CANCELLED"
    UNKNOWN = "UNKNOWN"


class Priority(StrEnum):
    """How pressing a task is."""

    LOW = "LOW"
    NORMAL = "NORMAL"
    HIGH = "HIGH"
    URGENT = "URGENT"


class ActivityKind(StrEnum):
    """What sort of activity it is; OTHER keeps the CRM's own text."""

    CALL = "CALL"
    MEETING = "MEETING"
    APPOINTMENT = "APPOINTMENT"
    NOTE = "NOTE"
    OTHER = "OTHER"


class AppointmentStatus(StrEnum):
    """What became of an appointment."""

    NEW = "NEW"
    CONFIRMED = "CONFIRMED"
    CANCELLED = "CANCELLED"
    SHOWED = "SHOWED"
    NO_SHOW = "NO_SHOW"
    INVALID = "INVALID"
    UNKNOWN = "UNKNOWN"


class OpportunityStatus(StrEnum):
    """What became of an opportunity."""

    OPEN = "OPEN"
    WON = "WON"
    LOST = "LOST"
    ABANDONED = "ABANDONED"
    UNKNOWN = "UNKNOWN"


class TextFormat(StrEnum):
    """How a text is written. HTML comes from the CRM as it is: sanitise it."""

    PLAIN = "PLAIN"
    HTML = "HTML"


CUSTOM_FIELD_TYPES = tuple(one.value for one in CustomFieldType)
TASK_STATUSES = tuple(one.value for one in TaskStatus)
PRIORITIES = tuple(one.value for one in Priority)
ACTIVITY_KINDS = tuple(one.value for one in ActivityKind)
APPOINTMENT_STATUSES = tuple(one.value for one in AppointmentStatus)
OPPORTUNITY_STATUSES = tuple(one.value for one in OpportunityStatus)
TEXT_FORMATS = tuple(one.value for one in TextFormat)
