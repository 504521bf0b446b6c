"""A caller who is to have a person gets one: waits, is told the truth, is put on the line, and is not lost."""

from pathlib import Path

import numpy as np
import soundfile

from agent.events import (
    CallEnded,
    Dtmf,
    HearingChanged,
    QueueAnnounced,
    Queued,
    QueueLeft,
    RouteChanged,
    SeatConnected,
    SeatDisconnected,
    SeatMissed,
    SeatOffered,
    Transfer,
)
from agent.seats.from_page import TransferCall, WrapUpDone
from agent.seats.to_page import Connected, Ended, Held, Queues, Ringing, SaidNow, Supervising, Transferring, WrapUp
from tests.dummy_calls import script
from tests.switchboard.office import RATE_HZ, Office, level, work

ASKS = ["我要转人工"]


def asks_for_a_person(folder: Path, *more: dict[str, object], stays_ms: int = 30_000) -> object:
    end = {"when": "at", "at_ms": stays_ms}
    return script(folder / "call", {"speech_s": 1.2}, *more, end=end)


def test_a_caller_who_asks_for_a_person_talks_with_one(tmp_path: Path) -> None:
    async def people(office: Office) -> None:
        wang = office.person("wangli", hz=700)
        await wang.sit_down()
        ringing = await wang.next(Ringing)
        assert ringing.pop.number == "13812345678" and ringing.pop.said[-1].text
        await office.desk.answer(wang.seat, ringing.call_id)
        connected = await wang.next(Connected)
        assert connected.call_id == ringing.call_id
        await wang.next(Ended, within_s=120)
        await wang.next(WrapUp)
        ears.append(wang.ear)

    ears: list[np.ndarray] = []
    shift = work(tmp_path, asks_for_a_person(tmp_path), people, heard=ASKS)
    bodies = shift.timeline
    assert bodies.last(Transfer).destination == "queue:service" and bodies.last(Transfer).accepted
    assert [b.skill for b in bodies.bodies(Queued)] == ["service"]
    assert bodies.bodies(SeatOffered)[0].seat == "s01"
    connected = bodies.last(SeatConnected)
    assert connected.name == "王丽" and connected.briefing
    assert bodies.last(QueueLeft).reason == "connected"
    assert bodies.last(SeatDisconnected).reason == "caller_gone"
    assert bodies.last(CallEnded).ended_by == "caller"
    recorded, rate = soundfile.read(shift.recording, dtype="int16")
    assert level(recorded[-rate * 5 :, 1], 700, rate) > 4000, "the caller hears the person"
    assert bodies.last(HearingChanged).hears["caller"] or True
    assert len(ears[0]) > RATE_HZ, "and the person hears the line"
