"""Content of the demo: invented people, posts and discussions."""

from typing import NamedTuple


class Person(NamedTuple):
    username: str
    name: str
    tagline: str
    bio: str
    links: tuple[tuple[str, str], ...]
    picture: str  # the picture drawn by community/demo/pictures.py, or "" for the initial
    helps_with: tuple[str, ...] = ()
    looks_for: tuple[str, ...] = ()


class Said(NamedTuple):
    """A comment. `to` is the key of its parent; hours count from the post."""

    key: str
    who: str
    hours: float
    words: str
    to: str = ""


class DemoArrival(NamedTuple):
    """A newcomer's comment, and the moderator's decision: "spam", "approve", or "" while it waits."""

    who: str
    under: str
    days_ago: float
    words: str
    decision: str = ""
    hours_later: float = 0


class Article(NamedTuple):
    slug: str
    title: str
    summary: str
    days_ago: float
    tags: tuple[str, ...]
    body: str
    said: tuple[Said, ...] = ()
    comments_open: bool = True
    cover: str = ""


HOST, MODERATOR = "host", "moderator"
# A page that is gone; who links to it; and who thanked her for which comment on the same post.
CARD, CARD_TITLE = (
    "https://village-halls.example/forty-people",
    "Forty people, one evening: how a hall decides",
)
THANKED = ("on-being-answered", "member7", "In a large group", ("member1", "member2", "member6", "host"))

PEOPLE = (
    Person(HOST, "Imke Sander", "Keeps a table by the harbour, and this one.", "I ran a small theatre for twenty years and learnt that the talk in the foyer was the better half of the evening. Now I write **on Sundays** and answer during the week.", (("My letters", "https://imke-sander.example/letters"), ("Mastodon", "https://mastodon.example/@imke")), "harbour"),
    Person(MODERATOR, "Tomasz Wilk", "Reads everything twice.", "Retired proof-reader. If something of yours waits, I am the one who is looking for his glasses.", (("Blog", "https://wilk.example"),), "owl"),
    Person("member1", "Adaeze Obi", "Bridges, real ones.", "Civil engineer in Enugu and, since last year, choir treasurer.", (("LinkedIn", "https://linkedin.example/in/adaeze"), ("Choir", "https://choir-enugu.example")), "bridge", helps_with=("first money for a project", "bridges"), looks_for=("a hall with good ears",)),
    Person("member2", "Bram de Wit", "Grows too many beans.", "Allotment 14, by the railway. I answer when it rains.", (("Garden diary", "https://bonen.example"),), "plant", helps_with=("beans", "soil")),
    Person("member3", "Carmen Ibarra", "Night porter, day sleeper.", "Fourteen years behind a hotel desk. You meet everyone once.", (), ""),
    Person("member4", "Dilip Rao", "Teaches chess to people who lose.", "", (("XeeMe", "https://xeeme.com/diliprao"), ("Twitter", "https://twitter.com/diliprao_example")), "chess", helps_with=("chess",), looks_for=("people who lose well",)),
    Person("member5", "Elin Dahl", "Looks after a lighthouse that needs no looking after.", "It has been automatic since 1988. Somebody still has to paint it.", (("Photographs", "https://fyr.example/elin"),), "lighthouse"),
    Person("member6", "Farid Haddad", "Baker’s hours.", "Up at three. My best thinking is done by half past four.", (), ""),
    Person("member7", "Gwen Pritchard", "Secretary of too many societies.", "Minutes, mostly. I like a decision that can be found again.", (("Village hall", "https://hall.example/llan"),), "kettle", helps_with=("running a meeting", "facilitation in large groups", "founding a society"), looks_for=("first money for a project",)),
    Person("member8", "Haruki Mori", "Repairs radios.", "Short wave at night. The world is quieter than it was, and further away.", (("Workshop", "https://radio-mori.example"),), "radio", helps_with=("radios",)),
    Person("member9", "Ines Carvalho", "New here.", "", (), ""),
    Person("member10", "Jonas Lindqvist", "Sails badly, writes it down.", "", (("Log", "https://log.example/jonas"),), "boat"),
    Person("member11", "Kateryna Bondar", "Translates instructions for washing machines.", "Four languages, no poetry. Or so I thought.", (), "moon", helps_with=("plain language", "Ukrainian"), looks_for=("a spare cello",)),
    Person("member12", "Lenny Marsh", "", "", (("Lenny’s Lamps", "https://lenny-lamps.example/offer"),), ""),
)  # fmt: skip

