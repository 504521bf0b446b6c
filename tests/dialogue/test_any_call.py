"""What holds in every call, whatever happens in whatever order."""

from itertools import pairwise

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agent.dialogue.acts import Act, CallTool, HangUp, Say, Transfer, Write
from agent.dialogue.moments import Began, Garbled, Heard, Interrupted, Known, Moment, Returned, Routed, Silence, Wrote
from agent.dialogue.policy import decide, replay
from agent.dialogue.state import State
from tests.dialogue.back_end import ANSWERS, DOWN, NOT_FOUND, ORDERS, TODAY, answer, customer, rejected
from tests.dialogue.conversation import FREIGHT, NEAR, TOOLS, playbook

BOOK = playbook()
SENTENCES = """
查物流
我要取消订单
我想改一下收货地址
我要退货
退款什么时候到账
我要报修，洗衣机漏水
帮我约安装
帮我开发票
我要投诉
师傅没来
取消师傅上门
给我回个电话
7249
0338
51200338
65387249
2913
13600010001
手机号13912345678
尾号0345
对
不对
好的
不用了
算了
不是三，是八
不是0338，是0345
后天下午
明天上午
改成周六
个人
公司
短信
邮箱
西安市雁塔区科技路12号3栋502
不想要了
质量有问题
运费多少钱
再说一遍
你是机器人吗
录音吗
说英文
speak Chinese
操你妈
等一下我找找
嗯
喂
你好
where is my order
cancel my order
yes
no
tomorrow morning
随便
第二个
谢谢再见
{order_number}
%s
""".strip().splitlines()
BEGINNINGS = """
我要取消订单，尾号0338
我想改一下收货地址，尾号0338
我要退货，不想要了，尾号0345
我要报修，洗衣机漏水
帮我开发票，个人的，发短信，尾号0345
cancel my order, it ends in 0338
你好
""".strip().splitlines()
"""Words that bring a call quickly to where something may go wrong."""
INTENTS = (
    None, "order_status", "logistics", "refund_return", "repair", "installation", "billing_invoice", "product_inquiry",
    "cancel_service", "complaint", "human_agent", "praise", "greeting", "goodbye", "chitchat", "other",
)  # fmt: skip

heard = st.builds(
    Heard,
    turn=st.integers(1, 40),
    text=st.sampled_from(SENTENCES) | st.text(max_size=12),
    language=st.sampled_from(["zh", "en"]),
    intent=st.sampled_from(INTENTS),
    intent_probability=st.sampled_from([0.3, 0.6, 0.95]),
    sentiment=st.sampled_from([None, "angry", "neutral"]),
    sentiment_probability=st.just(0.8),
    found=st.sampled_from([Heard(0, "", "zh").found, FREIGHT, NEAR]),
)
keyed = st.builds(
    Heard, turn=st.just(1), text=st.sampled_from(["1", "2", "7249", "51200338", "13600010001", "9#"]),
    language=st.just("zh"), keys=st.just(True),
)  # fmt: skip
others = (
    st.builds(Silence, st.integers(1, 3))
    | st.builds(Garbled, st.integers(1, 4), st.booleans())
    | st.builds(Interrupted, st.sampled_from(["", "好的", "跟您确认一下，取消"]))
    | st.builds(Known, st.just(customer("13600010001")))
    | st.builds(Routed, st.sampled_from(["callback", "callback", "human", "bot"]), st.sampled_from(["asked", "alert"]))
    | st.builds(
        Returned,
        st.integers(1, 30),
        st.sampled_from(sorted(ANSWERS)),
        st.sampled_from(["ok", "not_found", "rejected", "down", "bad_result"]),
        st.dictionaries(st.sampled_from(["matches", "order_number", "state", "items"]), st.just("x"), max_size=2),
    )
)
moments = heard | heard | heard | keyed | others
answers = st.sampled_from([None, None, None, None, None, DOWN, NOT_FOUND, rejected("slot_taken"), "late"])


