"""How the bot behaves whatever the errand: identity, silence, abuse, wishes about the talk, people."""

import pytest

from agent.dialogue.acts import CallTool, HangUp, Say, Transfer
from agent.dialogue.moments import Garbled, Interrupted, Known, Returned, Routed, Silence, Wrote
from agent.yaml_file import Bilingual
from tests.dialogue.back_end import DOWN, customer
from tests.dialogue.conversation import NEAR, Call


def test_the_greeting_says_that_it_is_an_ai_and_that_it_records() -> None:
    call = Call()
    assert call.names == ["greeting", "says_recorded", "says_ai", "how_can_i_help"]
    assert "京和电器" in call.heard and "智能客服小京" in call.heard and "录音" in call.heard


def test_a_company_may_leave_that_for_when_it_is_asked() -> None:
    call = Call(says_ai_at_start=False, says_recorded_at_start=False)
    assert call.names == ["greeting", "how_can_i_help"]
    assert call.says("你是机器人吗").names == ["is_ai"]
    assert call.says("这个电话录音吗").names == ["is_recorded"]


def test_asked_in_the_middle_it_says_so_and_goes_on() -> None:
    call = Call("13912345678").says("查物流", "logistics").says("你是真人还是机器人")
    assert call.names == ["is_ai", "back_to"]


def test_three_wrong_proofs_bring_a_person() -> None:
    call = Call("13912345678").says("查物流", "logistics")
    assert call.says("1111").names == ["before", "identity_mismatch"]
    assert call.says("2222").names == ["before", "identity_mismatch"]
    assert call.says("3333").transferred
    assert set(call.all_tools) == {"verify"}


def test_after_three_wrong_proofs_nobody_gets_another_try() -> None:
    call = Call("13912345678", people=False).says("查物流", "logistics").says("1111").says("2222").says("3333")
    call.says("查物流，尾号7249", "logistics")
    assert "verify" not in call.tools and "get_logistics" not in call.all_tools


def test_another_customers_order_is_not_told() -> None:
    call = Call("13912345678").says("帮我查一下88472913这个订单的物流", "logistics")
    assert call.tools == ["verify"] and "洗衣机" not in call.heard


def test_another_phone_number_proves_itself_again() -> None:
    call = Call("13912345678").says("查物流，尾号7249", "logistics")
    call.says("再帮我查一下88472913这个订单", "order_status")
    assert call.tools == ["verify"] and "洗衣机" not in call.heard


def test_a_second_errand_does_not_ask_for_the_order_again() -> None:
    call = Call("13600010001").says("查一下订单，尾号0338", "order_status")
    call.says("那帮我取消订单", "cancel_service")
    assert call.names[-1] == "cancel_order.confirm" and "verify" not in call.tools


def test_a_digit_may_be_corrected_after_it_did_not_match() -> None:
    call = Call("13912345678").says("查物流", "logistics").says("7349")
    assert call.names[-1] == "identity_mismatch"
    assert "济南" in call.says("不是三，是二").heard


def test_a_caller_whose_number_is_found_late_is_still_recognised() -> None:
    call = Call("13912345678")
    call.state = call.feel(Known(customer("13912345678"))).state
    assert call.says("查物流", "logistics").names == ["identity_tail"]


def test_an_unclear_answer_is_asked_for_in_other_words_then_by_keys_then_by_a_person() -> None:
    call = Call("13912345678").says("查物流", "logistics")
    assert call.says("我不知道在哪看").names == ["identity_again"]
    assert call.says("看不清楚").names == ["identity_keys"]
    assert call.says("哎呀").transferred


def test_the_same_holds_for_a_slot() -> None:
    call = Call("15824793852").says("帮我开发票，尾号2847", "billing_invoice")
    assert call.says("这个怎么说呢").names == ["slot_again"]
    assert call.says("我也不懂").names == ["invoice.title_kind"] and "按1" in call.heard
    assert call.says("哎呀").transferred