ARTICLES = (
    Article(
        "the-empty-chair",
        "The empty chair",
        "Why I lay one place more than I have guests, and what happened on the evening it was taken.",
        24,
        ("hospitality", "talking"),
        """<p>At my grandmother’s table there was always a place too many. A plate, a glass, a folded napkin, and nobody behind them. As a child I took it for absent-mindedness. Later I thought it was piety. When I finally asked, she said: <em>it is so that nobody has to fetch a chair.</em></p>
<p>I have thought about that sentence for years. Fetching a chair takes half a minute. But in that half minute everybody looks up, the talk stops, and the one who came late has become an event. With the chair already there, one sits down.</p>
<h2>The evening it was taken</h2>
<p>In March a man rang who had the wrong house. It was raining; he was looking for number 16 and we are 61. He sat down to wait for a taxi and stayed until one in the morning. He mends church organs. None of us will ever listen to a wind instrument in the same way again.</p>
<blockquote><p>A place that is free is not a place that is missing somebody.</p></blockquote>
<p>I am not sure that this can be done on a screen. Here, too, people look up when somebody new speaks, and I have seen good people turn round on the doorstep because of it. So I ask you: <strong>where did you last sit down without anybody fetching a chair?</strong> And what had they done so that it was possible?</p>""",
        (
            Said(
                "a",
                "member1",
                2,
                "In the choir. The trick was banal: there are always three spare scores on the piano, already open at the right page. Nobody hands you one. You take it, and you are an alto.",
            ),
            Said(
                "a1",
                HOST,
                5,
                "Already open at the right page. I am going to steal that for everything I do from now on.",
                "a",
            ),
            Said(
                "a2",
                "member7",
                7,
                "We do the opposite at the village hall, without meaning to: a newcomer is *asked to introduce themselves*. I have taken the minutes of forty such introductions, and all forty people looked as if they were at the dentist’s.",
                "a",
            ),
            Said(
                "a3",
                "member3",
                9,
                "At the desk I learnt to ask a question that can be answered with one word. “Rain?” for instance. Everything else comes by itself or it does not.",
                "a2",
            ),
            Said("a4", "member7", 10, "One word! I have put it on the agenda. Not joking.", "a3"),
            Said(
                "a5",
                "member8",
                21,
                "On short wave the first thing you send is only your call sign. It says: I am here, and this is where to find me. Nobody expects more. Perhaps that is what a name with a link under it does in this place.",
                "a3",
            ),
            Said(
                "a6",
                HOST,
                26,
                "Haruki, yes. When I visit the links you all leave, I feel I have been shown round the house.",
                "a5",
            ),
            Said("a7", "member8", 28, "Then mine needs dusting.", "a6"),
            Said(
                "a8",
                "member4",
                30,
                "I was there an hour ago. It does not. I learnt what a superheterodyne is and I have told two people already.",
                "a7",
            ),
            Said(
                "b",
                "member5",
                12,
                "The lighthouse has a visitors’ book. For thirty years people wrote the date and the weather. Then somebody wrote three pages about her father, who had been a pilot in the strait. Since that page everybody writes pages.\n\nSo I think what makes the place free is **somebody who went before and was not laughed at**.",
            ),
            Said(
                "b1",
                "member11",
                14,
                "Somebody who went before and was not laughed at. I would like to have this sentence in four languages, and I can.",
                "b",
            ),
            Said("b2", "member5", 20, "Please do. I will pin it up beside the fog signal.", "b1"),
            Said(
                "c",
                "member9",
                33,
                "I have read here since the winter and never written. I do not know why today. We want to start a reading room in two villages, mostly for girls, and I do not know whom one asks first: the school, the mayor, or the women at the well. If somebody here has done such a thing, I would be glad.",
            ),
            Said(
                "c1",
                "member1",
                34,
                "The women at the well. Then the school. The mayor last, when he can no longer be against it.",
                "c",
            ),
            Said(
                "c2",
                "member2",
                36,
                "I built shelves for one, eleven years ago. Things I would do otherwise:\n\n- a door that locks, before the first book\n- light before chairs\n- one person who is paid, however little\n\nWrite to me whenever you like, I answer when it rains and it rains.",
                "c",
            ),
            Said("c3", "member9", 40, "Light before chairs. We would have bought chairs. Thank you.", "c2"),
            Said("c4", HOST, 41, "Ines, this was your call sign. Welcome.", "c"),
            Said(
                "d",
                "member4",
                50,
                "A dissenting voice. I like it when they fetch the chair. In my club an old man gets up, carries it across the room, and dusts it. It takes two minutes and after that you cannot leave.",
            ),
            Said("d1", "member10", 52, "You have just described a kidnapping.", "d"),
            Said("d2", "member4", 53, "I have been a member for nineteen years.", "d1"),
            Said(
                "e",
                "member6",
                75,
                "In the bakery nobody sits. But there is the stool by the oven for whoever has had a bad night, and no one ever said so. I found that out by having one.",
            ),
            Said("rude", "member12", 80, "You people write essays about a chair. Buy one.", ""),
            Said("rude1", "member3", 81, "We have. It is the one you are sitting on.", "rude"),
            Said(
                "gone",
                "member10",
                90,
                "I wrote something here about my brother and I would rather have it to myself again.",
                "",
            ),
            Said("gone1", "member5", 91, "It was good to have read it. Take it with you.", "gone"),
            Said(
                "f",
                "member3",
                430,
                "I come back to this every few weeks. Tonight a guest asked whether he might sit in the lobby until his train, and there was already a chair.",
            ),
            Said(
                "offer",
                "member12",
                520,
                "For every chair a light: https://lenny-lamps.example/offer has reading lamps, twenty per cent off this week.",
            ),
        ),
        cover="table",
    ),
    Article(
        "minutes-of-a-silence",
        "Minutes of a silence",
        "A society of seven could not decide about a roof. What helped was to write down what nobody said.",
        52,
        ("deciding", "talking"),
        """<p>Seven people, one roof, four estimates, eleven months. I was asked in because I had nothing to do with it, which is the best qualification for listening.</p>
<p>For an hour they talked about slate. Then I asked everybody to write on a card what they would not say aloud. It was quiet for six minutes. On five of the seven cards stood the same thing in different hands: <em>I am afraid that we will not be here long enough for it to matter.</em></p>
<p>They took the cheap roof, and spent the rest on a ramp. It was decided in ten minutes.</p>
<h2>What I took home</h2>
<ul><li><p>A group that cannot decide is often deciding something else.</p></li><li><p>Cards before voices: the loudest card is no louder than the others.</p></li><li><p>Write down the reasons. In a year nobody remembers them, and everybody remembers somebody else’s.</p></li></ul>
<p>How do you decide together, where you are? I collect methods as others collect spoons.</p>""",
        (
            Said(
                "a",
                "member7",
                4,
                "Six minutes is long. I have tried it since: at four somebody coughs, at five somebody laughs, and at six they write.",
            ),
            Said("a1", HOST, 8, "At five somebody laughs! I had forgotten that. Yes.", "a"),
            Said(
                "b",
                "member4",
                20,
                "We vote with chess pawns in a hat, because nobody can bring himself to count pawns as if they were people. Twice already somebody has put in a knight.",
            ),
            Said("b1", "member11", 22, "What does a knight mean?", "b"),
            Said(
                "b2",
                "member4",
                23,
                "“I agree, but not by the straight road.” We have never found out who.",
                "b1",
            ),
            Said(
                "c",
                "member1",
                49,
                "For bridges there is a rule: whoever objects must draw what they would build instead. It halves the objections and doubles the quality of the rest.",
            ),
        ),
    ),
    Article(
        "letters-to-a-lighthouse",
        "Letters to a lighthouse",
        "Elin sent me forty years of a visitors’ book. A small selection, with her leave.",
        83,
        ("places",),
        """<p>The book lies on a slanted desk below the lamp room. Elin says that people write in it as they would speak to a large dog: without embarrassment, and a little too loud.</p>
<blockquote><p>We came up for the view and there was fog. It was the best fog of the holiday.</p></blockquote>
<blockquote><p>Second visit. The first was before you were born, and your mother counted the steps. There is one more now.</p></blockquote>
<p>I read it in two evenings. Not one entry asks for anything. If you have a book like that somewhere near you, I would like to know what people write in it.</p>""",
        (
            Said(
                "a",
                "member5",
                3,
                "There *is* one more step. They raised the threshold in 1994 because of the floods.",
            ),
            Said(
                "b",
                "member10",
                30,
                "In the harbour office at Grisslehamn there is one for complaints. The last entry is from 1971: “None.”",
            ),
        ),
    ),
    Article(
        "on-being-answered",
        "On being answered",
        "The difference between being read and being answered, and why I would rather have nine readers who write back.",
        140,
        ("talking",),
        """<p>Somebody asked me how many people read this. I do not know, and I have taken the counter away so as not to find out. I do know how many wrote back last week: nine.</p>
<p>To be read is weather. To be answered is a visit.</p>
<p>So here is the promise of this place, as simply as I can say it: <strong>I read everything, and I answer.</strong> It may take a week. If it takes longer, ask Tomasz whether I have fallen into the harbour.</p>""",
        (
            Said("a", "member2", 6, "She has not. I saw her buying beans."),
            Said(
                "b", "member6", 11, "Nine is a good number. It is how many loaves go into the oven at once."
            ),
            Said(
                "c",
                "member7",
                30,
                "Minutes work the same way. Forty people in a hall, and only what was answered gets done.",
            ),
            Said(
                "c1",
                "member1",
                33,
                "How do you run a meeting of forty? With us in the choir it is always the same three who talk.",
                "c",
            ),
            Said(
                "c2",
                "member7",
                40,
                "In a large group I let them talk in pairs for five minutes first. Then each pair says one sentence, and the meeting is half over.",
                "c1",
            ),
            Said("c3", "member1", 44, "One sentence for each pair. The basses will need two.", "c2"),
            Said(
                "c4",
                "member7",
                51,
                f"Then give them two, and a bell. I have it from a page on village halls that I still go back to:\n\n{CARD}",
                "c3",
            ),
            Said(
                "c5",
                "member1",
                122 * 24,
                "We tried it with the choir. The pairs work, the bell was stolen by the altos.",
                "c4",
            ),
        ),
    ),
    Article(
        "house-warming",
        "House-warming",
        "The first post. The table is laid, the soup is on.",
        190,
        ("hospitality",),
        """<p>This is the first evening, and as on all first evenings somebody has to say something while the others look for a place to put their coats.</p>
<p>I will write here about talking: how it begins, what stops it, and what it is good for. You are invited to interrupt.</p>""",
        (Said("a", MODERATOR, 1, "Testing whether one can interrupt. One can."),),
        comments_open=False,
    ),
)

