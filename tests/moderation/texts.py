"""Comments of the kinds that a blog gets, written for these tests."""

# Genuine comments; as usual on blogs, half of the authors have their own site beside their name.
KIND_READERS = [
    (
        "I found you through Marge. Really interesting thoughts here, thanks! I will be back on Sunday.",
        "Jenna Cole",
        "https://jennacole.net",
    ),
    (
        "Bookmarked for the weekend. My question until then: who decides in such a group?",
        "Sten",
        "https://stenandsons.net",
    ),
    ("Thank you, this is very helpful for our small charity. Great read.", "Ola", "https://olasplace.org"),
    ("Great post, thanks!", "Martin Keller", "http://www.martinkeller.ch"),
    ("Love this. Love it, love it, love it.", "Jo", "http://joknitsathome.blogspot.com"),
    (
        "Thanks for sharing, Sarah. I made the soup last night and even the little one asked for more.",
        "Anne",
        "http://annesoven.com",
    ),
    (
        "What a lovely blog you have! I came over from Karen's and will be reading along.",
        "Beth M.",
        "http://bethmakesthings.wordpress.com",
    ),
    (
        "Wonderful photos. The light in the third one is amazing, how did you do that?",
        "Ricardo",
        "https://ricardo-fotos.com.br",
    ),
    ("This made my day. Thank you so much for writing it.", "Ingrid", "http://ingridwrites.net"),
    (
        "I totally agree with you about the schools. My sister teaches in one and says the same.",
        "Tom Baxter",
        "http://www.tombaxter.co.uk",
    ),
    ("Good read, although I think you are wrong about chapter two.", "Paul", "http://paulsbookshelf.org"),
    ("Congratulations on the new house! It looks fantastic.", "Claire", "http://clairesgarden.fr"),
    (
        "Interesting article. Did you see the study from Leiden? It found the opposite.",
        "Dr. H. Visser",
        "https://hvisser.nl",
    ),
    ("Nice one! I really enjoyed this.", "Petra", "http://petra.kocht.at"),
    ("Your blog is the first thing I read in the morning, with coffee. Please never stop.", "Marge", ""),
    (
        "Very helpful, thank you. I had been fighting with that setting for two days.",
        "Arjun",
        "http://arjuncodes.dev",
    ),
    (
        "I found your blog through Lisa and have been reading the whole evening. So good.",
        "Mira",
        "http://mirasews.com",
    ),
    (
        "Excellent points. The only thing I would add is that the cost of rent has doubled since.",
        "Walter Simms",
        "http://simmsletters.com",
    ),
    ("Thank you for this information, it helped my mother a great deal.", "Ewa", ""),
    (
        "I bookmarked this for when we move next spring. The list of questions is so useful!",
        "Hannah",
        "http://hannahandthehills.com",
    ),
    ("So true!!! I laughed out loud at the part with the goat.", "Deb", "http://debsfarmdiary.blogspot.com"),
    ("Great job on the new design, much easier to read on my phone.", "Sven", "http://svenssida.se"),
    (
        "We tried this with our class today and it worked a treat. Thanks for the idea!",
        "Ms Okafor",
        "http://class4b.edublogs.org",
    ),
    ("Keep up the good work, Nadia. Greetings from rainy Bergen.", "Odd", "http://odds-turer.no"),
    ("I always learn something here. Thanks, as ever.", "Gwen", "http://gwenreads.wales"),
    (
        "The recipe worked, but I needed ten minutes more. My oven is old, like me.",
        "Grandma Lil",
        "http://lilscakes.com",
    ),
    (
        "My website has the full list of the choirs, if anybody wants it.",
        "Oswald",
        "http://choirsofkent.org.uk",
    ),
    ("Superb. I will send this to my brother, who lost his job in March.", "Anita", "http://anitaraman.in"),
    (
        "I have been following you for years and this is the best thing you have written.",
        "Leo",
        "http://leopaints.com",
    ),
    (
        "A beautiful tribute. He would have liked it. My thoughts are with you and the family.",
        "Ruth",
        "http://ruthandtheloom.com",
    ),
    ("Thanks for the mention! Glad you liked the book.", "Owen Pryce", "http://www.owenpryce.com"),
    ("First time commenting here. I felt every word of this; we lost ours in June.", "Nell", ""),
    ("Hi Sarah, could you tell us which lens you used? Thanks in advance.", "Yuki", "http://yukiphoto.jp"),
    ("Awesome! Can't wait for part two.", "Chris", "http://chrisplaysbass.com"),
    (
        "I wrote about the same walk last year, with a map: http://walkingwithwill.com/pendle . It was muddier then.",
        "Will",
        "http://walkingwithwill.com",
    ),
    ("You write so well. I wish I could.", "Dora", "http://doradoodles.com"),
    ("Happy birthday, dear blog! Ten years, who would have thought.", "Kath", "http://kathcollects.com.au"),
    (
        "Danke für den schönen Beitrag, ich habe ihn gleich weitergeschickt.",
        "Renate",
        "http://renates-garten.de",
    ),
    (
        "Merci beaucoup, c'est exactement ce que je cherchais pour ma fille.",
        "Sylvie",
        "http://sylvie-tricote.fr",
    ),
    (
        "Me ha encantado, gracias por compartirlo. Un abrazo desde Rosario.",
        "Lucía",
        "http://cocinadelucia.com.ar",
    ),
    ("Heel mooi geschreven, ik had tranen in mijn ogen.", "Marijke", "http://marijkesbreisels.nl"),
]

