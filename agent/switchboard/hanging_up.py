"""A person goes off the line of a call: what becomes of the call."""

from agent.routing.floor import inputs
from agent.switchboard.live import LiveCall
from agent.switchboard.switchboard import Switchboard


async def hang_up(board: Switchboard, seat: str, live: LiveCall, *, survey: bool) -> None:
    """They end the call; in a warm transfer, their part in it. ``survey``: the caller is asked first how it was."""
    others = _others(seat, live)
    await board.tell(inputs.CallFinished(seat=seat, call=live.id))
    board.off_the_line(live, seat, "hung_up")
    if others or live.id in board.keeper.floor.waiting:
        return
    if survey and live.call.ask_survey is not None:
        live.back_to_bot()
        if await live.call.ask_survey(""):
            return
    live.call.hang_up("operator", f"{board.name_of(seat)} hung up")


def _others(seat: str, live: LiveCall) -> bool:
    """Whether somebody else of ours is in the conversation."""
    return any(name != seat and leg.role != "supervisor" for name, leg in live.call.bridge.legs.items())
