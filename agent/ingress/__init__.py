"""How a call reaches us and leaves: one file a protocol, all of one shape (`leg.CallLeg`)."""
