"""What each leg of a call hears, measured on recorded speech: who is in it, and from when."""

from itertools import cycle, islice

import numpy as np
import pytest
from numpy.typing import NDArray

from agent.bridge import BOT, CALLER, Bridge, BridgeError, BufferedLeg
from agent.bridge.bridge import Told
from agent.hotline_events import HearingChanged, LegJoined, LegLeft
from tests.bridge.real_speech import RATE_HZ, share_of, speech, ticks_of

TICK = 160
VOICES = {
    CALLER: speech("complaint-washing-machine"),
    BOT: speech("english-repair"),
    "seat": speech("praise"),
    "other": speech("refund"),
    "supervisor": speech("invoice"),
}


class Talker(BufferedLeg):
    """A leg that says its piece over and over, and keeps what it hears."""

    def __init__(self, name: str, role: str, rate_hz: int = RATE_HZ) -> None:
        self.heard: list[bytes] = []
        super().__init__(name, role, rate_hz, self.heard.append, prebuffer_ticks=0)
        repeat = np.repeat(VOICES[name], rate_hz // RATE_HZ)
        self._said = cycle(ticks_of(repeat, rate_hz))

    def pull(self) -> bytes | None:
        return next(self._said)


class Room:
    """A bridge with its call, ticking."""

    def __init__(self, *legs: BufferedLeg, bot_silent: bool = False) -> None:
        self.told: list[Told] = []
        self.bridge = Bridge(RATE_HZ, tell=self.told.append)
        self.legs = {leg.name: leg for leg in legs}
        self.bot_silent = bot_silent
        self._said = {name: cycle(ticks_of(VOICES[name])) for name in (CALLER, BOT)}
        for leg in legs:
            self.bridge.join(leg)

    def run(self, ticks: int = 150) -> dict[str, dict[str, float]]:
        """By ear, how much of each voice was in what it heard. Three seconds, of which the first tick ramps."""
        heard: dict[str, list[bytes]] = {CALLER: []}
        begin = {name: len(leg.heard) for name, leg in self.legs.items()}
        said: dict[str, list[bytes]] = {name: [] for name in (CALLER, BOT)}
        for _ in range(ticks):
            now = {name: next(source) for name, source in self._said.items()}
            for name, pcm in now.items():
                said[name].append(pcm)
            out = self.bridge.exchange(now[CALLER], None if self.bot_silent else now[BOT])
            heard[CALLER].append(out if out is not None else bytes(2 * TICK))
        heard |= {name: leg.heard[begin[name] :] for name, leg in self.legs.items()}
        sources = {name: samples(ticks) for name, ticks in said.items()}
        sources |= {
            name: samples(list(islice(cycle(ticks_of(VOICES[name])), begin[name], begin[name] + ticks)))
            for name in self.legs
        }
        return {
            ear: {voice: share_of(samples(ticks), source) for voice, source in sources.items() if voice != ear}
            for ear, ticks in heard.items()
            if ticks
        }


def samples(ticks: list[bytes]) -> NDArray[np.int16]:
    return np.frombuffer(b"".join(ticks), "<i2")


def who(shares: dict[str, float]) -> set[str]:
    """Voices that are there; each must be plainly there, or plainly not."""
    assert all(share > 0.9 or abs(share) < 0.1 for share in shares.values()), shares
    return {voice for voice, share in shares.items() if share > 0.9}


def test_with_caller_and_bot_alone_the_very_same_bytes_pass() -> None:
    bridge = Bridge(RATE_HZ)
    caller, bot = ticks_of(VOICES[CALLER])[50], ticks_of(VOICES[BOT])[50]
    assert bridge.exchange(caller, bot) is bot
    assert bridge.exchange(None, None) is None
    heard = bridge.tick({CALLER: caller, BOT: bot})
    assert heard[CALLER] is bot and heard[BOT] is caller


def test_a_hand_over_and_a_listening_whispering_barging_supervisor() -> None:
    room = Room(Talker("seat", "seat"), Talker("supervisor", "supervisor"))
    bridge = room.bridge
    shares = room.run()
    assert (who(shares[CALLER]), who(shares["seat"])) == ({BOT}, set())
    bridge.apply(bridge.hearing.connect("seat"))
    shares = room.run()
    assert (who(shares[CALLER]), who(shares["seat"]), who(shares["supervisor"])) == ({"seat"}, {CALLER}, set())
    bridge.apply(bridge.hearing.listen("supervisor"))
    shares = room.run()
    assert (who(shares[CALLER]), who(shares["seat"]), who(shares["supervisor"])) == (
        {"seat"},
        {CALLER},
        {CALLER, "seat"},
    )
    bridge.apply(bridge.hearing.whisper("supervisor", "seat"))
    shares = room.run()
    assert (who(shares[CALLER]), who(shares["seat"])) == ({"seat"}, {CALLER, "supervisor"})
    bridge.apply(bridge.hearing.barge_in("supervisor"))
    shares = room.run()
    assert (who(shares[CALLER]), who(shares["seat"]), who(shares["supervisor"])) == (
        {"seat", "supervisor"},
        {CALLER, "supervisor"},
        {CALLER, "seat"},
    )
    bridge.leave("supervisor")
    bridge.leave("seat")
    assert who({voice: share for voice, share in room.run()[CALLER].items()}) == {BOT}


def test_a_warm_transfer_the_caller_hears_music_and_not_a_word() -> None:
    room = Room(Talker("seat", "seat"), Talker("other", "seat"), bot_silent=True)
    bridge = room.bridge
    bridge.apply(bridge.hearing.connect("seat"))
    room.run(5)
    bridge.apply(bridge.hearing.consult("seat", "other"))
    room.run(1)
    music = []
    for _ in range(100):
        music.append(bridge.exchange(ticks_of(VOICES[CALLER])[0], None))
    assert np.abs(samples(music).astype(int)).max() > 500
    shares = room.run()
    assert (who(shares[CALLER]), who(shares["seat"]), who(shares["other"])) == (set(), {"other"}, {"seat"})
    bridge.leave("seat")
    shares = room.run()
    assert (who(shares[CALLER]), who(shares["other"])) == ({"other"}, {CALLER})


def test_the_bot_speaks_over_the_music_of_who_waits() -> None:
    room = Room()
    room.bridge.apply(room.bridge.hearing.hold(CALLER))
    shares = room.run()
    assert who(shares[CALLER]) == {BOT}


def test_a_briefing_is_heard_by_the_person_and_not_by_the_caller() -> None:
    room = Room(Talker("seat", "seat"), bot_silent=True)
    words = VOICES["other"][: TICK * 100]
    room.bridge.brief("seat", words.astype("<i2").tobytes())
    assert room.bridge.briefing_ms == 2000
    caller = [room.bridge.exchange(tick, None) for tick in ticks_of(VOICES[CALLER])[:100]]
    assert not samples([tick for tick in caller if tick is not None]).any()
    assert share_of(samples(room.legs["seat"].heard), words) > 0.98
    assert room.bridge.briefing_ms == 0


@pytest.mark.parametrize("rate_hz", [8000, 16000, 48000])
def test_a_change_is_heard_within_40_ms_of_audio_and_without_a_click(rate_hz: int) -> None:
    steady = {name: np.full(TICK * 200, value, np.int16) for name, value in ((CALLER, 4000), (BOT, 2000))}
    heard: list[bytes] = []
    seat = BufferedLeg("seat", "seat", rate_hz, heard.append, prebuffer_ticks=0)
    seat.pull = lambda: np.full(rate_hz // 50, 6000, "<i2").tobytes()  # type: ignore[method-assign]
    bridge = Bridge(RATE_HZ)
    bridge.join(seat)
    caller_heard: list[bytes] = []

    def run(ticks: int) -> None:
        for number in range(ticks):
            piece = slice(number * TICK, (number + 1) * TICK)
            inputs = {name: audio[piece].astype("<i2").tobytes() for name, audio in steady.items()}
            caller_heard.append(bridge.exchange(inputs[CALLER], inputs[BOT]) or bytes(2 * TICK))

    run(10)
    bridge.apply(bridge.hearing.connect("seat"))
    run(10)
    bridge.leave("seat")
    run(10)
    to_caller = samples(caller_heard).astype(int)
    connected, left = 10 * TICK, 20 * TICK
    assert (to_caller[:connected] == 2000).all()
    settles = connected + RATE_HZ * 40 // 1000
    assert (np.abs(to_caller[settles:left] - 6000) < 60).all(), "the person, and the bot no more"
    assert (np.abs(to_caller[left + RATE_HZ * 40 // 1000 :] - 2000) < 60).all(), "the bot again"
    assert np.abs(np.diff(to_caller)).max() < 6000 / 20, "a ramp, not a step"
    to_seat = samples(heard).astype(int)
    begins = 10 * (rate_hz // 50)
    assert not to_seat[:begins].any()
    assert (np.abs(to_seat[begins + rate_hz * 40 // 1000 :] - 4000) < 60).all()


def test_two_who_shout_at_once_do_not_wrap_round() -> None:
    bridge = Bridge(RATE_HZ)
    for name in ("a", "b"):
        leg = BufferedLeg(name, "seat", RATE_HZ, lambda _: None, prebuffer_ticks=0)
        leg.pull = lambda: np.full(TICK, 30_000, "<i2").tobytes()  # type: ignore[method-assign]
        bridge.join(leg)
        bridge.apply(bridge.hearing.connect(name))
    out = samples([bridge.exchange(bytes(2 * TICK), None) or b"" for _ in range(5)])
    assert out.min() >= 0 and out[TICK:].min() > 30_000


def test_a_lost_tick_of_the_caller_is_filled_for_the_person() -> None:
    seat = Talker("seat", "seat")
    bridge = Bridge(RATE_HZ)
    bridge.join(seat)
    bridge.apply(bridge.hearing.connect("seat"))
    caller = ticks_of(VOICES[CALLER])
    loud = next(n for n in range(20, len(caller)) if np.abs(samples([caller[n]]).astype(int)).mean() > 1500)
    for number in range(loud + 1):
        bridge.exchange(caller[number] if number < loud else None, None)
    assert np.abs(samples(seat.heard[-1:]).astype(int)).mean() > 500


def test_changes_are_events_and_what_changes_nothing_is_none() -> None:
    told: list[Told] = []
    bridge = Bridge(RATE_HZ, tell=told.append)
    bridge.join(Talker("seat", "seat"))
    bridge.apply(bridge.hearing.connect("seat"))
    bridge.apply(bridge.hearing.connect("seat"))
    bridge.apply(bridge.hearing.resume(CALLER))
    bridge.leave("seat", "hung up")
    kinds = [type(body) for body in told]
    assert kinds == [LegJoined, HearingChanged, HearingChanged, LegLeft, HearingChanged]
    assert [body.cause for body in told if isinstance(body, HearingChanged)] == [
        "seat joins",
        "connect seat",
        "seat leaves",
    ]


def test_a_leg_that_breaks_is_taken_off_and_the_call_goes_on() -> None:
    class Broken(Talker):
        def pull(self) -> bytes | None:
            raise OSError("the cable is out")

    room = Room(Broken("seat", "seat"))
    room.bridge.apply(room.bridge.hearing.connect("seat"))
    room.run(2)
    (left,) = [body for body in room.told if isinstance(body, LegLeft)]
    assert (left.leg, left.reason) == ("seat", "broke: the cable is out")
    assert room.legs["seat"].closed
    assert room.bridge.hearing.is_plain and not room.bridge.person_on_line


def test_a_leg_that_sends_half_a_tick_is_taken_off_too() -> None:
    class Short(Talker):
        def pull(self) -> bytes | None:
            return bytes(7)

    room = Room(Short("seat", "seat"))
    room.run(2)
    (left,) = [body for body in room.told if isinstance(body, LegLeft)]
    assert "one tick of 320 is right" in left.reason


def test_a_leg_of_an_impossible_rate_does_not_join() -> None:
    bridge = Bridge(RATE_HZ)
    with pytest.raises(BridgeError, match="leg 'seat' cannot join: from 22050 to 8000 Hz"):
        bridge.join(BufferedLeg("seat", "seat", 22050, lambda _: None))
    assert bridge.hearing.is_plain and not bridge.legs


def test_the_end_of_the_call_is_the_end_of_every_leg() -> None:
    room = Room(Talker("seat", "seat"), Talker("other", "outside"))
    room.bridge.close("the call is over")
    assert all(leg.closed for leg in room.legs.values())
    assert not room.bridge.legs
    room.legs["seat"].close()


def test_a_change_that_was_thought_of_before_somebody_left_is_refused() -> None:
    room = Room(Talker("seat", "seat"), Talker("other", "seat"))
    late = room.bridge.hearing.connect("seat")
    room.bridge.leave("seat")
    with pytest.raises(BridgeError, match="connect seat: legs have come or gone since"):
        room.bridge.apply(late)
    assert "seat" not in room.bridge.hearing.parts


def test_who_listens_along_and_fails_does_not_take_the_call_with_it() -> None:
    def fails(leg: str, pcm: bytes) -> None:
        raise RuntimeError(leg)

    room = Room(Talker("seat", "seat"))
    room.bridge.on_person = fails
    room.bridge.apply(room.bridge.hearing.connect("seat"))
    assert who(room.run()[CALLER]) == {"seat"}


def test_whom_the_bot_hears_is_told_apart() -> None:
    room = Room(Talker("seat", "seat"), Talker("supervisor", "supervisor"))
    heard: dict[str, list[bytes]] = {}
    room.bridge.on_person = lambda leg, pcm: heard.setdefault(leg, []).append(pcm)
    room.bridge.apply(room.bridge.hearing.connect("seat"))
    room.bridge.apply(room.bridge.hearing.whisper("supervisor", "seat"))
    room.run()
    assert set(heard) == {"seat"}, "a whisper is not written down"
    assert share_of(samples(heard["seat"]), samples(list(islice(cycle(ticks_of(VOICES["seat"])), 150)))) > 0.98