def play(
    caller: str, people: bool, beginning: str, happenings: list[tuple[Moment, object]]
) -> tuple[list[Moment], list[tuple[State, tuple[Act, ...]]]]:
    """A call in which these things happen, and tools answer as they do, or badly, or only after the next thing."""
    seen: list[Moment] = []
    states: list[tuple[State, tuple[Act, ...]]] = []
    state = State()
    late: list[Moment] = []

    def feel(moment: Moment) -> tuple[Act, ...]:
        nonlocal state
        seen.append(moment)
        state, acts = decide(BOOK, state, moment)
        states.append((state, acts))
        return acts

    feel(Began("c1", caller, "zh", TODAY, customer(caller), people))
    for moment, how in [(Heard(1, beginning, "zh"), None), *happenings]:
        acts = feel(moment)
        if any(isinstance(act, Write) for act in acts):
            feel(Wrote("最低20分贝。"))
        while calls := [act for act in acts if isinstance(act, CallTool)]:
            assert len(calls) == 1
            if how == "late":
                late.append(answer(calls[0], {}))
                break
            instead = {calls[0].tool: how} if isinstance(how, tuple) else {}
            acts = feel(answer(calls[0], instead))
        if late and how != "late":
            feel(late.pop())
    return seen, states


calls = st.tuples(
    st.sampled_from(["13600010001", "13912345678", ""]),
    st.booleans(),
    st.sampled_from(BEGINNINGS),
    st.lists(st.tuples(moments, answers), max_size=25),
)


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(calls)
def test_in_any_call(call: tuple[str, bool, str, list[tuple[Moment, object]]]) -> None:
    seen, states = play(*call)
    acts = [act for _, answer_ in states for act in answer_]
    nothing_is_said_twice_running(acts)
    the_caller_is_answered(seen, states)
    nothing_is_changed_without_a_yes(states)
    nothing_personal_is_asked_for_before_identity(states)
    assert replay(BOOK, seen) == (states[-1][0], tuple(acts))


def nothing_is_said_twice_running(acts: list[Act]) -> None:
    """What the language model writes stands between two sentences like any other."""
    said = [act.before if isinstance(act, CallTool) else act for act in acts]
    sentences = [one.text if isinstance(one, Say) else one for one in said if isinstance(one, Say | Write)]
    assert all(sentences)
    assert [one for one, other in pairwise(sentences) if one == other and isinstance(one, str)] == []


def the_caller_is_answered(seen: list[Moment], states: list[tuple[State, tuple[Act, ...]]]) -> None:
    """Whatever they say, something is said or done, as long as the call is not over."""
    over = ""
    for moment, (state, acts) in zip(seen, states, strict=True):
        if isinstance(moment, Heard) and moment.text.strip():
            assert acts or over
        over = state.over
        assert sum(isinstance(act, Transfer | HangUp) for act in acts) <= 1


def nothing_is_changed_without_a_yes(states: list[tuple[State, tuple[Act, ...]]]) -> None:
    """Just before such a call stands a confirmation of these very arguments, answered by the moment that makes it."""
    before = State()
    for state, acts in states:
        for act in acts:
            if isinstance(act, CallTool) and TOOLS.tools[act.tool].changes:
                assert act.key is not None
                if TOOLS.tools[act.tool].confirm:
                    assert before.pending == "confirmation"
                    assert state.errand is not None and state.errand.agreed == act.arguments
        before = state


def nothing_personal_is_asked_for_before_identity(states: list[tuple[State, tuple[Act, ...]]]) -> None:
    for state, acts in states:
        for act in acts:
            if isinstance(act, CallTool) and TOOLS.tools[act.tool].personal:
                proven = state.identity.proven
                number = act.arguments.get("order_number")
                assert proven and (number is None or number in proven.values())
                assert number is None or ORDERS[str(number)]["phone"] == state.identity.phone
