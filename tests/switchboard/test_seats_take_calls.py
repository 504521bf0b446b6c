"""A caller who is to have a person gets one: waits, is told the truth, is put on the line, and is not lost."""

import asyncio
from pathlib import Path

import numpy as np
import pytest
import soundfile

from agent.errors import HotlineError
from agent.events import (
    CallEnded,
    HearingChanged,
    LlmReply,
    QueueAnnounced,
    Queued,
    QueueLeft,
    RouteChanged,
    SeatConnected,
    SeatDisconnected,
    SeatOffered,
    Transfer,
)
from agent.ingress.fixture import Fixture
from agent.routing.floor import inputs
from agent.seats.from_page import TransferCall, WrapUpDone
from agent.seats.to_page import Connected, Ended, Held, Ringing, Supervising, Transferring, Withdrawn, WrapUp
from tests.dummy_calls import script
from tests.switchboard.office import RATE_HZ, Office, Shift, level, work

ASKS = ["我要转人工"]


def asks_for_a_person(folder: Path, *more: dict[str, object], stays_ms: int = 30_000) -> Fixture:
    end = {"when": "at", "at_ms": stays_ms}
    return script(folder / "call", {"speech_s": 1.2}, *more, end=end)


def test_a_caller_who_asks_for_a_person_talks_with_one(tmp_path: Path) -> None:
    async def people(office: Office) -> None:
        wang = office.person("wangli", hz=700)
        await wang.sit_down()
        ringing = await wang.next(Ringing)
        assert ringing.pop.number == "13812345678" and ringing.pop.said[-1].text
        assert ringing.pop.skill == "综合客服", "as people call it"
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
    assert len(ears[0]) > RATE_HZ, "and the person hears the line"


def test_the_person_can_put_the_caller_on_hold_and_end_the_call(tmp_path: Path) -> None:
    async def people(office: Office) -> None:
        wang = office.person("wangli")
        await wang.sit_down()
        call_id = (await wang.next(Ringing)).call_id
        await office.desk.answer(wang.seat, call_id)
        await wang.next(Connected)
        await office.desk.hold(wang.seat)
        assert (await wang.next(Held)).held
        await office.desk.resume(wang.seat)
        assert not (await wang.next(Held)).held
        await office.desk.hang_up(wang.seat, False)
        assert (await wang.next(Ended)).reason == "hung_up"
        form = [await wang.next(WrapUp), await wang.next(WrapUp)][-1]
        assert form.summary, "it comes filled in once the summary is written"
        done = WrapUpDone(call_id=call_id, summary=form.summary, outcome="resolved")
        await office.desk.wrap_up(wang.seat, done)
        assert office.written == [("王丽", done)]
        assert office.board.keeper.floor.seats[wang.seat].state == "ready"

    shift = work(tmp_path, asks_for_a_person(tmp_path), people, heard=ASKS)
    assert shift.timeline.last(CallEnded).ended_by == "operator"
    assert shift.timeline.last(SeatDisconnected).reason == "hung_up"
    assert any(body.hears["caller"] == ("bot", "music") or "music" in body.hears["caller"] for body in changes(shift))


def test_who_waits_is_told_the_truth_and_may_be_rung_back_instead(tmp_path: Path) -> None:
    async def people(office: Office) -> None:
        wang = office.person("wangli")
        await wang.sit_down()
        other = inputs.CallQueued(call="other", caller_number="13900000000", skill="service")
        await office.board.tell(other)
        await office.board.tell(inputs.SeatAnswered(seat=wang.seat, call="other"))
        for number in range(6):
            other = inputs.CallQueued(call=f"w{number}", caller_number="13900000001", skill="service", priority=10)
            await office.board.tell(other)

    fixture = asks_for_a_person(tmp_path, {"dtmf": "1", "when": "at", "at_ms": 38_000}, stays_ms=70_000)
    shift = work(tmp_path, fixture, people, heard=ASKS)
    told = shift.timeline.last(QueueAnnounced)
    assert told.position == 7 and told.expected_wait_s
    assert shift.timeline.last(QueueLeft).reason == "callback"
    assert shift.timeline.last(CallEnded).ended_by == "bot"
    (callback,) = shift.office.board.keeper.floor.callbacks.values()
    assert callback.number == "13812345678"
    assert shift.timeline.last(LlmReply).phrase == "callback_noted"


def test_a_person_whose_page_is_gone_leaves_nobody_in_silence(tmp_path: Path) -> None:
    async def people(office: Office) -> None:
        wang, chen = office.person("wangli"), office.person("chenchen", hz=900)
        await wang.sit_down()
        call_id = (await wang.next(Ringing)).call_id
        await office.desk.answer(wang.seat, call_id)
        await wang.next(Connected)
        await office.desk.vanished(wang.seat)
        await chen.sit_down()
        assert (await chen.next(Ringing)).call_id == call_id
        await office.desk.answer(chen.seat, call_id)
        await chen.next(Connected)
        await chen.next(Ended, within_s=200)

    shift = work(tmp_path, asks_for_a_person(tmp_path, stays_ms=90_000), people, heard=ASKS)
    assert [body.seat for body in shift.timeline.bodies(SeatConnected)] == ["s01", "s02"]
    assert "requeued" in said(shift)
    held = [body for body in changes(shift) if body.cause == "hold caller"]
    assert "bot" in held[-1].hears["caller"], "and hears it said"