# Comment spam by programs: it fits every page, and the link text is a search term.
BOT_PRAISE = [
    (
        "My brother recommended I might like this web site. He was entirely right. This post actually made my day.",
        "Jenna Cole",
        "https://jennacole.net",
    ),
    (
        "Hi, i think that i saw you visited my weblog thus i came to return the favor. I'm attempting to find things to improve my site!",
        "Ola",
        "https://olasplace.org",
    ),
    (
        "Pretty nice post. I just stumbled upon your weblog and wished to say that I've truly enjoyed browsing your blog posts.",
        "Sten",
        "https://stenandsons.net",
    ),
    (
        "Hello there, I simply stopped by to say that your weblog is full of good quality content. I will surely return.",
        "cheap garden sheds",
        "http://gardenshedsoutlet.info",
    ),
    (
        "What a great piece of writing, I have found everything I wanted on this topic. Keep updating!",
        "plumber in leeds",
        "http://leedsplumber24.co",
    ),
    (
        "I was searching on Yahoo for this and came across your website. Superb information you provide here, bookmarked.",
        "Alisha",
        "http://vps-hosting-compare.net",
    ),
    (
        "Thank you for the great writeup. It in truth was an amusing account. How can we be in contact?",
        "Winston",
        "http://wristwatchbazaar.biz",
    ),
    (
        "Hi, this web site is really nice and the posts are genuinely helpful for new visitors. Thanks admin.",
        "best air purifier",
        "https://airpurifierhub.store",
    ),
    (
        "Wow, amazing blog layout! How long have you been blogging for? You make blogging look easy.",
        "Garland",
        "http://yogamatsworld.com",
    ),
    (
        "I like the valuable info you provide in your articles. I'll bookmark your weblog and check again here often.",
        "Thalia",
        "http://weddinglimosydney.com.au",
    ),
    (
        "Great website you have here but I was curious if you knew of any forums that cover the same topics talked about here?",
        "Rosemarie",
        "http://sofacleaningdubai.ae",
    ),
    (
        "Very informative blog article. Really thank you! Will read on.",
        "seo services company",
        "http://rankhigherstudio.com",
    ),
    (
        "This paragraph gives clear idea in support of the new viewers of blogging, that in fact how to do running a blog.",
        "Edwin",
        "http://slot-terpercaya.cc",
    ),
    (
        "Excellent blog here! Also your site loads up very fast! What web host are you using?",
        "Mohammed",
        "http://carrecoveryhub.co.uk",
    ),
    (
        "I every time spent my half an hour to read this webpage's articles all the time along with a cup of coffee.",
        "Latasha",
        "http://bestkratomvendors.org",
    ),
    (
        "Right away I am ready to do my breakfast, after having my breakfast coming again to read more news on this site.",
        "Kirby",
        "http://gamblingreviewsite.net",
    ),
    (
        "You really make it seem so easy with your presentation but I find this topic to be really something I would never understand.",
        "Shana",
        "http://fleshtoysdirect.com",
    ),
    (
        "Thanks for the marvelous posting! I genuinely enjoyed reading it, you will be a great author. I will always bookmark your blog.",
        "Virgil",
        "http://hoverboardsforless.com",
    ),
    (
        "Fantastic site. Lots of helpful info here. I am sending it to several friends and also sharing in delicious.",
        "Dwain",
        "http://windowtintingpros.us",
    ),
    (
        "Its like you read my mind! You seem to know so much about this, like you wrote the book in it or something.",
        "Elden",
        "http://essaywriterz.net",
    ),
    (
        "Good info. Lucky me I discovered your blog by accident. I have saved it for later!",
        "Kristy",
        "http://metalroofcosts.com",
    ),
    (
        "Hey! Do you know if they make any plugins to protect against hackers? I'm kinda paranoid about losing everything.",
        "Felipe",
        "http://buyviewsfast.io",
    ),
    (
        "I am regular visitor, how are you everybody? This piece of writing posted at this web site is truly pleasant.",
        "Ophelia",
        "http://bail-bonds-texas.net",
    ),
    (
        "Nice post. I learn something new and challenging on sites I stumble upon everyday.",
        "online pharmacy",
        "http://rxmedsdirect.site",
    ),
    (
        "Amazing article, thanks for sharing such useful information with us. Visit our site for the best tour packages.",
        "Himalaya Tours",
        "http://himalayatourpackage.com",
    ),
    (
        "I read this article fully regarding the comparison of newest and preceding technologies, it's awesome article.",
        "Isidro",
        "http://solarpanelquotes.co",
    ),
    (
        "It's hard to come by knowledgeable people about this topic, but you sound like you know what you're talking about!",
        "Lucretia",
        "http://vape-juice-deals.com",
    ),
]

