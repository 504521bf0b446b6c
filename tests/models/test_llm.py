"""The client of any OpenAI-compatible server, against servers that answer well, badly, late or not at all."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from agent.application import Application
from models.dummy import DummyChatModel
from models.errors import ModelError
from models.llm import LlamaServer, Message, OpenAiChatModel

CHAT: list[Message] = [{"role": "user", "content": "你好"}]
Answer = Callable[[BaseHTTPRequestHandler, dict[str, Any]], None]


@contextmanager
def server(answer: Answer) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """A server that answers every chat with ``answer``, and what it was asked."""
    asked: list[dict[str, Any]] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            asked.append(body)
            self.close_connection = True
            answer(self, body)

        def log_message(self, *_: object) -> None:
            pass

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    http.daemon_threads = True
    thread = threading.Thread(target=lambda: http.serve_forever(poll_interval=0.02), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{http.server_port}/v1", asked
    finally:
        http.shutdown()
        http.server_close()


def send(handler: BaseHTTPRequestHandler, status: int, body: str, kind: str = "application/json") -> None:
    data = body.encode()
    handler.send_response(status)
    handler.send_header("Content-Type", kind)
    handler.send_header("Content-Length", str(len(data)))
    # Said, as it is done: a client that thinks it may go on would race the closing.
    handler.send_header("Connection", "close")
    handler.end_headers()
    handler.wfile.write(data)


def pieces(*texts: str, end: str = "data: [DONE]\n\n") -> str:
    chunk = {"id": "x", "object": "chat.completion.chunk", "created": 0, "model": "m"}
    lines = [{**chunk, "choices": [{"index": 0, "delta": {"content": text}}]} for text in texts]
    return "".join(f"data: {json.dumps(line)}\n\n" for line in lines) + end


def whole(text: str | None) -> str:
    choices = [] if text is None else [{"index": 0, "message": {"role": "assistant", "content": text}}]
    return json.dumps({"id": "x", "object": "chat.completion", "created": 0, "model": "m", "choices": choices})


def model(url: str, **options: Any) -> OpenAiChatModel:
    return OpenAiChatModel(url, model="m", **options)


def test_an_answer_comes_in_pieces_as_it_is_written() -> None:
    with server(lambda h, _: send(h, 200, pieces("您", "", "好"), "text/event-stream")) as (url, asked):
        assert list(model(url, api_key="k").stream(CHAT, max_tokens=9, temperature=0.5, stop=["\n"])) == ["您", "好"]
    (question,) = asked
    assert question["messages"] == CHAT and question["stream"] is True
    assert (question["model"], question["max_tokens"], question["temperature"], question["stop"]) == (
        "m", 9, 0.5, ["\n"],
    )  # fmt: skip


def test_a_whole_answer_may_be_held_to_a_schema() -> None:
    schema = {"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]}
    with server(lambda h, _: send(h, 200, whole('{"a": 1}'))) as (url, asked):
        assert model(url).complete(CHAT, max_tokens=9, schema=schema) == '{"a": 1}'
    assert asked[0]["response_format"]["type"] == "json_schema"
    assert asked[0]["response_format"]["json_schema"]["schema"] == schema


def test_other_servers_are_asked_nothing_beyond_the_openai_interface() -> None:
    known = {"messages", "model", "max_tokens", "temperature", "stop", "seed", "stream", "response_format"}
    with server(lambda h, _: send(h, 200, whole("x"))) as (url, asked):
        chat = model(url)
        chat.complete(CHAT, max_tokens=9)
        chat.warm(CHAT)
    assert all(set(question) <= known for question in asked)


def slow(handler: BaseHTTPRequestHandler, _: dict[str, Any]) -> None:
    time.sleep(1.5)


def cut_off(handler: BaseHTTPRequestHandler, _: dict[str, Any]) -> None:
    """Promises more than it sends."""
    data = pieces("好的", end="").encode()
    handler.send_response(200)
    handler.send_header("Content-Type", "text/event-stream")
    handler.send_header("Content-Length", str(len(data) + 1000))
    handler.end_headers()
    handler.wfile.write(data)
    handler.wfile.flush()


@pytest.mark.parametrize(
    ("answer", "code", "retryable", "says"),
    [
        (slow, "llm_timeout", True, "did not answer in time"),
        (lambda h, _: send(h, 503, '{"error": {"message": "loading"}}'), "llm_refused", True, "HTTP 503"),
        (lambda h, _: send(h, 404, '{"error": {"message": "no model m"}}'), "llm_refused", False, "no model m"),
        (lambda h, _: send(h, 401, "who are you?", "text/plain"), "llm_refused", False, "HTTP 401"),
        (lambda h, _: send(h, 500, "<html>oops</html>", "text/html"), "llm_refused", True, "HTTP 500"),
        (lambda h, _: send(h, 200, "<html>a login page</html>", "text/html"), "llm_bad_answer", None, ""),
    ],
)
@pytest.mark.parametrize("how", ["stream", "complete", "warm"])
def test_a_server_that_fails_is_named_with_what_it_said(
    answer: Answer, code: str, retryable: bool | None, says: str, how: str
) -> None:
    with server(answer) as (url, _):
        chat = model(url, timeout_s=0.3)
        ask: dict[str, Callable[[], object]] = {
            "stream": lambda: list(chat.stream(CHAT, max_tokens=9)),
            "complete": lambda: chat.complete(CHAT, max_tokens=9),
            "warm": lambda: chat.warm(CHAT),
        }
        if code == "llm_bad_answer" and how != "complete":
            # Nothing in the stream is an answer: the caller of a stream sees that it was empty; warming needs none.
            assert ask[how]() in ([], None)
            return
        with pytest.raises(ModelError) as raised:
            ask[how]()
    assert raised.value.code == code and url in str(raised.value) and says in str(raised.value)
    if retryable is not None:
        assert raised.value.retryable is retryable


def test_an_answer_that_is_cut_off_gives_what_came_and_then_says_so() -> None:
    came: list[str] = []
    with server(cut_off) as (url, _), pytest.raises(ModelError) as raised:
        for piece in model(url, timeout_s=0.5).stream(CHAT, max_tokens=9):
            came.append(piece)
    assert came == ["好的"] and raised.value.retryable


def test_garbage_in_the_stream_is_an_error_of_the_models_room() -> None:
    with (
        server(lambda h, _: send(h, 200, "data: {nonsense\n\n", "text/event-stream")) as (url, _),
        pytest.raises(ModelError),
    ):
        list(model(url).stream(CHAT, max_tokens=9))


def test_an_answer_without_choices_is_no_answer() -> None:
    with (
        server(lambda h, _: send(h, 200, whole(None))) as (url, _),
        pytest.raises(ModelError, match="without choices"),
    ):
        model(url).complete(CHAT, max_tokens=9)


@pytest.mark.parametrize("how", ["stream", "complete", "warm"])
def test_nobody_at_that_address_is_said_with_its_remedy(how: str) -> None:
    with server(slow) as (url, _):
        pass
    chat = model(url)
    with pytest.raises(ModelError, match=r"no language model answers at .*; start it or set llm\.url") as raised:
        if how == "stream":
            list(chat.stream(CHAT, max_tokens=9))
        elif how == "complete":
            chat.complete(CHAT, max_tokens=9)
        else:
            chat.warm(CHAT)
    assert (raised.value.code, raised.value.retryable) == ("llm_unreachable", True)


@pytest.mark.parametrize("url", ["not a url", "ftp://x/v1", "http://", "http://[/v1"])
def test_an_address_that_is_none_is_an_error_of_the_models_room(url: str) -> None:
    with pytest.raises(ModelError):
        model(url).complete(CHAT, max_tokens=9)


def test_a_stream_nobody_reads_on_is_closed_at_the_server() -> None:
    gone = threading.Event()

    def endless(handler: BaseHTTPRequestHandler, _: dict[str, Any]) -> None:
        handler.send_response(200)
        handler.send_header("Content-Type", "text/event-stream")
        handler.end_headers()
        try:
            while True:
                handler.wfile.write(pieces("x", end="").encode())
                handler.wfile.flush()
                time.sleep(0.005)
        except OSError:
            gone.set()

    with server(endless) as (url, _):
        stream = iter(model(url).stream(CHAT, max_tokens=9))
        assert next(stream) == "x"
        stream.close()  # type: ignore[attr-defined]
        assert gone.wait(5)


def test_a_model_file_that_is_missing_or_damaged_says_how_to_mend_it(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"model\.gguf does not exist; run `hotline models pull`") as raised:
        LlamaServer(tmp_path / "model.gguf", threads=1, context_tokens=512)
    assert raised.value.code == "model_missing"
    (tmp_path / "model.gguf").write_bytes(b"GGUF" + bytes(1000))
    with pytest.raises(ModelError, match="`hotline models verify`") as raised:
        LlamaServer(tmp_path / "model.gguf", threads=1, context_tokens=512)
    assert raised.value.code == "model_damaged"


def test_the_stand_in_answers_in_pieces_or_fails_as_told() -> None:
    assert "".join(DummyChatModel(["您", "好"]).stream(CHAT, max_tokens=9)) == "您好"
    with pytest.raises(ModelError):
        list(DummyChatModel(error=ModelError("x", "x")).stream(CHAT, max_tokens=9))


@pytest.mark.models
def test_the_real_model_answers_a_customer_in_pieces(real_app: Application) -> None:
    chat: list[Message] = [
        {"role": "system", "content": real_app.prompts.system("zh")},
        {"role": "user", "content": "你好，我想查一下我的订单什么时候到。"},
    ]
    with real_app.engines.chats.lease() as model:
        model.warm(chat[:1], fresh=True)
        written = list(model.stream(chat, max_tokens=48))
        assert len(written) > 3
        answer = "".join(written)
        assert sum("一" <= character <= "鿿" for character in answer) > len(answer) / 2
        model.warm(chat[:1], fresh=True)
        assert answer == "".join(model.stream(chat, max_tokens=48)), "the same again, as in every call warmed up afresh"


@pytest.mark.models
@pytest.mark.parametrize("opener", ["好的，我来帮您看一下，", "非常抱歉给您带来不便，"])
def test_the_real_model_goes_on_from_the_words_that_are_being_spoken(real_app: Application, opener: str) -> None:
    chat: list[Message] = [
        {"role": "system", "content": real_app.prompts.system("zh")},
        {
            "role": "user",
            "content": "你好，我想查订单。\n" + real_app.prompts.reminder("麻烦您报一下订单号。", "zh"),
        },
        {"role": "assistant", "content": opener},
    ]
    with real_app.engines.chats.lease() as model:
        written = "".join(model.stream(chat, max_tokens=48))
    assert "订单号" in written
    assert not written.startswith(opener[:4]), "the seam is not heard"


@pytest.mark.models
def test_the_real_model_is_held_to_a_schema(real_app: Application) -> None:
    schema = {
        "type": "object",
        "properties": {"mood": {"enum": ["angry", "calm"]}, "words": {"type": "string", "maxLength": 20}},
        "required": ["mood", "words"],
        "additionalProperties": False,
    }
    chat: list[Message] = [{"role": "user", "content": "客户说：今天不解决我就投诉你们！他的情绪如何？"}]
    answer = json.loads(real_app.engines.background_chat.complete(chat, max_tokens=60, schema=schema))
    assert set(answer) == {"mood", "words"} and answer["mood"] in ("angry", "calm")


@pytest.mark.models
def test_an_answer_that_nobody_wants_any_more_does_not_hold_up_the_next(real_app: Application) -> None:
    chat: list[Message] = [{"role": "user", "content": "请从一数到一百。"}]
    with real_app.engines.chats.lease() as model:
        stream = model.stream(chat, max_tokens=400)
        next(stream)
        stream.close()  # type: ignore[attr-defined]
        before = time.perf_counter()
        assert next(model.stream(chat, max_tokens=8))
    assert time.perf_counter() - before < 15, "400 tokens take longer than that"
