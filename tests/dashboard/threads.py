"""Invented threads, labelled by hand: which comments await the host's reply, and why the others do not.

A row: (key, author, parent, hours after the post, text, waits?). The host is called Harriet Moor.
"""

LONG = " ".join(["We kept the kitchen open all winter, and this is what I remember of it."] * 14)

# A reading circle: a collective thank-you, a question that it leaves open, and commenters who come after it.
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
    # Not covered by the rules: a question that answers itself, and one that does not look like one.
    ("q", "Ines Duarte", "", 72, "Who could resist such a list? Not me.", False),
    ("r", "Sam Reyes", "", 73, "Curious which edition you mean by the blue one.", True),
    ("s", "Oskar Lund", "", 74, "Good evening from Tromsø.", True),
    ("t", "Petra Lindqvist", "", 75, "Is the list of last year still somewhere?", True),
]

# A village market: the host replies by name in one comment, a member replies for her, someone replies to
# himself.
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

# A paraphrase of a real blog's thread: authors, times, lengths, parents, questions and thanks are as they
# were; names and texts are not. (author, time, number of the parent, text, waits?)
BLOG = [
    (
        "Delia",
        "2012-04-25 18:25",
        0,
        "Hi Harriet: I think old recipes are half of what a village is. " + LONG,
        False,
    ),
    ("Delia", "2012-04-26 13:49", 0, "I have to run, but this piece on ovens belongs here, too.", False),
    (
        "Kim",
        "2012-04-26 14:01",
        0,
        "Harriet: you are so right. One learns it by doing it, and by burning a few.",
        False,
    ),
    (
        "Dan",
        "2012-04-26 14:56",
        0,
        "North Mill is a young bakery that mills its own flour and teaches others.",
        False,
    ),
    (
        "Piet",
        "2012-04-26 15:15",
        0,
        "I know a little about this, Harriet: 26 000 loaves in nine months. I just wrote something about sour dough, see http://bread.example/. Might that be of interest.",
        False,
    ),
    (
        "Maria",
        "2012-04-26 15:22",
        0,
        "I always compare flours with neighbours: one is stern, one is generous.",
        False,
    ),
    (
        "Chris",
        "2012-04-26 16:17",
        0,
        "Patience is the key. I wrote about it years ago: http://oven.example/a-slow-loaf.html",
        False,
    ),
    (
        "Livia",
        "2012-04-26 16:53",
        0,
        "Hi Harriet, what is your favourite flour so far and why? Funny that you do not mention rye, although there is some in your picture. How do people in your courses take to it, and what are they afraid of? Regards to all.",
        True,
    ),
    (
        "Rob",
        "2012-04-29 13:32",
        0,
        "There is great use in an oven of one’s own, and great work. " + LONG,
        False,
    ),
    (
        "Rob",
        "2012-04-29 13:35",
        9,
        "And for the record, I remain a huge admirer of Kim’s bakery, as I have for thirty years.",
        False,
    ),
    (
        "Harriet",
        "2012-05-01 09:14",
        0,
        "Delia, Kim, Dan, Piet, Maria, Chris, Livia and Rob – thank you for your comments. I am not sure whether anybody hears of this reply, but I am glad that each of you wrote, and I have looked at your pages.",
        False,
    ),
    (
        "Guest 12",
        "2012-05-04 22:20",
        0,
        "Hi Harriet. Baking together makes a village of a street. " + LONG,
        True,
    ),
    (
        "Guest 13",
        "2012-05-09 15:53",
        0,
        "Well, here is another view, from somebody younger than most of you. " + 5 * LONG,
        True,
    ),
    (
        "ScottB",
        "2012-05-10 16:28",
        0,
        "Hi Harriet; thanks for naming me in your post. I struggle with the same: which flour, how much time, and to what end? So I follow you and begin with rolls. Your thinking is, as always, a good push.",
        True,
    ),
    (
        "Guest 15",
        "2012-06-02 06:53",
        0,
        "Hi Harriet, some of us are new to this and have nobody to learn from. I wish through this page I can get connected to people who share what they know. I need to learn what it takes to open a village bakery, and whom to ask.",
        True,
    ),
    (
        "Guest 16",
        "2012-09-03 10:37",
        0,
        "We have many more kinds of bread than we need. Fewer and better may be the way.",
        True,
    ),
    ("Rosa", "2012-10-21 07:55", 0, "Hi Harriet, a lovely article, many thanks. Rosa", True),
]
