"""What is written, before anybody writes it: digits, letters, signs, drawings and words as distance fields."""
