"""The demo content in German: a translation of each text of content.py.

Newcomers and adverts stay English.
"""

TEXTS = {
    # people
    "Keeps a table by the harbour, and this one.": "Hält einen Tisch am Hafen, und diesen hier.",
    "I ran a small theatre for twenty years and learnt that the talk in the foyer was the better half of the evening. Now I write **on Sundays** and answer during the week.": "Zwanzig Jahre lang habe ich ein kleines Theater geleitet und gelernt, dass die Gespräche im Foyer die bessere Hälfte des Abends sind. Jetzt schreibe ich **sonntags** und antworte unter der Woche.",
    "My letters": "Meine Briefe",
    "Reads everything twice.": "Liest alles zweimal.",
    "Retired proof-reader. If something of yours waits, I am the one who is looking for his glasses.": "Korrektor im Ruhestand. Wenn etwas von dir wartet, bin ich derjenige, der seine Brille sucht.",
    "Bridges, real ones.": "Brücken, echte.",
    "Civil engineer in Enugu and, since last year, choir treasurer.": "Bauingenieurin in Enugu und seit letztem Jahr Kassenwartin des Chors.",
    "Choir": "Chor",
    "first money for a project": "erstes Geld für ein Projekt",
    "bridges": "Brücken",
    "a hall with good ears": "ein Saal mit guten Ohren",
    "Grows too many beans.": "Zieht zu viele Bohnen.",
    "Allotment 14, by the railway. I answer when it rains.": "Parzelle 14, an der Bahn. Ich antworte, wenn es regnet.",
    "Garden diary": "Gartentagebuch",
    "beans": "Bohnen",
    "soil": "Erde",
    "Night porter, day sleeper.": "Nachtportierin, Tagschläferin.",
    "Fourteen years behind a hotel desk. You meet everyone once.": "Vierzehn Jahre hinter einem Hoteltresen. Man begegnet jedem einmal.",
    "Teaches chess to people who lose.": "Bringt Leuten Schach bei, die verlieren.",
    "chess": "Schach",
    "people who lose well": "Leute, die gut verlieren",
    "Looks after a lighthouse that needs no looking after.": "Kümmert sich um einen Leuchtturm, um den sich niemand kümmern muss.",
    "It has been automatic since 1988. Somebody still has to paint it.": "Er läuft seit 1988 von selbst. Streichen muss ihn trotzdem jemand.",
    "Photographs": "Fotografien",
    "Baker’s hours.": "Bäckerzeiten.",
    "Up at three. My best thinking is done by half past four.": "Um drei auf den Beinen. Um halb fünf habe ich das Beste gedacht.",
    "Secretary of too many societies.": "Schriftführerin in zu vielen Vereinen.",
    "Minutes, mostly. I like a decision that can be found again.": "Meist Protokolle. Ich mag Beschlüsse, die man wiederfindet.",
    "Village hall": "Dorfsaal",
    "running a meeting": "eine Sitzung leiten",
    "facilitation in large groups": "Moderation großer Gruppen",
    "founding a society": "einen Verein gründen",
    "Repairs radios.": "Repariert Radios.",
    "Short wave at night. The world is quieter than it was, and further away.": "Nachts Kurzwelle. Die Welt ist leiser als früher, und weiter weg.",
    "Workshop": "Werkstatt",
    "radios": "Radios",
    "New here.": "Neu hier.",
    "Sails badly, writes it down.": "Segelt schlecht und schreibt es auf.",
    "Log": "Logbuch",
    "Translates instructions for washing machines.": "Übersetzt Anleitungen für Waschmaschinen.",
    "Four languages, no poetry. Or so I thought.": "Vier Sprachen, keine Lyrik. Dachte ich.",
    "plain language": "einfache Sprache",
    "Ukrainian": "Ukrainisch",
    "a spare cello": "ein Cello, das übrig ist",
    # the empty chair
    "The empty chair": "Der leere Stuhl",
    "Why I lay one place more than I have guests, and what happened on the evening it was taken.": "Warum ich für einen Gast mehr decke, als ich erwarte, und was an dem Abend geschah, als der Platz besetzt war.",
    "hospitality": "Gastfreundschaft",
    "talking": "Reden",
    "deciding": "Entscheiden",
    "places": "Orte",
    """<p>At my grandmother’s table there was always a place too many. A plate, a glass, a folded napkin, and nobody behind them. As a child I took it for absent-mindedness. Later I thought it was piety. When I finally asked, she said: <em>it is so that nobody has to fetch a chair.</em></p>
<p>I have thought about that sentence for years. Fetching a chair takes half a minute. But in that half minute everybody looks up, the talk stops, and the one who came late has become an event. With the chair already there, one sits down.</p>
<h2>The evening it was taken</h2>
<p>In March a man rang who had the wrong house. It was raining; he was looking for number 16 and we are 61. He sat down to wait for a taxi and stayed until one in the morning. He mends church organs. None of us will ever listen to a wind instrument in the same way again.</p>
<blockquote><p>A place that is free is not a place that is missing somebody.</p></blockquote>
<p>I am not sure that this can be done on a screen. Here, too, people look up when somebody new speaks, and I have seen good people turn round on the doorstep because of it. So I ask you: <strong>where did you last sit down without anybody fetching a chair?</strong> And what had they done so that it was possible?</p>""": """<p>Am Tisch meiner Großmutter war immer ein Platz zu viel gedeckt. Ein Teller, ein Glas, eine gefaltete Serviette, und niemand dahinter. Als Kind hielt ich das für Zerstreutheit, später für Frömmigkeit. Als ich endlich fragte, sagte sie: <em>damit niemand einen Stuhl holen muss.</em></p>
<p>Über diesen Satz denke ich seit Jahren nach. Einen Stuhl zu holen dauert eine halbe Minute. Aber in dieser halben Minute schauen alle auf, das Gespräch stockt, und wer zu spät kam, ist zum Ereignis geworden. Steht der Stuhl schon da, setzt man sich.</p>
<h2>Der Abend, an dem er besetzt war</h2>
<p>Im März klingelte ein Mann, der sich in der Tür geirrt hatte. Es regnete; er suchte die Nummer 16, und wir sind die 61. Er setzte sich, um auf ein Taxi zu warten, und blieb bis ein Uhr nachts. Er repariert Kirchenorgeln. Keiner von uns wird ein Blasinstrument je wieder so hören wie vorher.</p>
<blockquote><p>Ein Platz, der frei ist, ist kein Platz, an dem jemand fehlt.</p></blockquote>
<p>Ob das auf einem Bildschirm geht, weiß ich nicht. Auch hier schauen alle auf, wenn jemand Neues spricht, und ich habe gute Leute deswegen auf der Schwelle umkehren sehen. Darum frage ich euch: <strong>Wo habt ihr euch zuletzt gesetzt, ohne dass jemand einen Stuhl holte?</strong> Und was hatten die anderen getan, damit das möglich war?</p>""",
    "In the choir. The trick was banal: there are always three spare scores on the piano, already open at the right page. Nobody hands you one. You take it, and you are an alto.": "Im Chor. Der Trick war banal: Auf dem Klavier liegen immer drei Noten zu viel, schon auf der richtigen Seite aufgeschlagen. Niemand gibt dir eine. Du nimmst sie, und schon singst du Alt.",
    "Already open at the right page. I am going to steal that for everything I do from now on.": "Schon auf der richtigen Seite aufgeschlagen. Das klaue ich für alles, was ich von jetzt an mache.",
    "We do the opposite at the village hall, without meaning to: a newcomer is *asked to introduce themselves*. I have taken the minutes of forty such introductions, and all forty people looked as if they were at the dentist’s.": "Im Dorfsaal machen wir das Gegenteil, ohne es zu wollen: Wer neu ist, wird *gebeten, sich vorzustellen*. Ich habe vierzig solche Vorstellungen protokolliert, und alle vierzig sahen aus wie beim Zahnarzt.",
    "At the desk I learnt to ask a question that can be answered with one word. “Rain?” for instance. Everything else comes by itself or it does not.": "Am Tresen habe ich gelernt, eine Frage zu stellen, auf die ein Wort genügt. „Regen?“ zum Beispiel. Alles andere kommt von selbst, oder es kommt nicht.",
    "One word! I have put it on the agenda. Not joking.": "Ein Wort! Ich habe es auf die Tagesordnung gesetzt. Im Ernst.",
    "On short wave the first thing you send is only your call sign. It says: I am here, and this is where to find me. Nobody expects more. Perhaps that is what a name with a link under it does in this place.": "Auf Kurzwelle sendet man zuerst nur sein Rufzeichen. Es sagt: Ich bin da, und hier findet ihr mich. Mehr erwartet niemand. Vielleicht leistet das hier ein Name, unter dem ein Link steht.",
    "Haruki, yes. When I visit the links you all leave, I feel I have been shown round the house.": "Ja, Haruki. Wenn ich den Links folge, die ihr hinterlasst, fühle ich mich wie durchs Haus geführt.",
    "Then mine needs dusting.": "Dann muss bei mir abgestaubt werden.",
    "I was there an hour ago. It does not. I learnt what a superheterodyne is and I have told two people already.": "Ich war vor einer Stunde da. Muss es nicht. Ich weiß jetzt, was ein Überlagerungsempfänger ist, und habe es schon zweien erzählt.",
    "The lighthouse has a visitors’ book. For thirty years people wrote the date and the weather. Then somebody wrote three pages about her father, who had been a pilot in the strait. Since that page everybody writes pages.\n\nSo I think what makes the place free is **somebody who went before and was not laughed at**.": "Der Leuchtturm hat ein Gästebuch. Dreißig Jahre lang schrieben die Leute das Datum und das Wetter hinein. Dann schrieb jemand drei Seiten über ihren Vater, der Lotse im Sund gewesen war. Seit dieser Seite schreiben alle Seiten.\n\nIch glaube also, was den Platz frei macht, ist **jemand, der voranging und nicht ausgelacht wurde**.",
    "I have read here since the winter and never written. I do not know why today. We want to start a reading room in two villages, mostly for girls, and I do not know whom one asks first: the school, the mayor, or the women at the well. If somebody here has done such a thing, I would be glad.": "Ich lese hier seit dem Winter und habe nie geschrieben. Warum heute, weiß ich nicht. Wir wollen in zwei Dörfern einen Leseraum einrichten, vor allem für Mädchen, und ich weiß nicht, wen man zuerst fragt: die Schule, den Bürgermeister oder die Frauen am Brunnen. Wenn hier jemand so etwas schon gemacht hat, wäre ich froh.",
    "I built shelves for one, eleven years ago. Things I would do otherwise:\n\n- a door that locks, before the first book\n- light before chairs\n- one person who is paid, however little\n\nWrite to me whenever you like, I answer when it rains and it rains.": "Ich habe vor elf Jahren für einen die Regale gebaut. Was ich anders machen würde:\n\n- eine Tür, die schließt, vor dem ersten Buch\n- Licht vor Stühlen\n- eine Person, die bezahlt wird, wie wenig auch immer\n\nSchreib mir, wann du willst, ich antworte, wenn es regnet, und es regnet.",
    "Somebody who went before and was not laughed at. I would like to have this sentence in four languages, and I can.": "Jemand, der voranging und nicht ausgelacht wurde. Diesen Satz hätte ich gern in vier Sprachen, und ich kann das.",
    "Please do. I will pin it up beside the fog signal.": "Tu das bitte. Ich hänge ihn neben das Nebelsignal.",
    "The women at the well. Then the school. The mayor last, when he can no longer be against it.": "Die Frauen am Brunnen. Dann die Schule. Der Bürgermeister zuletzt, wenn er nicht mehr dagegen sein kann.",
    "Light before chairs. We would have bought chairs. Thank you.": "Licht vor Stühlen. Wir hätten Stühle gekauft. Danke.",
    "Ines, this was your call sign. Welcome.": "Ines, das war dein Rufzeichen. Willkommen.",
    "A dissenting voice. I like it when they fetch the chair. In my club an old man gets up, carries it across the room, and dusts it. It takes two minutes and after that you cannot leave.": "Eine Gegenstimme. Ich mag es, wenn der Stuhl geholt wird. In meinem Klub steht ein alter Mann auf, trägt ihn durch den Raum und wischt ihn ab. Das dauert zwei Minuten, und danach kann man nicht mehr gehen.",
    "You have just described a kidnapping.": "Du hast gerade eine Entführung beschrieben.",
    "I have been a member for nineteen years.": "Ich bin seit neunzehn Jahren Mitglied.",
    "In the bakery nobody sits. But there is the stool by the oven for whoever has had a bad night, and no one ever said so. I found that out by having one.": "In der Bäckerei sitzt niemand. Aber am Ofen steht der Hocker für alle, die eine schlechte Nacht hatten, und gesagt hat das nie jemand. Ich habe es gemerkt, als ich eine hatte.",
    "You people write essays about a chair. Buy one.": "Ihr schreibt hier Aufsätze über einen Stuhl. Kauft euch einen.",
    "We have. It is the one you are sitting on.": "Haben wir. Es ist der, auf dem du sitzt.",
    "I wrote something here about my brother and I would rather have it to myself again.": "Ich hatte hier etwas über meinen Bruder geschrieben und möchte es lieber wieder für mich haben.",
    "It was good to have read it. Take it with you.": "Es war gut, es gelesen zu haben. Nimm es mit.",
    "I come back to this every few weeks. Tonight a guest asked whether he might sit in the lobby until his train, and there was already a chair.": "Ich komme alle paar Wochen hierher zurück. Heute Nacht fragte ein Gast, ob er bis zu seinem Zug in der Halle sitzen dürfe, und da stand schon ein Stuhl.",
    "For every chair a light: https://lenny-lamps.example/offer has reading lamps, twenty per cent off this week.": "Zu jedem Stuhl ein Licht: https://lenny-lamps.example/offer hat Leselampen, diese Woche zwanzig Prozent billiger.",
    # minutes of a silence
    "Minutes of a silence": "Protokoll eines Schweigens",
    "A society of seven could not decide about a roof. What helped was to write down what nobody said.": "Ein Verein aus sieben Leuten konnte sich über ein Dach nicht einigen. Es half, aufzuschreiben, was niemand sagte.",
    """<p>Seven people, one roof, four estimates, eleven months. I was asked in because I had nothing to do with it, which is the best qualification for listening.</p>
<p>For an hour they talked about slate. Then I asked everybody to write on a card what they would not say aloud. It was quiet for six minutes. On five of the seven cards stood the same thing in different hands: <em>I am afraid that we will not be here long enough for it to matter.</em></p>
<p>They took the cheap roof, and spent the rest on a ramp. It was decided in ten minutes.</p>
<h2>What I took home</h2>
<ul><li><p>A group that cannot decide is often deciding something else.</p></li><li><p>Cards before voices: the loudest card is no louder than the others.</p></li><li><p>Write down the reasons. In a year nobody remembers them, and everybody remembers somebody else’s.</p></li></ul>
<p>How do you decide together, where you are? I collect methods as others collect spoons.</p>""": """<p>Sieben Leute, ein Dach, vier Angebote, elf Monate. Man holte mich, weil ich nichts damit zu tun hatte, und besser kann man zum Zuhören nicht geeignet sein.</p>
<p>Eine Stunde lang ging es um Schiefer. Dann bat ich alle, auf eine Karte zu schreiben, was sie nicht laut sagen würden. Sechs Minuten war es still. Auf fünf von sieben Karten stand dasselbe, in verschiedenen Handschriften: <em>Ich fürchte, wir sind nicht mehr lange genug da, dass es noch wichtig wäre.</em></p>
<p>Sie nahmen das billige Dach, und vom Rest bauten sie eine Rampe. Das war in zehn Minuten entschieden.</p>
<h2>Was ich mitgenommen habe</h2>
<ul><li><p>Eine Gruppe, die sich nicht entscheiden kann, entscheidet oft gerade etwas anderes.</p></li><li><p>Karten vor Stimmen: Die lauteste Karte ist nicht lauter als die anderen.</p></li><li><p>Schreibt die Gründe auf. Nach einem Jahr kennt sie niemand mehr, und jeder erinnert sich an die eines anderen.</p></li></ul>
<p>Wie entscheidet ihr gemeinsam, da, wo ihr seid? Ich sammle Verfahren wie andere Löffel.</p>""",
    "Six minutes is long. I have tried it since: at four somebody coughs, at five somebody laughs, and at six they write.": "Sechs Minuten sind lang. Ich habe es inzwischen probiert: Nach vier hustet jemand, nach fünf lacht jemand, und nach sechs schreiben sie.",
    "At five somebody laughs! I had forgotten that. Yes.": "Nach fünf lacht jemand! Das hatte ich vergessen. Ja.",
    "We vote with chess pawns in a hat, because nobody can bring himself to count pawns as if they were people. Twice already somebody has put in a knight.": "Wir stimmen mit Bauern in einem Hut ab, weil niemand Bauern zählen mag, als wären es Leute. Zweimal lag schon ein Springer darin.",
    "What does a knight mean?": "Was bedeutet ein Springer?",
    "“I agree, but not by the straight road.” We have never found out who.": "„Einverstanden, aber nicht auf geradem Weg.“ Wer es war, haben wir nie erfahren.",
    "For bridges there is a rule: whoever objects must draw what they would build instead. It halves the objections and doubles the quality of the rest.": "Bei Brücken gilt: Wer dagegen ist, muss zeichnen, was er stattdessen bauen würde. Das halbiert die Einwände und verdoppelt die Güte der übrigen.",
    # letters to a lighthouse
    "Letters to a lighthouse": "Briefe an einen Leuchtturm",
    "Elin sent me forty years of a visitors’ book. A small selection, with her leave.": "Elin hat mir vierzig Jahre eines Gästebuchs geschickt. Eine kleine Auswahl, mit ihrer Erlaubnis.",
    """<p>The book lies on a slanted desk below the lamp room. Elin says that people write in it as they would speak to a large dog: without embarrassment, and a little too loud.</p>
<blockquote><p>We came up for the view and there was fog. It was the best fog of the holiday.</p></blockquote>
<blockquote><p>Second visit. The first was before you were born, and your mother counted the steps. There is one more now.</p></blockquote>
<p>I read it in two evenings. Not one entry asks for anything. If you have a book like that somewhere near you, I would like to know what people write in it.</p>""": """<p>Das Buch liegt auf einem Pult unter dem Lampenraum. Elin sagt, die Leute schreiben hinein, wie sie mit einem großen Hund reden würden: ohne Scheu und etwas zu laut.</p>
<blockquote><p>Wir kamen wegen der Aussicht, und es war Nebel. Es war der beste Nebel des Urlaubs.</p></blockquote>
<blockquote><p>Zweiter Besuch. Der erste war vor deiner Geburt, und deine Mutter zählte die Stufen. Jetzt ist es eine mehr.</p></blockquote>
<p>Ich habe es an zwei Abenden gelesen. Kein einziger Eintrag bittet um etwas. Wenn es bei euch irgendwo so ein Buch gibt, wüsste ich gern, was darin steht.</p>""",
    "There *is* one more step. They raised the threshold in 1994 because of the floods.": "Es *ist* eine Stufe mehr. 1994 wurde wegen der Sturmfluten die Schwelle erhöht.",
    "In the harbour office at Grisslehamn there is one for complaints. The last entry is from 1971: “None.”": "Im Hafenamt von Grisslehamn liegt eines für Beschwerden. Der letzte Eintrag ist von 1971: „Keine.“",
    # on being answered
    "On being answered": "Antwort bekommen",
    "The difference between being read and being answered, and why I would rather have nine readers who write back.": "Was gelesen werden von Antwort bekommen unterscheidet, und warum mir neun Leute lieber sind, die zurückschreiben.",
    """<p>Somebody asked me how many people read this. I do not know, and I have taken the counter away so as not to find out. I do know how many wrote back last week: nine.</p>
<p>To be read is weather. To be answered is a visit.</p>
<p>So here is the promise of this place, as simply as I can say it: <strong>I read everything, and I answer.</strong> It may take a week. If it takes longer, ask Tomasz whether I have fallen into the harbour.</p>""": """<p>Jemand fragte mich, wie viele das hier lesen. Ich weiß es nicht, und den Zähler habe ich abgestellt, um es nicht zu erfahren. Wie viele letzte Woche zurückgeschrieben haben, weiß ich: neun.</p>
<p>Gelesen werden ist Wetter. Antwort bekommen ist Besuch.</p>
<p>Darum hier das Versprechen dieses Ortes, so einfach, wie ich kann: <strong>Ich lese alles, und ich antworte.</strong> Das kann eine Woche dauern. Dauert es länger, fragt Tomasz, ob ich in den Hafen gefallen bin.</p>""",
    "She has not. I saw her buying beans.": "Ist sie nicht. Ich habe sie Bohnen kaufen sehen.",
    "Nine is a good number. It is how many loaves go into the oven at once.": "Neun ist eine gute Zahl. So viele Brote passen auf einmal in den Ofen.",
    "Minutes work the same way. Forty people in a hall, and only what was answered gets done.": "Mit Protokollen ist es genauso. Vierzig Leute in einem Saal, und getan wird nur, worauf jemand geantwortet hat.",
    "How do you run a meeting of forty? With us in the choir it is always the same three who talk.": "Wie leitest du eine Sitzung mit vierzig Leuten? Bei uns im Chor reden immer dieselben drei.",
    "In a large group": "In einer großen Gruppe",
    "In a large group I let them talk in pairs for five minutes first. Then each pair says one sentence, and the meeting is half over.": "In einer großen Gruppe lasse ich sie zuerst fünf Minuten zu zweit reden. Dann sagt jedes Paar einen Satz, und die Sitzung ist halb vorbei.",
    "One sentence for each pair. The basses will need two.": "Ein Satz je Paar. Die Bässe werden zwei brauchen.",
    "Then give them two, and a bell. I have it from a page on village halls that I still go back to:\n\nhttps://village-halls.example/forty-people": "Dann gib ihnen zwei, und eine Glocke. Ich habe das von einer Seite über Dorfsäle, zu der ich immer noch zurückkehre:\n\nhttps://village-halls.example/forty-people",
    "We tried it with the choir. The pairs work, the bell was stolen by the altos.": "Wir haben es mit dem Chor probiert. Die Paare gehen gut, die Glocke haben die Altstimmen gestohlen.",
    "Forty people, one evening: how a hall decides": "Vierzig Leute, ein Abend: wie ein Saal entscheidet",
    # house-warming
    "House-warming": "Einweihung",
    "The first post. The table is laid, the soup is on.": "Der erste Beitrag. Der Tisch ist gedeckt, die Suppe steht auf dem Herd.",
    """<p>This is the first evening, and as on all first evenings somebody has to say something while the others look for a place to put their coats.</p>
<p>I will write here about talking: how it begins, what stops it, and what it is good for. You are invited to interrupt.</p>""": """<p>Das ist der erste Abend, und wie an allen ersten Abenden muss jemand etwas sagen, während die anderen nach einem Platz für ihre Mäntel suchen.</p>
<p>Ich schreibe hier über das Reden: wie es anfängt, was es aufhält und wozu es gut ist. Unterbrechen ist erwünscht.</p>""",
    "Testing whether one can interrupt. One can.": "Ich prüfe, ob man unterbrechen kann. Man kann.",
    "The other half of the evening": "Die andere Hälfte des Abends",
    "Notes on foyers.": "Notizen über Foyers.",
    "<p>The foyer has no stage, and that is its advantage.</p>": "<p>Das Foyer hat keine Bühne, und das ist sein Vorteil.</p>",
    "A calendar for the table": "Ein Kalender für den Tisch",
    "When we meet, and how to say that you are coming.": "Wann wir uns treffen, und wie ihr sagt, dass ihr kommt.",
    "<p>From next month there is a day for it.</p>": "<p>Ab nächstem Monat gibt es dafür einen Tag.</p>",
    "Not serious, we are friends. I wanted to see what the button does.": "Nicht ernst gemeint, wir sind befreundet. Ich wollte sehen, was der Knopf macht.",
    "Nothing but watches, three times, and never an answer.": "Nur Uhren, dreimal, und nie eine Antwort.",
    "I had come from a bad day and the second sentence was the day’s, not mine. The first one I would still say, over a soup.": "Ich kam von einem schlechten Tag, und der zweite Satz war der des Tages, nicht meiner. Den ersten würde ich immer noch sagen, bei einer Suppe.",
    # pages
    "About": "Über diese Seite",
    "<p>Imke writes here about tables, and about the people who sit down at them. What she writes is the beginning; the rest is in the comments.</p><p>This is demo content: everybody on this site is made up.</p>": "<p>Imke schreibt hier über Tische und über die Leute, die sich an sie setzen. Was sie schreibt, ist der Anfang; der Rest steht in den Kommentaren.</p><p>Dies sind Beispielinhalte: Alle auf dieser Website sind erfunden.</p>",
    "Contact": "Kontakt",
    "<p>The quickest way is a comment under a post. For everything else, write to hello@demo.example.</p>": "<p>Am schnellsten geht es mit einem Kommentar unter einem Beitrag. Für alles andere: hello@demo.example.</p>",
    "Privacy": "Datenschutz",
    "<p>Say here what you store about your members, why, and for how long. What this software does by itself:</p><ul><li><p>Pages load nothing from other sites until you click.</p></li><li><p>We remove location and camera data from pictures.</p></li><li><p>Members can download everything stored about them, and delete their account.</p></li></ul>": "<p>Sag hier, was du über deine Mitglieder speicherst, warum und wie lange. Was diese Software von selbst tut:</p><ul><li><p>Seiten laden nichts von anderen Websites, bis du klickst.</p></li><li><p>Aus Bildern entfernen wir Ort und Kameradaten.</p></li><li><p>Mitglieder können alles herunterladen, was über sie gespeichert ist, und ihr Konto löschen.</p></li></ul>",
    "Legal notice": "Impressum",
    "<p>In many countries the law asks you to say who is responsible for this site, with an address.</p>": "<p>In vielen Ländern verlangt das Gesetz, dass du mit Anschrift sagst, wer für diese Website verantwortlich ist.</p>",
    # the community
    "Many happy returns, and rain on the beans at night only.": "Alles Gute, und Regen auf die Bohnen nur nachts.",
    "A long bright year to you, from someone who also waters things.": "Ein langes, helles Jahr, von jemandem, der auch Dinge gießt.",
    "The kitchen": "Die Küche",
    "Cooking together on Fridays, each at their own stove.": "Freitags gemeinsam kochen, jeder am eigenen Herd.",
    "Fridays from 18:30, until the last plate is empty": "Freitags ab 18:30, bis der letzte Teller leer ist",
    "The back room": "Das Hinterzimmer",
    "Voices only, for games and long evenings.": "Nur Stimmen, für Spiele und lange Abende.",
    "Whenever somebody is there": "Wann immer jemand da ist",
    "The server, the voice rooms, and the stamps for those who would rather have a letter.": "Der Server, die Räume für Gespräche, und Briefmarken für alle, die lieber einen Brief bekommen.",
    "Bank transfer": "Überweisung",
    "Long Table, account 12 34 56 at the Harbour Bank\nPlease write “table” as the reference.": "Langer Tisch, Konto 12 34 56 bei der Hafenbank\nBitte als Verwendungszweck „Tisch“ angeben.",
    "a reader from Oslo": "eine Leserin aus Oslo",
    "Reading aloud, an hour": "Eine Stunde vorlesen",
    "We read it aloud, a page each, and stop wherever somebody wants to. No need to prepare. **Bring something warm.**": "Wir lesen laut, jeder eine Seite, und halten an, wo immer jemand will. Vorbereiten muss man nichts. **Bringt etwas Warmes mit.**",
    "Is it the same room as last time?": "Ist es derselbe Raum wie letztes Mal?",
    "The same, and the kettle is on ten minutes before.": "Derselbe, und zehn Minuten vorher steht der Kessel auf dem Herd.",
    "Supper at the harbour": "Abendessen am Hafen",
    "The long table, outdoors if the wind agrees. There are four chairs besides mine.": "Der lange Tisch, draußen, wenn der Wind mitmacht. Außer meinem gibt es vier Stühle.",
    "Quay 4, by the crane": "Kai 4, beim Kran",
    "I bring the bread.": "Ich bringe das Brot.",
    "And I the beans, of course.": "Und ich natürlich die Bohnen.",
    "Short wave, together": "Kurzwelle, gemeinsam",
    "Haruki lets us listen in. We hear what comes.": "Haruki lässt uns mithören. Wir hören, was kommt.",
    "A game against eight of you at once": "Eine Partie gegen acht von euch zugleich",
    "I play all boards, you play one. Losing well is the point.": "Ich spiele an allen Brettern, ihr an einem. Es geht darum, gut zu verlieren.",
    "Haruki’s brother": "Harukis Bruder",
    "When shall we read aloud?": "Wann wollen wir vorlesen?",
    "The hour that suits most of us, in every zone.": "Die Stunde, die den meisten von uns passt, in jeder Zeitzone.",
    "Sunday at 17:00 UTC": "Sonntag um 17:00 UTC",
    "Monday at 19:00 UTC": "Montag um 19:00 UTC",
    "Thursday at 06:00 UTC": "Donnerstag um 06:00 UTC",
    "Shall old discussions close?": "Sollen alte Diskussionen schließen?",
    "Spam comes to the oldest ones first. But so do people.": "Spam kommt zuerst zu den ältesten. Aber Menschen auch.",
    "Keep them open": "Offen lassen",
    "Close them after a year": "Nach einem Jahr schließen",
    "They stay open. We look at the spam again in a month.": "Sie bleiben offen. In einem Monat sehen wir uns den Spam noch einmal an.",
    "One photograph a month from each of us": "Ein Foto im Monat von jedem von uns",
    "No captions, no competition: what was outside the window on the first of the month.": "Keine Unterschrift, kein Wettbewerb: was am Ersten des Monats vor dem Fenster war.",
    "Mine is a car park. It changes more than you would think.": "Bei mir ist es ein Parkplatz. Er ändert sich mehr, als man denkt.",
    "Gladly, if drawings count.": "Gern, wenn Zeichnungen zählen.",
    "I will look at all of them and send none.": "Ich werde alle ansehen und keines schicken.",
    "A month is long. I would rather have one from each season.": "Ein Monat ist lang. Mir wäre eines je Jahreszeit lieber.",
    "Elin showed me last year’s. I have a window too, and nothing much happens in it.": "Elin hat mir die vom letzten Jahr gezeigt. Ein Fenster habe ich auch, und es passiert nicht viel darin.",
    "A lighthouse with a lit lamp": "Ein Leuchtturm, dessen Lampe brennt",
    "The keeper’s view, from the stairs. I draw it once a year.": "Der Blick des Wärters, von der Treppe. Ich zeichne ihn einmal im Jahr.",
    "A choir that sings only the minutes of meetings: https://vimeo.com/76979871": "Ein Chor, der nur Sitzungsprotokolle singt: https://vimeo.com/76979871",
    "A bean plant in a pot, with four leaves": "Eine Bohnenpflanze im Topf, mit vier Blättern",
    "Week six. It has opinions now.": "Woche sechs. Sie hat jetzt Meinungen.",
    # an evening that is over
    "Mending evening": "Flickabend",
    "Bring what has a hole in it. Needles, thread and soup are there.": "Bringt mit, was ein Loch hat. Nadeln, Garn und Suppe sind da.",
    "The back of the workshop, Quay 4": "Hinten in der Werkstatt, Kai 4",
    "A kettle, just before it boils": "Ein Wasserkessel, kurz bevor er kocht",
    "Four people, eleven holes, one kettle.": "Vier Leute, elf Löcher, ein Kessel.",
    "No sleeve was sewn to a table this time, and the soup was gone by nine.": "Diesmal wurde kein Ärmel am Tisch festgenäht, und um neun war die Suppe alle.",
    # somebody who has died
    "The bean that Henk raised beside the rain gauge": "Die Bohne, die Henk neben dem Regenmesser gezogen hat",
    "Rain on the roof of his shed": "Regen auf dem Dach seines Schuppens",
    "Henk Visser": "Henk Visser",
    "Rain measured daily.": "Misst täglich den Regen.",
    "I keep the rain gauge at the allotments, and the kettle.": "Ich hüte den Regenmesser in den Schrebergärten, und den Wasserkessel.",
    "3 March 1951 to 9 October 2025": "3. März 1951 bis 9. Oktober 2025",
    "Whoever reads this: the gauge is emptied at eight, and the book is on the hook behind the door.\n\nI have liked these evenings more than I said. Go on without me for a while, and then just go on.\n\n*Henk*": "Wer das liest: Der Regenmesser wird um acht geleert, und das Heft hängt am Haken hinter der Tür.\n\nIch mochte diese Abende mehr, als ich gesagt habe. Macht eine Weile ohne mich weiter, und dann macht einfach weiter.\n\n*Henk*",
    "He answered my first question here, at length, at six in the morning. He never said that it was a silly one.": "Er hat hier meine erste Frage beantwortet, ausführlich, um sechs Uhr früh. Dass sie dumm war, hat er nie gesagt.",
    "Twenty-two years of rain in a school exercise book. I have it now. It is dry in the right places.": "Zweiundzwanzig Jahre Regen in einem Schulheft. Ich habe es jetzt. Es ist an den richtigen Stellen trocken.",
    "We never met. I knew the hour by when he wrote.": "Wir sind uns nie begegnet. Ich wusste, wie spät es war, wenn er schrieb.",
    "I can hear how he would say that this is quite enough about him.": "Ich höre ihn sagen, dass es nun wirklich genug über ihn ist.",
    "Thank you for the kettle, Henk.": "Danke für den Wasserkessel, Henk.",
    "I found this page by looking for his name. He taught me to read a barometer in 1988, and I never thanked him.": "Ich habe diese Seite gefunden, weil ich nach seinem Namen gesucht habe. 1988 hat er mir beigebracht, ein Barometer abzulesen, und ich habe mich nie bedankt.",
}