def test_and_for_a_confirmation() -> None:
    call = Call("13600010001").says("取消订单，尾号0338", "cancel_service")
    assert call.says("今天天气不错").names == ["confirm_unclear"]
    assert call.says("哈哈哈").names == ["confirm_keys"]
    assert call.keys("1").tools == ["cancel_order"]


def test_nobody_agrees_to_what_they_did_not_hear() -> None:
    call = Call("13600010001").says("取消订单，尾号0338", "cancel_service")
    call.feel(Interrupted("跟您"))
    assert call.says("对").tools == [] and "1299" in call.heard
    assert call.says("对").tools == ["cancel_order"]


def test_a_question_that_was_nearly_heard_out_counts_as_heard() -> None:
    call = Call("13600010001").says("取消订单，尾号0338", "cancel_service")
    call.feel(Interrupted(call.heard[:-2]))
    assert call.says("对").tools == ["cancel_order"]


def test_who_looks_for_their_order_number_is_not_hurried() -> None:
    call = Call("13912345678").says("查物流", "logistics").says("稍等，我找一下")
    assert call.names == ["take_your_time"]
    assert "济南" in call.says("7249").heard


@pytest.mark.parametrize("words", ["转人工", "我要人工客服", "找个真人跟我说"])
def test_a_person_who_is_asked_for_comes_at_once(words: str) -> None:
    assert Call().says(words).transferred


def test_even_in_the_middle_of_a_confirmation() -> None:
    call = Call("13600010001").says("取消订单，尾号0338", "cancel_service").says("转人工")
    assert call.transferred and call.tools == []


def test_the_key_zero_is_for_a_person() -> None:
    assert Call().keys("0").transferred


def test_who_only_seems_to_want_a_person_is_asked_once_and_never_argued_with() -> None:
    call = Call().says("你们那儿有懂行的吗", "human_agent", probability=0.6)
    assert call.names == ["human_hint"]
    assert call.says("你说的不顶用", "human_agent", probability=0.6).transferred


def test_where_no_person_is_there_one_rings_back() -> None:
    call = Call("13912345678", people=False).says("转人工")
    assert call.tools == ["create_ticket"] and "30分钟" in call.heard and not call.transferred
    assert call.says("转人工").names == ["callback_stands"]


def test_a_transfer_that_fails_ends_in_a_call_back() -> None:
    call = Call("13912345678").says("转人工")
    call.feel(Routed("callback", "asked"))
    assert call.names[0] == "transfer_failed" and call.tools == ["create_ticket"]


def test_an_emergency_is_spoken_to_in_its_own_tone() -> None:
    call = Call("13912345678").says("查物流", "logistics")
    call.feel(Routed("complaint_specialist", "danger"))
    assert call.names == ["danger_transfer"]
    assert call.acts[-1] == Transfer("complaint_specialist", "alert")


def test_an_emergency_without_people_is_promised_a_call_and_goes_on() -> None:
    within = Bilingual(zh="明天上午9点半前", en="by 9:30 a.m. tomorrow")
    call = Call("13912345678", callback_within=within).feel(Routed("callback", "alert"))
    assert "投诉专员会在明天上午9点半前给您回电话" in call.heard
    assert call.says("查物流，尾号7249", "logistics").tools[0] == "verify"


def test_one_calm_warning_then_the_call_ends() -> None:
    call = Call().says("操你妈的")
    assert call.names == ["warning"] and not call.hung_up
    assert call.says("操你妈").hung_up


def test_or_it_is_handed_over_where_the_company_wants_that() -> None:
    call = Call(after_warning="transfer").says("操你妈的").says("操你妈")
    assert call.transferred


def test_a_warning_does_not_lose_the_errand() -> None:
    call = Call("13912345678").says("查物流", "logistics").says("操你妈的快点")
    assert call.names == ["warning", "back_to"]
    assert "济南" in call.says("7249").heard