# A draft, which only hosts see.
DRAFT = (
    "the-other-half-of-the-evening",
    "The other half of the evening",
    "Notes on foyers.",
    "<p>The foyer has no stage, and that is its advantage.</p>",
)
SCHEDULED = (
    "a-calendar-for-the-table",
    "A calendar for the table",
    "When we meet, and how to say that you are coming.",
    "<p>From next month there is a day for it.</p>",
)

HELD, REMOVED, WITHDRAWN = "offer", "rude", "gone"
REPORTED, REPORTER, REPORT_NOTE = (
    "d1",
    "member4",
    "Not serious, we are friends. I wanted to see what the button does.",
)

# Members who commented once. No one needs to sign in as one of them.
NEWCOMERS = (
    Person("passing1", "Petra Nowak", "", "", (), ""),
    Person("passing2", "Samuel Osei", "", "", (), ""),
    Person("passing3", "Best Watches Online", "", "", (("Shop", "https://wrist-outlet.example"),), ""),
    Person("passing4", "Mark", "", "", (), ""),
    Person("passing5", "Julia", "", "", (), ""),
    Person("passing6", "Stefan", "", "", (), ""),
)
NEWCOMERS_DAYS = 28
BROUGHT = (
    DemoArrival("passing3", "on-being-answered", 26, "Best replica watches, lowest prices and free shipping: https://wrist-outlet.example/rolex", "spam", 5),
    DemoArrival("passing1", "letters-to-a-lighthouse", 24, "In our mountain hut there is such a book too. Check out my blog, I have copied out a year of it: https://hut-book.example/1987", "approve", 3),
    DemoArrival("passing3", "letters-to-a-lighthouse", 21, "Buy now, order today, replica handbags with worldwide delivery https://wrist-outlet.example/bags", "spam", 2),
    DemoArrival("passing3", "minutes-of-a-silence", 21, "Discount code for replica watches, limited offer https://wrist-outlet.example/code", "spam", 2.2),
    DemoArrival("passing4", "on-being-answered", 17, "Great article, thanks for sharing this valuable information.", "spam", 20),
    DemoArrival("passing2", "minutes-of-a-silence", 13, "We decide by walking round the field until nobody has anything left to say. Somebody drew it: https://round-the-field.example", "approve", 9),
    DemoArrival("passing4", "minutes-of-a-silence", 12, "Play slots at the online casino, free spins and welcome bonus: https://harbour-slots77.example/join", "spam", 1),
    DemoArrival("passing4", "letters-to-a-lighthouse", 12, "Online casino with free spins, no deposit: https://harbour-slots77.example/spin", "spam", 1.1),
    DemoArrival("passing5", "on-being-answered", 6, "Personal loans in one day, bad credit no problem, whatsapp me: https://quick-coins.example/apply", "spam", 7),
    DemoArrival("passing6", "letters-to-a-lighthouse", 3, "Make money online, I earned my first check last week. Click here: https://evening-wages.example/start", "spam", 4),
    DemoArrival("passing4", "on-being-answered", 1.1, "{Hi|Hello} {dear|all}, {great|nice} casino bonus at https://harbour-slots77.example"),
    DemoArrival("passing6", "on-being-answered", 0.4, "I make ninety dollars per hour from home since March, no experience needed. Click here to get started: https://evening-wages.example/start1"),
    DemoArrival("passing5", "minutes-of-a-silence", 0.39, "I make ninety dollars per hour from home since April, no experience needed! Click here to get started: https://evening-wages.example/start2"),
    DemoArrival("passing4", "letters-to-a-lighthouse", 0.38, "I make eighty dollars per hour from home since March, no experience needed. Click here to get started: https://evening-wages.example/start3"),
)  # fmt: skip

