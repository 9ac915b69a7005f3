"""Made-up threads, labelled by hand: who waits for the host, and why the others do not.

A line: (key, who, what it replies to, hours after the post, text, waits?). The host is called Harriet Moor.
"""

LONG = " ".join(["We kept the kitchen open all winter, and this is what I remember of it."] * 14)

# A reading circle: a collective thank-you, a question that it leaves open, and people who come after it.
READING_CIRCLE = [
    ("a", "Ines Duarte", "", 1, "What a fine list. I’d add two novels by Halldór Laxness.", False),
    ("b", "Tom Okeke", "", 2, "Thank you for this. I read the first one on a night train.", False),
    ("c", "Petra Lindqvist", "", 3, "Which translation did you read, and would you choose it again?", True),
    ("d", "Ines Duarte", "", 4, "And one more: the letters of his wife.", False),
    ("e", "Sam Reyes", "", 5, "Do you take notes while reading?", False),
    ("f", "Harriet Moor", "e", 6, "Always, in pencil, on the last page.", False),
    ("g", "Sam Reyes", "f", 7, "I’ll try that.", False),
    (
        "h",
        "Harriet Moor",
        "",
        20,
        "Ines, Tom, Petra and Sam: thank you all for reading along. It means a lot.",
        False,
    ),
    ("i", "Noor Haddad", "", 30, "I found this through a friend. Wonderful.", False),
    ("j", "Walter Brandt", "", 40, LONG, True),
    ("k", "Ines Duarte", "i", 41, "Welcome, Noor! It’s a good place.", False),
    ("l", "Lena Fiori", "", 50, "Dear Harriet, please let me know how to join the circle in spring.", True),
    ("m", "Tom Okeke", "", 60, "I second the letters.", False),
    ("n", "Petra Lindqvist", "m", 61, "So do I.", False),
    ("o", "Gus", "", 70, "Nice.", False),
    ("p", "Tom Okeke", "o", 71, "Hello Gus, what do you read at the moment?", False),
    # Beyond the rules: a question that answers itself, and one that does not look like one.
    ("q", "Ines Duarte", "", 72, "Who could resist such a list? Not me.", False),
    ("r", "Sam Reyes", "", 73, "Curious which edition you mean by the blue one.", True),
    ("s", "Oskar Lund", "", 74, "Good evening from Tromsø.", True),
    ("t", "Petra Lindqvist", "", 75, "Is the list of last year still somewhere?", True),
]

# A village market: the host answers in one comment by name, a member answers for her, somebody talks to himself.
MARKET = [
    ("a", "Bea Kowalska", "", 1, "Is there parking near the square?", False),
    ("b", "Olaf Sten", "a", 2, "Yes, behind the school.", False),
    ("c", "Mira Anand", "", 3, "Will the honey stall come back this year? Ours ran out in March.", False),
    (
        "d",
        "Harriet Moor",
        "",
        5,
        "Mira, the honey stall comes back in June: Jon has moved his hives to the north side, and he promised me forty jars.",
        False,
    ),
    ("e", "Joseph Abiola", "", 6, "I grew up two streets from there. First time I write here.", True),
    ("f", "Joseph Abiola", "e", 7, "And I forgot to say: my mother sold eggs on it.", False),
    ("g", "Rut Salas", "", 8, "As my aunt used to say: “Who buys early, eats well?” A lovely report.", True),
    ("h", "Olaf Sten", "", 9, "Good to see it full again.", False),
    ("i", "Mira Anand", "d", 10, "Lovely, thank you.", False),
    ("j", "Bea Kowalska", "h", 11, "Olaf, do you still have the stand?", False),
    ("k", "Bea Kowalska", "", 12, "Harriet, could you tell us what a stand costs?", True),
    ("l", "Olaf Sten", "j", 13, "Every Saturday.", False),
    ("m", "Wen Li", "", 14, LONG, True),
]
