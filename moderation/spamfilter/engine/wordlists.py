"""Word lists for a new site without decisions. General on purpose: kinds of offers, not campaigns.

Whole words and phrases only; a star matches any one word. In each list, phrases before the first bar also
occur in genuine comments and count half; those after it are mostly commercial; those after a second bar
hardly occur otherwise.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from moderation.spamfilter.engine import languages

# Variant spellings, by careless writers and by spinning programs, and their normal form.
ALIASES = {
    "plz": "please", "pls": "please", "plss": "please", "plzz": "please", "u": "you", "ur": "your", "youre": "your", "yr": "your", "r": "are",
    "vid": "video", "vids": "videos", "vidios": "videos", "vidoes": "videos", "vidio": "video", "vedio": "video", "vedios": "videos",
    "chanel": "channel", "channal": "channel", "chanell": "channel", "channels": "channel", "chanels": "channel", "chanal": "channel",
    "suscribe": "subscribe", "subcribe": "subscribe", "sucscribe": "subscribe", "subscibe": "subscribe", "subsribe": "subscribe", "subscrib": "subscribe",
    "subscribed": "subscribe", "subscribing": "subscribe", "sub": "subscribe", "subs": "subscribers", "subscriber": "subscribers",
    "chek": "check", "cheak": "check", "chech": "check", "checkout": "check out", "aswell": "as well",
    "wanna": "want to", "gonna": "going to", "gotta": "got to", "thx": "thanks", "thnx": "thanks", "thanx": "thanks",
    "web-site": "website", "webpage": "website", "weblog": "weblog", "bookmarked": "bookmarked", "insta": "instagram", "ig": "instagram", "fb": "facebook",
    "favourite": "favorite", "colour": "color", "i'm": "im", "i've": "ive", "i'll": "ill", "you've": "youve", "you're": "your", "it's": "its", "that's": "thats",
    "don't": "dont", "can't": "cant", "won't": "wont", "let's": "lets", "what's": "whats", "there's": "theres", "we're": "were", "i'd": "id", "didn't": "didnt",
    "n": "and",
}  # fmt: skip

# Offers: {code: phrases}.
OFFERS: dict[str, str] = {
    "gambling": """
    casino; casinos; betting; gambling; poker; slots; roulette; jackpot; bookmaker; lottery; blackjack; wager; baccarat; sportsbook |
    crypto slots; crypto casino; no kyc; instant payout; free rounds; online casino; casino online; casino bonus; free spins; free spin; welcome bonus; deposit bonus; first deposit; no deposit; bonus code; slot online; slot
    game; slot gacor; gacor; maxwin; judi; judi online; togel; bandar; bandarq; situs slot; situs judi; agen; depo; scatter; rtp; jackpot;
    sbobet; mahjong ways; link alternatif; poker online; wd; withdraw; bahis; canlı bahis; deneme bonusu; bonusu; kumar siteleri; kumar oyna; online kumar; rulet; iddaa; casino
    siteleri; bahis siteleri; hoşgeldin bonusu; kaçak bahis; казино; ставки; онлайн казино; игровые автоматы; фриспины; бонус за регистрацию;
    букмекер; ставки на спорт; вулкан; азино; casino en ligne; paris sportifs; bonus sans dépôt; tours gratuits; casino en línea; apuestas
    deportivas; tragamonedas; giros gratis; apuestas online; sportwetten; freispiele; spielautomaten; cassino online; apostas; rodadas grátis;
    casinò online; scommesse; giri gratis; nhà cái; cá cược; nổ hũ; lô đề; game bài; tài xỉu; kèo nhà cái; सट्टा मटका; सट्टा; satta matka; satta
    king; matka; कैसीनो; كازينو; مراهنات
    """,
    "pharmacy": """
    viagra; cialis; levitra; sildenafil; tadalafil; pills; pharmacy; steroids; tramadol; xanax; adderall; kamagra; keto; cbd; supplement;
    testosterone; modafinil; oxycodone |
    generic cialis; generic viagra; buy viagra; buy cialis; viagra online; cialis online; online pharmacy; no prescription; without
    prescription; without a prescription; male enhancement; penis enlargement; bigger penis; enlarge your; erectile dysfunction; weight loss
    pills; diet pills; lose weight fast; fat burner; weight loss supplement; keto gummies; cbd gummies; cbd oil; garcinia cambogia; natural
    remedy; herbal medicine; herbal cure; herbal doctor; potenzmittel; ohne rezept; rezeptfrei; sans ordonnance; sin receta; senza ricetta; sem
    receita; без рецепта; виагра; сиалис; дженерик; obat kuat; obat pembesar; reçetesiz; thuốc cường dương; bez recepty; tabletki na odchudzanie
    """,
    "money": """
    loan; loans; investment; profit; profits; income; forex; trading; bitcoin; btc; crypto; ethereum; nft; invest; broker; payday; earnings;
    cash; credit; mortgage; paypal |
    payday loan; payday loans; personal loan; personal loans; urgent loan; business loan; bad credit; credit repair; no collateral; interest
    rate; loan firm; loan company; loan offer; instant loan; quick loan; guaranteed profit; guaranteed returns; double your; passive income;
    financial freedom; make money; make money online; making money online; earn money; earn money online; earning money; get paid; got paid;
    easy money; extra income; extra cash; real money; free money; work from home; working from home; work at home; home based; per hour; per
    day; a day online; a week online; last month's check; monthly check; paycheck was; my first check; earn up to; trading signals; expert
    trader; trading mentor; free signals; daily signals; forex signals; crypto signals; pips; account manager; binary options; binary option; bitcoin investment; bitcoin mining; forex trading; forex trader; crypto trading;
    copy trading; fake broker; daily commissions; your 9 to 5; raised my score; get paid for; cashed out; crypto investment; crypto recovery; funds recovery; recovery expert; recover your funds; recover my funds; recovered my; lost funds; stolen
    bitcoin; stolen crypto; my stolen; my lost bitcoin; bank transfer; western union; atm card; blank atm; credit score; cash flow; auto pilot;
    autopilot; residual income; affiliate program; network marketing; préstamos; préstamo; préstamos urgentes; crédito rápido; dinero rápido;
    ganar dinero; gana dinero; prêt entre particuliers; offre de prêt; prêt rapide; gagner de l'argent; crédit sans; kredit; sofortkredit;
    kredit ohne; ohne schufa; geld verdienen; prestito; prestiti; guadagnare; empréstimo; empréstimos; ganhar dinheiro; ganhe dinheiro; займ;
    займы; займ онлайн; кредит; кредит без; заработок; заработать; пассивный доход; инвестиции; pinjaman; pinjaman online; dana cepat; pożyczka;
    pożyczki; chwilówki; kredi; vay tiền; kiếm tiền; lãi suất; कमाएँ; लाखों; लोन; घर बैठे; पैसे कमाएँ; قرض; قروض; اربح المال
    """,
    "adult": """
    porn; porno; escort; escorts; nudes; nude; milf; webcam; onlyfans; sexy; hookup; sex |
    xxx videos; xxx video; free xxx; xxx porn; porn videos; porn video; free porn; sex videos; sex video; sex chat; sex cam; live sex; adult videos; adult dating; sex dating; hot girls;
    hot girl; sexy girls; naked girls; cam girls; call girls; call girl; escort service; escort services; escort girls; private pics; private
    photos; my pics; my nudes; hot pics; lonely tonight; alone tonight; bored and alone; horny; meet singles; single women; local girls; mature
    women; russian brides; dating site; sugar daddy; sugar mommy; порно; секс видео; проститутки; шлюхи; секс знакомства; знакомства для секса;
    putas; sexo gratis; videos porno; porno gratuit; rencontre sexe; erotik; sexkontakte; bokep; bokep indo; phim sex; gái gọi; eskort; seks;
    سكس
    """,
    "goods": """
    replica; cheap; discount; discounts; coupon; promo; wholesale; jerseys; handbags; outlet; rolex; deals; sale; seo; backlinks; traffic;
    followers; hosting; vpn; iptv; hvac; plumber; roofing; movers; essays; likes |
    replica watches; replica watch; replica handbags; cheap jerseys; cheap nfl; nfl jerseys; nba jerseys; cheap nike; louis vuitton; ugg boots;
    ray ban; michael kors; air jordan; air max; louboutin; oakley sunglasses; free shipping; discount code; coupon code; promo code; best price;
    best prices; lowest price; lowest prices; affordable price; affordable prices; reasonable price; competitive price; best deals; limited
    offer; limited time; special offer; money back; worldwide delivery; fast delivery; instant delivery; fast shipping; satisfaction guaranteed;
    free quote; free trial; free consultation; leading provider; leading supplier; leading manufacturer; service provider; services provider;
    best services; best service in; professional services; our services; our company; our products; our product; our experts; our experienced;
    we are a leading; we are the leading; we provide; we offer; we are offering; we specialize; we deal in; manufacturer of; suppliers of;
    supplier of; buy online; buy now; order now; shop now; buy followers; instagram followers; real followers; youtube views; buy likes; buy
    views; buy real; buy backlinks; high quality backlinks; high da; link building; guest post; guest posting; seo services; seo service; seo
    company; seo expert; seo agency; seo team; seo tools; search engine optimization; rank your; rank on google; page one of google; first page
    of google; top of google; more traffic; increase traffic; website traffic; drive traffic; targeted traffic; web traffic; digital marketing;
    digital marketing agency; web design services; website design company; software company; app development; mobile app development; training
    institute; packers and movers; carpet cleaning; duct cleaning; ac repair; pest control; locksmith services; car rental; limo service; taxi
    service; travel agency; tour packages; car insurance; insurance quotes; real estate agent; property dealer; essay writing; writing service;
    writing services; essay help; assignment help; homework help; dissertation help; write my essay; buy essay; essay writers; fake documents;
    fake passport; real passport; driver's license; drivers license; buy passport; visa services; toll free; customer service number; customer
    care number; customer support number; support number; helpline number; phone number for; contact number; technical support; tech support;
    printer offline; printer support; antivirus support; quickbooks support; email support; cash app; refund not; free v-bucks; v bucks; free
    robux; free gift card; free gift cards; gift card generator; hack tool; cheat tool; online generator; free generator; no survey; no human
    verification; human verification; license key; serial key; crack download; full version; free download; download now; watch online free;
    full movie; hd free; watch free; free iphone; free apps; premium account; iptv subscription; купить; купить недорого; недорого; заказать;
    доставка; скидка; скидки; продвижение сайтов; раскрутка; продвижение сайта; накрутка; дипломы; купить диплом; comprar; comprar seguidores;
    comprar online; precio más bajo; oferta; ofertas; envío gratis; acheter; pas cher; livraison gratuite; günstig kaufen; kaufen; billig;
    rabatt; versand; diskreter; comprare; prezzo; spedizione; satın al; ucuz; jual; beli; murah; harga murah; promo; tanie; sklep; mua; giá rẻ;
    dịch vụ; खरीदें; google reviews; star reviews; do follow; dofollow; follow link; verified paypal; verified accounts; aged accounts; hire a hacker;
    spouse's phone; partner's phone; seo audit; free audit; free webinar; first month free; without exam; ielts certificate;
    residence permit; genuine and registered; our rates start; all devices; broken links that; official store; only on the official; visa appointment;
    portfolio on request; only the official website
    """,
    "magic": """
    spell; psychic; herbalist; vashikaran; astrologer; illuminati; voodoo |
    love spell; love spells; spell caster; spellcaster; cast a spell; cast a love; powerful spell; lost love; lost love spell; ex back; my ex
    back; ex husband back; ex lover back; bring back my; brought back my; my husband back; my wife back; came back to me; traditional healer;
    black magic; love problem; astrologer in; vashikaran specialist; love marriage specialist; join the illuminati; join illuminati; cure
    herpes; herpes cure; cured of herpes; cured me; cured my; cure for hiv; herbal cure; money spell; win lottery; won the lottery; lottery spell; prophet; prayed for me; приворот;
    гадание; amarres de amor; marabout; voyance
    """,
    "prize": """
    winner; prize; giveaway; claim; congratulations; verify; reward; selected; airdrop; password; account |
    you have won; youve won; you won a; selected as the winner; selected as winner; been selected; lucky winner; claim your; claim now; claim
    here; claim free; claim it; giving away; free iphone; gift card; account will be closed; account will be suspended; account has been;
    account is suspended; verify your; confirm your password; card details; credit card details; bank details; login details; send 0; get 0;
    double your btc; telegram me; message me on telegram; free bitcoin; free btc; free crypto; free eth; free nft; mint now; connect your
    wallet; whatsapp prize; inheritance of
    """,
}  # fmt: skip
OFFERS_NO_BLANKS = {
    "gambling": [
        "赌场",
        "博彩",
        "百家乐",
        "彩票",
        "投注",
        "娱乐城",
        "真人荷官",
        "安全놀이터",
        "안전놀이터",
        "토토",
        "카지노",
        "바카라",
        "첫충",
        "먹튀",
        "배팅",
        "베팅",
        "カジノ",
        "パチンコ",
        "คาสิโน",
        "สล็อต",
        "บาคาร่า",
        "แทงบอล",
        "พนัน",
    ],
    "money": [
        "贷款",
        "借贷",
        "信用卡套现",
        "赚钱",
        "兼职",
        "投资理财",
        "대출",
        "급전",
        "수익보장",
        "재택알바",
        "副業",
        "稼げる",
        "借金",
        "เงินกู้",
        "สินเชื่อ",
    ],
    "goods": [
        "发票",
        "开发票",
        "代开",
        "加微信",
        "微信号",
        "办证",
        "刻章",
        "代写",
        "论文代写",
        "刷单",
        "高仿",
        "外挂",
        "批发",
        "优惠",
        "복제품",
        "레플리카",
        "짝퉁",
        "偽ブランド",
        "コピー品",
        "激安",
    ],
    "adult": [
        "色情",
        "裸聊",
        "约炮",
        "成人视频",
        "援交",
        "출장마사지",
        "출장샵",
        "야동",
        "조건만남",
        "出会い系",
        "アダルト",
        "แอบถ่าย",
    ],
    "pharmacy": ["伟哥", "壮阳", "减肥药", "비아그라", "시알리스", "バイアグラ"],
}

# Promotion of one's own channels, pages and mixtapes.
SELF_PROMOTION = """
    my channel; our channel; my youtube; my video; my videos; my page; my music; my song; my songs; my cover; my covers; my blog; my website; my
    site; my instagram; my facebook; my twitter; our music; our video; our videos; our band; our website; my band; my mixtape; my remix; my
    profile; our page; my track; my playlist; my album; my app; my store; my shop; subscribe; subscribers; like this comment; thumbs up; follow
    me; follow us; give it a like; share this; vote for; youtuber; support me; support us; sign this; donate; donations; please like; please
    share; please watch; please listen; please vote; add me; join our; join us; read my; buy my; my new; our new; my book; my newsletter; my
    podcast; register; visit our; check it out; shout out; giveaway; give away; my fans; to my; my fan page; like if you;
    like this if |
    check out this; check it out on; check them out; checking out my; go check; pop over to my; have a look at my; take a look at my; visit my;
    go to my; come to my; come check; listen to our; see my; see our; dm for; dm to; follow back; reach *
    subscribers; get * subscribers; more subscribers; if i get; help me get; help me reach; help us reach; give us a chance; give me a chance;
    get noticed; name out; upcoming artist; new artist; unsigned artist; aspiring; small channel; i make videos; i make music; i do covers; i
    make beats; i upload; we upload; uploading; our app; our shop; our store; we did a cover; follow my; upvote this; thumb up; download my; my
    new song; my new video; my latest video; my first song; my first video; my new track; my newest; my new single; my debut; my ep; my course;
    my ebook; come join; join me on; join my; join now; sign up here; sign up now; sign up free; sign up for free; register now; register here;
    register with my; download the app; use my code; use code; use my link; my referral; referral code; referral link; my affiliate; click here;
    click the link; click on the link; click on my; click this; click my; link in bio; link in my; link in description; like my; add me on; add
    me here; vote for me; vote for us; sign the petition; support my; fund my; gofundme; kickstarter; road to; read my blog; my etsy; thumbs up
    if; like this comment if |
    check out my; check out our; check my; check our; check me out; check us out; check out * channel; check out * video; check out * videos;
    check * out my; check * out our; watch my; watch our; listen to my; look at my channel; visit my channel; visit my page; my gaming channel;
    music channel; gaming channel; new channel; my soundcloud; on soundcloud; my mixtape; my youtube channel; our youtube channel; on my
    channel; to my channel; our channel; subscribe to; subscribe to my; subscribe to me; subscribe my; subscribe me; ill subscribe; like and
    subscribe; and subscribe; dont forget to subscribe; sub4sub; s4s; f4f; l4l; follow for follow; 100 subscribers; 1000 subscribers; get to *
    subscribers; trying to get noticed; if i get * likes; if i get * subscribers; new to youtube; new youtuber; just started * channel; started
    a channel; started a youtube; hit me up; free giveaways; mein kanal; meinen kanal; abonniert; abonnieren; mi canal; suscríbete; suscribete;
    suscribanse; visita mi; síganme; ma chaîne; abonnez vous; abonne toi; mio canale; iscrivetevi; meu canal; se inscreva; inscreva se;
    подпишись; подписывайтесь; мой канал; kanalıma; abone olun; channel saya; kunjungi channel; đăng ký kênh; mój kanał; subskrybuj; please
    subscribe; subscribe please; subscribe and; subscribe for; subscribe back; follow me on; follow us on; like this page; like my page; like
    our page
    """  # fmt: skip

# Praise addressed to a website, not to a person, as bots write it. Before the bar: what kind readers write
# too. After it: what is said to blogs in general, by visitors who tell how they found it and what they think
# of its design.
EMPTY_PRAISE = """
    great post; nice post; great article; nice article; good article; good post; awesome post; excellent post; excellent article; wonderful
    article; wonderful post; amazing article; amazing post; fantastic post; fantastic article; superb post; superb article; great information;
    good information; useful information; helpful information; valuable information; good info; great info; useful info; nice info; informative;
    useful post; helpful post; useful article; helpful article; interesting article; interesting post; well written; thanks for sharing; thank
    you for sharing; thanks for the information; thanks for this information; keep it up; keep up the good work; keep up the great work; great
    work; good job; great job; good work; good read; great read; good stuff; great stuff; great blog; nice blog; good blog; great site; nice
    site; good site; amazing blog; awesome blog; excellent blog; lovely blog; wonderful blog; great website; nice website; your website; your
    site; your articles; your content; this website; this site; im impressed; really impressed; very impressed; superb; fantastic; magnificent;
    remarkable; valuable; bookmark; i must say; i have to say; learned a lot; this topic; this subject; hello there; hey there; hi there; blog
    post; bloggers; blogging; web |
    your weblog; this weblog; web blog; web page; your webpage; web site; web-site; feel free to visit; feel free to surf; also visit my; have a
    look at my; stop by my; surf to my; bookmarked; book marked; bookmark your; bookmark this; bookmarking; bookmarks; my bookmarks; added to
    favorites; saved as a favorite; my favorites list; rss; rss feed; your feed; e-newsletter; email subscription; stumbled upon; stumbledupon;
    stumbled on; stumbled onto; stumbled across; stumbled to; stumbled over; came across your; came across this; discovered your; found your
    blog; found your site; found your website; found your post; found this site; found this website; found this blog; found this web; came to
    your; arrived to your; arrived at your; landed on your; visited your; visiting your; visit your; visiting this; visit this site; visit
    again; pay a visit; pay a quick visit; paying a visit; be back again; come back again; certainly be back; definitely be back; definitely
    return; definitely comeback; return to your; check back; checking back; revisit; your next post; next post; next write up; further post;
    further posts; more such; more posts like; more like this; keep posting; keep blogging; keep updating; keep sharing; continue to write; stay
    us; keep us informed; keep us up to date; continue this in future; continue your great; continue your; through google; via google; from
    google; google search; searching the same; searching for this; search engine; search engines; searched for; been searching; been looking for
    this; was looking for; exactly what i was looking; hello admin; hi admin; dear admin; webmaster; webmasters; blog owners; blog owner; site
    owners; website owners; skilled blogger; a blogger; other blogs; blogosphere; blogroll; first visit; first time visit; my first visit;
    internet viewers; web viewers; web people; web users; internet users; internet people; netizen; netizens; new users; new viewers; other
    users; web visitors; site visitors; people on the internet; write up; writeup; write-up; writeups; piece of writing; this paragraph; your
    paragraph; article post; your posting; your postings; this posting; such information; share * information; sharing this information;
    information shared; information you; information provided; provide here; you provide; you provided; you present; you have shared; you
    shared; auspicious; excellent beat; amusement account; agreeable; apprentice; pertaining; in favor of; in support of; on account of; regards
    to; with regards; in regards to; regarding this; concerning this; on this topic; about this topic; about this subject; on this subject; this
    matter; same topic; same subject; same niche; your niche; niche; hit the nail; nail upon; valid points; valid point; some nice points; good
    points; points you made; post is actually; article is actually; paragraph is actually; this article is; this post is; actually fastidious;
    truly fastidious; fastidious; marvelous; splendid; terrific; phenomenal; first rate; top notch; quality based; quality content; high quality
    articles; good quality; quality articles; quality posts; extremely helpful information; simply shared; keenly; much positive; receiving;
    knowledgeable; educative; both educative; equally educative; very informative; informative post; informative article; informative blog;
    informative content; informative site; informative website; so informative; useful blog; useful content; helpful content; valuable content;
    great content; amazing content; excellent content; excellent information; excellent blog; excellent website; excellent site; fantastic blog;
    fantastic website; fantastic site; superb blog; superb website; awesome site; awesome website; amazing website; amazing site; wonderful
    site; wonderful website; wonderful blog; beautiful blog; attractive part; real delight; enjoyed account; enjoy account; pleasure to read;
    your contents; contents; your stuff; your stuffs; this stuff; wonderful stuff; awesome stuff; loved as much; as much as you will receive;
    sketch; tasteful; authored; stylish; edginess; nervousness; shield this hike; sick unquestionably; unquestionably; undeniably; magnificent
    points; your writing style; writing style; writing skills; style of writing; way you write; way of writing; way of explaining; way of
    telling; you write very; well written article; well written post; your theme; blog theme; this theme; the design; your design; page design;
    site design; nicely designed; custom made; plugin; plugins; captcha; spam comments; browser; browsers; internet explorer; firefox; loads;
    loading; load time; loading speed; web host; hosting provider; hacked; blog platform; content management; wordpress or; guest writer; guest
    author; guest post; guest posting; exchange links; link exchange; exchanging links; trade links; affiliate; linking to; be linking; twitter
    group; facebook group; myspace; zynga; digg; digg it; social bookmarking; my myspace; share it with; my coworkers; my cousin; my roommate;
    my apple iphone; recommend your; suggest to; personally suggest; personally recommend; suggested this; suggested i; suggested by; was
    suggested; was totally right; was entirely right; entirely right; made my day; simply how much time; how so much time; how much time i had;
    had spent; spend * time on; helped me out; aided me; help others; aid other; aid others; of help to others; others like you; like you
    helped; useful for me; useful to me; in favor; really useful; extremely useful; very useful; very helpful; really helpful; extremely
    helpful; very beneficial; beneficial; fruitful; thanks for providing; thank you for providing; thanks for posting; thank you for posting;
    thanks for the auspicious; appreciate your content; appreciate your; i truly appreciate; truly appreciate; seriously appreciate; really
    thank; truly thank; god bless; much obliged; extraordinary; commendable; amazing information; awesome information; wonderful information;
    fantastic information; superb information; valuable info; nice information; best information; helpful info; for the info; wonderful read;
    excellent read; amazing read; fantastic read; thanks admin; nice one; blog and; blog is; site is; website is; blog has; your blog; this
    blog; weblog is; articles or reviews; other sites; other websites; many sites; so much info; so many articles |
    excellent beat; auspicious writeup; amusement account; amusing account; shield this hike; nail upon; drive the message home; message home a;
    far added agreeable; skilled blogger; could have sworn; some of the posts; knowledgeable people; you sound like you know; sound like you
    know what; know so much about; read my mind; wrote the book in it; a few pics; some pics; browser compatibility; excellent goods; excellent
    goods from you; grab your rss; seize your rss; grasp your rss; user discussion forums; community forums; same topics talked; same topics;
    any forums that; blogengine; expressionengine; web savvy; internet savvy; tech savvy; hard to come by; regular visitor; everyday visitor;
    how are you everybody; whats up; whats happening; newest and preceding; preceding technologies; having my breakfast; cup of coffee all;
    every time spent; spent my half an hour; half an hour to read; been blogging for; blogging look easy; make blogging look; blog layout;
    wonderful blog layout; amazing blog layout; paranoid about losing; protect against hackers; hackers; rss subscribe; any rss; such clever
    work; clever work and; very good blog you; great blog you; great site you; great website you; nice site you; what blog platform; what web
    host; site loads; website loads; blog loads; loads up; loads super; my cell phone; my place of work; my house shortly; going to revisit;
    need to check; i stumble upon every; challenging on; something new and challenging; will read on; really thank you; much thanks again; want
    more; fantastic blog article; informative blog article; blog article; article post really; really no matter; gone to say; gone to tell;
    convey my; little brother; pay a quick; quick visit; web site everyday; dissimilar; keep on posting; genuinely enjoyed; you will be a great
    author; you might be a great author; be a great author; continue your great posts; back someday; great posts; have a nice weekend; have a
    nice afternoon; nice evening; nice holiday weekend; clear idea; clear thought; in support of the new; truly how to; in fact how to; to do
    running a blog; running a blog; run a site; running a site; simply stopped by; just wanted to say; quick shout out; first of all awesome;
    first off i want; quick question; center yourself; before writing; hope to provide; give something back; presentation but i find; seem so
    easy; too complicated; very broad for me; get the hang of it; tasteful your authored; bought an edginess; superb information; remarkable
    things here; i am very glad to see; thanks so much and; looking ahead; kindly drop me a; please drop me a; drop me a e-mail; my blog post;
    also visit my; visit my homepage; feel free to surf to;
    visited my weblog; visited my blog; visited my web; return the favor; things to improve my; appropriate time to make some plans; if i could i
    want to; interesting things or advice; undeniably believe; your favorite reason; your favorite justification; established blog; set up your
    own blog; get useful data; at last i got a website; supposed to be shared around; positioning this; many of these issues as well; every one is
    getting; views are pleasant; depart your; standard info; check up on new; other people ive read; other folks ive read; guess ill just; got
    much clear; peaked my interest; i blog frequently; came across this board; audio feature; audio songs; ready to do my breakfast; lucky me i
    found; lucky me i discovered; several friends ans; several pals; sharing in delicious; to your sweat; thanks to your effort; touched all the
    internet; respond in return; genuine argument; explaining all regarding; for my know; my first pay; pay a visit this; daily i visit; everyday
    i visit; gained a new reader; gained a brand new reader; gained an emblem; made some days ago; made a few days ago; some days in the past;
    whoah this; really like studying; like studying your; stay up the great; persons are looking; looking round for this; hunting around for this;
    searching around for this; could aid them; could help them greatly; ended up here; know who you are but; a famous blogger; a well known
    blogger; if you are not already; component to content material; component of content; access consistently; consistently quickly; not believe
    simply; keep it sensible; keep it wise; care for to keep; to read far more; tremendous website; tremendous site; terrific website; i precisely
    wanted; precisely wanted to; concerning media print; regarding media print; be familiar with media; impressive source of; enormous source of;
    great source of facts; became aware of your; became alert to; just became alert; watch out for brussels; be benefited from; simply extremely;
    i am truly thankful; thankful to the owner; owner of this web; owner of this site; shared this wonderful; shared this enormous; have read so
    many articles; about the blogger lovers; blogger lovers; were a group of volunteers; opening a new scheme; scheme in our community; whole
    community will be thankful; whole community can be; impressive activity; formidable job; valuable information to work on
    """  # fmt: skip

# Contacts outside the site, and calls to action.
CALLS = """
    contact; whatsapp; telegram; wechat; skype; viber; kik; gmail; hotmail; email; e-mail; visit; click; call; apply; register; order; download;
    message; website; inbox; link; https; www; dm |
    click here; click on; contact us; contact me; contact him; contact her; contact them; contact now; contact via; contact dr; reach out to;
    reach him; reach her; reach me; reach them; reach us; email him; email me; email us; email her; write to; message her; message him; message
    me; text him; dm me; text me; inbox me; call us; call now; call our; call me; call or; whatsapp me; on whatsapp; via whatsapp; whatsapp number; his whatsapp; her
    whatsapp; whatsapp him; add me on; via telegram; on telegram; telegram channel; telegram group; visit us; visit our; visit here; visit this;
    visit now; visit my; visit the site; go to; log on to; open this; open this site; copy and open; check this; check here; see here; read more
    here; read the truth; more info; more info here; more information at; for more info; for more information; for more details; more details;
    know more; learn more; find out more; apply now; apply here; apply today; order here; order now; order today; shop here; buy here; get
    yours; get it here; get it now; get started; sign up; join now; join here; join us; register now; register here; start now; start today;
    download here; try it; try now; watch here; thank me later; hurry; hurry up; act now; today only; only today; don't miss; dont miss; book
    now; call today; 24x7; 24 7; available 24; free audit; toll free; escríbeme; contáctame; contacto; contáctanos; visita; haz clic; pincha;
    cliquez; contactez; contactez nous; écrivez; jetzt; hier klicken; nur heute; kontaktieren; clicca; contattaci; contatta; scrivimi; clique;
    entre em contato; заходи; переходи; переходите; жмите; пишите; звоните; обращайтесь; подробнее; tıklayın; buraya; burada; iletişim; klik;
    hubungi; daftar; gabung; cek; kunjungi; kliknij; zadzwoń; liên hệ; truy cập; संपर्क करें; व्हाट्सएप; व्हाट्सएप करें; कॉल करें; اتصل; واتساب;
    اضغط هنا
    """  # fmt: skip
CALLS_NO_BLANKS = [
    "微信",
    "加微",
    "扣扣",
    "点击",
    "联系",
    "카톡",
    "텔레그램",
    "문의",
    "클릭",
    "クリック",
    "お問い合わせ",
    "ไลน์",
    "คลิก",
    "แอดไลน์",
]

# Words in names made for search engines.
SEARCH_NAME = frozenset(
    """best cheap buy online sale shop store outlet discount free review reviews service services company agency seo marketing web design hosting loan loans
    credit insurance casino bet betting slot slots poker pharmacy pills viagra cialis weight loss diet supplement keto cbd vape repair cleaning plumber roofing
    roof hvac movers packers rental rent rentals hire taxi limo travel tour tours hotel hotels flights tickets dentist clinic lawyer attorney law injury
    accident agent property properties apartments villas homes furniture mattress sofa chairs shoes jerseys nike jordan bags handbags watches replica sunglasses jewelry wedding
    dresses fashion clothing boutique beauty skin hair salon spa massage escort escorts dating porn sex xxx cams girls followers likes traffic backlinks software app apps
    download games game gaming cheats hack generator converter tool tools coupon coupons deals promo price prices quotes solar energy electric electrician painting
    flooring kitchen bathroom garage doors windows security camera cameras training course courses institute college tutoring essay essays writing writers assignment homework
    thesis bitcoin crypto forex trading signals invest investment gold coins money cash payday mortgage finance financing tax accounting bookkeeping consultants consultant consulting solutions
    supplier suppliers manufacturer manufacturers wholesale exporter exporters machine machinery equipment steel pipe parts battery fryer blender vacuum laptop phone phones
    iphone case cases unlock vpn iptv tv streaming movies movie watch stream mp3 here click website site info 2023 2024 2025 2026""".split()
)


class Phrase(NamedTuple):
    words: tuple[str, ...]
    topic: str
    weight: float


def _phrases(topic: str, source: str) -> Iterator[Phrase]:
    for weight, part in zip((0.5, 1.0, 1.8), source.split("|"), strict=False):
        for phrase in part.split(";"):
            if words := tuple(
                " ".join(ALIASES.get(word, word) for word in phrase.casefold().split()).split()
            ):
                yield Phrase(words, topic, weight)


class Lexicon:
    """Finds the phrases of a list. The cost depends on the number of words only."""

    def __init__(self, topics: Iterable[tuple[str, str]]) -> None:
        self.by_first: dict[str, list[Phrase]] = {}
        for topic, source in topics:
            for phrase in _phrases(topic, source):
                self.by_first.setdefault(phrase.words[0], []).append(phrase)
        for phrases in self.by_first.values():
            phrases.sort(key=lambda phrase: (-len(phrase.words), -phrase.weight))

    def find(self, words: list[str]) -> Iterator[tuple[int, Phrase]]:
        """The position of each phrase; the longest one per topic and position."""
        for start, word in enumerate(words):
            if word in self.by_first:
                done = set()
                for phrase in self.by_first[word]:
                    if phrase.topic in done:
                        continue
                    there = words[start : start + len(phrase.words)]
                    if len(there) == len(phrase.words) and all(
                        want in ("*", have) for want, have in zip(phrase.words, there, strict=True)
                    ):
                        done.add(phrase.topic)
                        yield start, phrase


LEXICON = Lexicon(
    [
        *OFFERS.items(),
        *languages.OFFERS.items(),
        ("self_promotion", SELF_PROMOTION),
        ("empty_praise", EMPTY_PRAISE),
        ("empty_praise", languages.PRAISE),
        ("calls", CALLS),
        ("calls", languages.CALLS),
    ]
)
# Word fragments, for languages that inflect or have no spaces.
PIECES = {
    topic: [*OFFERS_NO_BLANKS.get(topic, []), *map(str.casefold, languages.OFFERS_INSIDE.get(topic, []))]
    for topic in OFFERS
}
CALL_PIECES = [*CALLS_NO_BLANKS, *map(str.casefold, languages.CALLS_INSIDE)]
PRAISE_PIECES = languages.PRAISE_INSIDE

# English stop words.
COMMON = frozenset(
    "about after again because before being between could every first from have here into just know like make many more most much only other over same should some such than that their them then there these they thing think this those through time very want well were what when where which while will with would your".split()
)
