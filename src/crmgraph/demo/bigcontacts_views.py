"""Notes and meetings of the simulated BigContacts: one thing that shows in two places, under the same id.

It is an activity of its contact and stands in the task list too (fact sheet bigcontacts, sections 3 and 6). Frozen
here, where the sheet leaves it open: what is changed or deleted in one place is so in the other; the days that a task
has stay with the task; an activity of another type stands among the activities alone.
"""

from crmgraph.demo.bigcontacts_state import BigContactsState, Wire, contact_link

_EVENTS = {"note": "note_new", "meeting": "meeting_new"}
_SHARED = ("title", "description", "updated")


def show_as_task(state: BigContactsState, activity: Wire) -> None:
    """Let the task list show an activity as its type says."""
    event = _EVENTS.get(str(activity["activity_type"]).casefold())
    if event is None:
        state.tasks.pop(activity["id"], None)
        return
    blank = {
        "id": activity["id"],
        "start_date": activity["created"][:10] if event == "note_new" else None,
        "due_date": None,
        "priority": "n",
        "completed": False,
        "is_todo": False,
        "contacts": contact_link(state.contacts[activity["contact_id"]]),
        "assigned_to": [state.users[activity["user_id"]]],
        "created": activity["created"],
    }
    shared = {key: activity[key] for key in _SHARED}
    state.tasks[activity["id"]] = blank | state.tasks.get(activity["id"], {}) | shared | {"event": event}


def show_as_activity(state: BigContactsState, task: Wire) -> None:
    """Let the activity that a task is too say the same."""
    if task["id"] in state.activities:
        state.activities[task["id"]].update({key: task[key] for key in _SHARED})


def forget(state: BigContactsState, number: int) -> None:
    """Delete a task or an activity from wherever it shows."""
    state.tasks.pop(number, None)
    state.activities.pop(number, None)
