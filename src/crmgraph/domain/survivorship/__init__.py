"""Which value survives when the records of one person differ, field by field, and what the others said.

Records come most trusted source first. Every choice is deterministic: ties go to the source order and then to the
smaller key, so two runs agree to the byte, in whatever order the records of one source come.
"""

from crmgraph.domain.survivorship.explaining import Loser as Loser
from crmgraph.domain.survivorship.explaining import explain as explain
from crmgraph.domain.survivorship.full_names import full_name as full_name
from crmgraph.domain.survivorship.full_names import name_value as name_value
from crmgraph.domain.survivorship.golden import Golden as Golden
from crmgraph.domain.survivorship.golden import Survivor as Survivor
from crmgraph.domain.survivorship.golden import golden as golden
from crmgraph.domain.survivorship.golden import survivor as survivor
from crmgraph.domain.survivorship.pinning import NO_PINS as NO_PINS
from crmgraph.domain.survivorship.pinning import Pin as Pin
from crmgraph.domain.survivorship.pinning import Pins as Pins
from crmgraph.domain.survivorship.rules import DEFAULTS as DEFAULTS
from crmgraph.domain.survivorship.rules import FieldRule as FieldRule
from crmgraph.domain.survivorship.rules import Rule as Rule
from crmgraph.domain.survivorship.rules import Rules as Rules
from crmgraph.domain.survivorship.rules import default_rule as default_rule
from crmgraph.domain.survivorship.rules import misfit as misfit
from crmgraph.domain.survivorship.rules import rules_for as rules_for
from crmgraph.domain.survivorship.saying import SINGLE as SINGLE
from crmgraph.domain.survivorship.saying import Unreadable as Unreadable
from crmgraph.domain.uniting import Merged as Merged