BANNED, WHY_BANNED = "passing3", "Nothing but watches, three times, and never an answer."
APPEALING = "member12"
APPEAL = "I had come from a bad day and the second sentence was the day’s, not mine. The first one I would still say, over a soup."

# Pages besides the posts: slug, title, text, position in the navigation.
PAGES = (
    (
        "about",
        "About",
        "<p>Imke writes here about tables, and about the people who sit down at them. What she writes is the beginning; "
        "the rest is in the comments.</p><p>This is demo content: everybody on this site is made up.</p>",
        "header",
    ),
    (
        "contact",
        "Contact",
        "<p>The quickest way is a comment under a post. For everything else, write to hello@demo.example.</p>",
        "footer",
    ),
    (
        "privacy",
        "Privacy",
        "<p>Say here what you store about your members, why, and for how long. What this software does by itself:</p>"
        "<ul><li><p>Pages load nothing from other sites until you click.</p></li>"
        "<li><p>We remove location and camera data from pictures.</p></li>"
        "<li><p>Members can download everything stored about them, and delete their account.</p></li></ul>",
        "footer",
    ),
    (
        "imprint",
        "Legal notice",
        "<p>In many countries the law asks you to say who is responsible for this site, with an address.</p>",
        "footer",
    ),
)

# Who has a birthday in how many days, and who may know. Wishes for those of today.
BIRTHDAYS = (
    ("member2", 0, "all"),
    ("member7", 1, "all"),
    ("member5", 4, "all"),
    ("member8", 19, "all"),
    (HOST, 45, "all"),
    ("member1", 140, "members"),
)
WISHES = (
    ("member2", "member7", "Many happy returns, and rain on the beans at night only."),
    ("member2", "member5", "A long bright year to you, from someone who also waters things."),
)

