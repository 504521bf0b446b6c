"""Callers in Mandarin and what they come for, from the first word to the last."""

from tests.dialogue.back_end import DOWN, day, ok, rejected
from tests.dialogue.conversation import FREIGHT, NEAR, Call


def test_a_known_caller_learns_where_the_parcel_is_in_two_turns() -> None:
    call = Call("13912345678")
    call.says("我的扫地机器人到哪了", "logistics")
    assert call.names == ["identity_tail"]
    call.says("7249")
    assert call.tools == ["verify", "get_order", "get_logistics"]
    assert "济南" in call.heard and "3月5日" in call.heard
    assert call.names[-1] == "anything_else"
    assert call.says("没有了，谢谢", "goodbye").hung_up
    assert call.turns == 3


def test_who_says_the_order_number_at_once_is_asked_nothing() -> None:
    call = Call("13912345678").says("帮我查一下物流，订单号65387249", "logistics")
    assert call.tools == ["verify", "get_order", "get_logistics"]
    assert "济南" in call.heard


def test_from_another_phone_number_both_phone_and_order_are_asked_for() -> None:
    call = Call("15000000000").says("我的快递到哪了", "logistics")
    assert call.names == ["identity_both"]
    call.says("手机号13912345678")
    assert call.tools == [] and call.names == ["identity_tail"]
    assert "济南" in call.says("7249").heard


def test_the_digits_may_be_keyed_in() -> None:
    call = Call("13912345678").says("查物流", "logistics")
    assert "济南" in call.keys("7249").heard


def test_an_order_that_has_not_shipped_is_told_with_its_days() -> None:
    call = Call("13011224455").says("我的订单什么时候发货", "order_status")
    call.says("2936")
    assert "三门冰箱" in call.heard and "3月5日" in call.heard


def test_an_order_that_has_shipped_leads_on_to_its_delivery() -> None:
    call = Call("13912345678").says("查一下订单，尾号7249", "order_status")
    assert call.tools == ["verify", "get_order", "get_logistics"]


def test_a_late_delivery_is_owned_up_to_and_chased_up_on_a_yes() -> None:
    call = Call("13600010003").says("我的空调怎么还没到，订单51200369", "logistics")
    assert "晚了" in call.heard and call.heard.endswith("吗？")
    call.says("好的，催一下吧")
    assert call.tools == ["create_ticket"]
    assert call.calls[0].arguments["order_number"] == "51200369"
    assert call.calls[0].key == "c1-4"


def test_a_late_delivery_is_not_chased_up_on_a_no() -> None:
    call = Call("13600010003").says("我的空调怎么还没到，订单51200369", "logistics")
    call.says("不用了")
    assert call.tools == [] and call.names == ["anything_else"]


def test_an_order_is_cancelled_after_it_was_read_back_and_agreed_to() -> None:
    call = Call("13600010001").says("我要取消订单", "cancel_service")
    call.says("0338")
    assert call.tools == ["verify", "get_order"]
    assert "波轮洗衣机" in call.heard and "1299" in call.heard
    call.says("对，取消吧")
    assert call.tools == ["cancel_order"]
    assert call.calls[0].arguments == {"order_number": "51200338"} and call.calls[0].key
    assert "3到5个工作日" in call.heard


def test_without_a_yes_nothing_is_cancelled() -> None:
    call = Call("13600010001").says("我要取消订单，尾号0338", "cancel_service")
    call.says("不对，我不取消了")
    assert "cancel_order" not in call.all_tools and call.names == ["stopped", "anything_else"]


def test_never_mind_ends_the_errand() -> None:
    call = Call("13600010001").says("我要取消订单，尾号0338", "cancel_service")
    call.says("算了")
    assert call.names == ["stopped", "anything_else"] and "cancel_order" not in call.all_tools


