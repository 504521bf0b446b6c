"""What simulated calls taught the policy: one lesson a test."""

from agent.dialogue.acts import CallBack
from agent.dialogue.moments import Interrupted, Routed
from tests.dialogue.conversation import FREIGHT, Call

REGISTERED, STRANGER = "13812345678", "13700009999"


def test_an_order_is_changed_only_from_the_phone_that_it_was_made_with() -> None:
    call = Call(STRANGER).says("取消订单51200338", "cancel_service").says("13600010001")
    assert "own_phone_only" in call.names and call.transferred and call.all_tools == []


def test_an_order_may_be_asked_about_from_another_phone() -> None:
    call = Call(STRANGER).says("我的订单到哪了", "logistics").says("尾号7249，下单的手机是13912345678")
    assert "get_logistics" in call.tools


def test_a_company_may_let_orders_be_changed_from_any_phone() -> None:
    call = Call(STRANGER, changes_from_own_phone_only=False)
    assert call.says("取消订单51200338", "cancel_service").says("13600010001").names[-1] == "cancel_order.confirm"


def test_this_number_is_a_number() -> None:
    call = Call(STRANGER).says("我的空调到哪了", "logistics").says("2946，就这个号码")
    assert call.calls[0].arguments == {"phone": STRANGER, "order_tail": "2946"}


def test_bare_digits_beside_a_phone_are_the_orders() -> None:
    call = Call(STRANGER).says("我的订单到哪了", "logistics").says("7249, 下单的手机是13912345678")
    assert call.calls[0].arguments == {"phone": "13912345678", "order_tail": "7249"}


def test_who_says_the_same_again_and_again_gets_a_person() -> None:
    call = Call("").says("我的订单到哪了", "logistics").says("2946")
    for _ in range(3):
        call.says("2946")
    assert call.transferred


def test_a_yes_takes_the_only_time_there_is() -> None:
    call = Call("13827549356").says("我要报修，热水器漏水", "repair").says("后天")
    assert call.names == ["repair.slot"]
    assert call.says("可以").names == ["repair.confirm"]


def test_another_day_may_be_named_where_a_time_was_asked_for() -> None:
    call = Call("13827549356").says("我要报修，热水器漏水", "repair").says("明天晚上")
    assert call.names == ["not_offered"]
    call.says("那后天下午")
    assert call.names == ["repair.confirm"] and "下午" in call.heard


def test_a_question_that_is_known_is_no_other_errand_in_the_middle_of_one() -> None:
    call = Call("13600010001").says("取消订单0338", "cancel_service")
    assert call.names[-1] == "cancel_order.confirm"
    call.says("好，那退货运费谁出啊", "refund_return", found=FREIGHT)
    assert call.names == ["knowledge.return_freight", "still_agreed"]
    assert call.says("行，取消吧").tools == ["cancel_order"]


def test_what_was_read_back_and_is_said_again_is_read_back_again() -> None:
    call = Call("13827549356").says("我要报修，热水器漏水", "repair").says("后天下午")
    assert call.names == ["repair.confirm"]
    assert call.says("后天下午").names != ["confirm_unclear"]


def test_somebody_who_is_rung_back_is_on_the_list_of_those_who_route_calls() -> None:
    call = Call(REGISTERED, people=False).says("转人工")
    assert [act.reason for act in call.answer if isinstance(act, CallBack)] == ["asked"]
    call.says("转人工")
    assert not [act for act in call.answer if isinstance(act, CallBack)], "once"


def test_routing_that_sent_the_callback_is_not_told_of_it() -> None:
    call = Call(REGISTERED).feel(Routed("callback", "asked"))
    assert not [act for act in call.acts if isinstance(act, CallBack)]


def test_a_goodbye_that_is_spoken_over_is_none() -> None:
    call = Call(REGISTERED).says("没事了，再见", "goodbye")
    assert call.hung_up
    call.feel(Interrupted("好的，"))
    assert call.says("等一下，我还要查订单2913", "order_status").tools


def test_a_note_for_whoever_rings_back_says_what_it_is_about() -> None:
    call = Call(REGISTERED, people=False).says("转人工")
    (ticket,) = call.calls
    assert ticket.tool == "create_ticket" and ticket.arguments["about"]


def test_a_number_that_nobody_asked_for_is_noted_as_it_was_given() -> None:
    call = Call(REGISTERED).says("我的订单到哪了", "logistics").says("2913").says("手机号13812345678", "other")
    assert call.names == ["noted", "anything_else"] and "13812345678" in call.heard