# Rooms elsewhere: name, service, address, topic, hours, members only, and who is there.
ROOMS = (
    (
        "The kitchen",
        "jitsi",
        "https://meet.example/kitchen-table",
        "Cooking together on Fridays, each at their own stove.",
        "Fridays from 18:30, until the last plate is empty",
        True,
        ("member7", "member5"),
    ),
    (
        "The back room",
        "mumble",
        "mumble://voice.example:64738/Games",
        "Voices only, for games and long evenings.",
        "Whenever somebody is there",
        False,
        (),
    ),
)

GIVING = "The server, the voice rooms, and the stamps for those who would rather have a letter."
MONTHLY_COST = 42
WAYS = (
    (
        "Bank transfer",
        "",
        "Long Table, account 12 34 56 at the Harbour Bank\nPlease write “table” as the reference.",
    ),
    ("PayPal", "https://paypal.example/long-table", ""),
)
# Amount, and the name to thank; "" for none.
GIFTS = ((15, "Gwen"), (10, ""), (5, "a reader from Oslo"))
# Who pledges how much a month, and whether to thank them by name.
PLEDGES = (("member7", 5, True), ("member5", 3, False), ("member2", 4, True))


class Planned(NamedTuple):
    """An event that begins in so many days at that hour, in its time zone.

    who: proposed it; a host publishes.
    """

    who: str
    title: str
    text: str
    place: str
    link: str
    zone: str
    days: int
    hour: int
    hours: int = 2
    weeks: int = 1
    places: int | None = None
    coming: tuple[str, ...] = ()
    maybe: tuple[str, ...] = ()
    guests: tuple[str, ...] = ()
    said: tuple[tuple[str, str], ...] = ()