def test_silence_is_asked_into_twice_in_different_words_then_it_is_goodbye() -> None:
    call = Call()
    first, second = call.feel(Silence(1)).heard, call.feel(Silence(2)).heard
    assert first != second
    assert call.feel(Silence(3)).hung_up


def test_nothing_is_said_after_goodbye() -> None:
    call = Call().says("再见", "goodbye")
    assert call.hung_up
    assert call.says("还有个事").answer == () and call.feel(Silence(1)).answer == ()


def test_what_was_not_heard_is_asked_for_again_in_other_words() -> None:
    call = Call()
    first, second = call.feel(Garbled(1)).heard, call.feel(Garbled(2)).heard
    assert first and second and first != second
    assert call.feel(Garbled(3)).answer == ()


def test_a_slot_that_cannot_be_made_out_gets_another_way() -> None:
    call = Call("13912345678").says("查物流", "logistics")
    assert call.feel(Garbled(1)).names == ["pardon"]
    assert call.feel(Garbled(2)).names == ["identity_again"]
    assert call.feel(Garbled(3)).names == ["identity_keys"]
    assert call.feel(Garbled(4)).transferred


def test_the_bots_own_trouble_is_owned_up_to_once() -> None:
    call = Call()
    assert call.feel(Garbled(1, failed=True)).names == ["trouble"]
    assert call.feel(Garbled(1, failed=True)).transferred


def test_what_was_said_is_repeated_on_request() -> None:
    call = Call("13912345678").says("查物流，尾号7249", "logistics")
    told = next(say.text for say in call.sentences if "济南" in say.text)
    again = call.says("你再说一遍").heard
    assert told in again and again != told
    once_more = call.says("再说一遍").heard
    assert told in once_more and once_more != again


def test_what_the_model_said_is_repeated_too() -> None:
    call = Call().says("空调吵不吵", "product_inquiry", found=NEAR)
    call.feel(Wrote("最低20分贝。"))
    assert "最低20分贝" in call.says("再说一遍").heard


def test_while_a_tool_runs_the_caller_is_kept_company() -> None:
    call = Call("13912345678").says("查物流，尾号7249", "logistics", tools_answer=False)
    assert call.says("喂，还在吗").names == ["one_moment"]
    assert call.says("喂").names == ["one_moment"]


def test_what_comes_too_late_is_not_spoken() -> None:
    call = Call("13912345678", people=False).says("查物流，尾号7249", "logistics", tools_answer=False)
    call.says("转人工")
    call.feel(Returned(1, "verify", "ok", {"matches": True, "order_number": "65387249"}))
    assert call.answer == ()


def test_thanks_and_small_talk_get_a_word() -> None:
    assert Call().says("你好", "greeting").names == ["greeting_back"]
    assert Call().says("你声音真好听", "chitchat").names == ["chitchat"]


@pytest.mark.parametrize("words", ["谢谢", "好的，谢谢啊", "没有了", "Great, thank you very much."])
def test_who_only_thanks_at_the_end_is_said_goodbye_to(words: str) -> None:
    assert Call("13912345678").says("查物流，尾号7249", "logistics").says(words).hung_up


def test_an_upset_caller_hears_one_apology() -> None:
    call = Call("13600010003")
    call.says("怎么还没到", "logistics", sentiment="angry", sentiment_probability=0.9)
    assert call.names == ["sorry", "identity_tail"]
    call.says("0369", sentiment="angry", sentiment_probability=0.9)
    assert "sorry" not in call.names


def test_the_ticket_tool_failing_is_said_too() -> None:
    call = Call("13912345678", people=False, back_end={"create_ticket": DOWN}).says("转人工")
    assert call.names[-1] == "ticket_failed"


def test_a_call_begins_once() -> None:
    call = Call()
    assert isinstance(call.acts[0], Say) and not any(isinstance(act, CallTool | HangUp) for act in call.acts)
