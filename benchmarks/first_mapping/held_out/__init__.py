"""Ten more made-up folders, made after the rules by an author who had not seen them; no rule is tuned on them."""