def test_a_yes_that_goes_on_with_a_question_is_no_yes() -> None:
    call = Call("15824793852").says("我要退货，尾号2847", "refund_return").says("不想要了")
    assert call.names[-1] == "return.confirm"
    call.says("好，那运费多少钱", found=FREIGHT)
    assert call.tools == [] and call.names == ["knowledge.return_freight", "still_agreed"]
    assert "退货" in call.heard
    assert call.says("行，那就退吧").tools == ["request_return"]


def test_a_shipped_order_cannot_be_cancelled_and_a_return_is_offered() -> None:
    call = Call("13912345678").says("帮我取消订单，尾号7249", "cancel_service")
    assert "cancel_order" not in call.all_tools and "退货" in call.heard
    call.says("好的")
    assert call.names == ["return.reason"]


def test_a_back_end_that_refuses_is_told_as_it_is() -> None:
    call = Call("13600010001", back_end={"cancel_order": rejected("already_shipped")})
    call.says("取消订单，尾号0338", "cancel_service").says("对")
    assert "刚刚发货" in call.heard


def test_an_address_is_read_back_before_it_is_changed() -> None:
    call = Call("13600010001").says("我想改一下收货地址", "order_status").says("0338")
    assert call.names[-1] == "change_address.address"
    call.says("西安市雁塔区科技路12号3栋502")
    assert call.tools == [] and "科技路12号3栋502" in call.heard
    call.says("对的")
    assert call.tools == ["change_address"]
    assert call.calls[0].arguments["address"] == "西安市雁塔区科技路12号3栋502"


def test_a_correction_is_read_back_anew() -> None:
    call = Call("13600010001").says("我想改一下收货地址，尾号0338").says("西安市雁塔区科技路12号3栋502")
    call.says("不是3栋，是4栋")
    assert call.tools == [] and "4栋502" in call.heard
    call.says("嗯对")
    assert "4栋502" in str(call.calls[0].arguments["address"])


def test_a_return_goes_with_its_reason() -> None:
    call = Call("13600010001").says("我想退货", "refund_return").says("0345")
    assert call.names == ["before", "return.reason"]
    call.says("用不上了")
    assert call.names[-1] == "return.confirm"
    call.says("对")
    assert call.calls[0].arguments == {"order_number": "51200345", "reason": "no_reason"}
    assert "60元" in call.heard


def test_the_reason_given_at_once_is_not_asked_for() -> None:
    call = Call("18612349876").says("我要退货，微波炉坏了，尾号2851", "refund_return")
    assert call.names[-1] == "return.confirm" and "微波炉" in call.heard


def test_a_return_that_is_too_late_leads_to_a_repair() -> None:
    call = Call("15824793852", back_end={"request_return": rejected("too_late")})
    call.says("我要退货，质量有问题，尾号2847", "refund_return").says("对")
    assert "期限" in call.heard
    call.says("好的")
    assert call.names == ["repair.fault"], "which appliance it is stands in the order"


def test_a_refund_is_told_with_its_day() -> None:
    call = Call("13600010004").says("我的退款什么时候到账", "refund_return").says("0376")
    assert "1999元" in call.heard and "3月9日" in call.heard


def test_a_missed_appointment_is_apologised_for_and_made_anew() -> None:
    call = Call("13812345678").says("师傅说好周六来，一直没来", "repair").says("2913")
    assert "抱歉" in call.heard
    call.says("可以")
    assert call.names[-1] == "rebook.date" and "3月5日" in call.heard
    call.says("明天上午")
    assert call.names[-1] == "rebook.confirm"
    call.says("对")
    assert call.tools == ["book_visit"]
    assert call.calls[0].arguments["date"] == day(1) and call.calls[0].arguments["slot"] == "morning"


def test_a_repair_is_booked_from_real_slots() -> None:
    call = Call("13700009999").says("我要报修，热水器不出热水", "repair")
    assert call.names[-1] == "repair.date"
    call.says("后天下午")
    assert call.names == ["repair.address"]
    call.says("武汉市洪山区珞喻路88号5栋1203")
    assert call.names == ["repair.confirm"]
    call.says("没问题")
    assert call.calls[0].arguments == {
        "kind": "repair",
        "phone": "13700009999",
        "product": "water_heater",
        "fault": "not_heating",
        "date": day(2),
        "slot": "afternoon",
        "address": "武汉市洪山区珞喻路88号5栋1203",
    }