EVENTS = (
    Planned(HOST, "Reading aloud, an hour", "We read it aloud, a page each, and stop wherever somebody wants to. No need to prepare. **Bring something warm.**", "", "https://meet.example/long-table", "Europe/Lisbon", 3, 19, 1, weeks=8, coming=("member1", "member5", "member11"), maybe=("member8",), said=(("member11", "Is it the same room as last time?"), (HOST, "The same, and the kettle is on ten minutes before."))),
    Planned(HOST, "Supper at the harbour", "The long table, outdoors if the wind agrees. There are four chairs besides mine.", "Quay 4, by the crane", "", "Europe/Berlin", 16, 18, 4, places=4, coming=("member2", "member6", "member7", "member10", "member3"), said=(("member6", "I bring the bread."), ("member2", "And I the beans, of course."))),
    Planned(HOST, "Short wave, together", "Haruki lets us listen in. We hear what comes.", "", "https://meet.example/radio", "Asia/Tokyo", 9, 21, 2, coming=("member8", "member5"), maybe=("member4", "member10"), guests=("Haruki’s brother",)),
    Planned("member4", "A game against eight of you at once", "I play all boards, you play one. Losing well is the point.", "", "https://chess.example/simultaneous", "Asia/Kolkata", 24, 17, 3, places=8),
    Planned(HOST, "Mending evening", "Bring what has a hole in it. Needles, thread and soup are there.", "The back of the workshop, Quay 4", "", "Europe/Berlin", -6, 18, 3),
)  # fmt: skip