def test_of_two_who_answer_at_once_one_has_it(tmp_path: Path) -> None:
    async def people(office: Office) -> None:
        wang, chen = office.person("wangli"), office.person("chenchen", hz=900)
        await wang.sit_down()
        await chen.sit_down()
        call_id = (await wang.next(Ringing)).call_id
        await office.desk.answer(wang.seat, call_id)
        await office.desk.answer(chen.seat, call_id)
        assert (await chen.next(Withdrawn)).reason == "answered_elsewhere"
        await wang.next(Connected)
        await office.desk.hang_up(wang.seat, False)

    shift = work(tmp_path, asks_for_a_person(tmp_path), people, heard=ASKS)
    assert [body.seat for body in shift.timeline.bodies(SeatConnected)] == ["s01"]


def test_a_warm_transfer_speaks_to_the_colleague_first(tmp_path: Path) -> None:
    async def people(office: Office) -> None:
        wang, li = office.person("wangli", hz=700), office.person("lijing", hz=1100)
        await wang.sit_down()
        call_id = (await wang.next(Ringing)).call_id
        await office.desk.answer(wang.seat, call_id)
        await wang.next(Connected)
        await li.sit_down()
        await office.desk.transfer(wang.seat, TransferCall(target="queue:complaint", mode="warm", note="要赔偿"))
        assert (await wang.next(Transferring)).state == "ringing"
        ringing = await li.next(Ringing)
        assert ringing.pop.note == "要赔偿" and ringing.pop.from_seat == "王丽"
        await office.desk.answer(li.seat, call_id)
        await li.next(Connected)
        assert (await wang.next(Transferring)).state == "talking"
        await office.desk.complete_transfer(wang.seat)
        assert (await wang.next(Transferring)).state == "done"
        await li.next(Ended, within_s=200)

    shift = work(tmp_path, asks_for_a_person(tmp_path, stays_ms=60_000), people, heard=ASKS)
    connected = shift.timeline.bodies(SeatConnected)
    assert [(body.name, body.mode) for body in connected] == [("王丽", "cold"), ("李静", "warm")]
    consulting = [body for body in changes(shift) if "consults" in body.cause]
    assert consulting[0].hears["caller"] == ("music",), "the caller hears none of it"
    assert changes(shift)[-1].hears["caller"] == ("bot",) or "s07" in consulting[0].hears["s01"]


def test_a_supervisor_listens_unheard_and_whispers_to_the_seat_alone(tmp_path: Path) -> None:
    async def people(office: Office) -> None:
        wang, zheng = office.person("wangli", hz=700), office.person("zhengjie", hz=1500)
        await wang.sit_down()
        await zheng.sit_down(ready=False)
        call_id = (await wang.next(Ringing)).call_id
        await office.desk.answer(wang.seat, call_id)
        await wang.next(Connected)
        await asyncio.sleep(3)
        await office.desk.supervise(zheng.seat, call_id, "listen")
        assert (await zheng.next(Supervising)).pop is not None
        await asyncio.sleep(2)
        assert level(wang.ear[-RATE_HZ:], 1500, RATE_HZ) < 50, "who only listens is not heard"
        assert level(zheng.ear[-RATE_HZ:], 700, RATE_HZ) > 4000
        await office.desk.supervise(zheng.seat, call_id, "whisper")
        await asyncio.sleep(2)
        assert level(wang.ear[-RATE_HZ:], 1500, RATE_HZ) > 4000, "a whisper is heard at the seat"
        whispered_s.append(asyncio.get_running_loop().time())
        await office.desk.stop_supervising(zheng.seat)
        with pytest.raises(HotlineError, match="主管"):
            await office.desk.supervise(wang.seat, call_id, "listen")

    whispered_s: list[float] = []
    shift = work(tmp_path, asks_for_a_person(tmp_path), people, heard=ASKS)
    recorded, rate = soundfile.read(shift.recording, dtype="int16")
    end = round(whispered_s[0] * rate)
    assert level(recorded[end - rate : end, 1], 1500, rate) < 50, "and by the caller it is not"


def test_a_call_that_nobody_can_take_is_promised_a_callback_as_before(tmp_path: Path) -> None:
    async def people(office: Office) -> None:
        return None

    shift = work(tmp_path, asks_for_a_person(tmp_path), people, heard=ASKS)
    assert shift.timeline.last(RouteChanged).destination == "callback"
    assert not shift.timeline.bodies(Queued)
    (callback,) = shift.office.board.keeper.floor.callbacks.values()
    assert callback.number == "13812345678", "and stands in the list of those to be rung"


def changes(shift: Shift) -> list[HearingChanged]:
    return shift.timeline.bodies(HearingChanged)


def said(shift: Shift) -> list[str | None]:
    return [body.phrase for body in shift.timeline.bodies(LlmReply)]