def test_a_time_that_is_not_on_offer_is_answered_with_those_that_are() -> None:
    call = Call("13827549356").says("我要报修，热水器漏水", "repair").says("明天晚上")
    assert call.names == ["not_offered"] and "上午" in call.heard


def test_a_slot_that_was_just_taken_is_chosen_anew() -> None:
    call = Call("13812345678", back_end={"book_visit": rejected("slot_taken")})
    call.says("师傅没来", "repair").says("2913").says("可以").says("明天上午").says("对")
    assert "刚被约走" in call.heard and call.names[-1] == "rebook.date"


def test_the_fault_that_a_device_reported_is_known() -> None:
    call = Call("13658249356").says("帮我报修空调", "repair")
    assert call.tools == ["get_device", "list_slots"]
    assert "F2" in call.heard and "制冷剂" in call.heard and call.names[-1] == "repair.date"


def test_the_fault_of_another_device_is_kept_quiet() -> None:
    call = Call("13658249356").says("我要报修，洗衣机", "repair")
    assert "F2" not in call.heard and call.names[-1] == "repair.fault"


def test_an_installation_is_booked_once_the_machine_is_there() -> None:
    call = Call("13827549356").says("热水器到了，约一下安装", "installation").says("0489")
    assert call.names[-1] == "installation.date"
    call.says("明天").says("下午")
    assert call.names == ["installation.confirm"]
    assert call.says("对").calls[0].arguments["kind"] == "installation"


def test_an_installation_before_the_delivery_is_not_booked() -> None:
    call = Call("13912345678").says("帮我约安装，尾号7249", "installation")
    assert "还没有送到" in call.heard and "list_slots" not in call.all_tools


def test_an_invoice_for_a_person_takes_two_questions() -> None:
    call = Call("15824793852").says("帮我开发票，尾号2847", "billing_invoice")
    assert call.names[-1] == "invoice.title_kind"
    call.says("个人的")
    assert call.names == ["invoice.send_to"]
    call.says("发短信")
    assert call.names == ["invoice.confirm"]
    call.says("对")
    assert call.calls[0].arguments == {"order_number": "95362847", "title_kind": "personal", "send_to": "sms"}


def test_an_invoice_for_a_company_takes_its_name_and_tax_number() -> None:
    call = Call("15824793852").says("帮我开发票，公司抬头，尾号2847", "billing_invoice")
    assert call.names[-1] == "invoice.title"
    call.says("西安华信科技有限公司").says("91610113MA6U0A1B2C").says("短信")
    assert "西安华信科技有限公司" in call.heard
    assert call.says("对").calls[0].arguments["tax_number"] == "91610113MA6U0A1B2C"


def test_choices_may_be_keyed_in() -> None:
    call = Call("15824793852").says("帮我开发票，尾号2847", "billing_invoice").keys("1").keys("1")
    assert call.names == ["invoice.confirm"]
    assert call.keys("1").tools == ["request_invoice"]


def test_a_complaint_is_written_down_in_the_callers_words() -> None:
    call = Call("13812345678").says("我要投诉你们，师傅约了两次都没有来，态度还特别差", "complaint")
    assert call.tools == ["create_ticket"]
    assert "态度还特别差" in str(call.calls[0].arguments["about"])


def test_a_complaint_from_a_withheld_number_asks_where_to_ring_back() -> None:
    call = Call().says("我要投诉", "complaint")
    assert call.names == ["complaint.what"]
    call.says("快递员把箱子扔在楼下就走了")
    assert call.names == ["complaint.phone"]
    assert call.says("13812345678").tools == ["create_ticket"]


