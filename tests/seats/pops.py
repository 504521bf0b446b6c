"""Calls as a seat sees them."""

from agent.events import Evidence
from agent.seats.screen_pop import AlertShown, Mood, Said, ScreenPop

EVIDENCE = (
    Evidence(signal="repeated_contact", words="已经是第三次了", turn=1, weight=0.3, at_ms=4000),
    Evidence(signal="regulator", words="打12315投诉", turn=2, weight=0.6, at_ms=21_000),
)


def complaint_pop(call_id: str = "CA-washer") -> ScreenPop:
    """A washing machine that leaks for the third time."""
    return ScreenPop(
        call_id=call_id,
        number="13812345678",
        name="周海燕",
        region="浙江 杭州 · 移动",
        vip="金卡",
        device="滚筒洗衣机 JH-W10（2025-11-02 购买）",
        earlier_calls=3,
        facts={"订单": "880231 已签收", "维修单": "R2205 已完成，10-28", "地址": "杭州市西湖区文三路 100 号"},
        skill="投诉",
        intent="complaint",
        why="高风险投诉：由投诉专员立即接手（规则 complaint-alert）",
        waited_s=12,
        mood=Mood(sentiment="angry", risk="high", score=0.82, evidence=EVIDENCE),
        alert=AlertShown(
            alert_id=f"{call_id}-a1",
            level="high",
            causes=("regulator", "repeated_contact"),
            evidence=EVIDENCE,
            recommended="先致歉，说明今天内给出退货方案，不要再约上门维修",
        ),
        suggested="先致歉，说明今天内给出退货方案，不要再约上门维修",
        said=(
            Said(line="bot-0", who="bot", text="您好，这里是京和电器，请问有什么可以帮您？", at_ms=400),
            Said(
                line="caller-1",
                who="caller",
                text="我那台洗衣机又漏水了，这已经是第三次了，修了两次都没修好。",
                at_ms=4000,
                sentiment="negative",
                intent="repair",
            ),
            Said(line="bot-1", who="bot", text="非常抱歉给您带来不便。我先帮您查一下之前的维修记录。", at_ms=12_500),
            Said(
                line="caller-2",
                who="caller",
                text="别查了，再不解决我就打12315投诉，我要退货！",
                at_ms=21_000,
                sentiment="angry",
                intent="complaint",
            ),
            Said(line="note-1", who="note", text="预警：监管投诉，转投诉专员", at_ms=25_000),
        ),
    )
