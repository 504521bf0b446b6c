"""An OpenAPI document tells how an operation is called; whatever it holds, it is read or refused."""

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.tools.answer import BadAnswer
from agent.tools.openapi import operations

DOCUMENT: dict[str, Any] = {
    "paths": {
        "/orders/{number}": {
            "parameters": [{"$ref": "#/components/parameters/Language"}],
            "get": {"operationId": "get_order", "parameters": [{"name": "number", "in": "path"}]},
            "post": {"operationId": "change_order", "parameters": [{"name": "dry", "in": "query"}]},
        },
        "/visits": {"post": {"operationId": "book"}, "get": {"summary": "without a name"}},
        ".example.com/": {"get": {"operationId": "elsewhere"}},
    },
    "components": {"parameters": {"Language": {"name": "language", "in": "query"}}},
}
KNOWN = operations(DOCUMENT)


def test_operations_are_known_by_their_ids() -> None:
    assert KNOWN.keys() == {"get_order", "change_order", "book"}


@pytest.mark.parametrize(
    ("operation", "arguments", "request_"),
    [
        ("get_order", {"number": "1", "language": "zh"}, ("/orders/1", {"language": "zh"}, {})),
        ("get_order", {"number": "1", "more": True}, ("/orders/1", {"more": "true"}, {})),
        ("change_order", {"number": "1", "dry": False, "to": "x"}, ("/orders/1", {"dry": "false"}, {"to": "x"})),
        ("book", {"floor": 3}, ("/visits", {}, {"floor": 3})),
    ],
)
def test_arguments_go_where_the_document_has_them(operation: str, arguments: dict[str, Any], request_: Any) -> None:
    assert KNOWN[operation].request(arguments) == request_


@pytest.mark.parametrize("number", ["../visits", "..", ".", "1/2", "1?x=y", "1#x", "{number}", "一 二"])
def test_an_argument_never_leaves_its_place_in_the_path(number: str) -> None:
    path, query, body = KNOWN["get_order"].request({"number": number})
    segment = path.removeprefix("/orders/")
    assert segment not in (path, ".", "..")
    assert not set(segment) & set("/?#{} ")
    assert (query, body) == ({}, {})


def test_a_path_that_lacks_an_argument_is_not_called() -> None:
    with pytest.raises(BadAnswer):
        KNOWN["get_order"].request({})


JSON = st.recursive(
    st.none() | st.booleans() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["paths", "get", "post", "parameters", "operationId", "$ref", "in", "name", "/a"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=15,
)


@given(JSON)
def test_any_document_is_read_or_refused(document: Any) -> None:
    with suppress(BadAnswer):
        assert operations(document)