def test_a_question_in_the_middle_is_answered_and_the_open_one_asked_again() -> None:
    call = Call("13600010001").says("我想退货", "refund_return")
    call.says("退货运费谁出啊", "refund_return", found=FREIGHT)
    assert call.names == ["knowledge.return_freight", "back_to"] and "后四位" in call.heard
    assert call.says("0345").tools[0] == "verify"


def test_another_errand_in_the_middle_is_done_and_the_first_one_goes_on() -> None:
    call = Call("13600010001").says("我想退货", "refund_return").says("0345")
    call.says("等等，先帮我查一下物流", "logistics")
    assert "签收" in call.heard or "送到" in call.heard
    assert call.names[-1] == "back_to" and "原因" in call.heard


def test_who_changes_their_mind_is_followed() -> None:
    call = Call("13600010001").says("我要取消订单", "cancel_service")
    call.says("算了，帮我查一下物流", "logistics").says("0338")
    assert "cancel_order" not in call.all_tools and call.state.parked == ()


def test_an_order_of_another_number_is_asked_for_in_the_middle() -> None:
    call = Call("13600010001").says("我要取消订单，尾号0338", "cancel_service")
    call.says("不对，是51200345那个订单")
    assert call.tools == ["verify", "get_order"] and "油烟机" in call.heard
    assert "cancel_order" not in call.all_tools


def test_what_the_bot_knows_word_for_word_it_says_word_for_word() -> None:
    call = Call().says("退货要运费吗", "product_inquiry", found=FREIGHT)
    assert call.heard == FREIGHT.answer


def test_an_approved_answer_about_an_errand_goes_with_the_errand() -> None:
    call = Call().says("退货运费谁出", "refund_return", found=FREIGHT)
    assert call.names == ["knowledge.return_freight", "offer_errand"]
    assert call.says("好的").names == ["identity_both"]


def test_the_language_model_answers_only_from_passages() -> None:
    call = Call().says("空调晚上吵不吵", "product_inquiry", found=NEAR)
    assert call.writes is not None and call.writes.passages == NEAR.passages
    assert call.writes.otherwise.name == "unsure"


def test_what_nobody_knows_is_not_made_up() -> None:
    call = Call().says("国家补贴怎么领", "product_inquiry")
    assert call.writes is None and call.names == ["unknown"]
    assert call.says("好的").transferred


def test_three_times_nothing_understood_brings_a_person() -> None:
    call = Call()
    heard = [call.says(text).names for text in ("呃那个", "就是那个嘛")]
    assert heard == [["not_understood"], ["unknown"]]
    assert call.says("那个什么的").transferred


def test_a_tool_that_is_down_ends_in_a_call_back() -> None:
    call = Call("13912345678", back_end={"get_logistics": DOWN})
    call.says("我的快递到哪了", "logistics").says("7249")
    assert call.names[:2] == ["before", "tool_down"] and call.tools[-1] == "create_ticket"
    assert "30分钟" in call.heard


def test_a_change_that_got_no_answer_is_not_called_done() -> None:
    call = Call("13600010001", back_end={"cancel_order": DOWN}).says("取消订单，尾号0338", "cancel_service").says("对")
    assert "不确定" in call.heard and call.tools == ["cancel_order", "create_ticket"]
    assert call.calls[1].arguments["about"] == "取消订单"


def test_a_back_end_that_is_wholly_down_still_ends_with_a_person() -> None:
    call = Call("13912345678", back_end={"verify": DOWN, "create_ticket": DOWN})
    assert call.says("我的快递到哪了，尾号7249", "logistics").transferred


def test_a_list_without_slots_ends_in_a_call_back() -> None:
    call = Call("13827549356", back_end={"list_slots": ok(items=[])}).says("我要报修，热水器漏水", "repair")
    assert call.tools == ["list_slots", "create_ticket"]


def test_the_back_end_mixing_up_orders_is_not_believed() -> None:
    call = Call("13912345678", back_end={"verify": ok(matches=True, order_number="88472913")})
    call.says("查物流，尾号7249", "logistics")
    assert call.tools == ["verify"] and call.names[-1] == "identity_mismatch"
