"""Callers in English, and callers who mix or change languages."""

from tests.dialogue.back_end import day, rejected
from tests.dialogue.conversation import WARRANTY, Call


def test_an_english_caller_is_answered_in_english_from_the_first_word() -> None:
    call = Call("13299118822").says("Hi, where is my water heater?", "logistics")
    assert call.names == ["identity_tail"] and "last four digits" in call.heard
    call.says("It's 2961")
    assert "Tianjin" in call.heard and "electric water heater" in call.heard


def test_an_order_in_preparation_is_told_with_its_days() -> None:
    call = Call("13011224455", "en").says("I'd like to check my order, the number ends in 2936", "order_status")
    assert "three-door fridge" in call.heard and "arrive on" in call.heard


def test_digits_spoken_as_words_count() -> None:
    call = Call("13299118822", "en").says("Track my delivery", "logistics").says("two nine six one")
    assert "Tianjin" in call.heard


def test_an_order_is_cancelled_on_a_yes_only() -> None:
    call = Call("13600010001", "en").says("I want to cancel my order", "cancel_service").says("0338")
    assert "1299 yuan" in call.heard
    assert call.says("Well, how long does the refund take?").tools == []
    assert call.says("Yes, go ahead").tools == ["cancel_order"]


def test_a_no_asks_what_to_change_and_another_no_leaves_it() -> None:
    call = Call("13600010001", "en").says("I need to change the delivery address, order ends in 0338")
    call.says("12 Keji Road, Yanta District, Xi'an")
    assert call.names[-1] == "change_address.confirm"
    assert call.says("No").names == ["what_to_change"]
    assert call.says("No, leave it").names == ["stopped", "anything_else"]
    assert "change_address" not in call.all_tools


def test_a_return_takes_its_reason_from_the_first_words() -> None:
    call = Call("18612349876", "en").says(
        "I want to return my microwave, it's broken, order ends 2851", "refund_return"
    )
    assert call.names[-1] == "return.confirm" and "it's faulty" in call.heard


def test_a_technician_is_booked() -> None:
    call = Call("13299118822", "en").says("I need a repair, my water heater is leaking", "repair")
    assert call.names[-1] == "repair.date"
    call.says("Tomorrow morning, please")
    # Whoever calls from a known phone lives where the last order went, unless they say otherwise.
    assert call.names == ["repair.confirm"] and "the address on your order" in call.heard
    call.says("That's right")
    assert call.tools == ["book_visit"] and call.calls[0].arguments["date"] == day(1)


def test_changing_the_day_is_read_back_anew() -> None:
    call = Call("13299118822", "en").says("I need a repair, my water heater is leaking", "repair")
    call.says("Tomorrow morning, please")
    call.says("No, make it tomorrow afternoon")
    assert call.names == ["repair.confirm"] and "afternoon" in call.heard
    assert call.says("Yes").calls[0].arguments["slot"] == "afternoon"


def test_an_invoice_by_email() -> None:
    call = Call("15824793852", "en").says("I need an invoice, order ends in 2847", "billing_invoice")
    call.says("My own name").says("By e-mail")
    assert call.names == ["invoice.email"]
    call.says("emma@example.com")
    assert call.names == ["invoice.confirm"]
    assert call.says("Yes please").calls[0].arguments["email"] == "emma@example.com"


def test_an_invoice_that_was_made_already_goes_to_a_colleague() -> None:
    call = Call("15824793852", "en", back_end={"request_invoice": rejected("already_made")})
    call.says("I need an invoice, order ends in 2847", "billing_invoice").says("My own name").says("text message")
    call.says("Yes")
    assert "made already" in call.heard and call.tools[-1] == "create_ticket"


def test_a_complaint() -> None:
    call = Call("13011224455", "en").says("I want to make a complaint", "complaint")
    call.says("The courier left the fridge in the rain and drove off")
    assert call.tools == ["create_ticket"] and "sorry" in call.heard


def test_an_approved_answer_in_english() -> None:
    assert Call("", "en").says("How long is the warranty?", "product_inquiry", found=WARRANTY).heard == WARRANTY.answer


def test_a_person_is_called_for_in_english_too() -> None:
    assert Call("", "en").says("Can I talk to a real person please").transferred


def test_is_it_an_ai_is_answered_in_english_too() -> None:
    assert Call("", "en").says("Am I talking to a robot?").names == ["is_ai"]
    assert Call("", "en").says("Is this call being recorded?").names == ["is_recorded"]


def test_one_warning_in_english_too() -> None:
    call = Call("", "en").says("fuck you")
    assert call.names == ["warning"] and call.says("fuck you").hung_up


def test_a_mixed_sentence_is_understood() -> None:
    call = Call("13912345678").says("帮我查一下 order number 65387249", "order_status")
    assert call.tools == ["verify", "get_order", "get_logistics"] and "济南" in call.heard


def test_who_asks_for_english_gets_it_with_the_open_question() -> None:
    call = Call("13299118822").says("查物流", "logistics").says("能说英文吗")
    assert call.names == ["language_switched", "back_to"] and "last four digits" in call.heard
    assert "Tianjin" in call.says("2961").heard


def test_who_asks_for_chinese_gets_it_with_the_open_question() -> None:
    call = Call("13912345678", "en").says("Where's my parcel", "logistics").says("Can you speak Chinese")
    assert call.names == ["language_switched", "back_to"] and "后四位" in call.heard


def test_who_goes_on_in_another_language_is_followed() -> None:
    call = Call("13600010001").says("我要取消订单", "cancel_service")
    call.says("Sorry, the last four digits are 0338")
    assert "top-load washer" in call.heard
    call.says("对，取消吧就这个")
    assert call.tools == ["cancel_order"] and "工作日" in call.heard


def test_one_foreign_word_changes_no_language() -> None:
    call = Call("13600010001").says("我要取消订单", "cancel_service").says("0338")
    assert "工作日" in call.says("OK").heard