# The variety of a real discussion: long stories, own links, lists of names, typos, one-liners.
A_TALK = [
    (
        "Hi Nora: I think the history of a firm belongs to its customers as much as to its owners. We dig out old letters for our clients, and they are never dusty. What do you think?",
        "Debora",
        "",
    ),
    (
        "Off to work, but have a look at what the newspaper wrote about birthdays and generosity:",
        "Debora",
        "",
    ),
    (
        "One can read about it for years and not understand it before one dives in. Each of these places has its own worth. Twitter is a river; you drink and go.",
        "Kim",
        "",
    ),
    (
        "Harbour Trade Circle is a young firm from Lisbon that works on fair trade with a Portuguese flavour",
        "David",
        "",
    ),
    (
        "I do know something about this, Nora - 26 000 readers in nine months, and half of my business comes from people I never met. I wrote about it last week: http://peoplematters.wordpress.com/2012/04/25/at-work/ Regards, Pete",
        "Pete",
        "http://www.peoplematters.wordpress.com",
    ),
    (
        "I compare these networks with places where people meet. One is the canteen, one the big party where you stroll about with a glass.\nhttp://xeeme.com/mariek",
        "Marieke",
        "http://xeeme.com/mariek",
    ),
    (
        "Engagement is the key - I wrote a piece on it some years back –\nhttp://www.huffingtonpost.com/someone/a-plain-approach_b_391.html",
        "Chris",
        "",
    ),
    (
        "Hi Nora, which platform do you like best so far, and why?\nFunny that you do not mention LinkedIn, though you are in several groups there.",
        "Lilian",
        "",
    ),
    (
        "There is use in all this, but as with so much it is also about the noise it makes. The tools want time, or even paid staff. For most of us they are a pastime.",
        "Bob",
        "",
    ),
    (
        "And for the record, I remain a HUGE fan of the lady who began it all. If there was ever someone I wanted to have all the money she needed, it was her.",
        "Bob",
        "",
    ),
    (
        "Debora, Kim, David, Pete, Marieke, Chris, Lilian and Bob – thank you all. I am not certain about the settings here and whether you are told when I answer, but I am glad of each of you. Pete: http://blog.hidden-harbours.example/2011/05/history/",
        "Nora",
        "",
    ),
    (
        "Our guild has been together for fourteen years. We have party mode, hats and a donation jar for the server; our website tells the newcomers what to do. When one of us died, forty people who had never met wrote to his mother. I think that says what these contacts are worth. She still has the messages in a box and shows them to visitors.",
        "Guest 13",
        "",
    ),
    (
        "Some of us are beginners in this,,,,,, I wish through this place I can meet people who support our cause, you may write to me, thank you so much",
        "Guest 15",
        "",
    ),
    (
        "We have so many more ways to connect. But spreading wide is not going deep. Fewer and better may be more than many and shallow.",
        "Guest 16",
        "",
    ),
    ("Very interesting and lovely article, and very informative. Many thanks\nRamin", "Ramin", ""),
    ("+1", "Sam", ""),
    ("Merci pour ce beau texte, je m'y reconnais.", "Hélène", ""),
]

# Each for a different kind of product; none is related to the site.
ADVERTISING = [
    "Buy generic pills without prescription, fast delivery, discount today only http://pills-depot24.top",
    "Get 300% welcome bonus and 80 free spins at our online casino, register now: https://lucky-spins7.bet",
    "I met an expert trader who helped me make $9,400 in two weeks with bitcoin investment. Message him on WhatsApp +1 202 555 0143",
    "Need an urgent loan with bad credit? We offer personal loans at 2% interest rate, apply: fastloanfirm@gmail.com",
    "Buy 5,000 real Instagram followers for $9, instant delivery, order now https://followers-now3.com",
    "My ex husband came back to me after a powerful love spell. Contact Dr Odigwe on WhatsApp +234 800 555 0101",
    "We are a leading provider of packers and movers, get a free quote, call now +91 90000 55123",
    "Hey guys check out my channel and subscribe, I will subscribe back",
    "{Hi|Hello} {friends|all}, {nice|great} {post|article}, {visit|see} my {site|page}",
    "Préstamos urgentes sin aval, escríbeme al WhatsApp +34 600 555 147",
    "Online casino bonus ohne Einzahlung, Freispiele nur heute: https://spielhalle-24.top",
    "[url=http://cheap-bags.top]replica handbags[/url] [url=http://cheap-bags.top]louis vuitton[/url]",
    "𝗝𝗼𝗶𝗻 𝗻𝗼𝘄 𝗟𝘂𝗰𝗸𝘆𝟵𝟵 𝗰𝗮𝘀𝗶𝗻𝗼, 𝗳𝗿𝗲𝗲 𝘀𝗽𝗶𝗻𝘀",
    "代开发票 加微信 fapiao7788 优惠",
    "Онлайн казино, бонус за регистрацию, переходите: https://vulkan-bonus77.top",
]
