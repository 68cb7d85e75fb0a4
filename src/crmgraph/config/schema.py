"""The JSON Schema of crmgraph.yaml, with which an editor completes and explains it."""

from typing import Any

from crmgraph.config.sections import ConfigFile
from crmgraph.connectors.documents import json_schema

_VARIABLE = {"type": "string", "pattern": r"\$\{", "description": "A variable of the environment: ${VAR}."}


def schema_of_config() -> dict[str, Any]:
    """JSON Schema 2020-12. Where a number, a truth value or a word is asked for, `${VAR}` may stand as well."""
    schema: dict[str, Any] = _with_variables(json_schema(ConfigFile))
    return {**schema, "title": "crmgraph.yaml"}


def _with_variables(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_with_variables(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    inner = {key: value if key == "enum" else _with_variables(value) for key, value in schema.items()}
    if inner.get("type") in ("integer", "number", "boolean") or ("enum" in inner and "description" in inner):
        told = {key: inner.pop(key) for key in ("title", "description", "default") if key in inner}
        return {**told, "anyOf": [inner, _VARIABLE]}
    return inner
