"""The timeline: in order, without gaps, on the audio clock; no reader can break it or see another order."""

from hypothesis import given
from hypothesis import strategies as st

from agent.clock import AudioClock, samples_per_tick
from agent.events import Dtmf, ErrorRaised, Event
from agent.timeline import Timeline


def timeline() -> Timeline:
    return Timeline("call-1", AudioClock())


def digits(events: list[Event]) -> str:
    return "".join(event.body.digit for event in events if isinstance(event.body, Dtmf))


def test_events_are_numbered_without_gaps_and_stamped_in_audio_time() -> None:
    line = timeline()
    line.append(Dtmf(digit="1"))
    for _ in range(5):
        line.clock.tick()
    line.append(Dtmf(digit="2"))
    assert [(event.call_id, event.seq, event.audio_ms) for event in line] == [("call-1", 0, 0), ("call-1", 1, 100)]


def test_a_tick_is_20_ms_of_samples() -> None:
    assert (samples_per_tick(8000), samples_per_tick(16000)) == (160, 320)


def test_a_reader_that_fails_takes_neither_the_call_nor_the_other_readers_with_it() -> None:
    line, seen = timeline(), list[Event]()

    def broken(event: Event) -> None:
        raise KeyError("oops")

    line.subscribe(broken)
    line.subscribe(seen.append)
    line.append(Dtmf(digit="1"))
    line.append(Dtmf(digit="2"))
    assert digits(seen) == "12"
    assert seen == list(line)
    errors = line.bodies(ErrorRaised)
    assert [error.code for error in errors] == ["reader_failed", "reader_failed"], "told, and told once for each"
    assert "KeyError" in errors[0].message


def test_what_a_reader_appends_reaches_all_readers_after_what_it_read() -> None:
    line, before, after = timeline(), list[Event](), list[Event]()

    def answers(event: Event) -> None:
        if isinstance(event.body, Dtmf) and event.body.digit in "12":
            line.append(Dtmf(digit=chr(ord(event.body.digit) + 2)))

    line.subscribe(before.append)
    line.subscribe(answers)
    line.subscribe(after.append)
    line.append(Dtmf(digit="1"))
    line.append(Dtmf(digit="2"))
    assert digits(before) == digits(after) == digits(list(line)) == "1324"


@given(
    echoes=st.lists(
        st.dictionaries(st.sampled_from("0123456789"), st.text("0123456789", max_size=2), max_size=4), max_size=4
    ),
    said=st.text("0123456789", max_size=6),
)
def test_all_readers_see_the_same_order_whoever_answers_whom(echoes: list[dict[str, str]], said: str) -> None:
    """Readers that answer digits with digits, each at most ten times: all see one order."""
    line, views = timeline(), []

    def subscribe(echo: dict[str, str]) -> None:
        left = 10

        def answer(event: Event) -> None:
            nonlocal left
            if isinstance(event.body, Dtmf):
                for digit in echo.get(event.body.digit, ""):
                    if left:
                        left -= 1
                        line.append(Dtmf(digit=digit))

        line.subscribe(answer)
        view: list[Event] = []
        views.append(view)
        line.subscribe(view.append)

    for echo in echoes:
        subscribe(echo)
    for digit in said:
        line.append(Dtmf(digit=digit))
    assert all(view == list(line) for view in views)
    assert [event.seq for event in line] == list(range(len(line)))


def test_the_newest_body_of_a_kind_is_found() -> None:
    line = timeline()
    assert line.last(Dtmf) is None
    line.append(Dtmf(digit="1"))
    line.append(Dtmf(digit="2"))
    assert line.last(Dtmf) == Dtmf(digit="2")
    assert [body.digit for body in line.bodies(Dtmf)] == ["1", "2"]
    assert line.bodies(ErrorRaised) == []
