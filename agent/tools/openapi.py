"""How operations of an OpenAPI document are called over HTTP. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from agent.tools.answer import BadAnswer

METHODS = frozenset({"get", "put", "post", "delete", "patch"})


@dataclass(frozen=True)
class Operation:
    """``path``: with {names} in it. What is not named as a path or query parameter goes into the JSON body."""

    method: str
    path: str
    query: frozenset[str]

    def request(self, arguments: Mapping[str, Any]) -> tuple[str, dict[str, str], dict[str, Any]]:
        """Path, query and body of a call. Raises BadAnswer where the path needs what is not there."""
        path, rest = self.path, dict(arguments)
        for name in list(rest):
            if f"{{{name}}}" in path:
                path = path.replace(f"{{{name}}}", _segment(_plain(rest.pop(name))))
        if "{" in path:
            raise BadAnswer(f"the path {self.path} wants what the tool does not declare")
        query = {name: _plain(rest.pop(name)) for name in list(rest) if name in self.query or self.method == "GET"}
        return path, query, rest


def operations(document: Any) -> dict[str, Operation]:
    """By operationId. What has none, or is not described as OpenAPI 3 does, is left out. Raises BadAnswer where nothing
    is left.
    """
    found = {}
    for path, item in _mapping(_mapping(document).get("paths")).items():
        shared = list(_query_names(document, _mapping(item).get("parameters")))
        for method, described in _mapping(item).items():
            name = _mapping(described).get("operationId")
            # A path that does not begin with a slash would go on with the host's name.
            if method in METHODS and isinstance(name, str) and str(path).startswith("/"):
                query = frozenset([*shared, *_query_names(document, described.get("parameters"))])
                found[name] = Operation(method.upper(), path, query)
    if not found:
        raise BadAnswer("no OpenAPI document with operations")
    return found


def _query_names(document: Any, parameters: Any) -> Iterator[str]:
    for given in parameters if isinstance(parameters, list) else []:
        parameter = _referred(document, _mapping(given))
        if parameter.get("in") == "query":
            yield str(parameter.get("name"))


def _referred(document: Any, value: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a ``$ref`` inside the same document stands for."""
    reference = value.get("$ref")
    if not isinstance(reference, str) or not reference.startswith("#/"):
        return value
    for part in reference[2:].split("/"):
        document = _mapping(document).get(part)
    return _mapping(document)


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _plain(value: Any) -> str:
    return ("true" if value else "false") if isinstance(value, bool) else str(value)


def _segment(value: str) -> str:
    """Never two segments, nor the way up."""
    return "%2E" * len(value) if value in (".", "..") else quote(value, safe="")