# The past event, who came, a drawing with its description, and the summary and the text of the host's report.
REPORT = (
    "Mending evening",
    ("member2", "member6", "member7"),
    "kettle",
    "A kettle, just before it boils",
    "Four people, eleven holes, one kettle.",
    "No sleeve was sewn to a table this time, and the soup was gone by nine.",
)

# Title, text, options, whether it is secret, who voted for which option, and the outcome ("" while it is
# open).
POLLS: tuple[tuple[str, str, list[str], bool, tuple[tuple[str, int], ...], str], ...] = (
    (
        "When shall we read aloud?",
        "The hour that suits most of us, in every zone.",
        ["Sunday at 17:00 UTC", "Monday at 19:00 UTC", "Thursday at 06:00 UTC"],
        False,
        (("member1", 0), ("member4", 0), ("member5", 1), ("member7", 2), ("member8", 0)),
        "",
    ),
    (
        "Shall old discussions close?",
        "Spam comes to the oldest ones first. But so do people.",
        ["Keep them open", "Close them after a year"],
        True,
        (("member1", 0), ("member2", 0), ("member4", 1), ("member5", 0), ("member8", 0)),
        "They stay open. We look at the spam again in a month.",
    ),
)
PROPOSAL = (
    "One photograph a month from each of us",
    "No captions, no competition: what was outside the window on the first of the month.",
    (
        ("member1", "agree", "Mine is a car park. It changes more than you would think."),
        ("member8", "agree", "Gladly, if drawings count."),
        ("member4", "abstain", "I will look at all of them and send none."),
        ("member7", "disagree", "A month is long. I would rather have one from each season."),
    ),
)
# Guests without an account, with position and reason; "" for none yet.
INVITED: tuple[tuple[str, str, str], ...] = (
    ("Anneke", "agree", "Elin showed me last year’s. I have a window too, and nothing much happens in it."),
    ("Mehmet", "", ""),
)

# Cards of the board: who, a drawing (community/demo/pictures.py) or "", its description, and text. Oldest
# first.
CARDS = (
    (
        "member5",
        "lighthouse",
        "A lighthouse with a lit lamp",
        "The keeper’s view, from the stairs. I draw it once a year.",
    ),
    ("member7", "", "", "A choir that sings only the minutes of meetings: https://vimeo.com/76979871"),
    ("member2", "plant", "A bean plant in a pot, with four leaves", "Week six. It has opinions now."),
)
THE_CARD_OF_THE_WEEK = 2

# An invented member who has died. The memorial is kept by the host and a member; with texts, and whether for
# the family.
REMEMBERED = Person(
    "henk",
    "Henk Visser",
    "Rain measured daily.",
    "I keep the rain gauge at the allotments, and the kettle.",
    (),
    "lighthouse",
)
REMEMBERED_DAYS = 900
REMEMBERED_DATES = "3 March 1951 to 9 October 2025"
SECOND_KEEPER, REMEMBERED_CUSTODIAN = "member7", "member5"
REMEMBERED_LETTER = """Whoever reads this: the gauge is emptied at eight, and the book is on the hook behind the door.

I have liked these evenings more than I said. Go on without me for a while, and then just go on.

*Henk*"""
REMEMBERED_PICTURE = ("plant", "The bean that Henk raised beside the rain gauge")
REMEMBERED_RECORDING = "Rain on the roof of his shed"
CANDLES = ("member2", "member5", "member8", HOST)
MEMORIES = (
    (
        "member5",
        "He answered my first question here, at length, at six in the morning. He never said that it was a silly one.",
        True,
    ),
    (
        "member2",
        "Twenty-two years of rain in a school exercise book. I have it now. It is dry in the right places.",
        True,
    ),
    ("member8", "We never met. I knew the hour by when he wrote.", True),
    ("member7", "I can hear how he would say that this is quite enough about him.", False),
    (HOST, "Thank you for the kettle, Henk.", True),
)
# A newcomer's text on a memorial, which waits for a moderator.
WAITING_MEMORY = "I found this page by looking for his name. He taught me to read a barometer in 1988, and I never thanked him."
NEW_THERE = Person("passing7", "Marijke", "", "", (), "")
WAITS_DAYS = 0.6
