"""How a page is filled: hands, rows, tables, forms, equations, words, ruling, and where each digit came to stand."""
