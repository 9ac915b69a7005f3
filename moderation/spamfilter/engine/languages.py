"""Phrases of offers, praise and contacts in other languages, added to the English ones in wordlists.py.

German, Spanish, French and Portuguese are lists of phrases, as there: the part before the first bar counts
half. Russian, Arabic, Chinese and Japanese are word fragments, because these languages inflect or have no
spaces; each counts one.
"""

OFFERS: dict[str, str] = {
    "gambling": """
    kasino; ruleta; roulette; cassino; quoten; wetten |
    online kasino; echtgeld; bonus ohne einzahlung; willkommensbonus; wett tipps; gewinngarantie; bono de bienvenida; dinero real; sin depósito;
    pronósticos deportivos; casa de apuestas; jugar online; bonus de bienvenue; argent réel; sans dépôt; machines à sous; pronostics sportifs;
    gain garanti; jeux d'argent; bônus de boas vindas; dinheiro real; sem depósito; caça níqueis; caça-níqueis; palpites de futebol; casa de apostas;
    jogo do tigrinho; fortune tiger; bônus no cadastro; aposta esportiva; apostas esportivas
    """,
    "pharmacy": """
    abnehmen; adelgazar; maigrir; emagrecer; kapseln; cápsulas; gélules; tabletten; steroide; esteroides; stéroïdes; anabolika; anabolizantes;
    testosteron; testosterona; testostérone; rezept; receta; ordonnance; receita |
    im schlaf abnehmen; abnehmen im schlaf; schnell abnehmen; ohne diät; pierde peso; perder peso rápido; bajar de peso; perdez du poids; perdre du poids vite;
    brûle graisse; emagreça; perder peso dormindo; queima gordura; diskrete lieferung; entrega discreta; livraison discrète; potenz; erektion;
    hierbas medicinales; curado del herpes; me curé; guérie de; guéri de; fui curada; fui curado; plantes du docteur; ervas do doutor; hierbas del doctor;
    kräutern von dr; geheilt kontaktiert
    """,
    "money": """
    kredite; darlehen; préstamo; prêt; prêts; crédit; crédito; empréstimo; zinsen; intereses; juros; rendite; rentabilidad; krypto; cripto; crypto;
    criptomonedas; criptomoedas; bitcoins; geld; dinero; argent; dinheiro; einkommen; ingresos; revenus; renda |
    sofort kredit; sofortkredit; ohne schufa; negativer schufa; kredit von privat; darlehen zwischen; kredit sofort; passives einkommen; geld verdoppeln; verdopple dein geld;
    heimarbeit; von zu hause verdienen; von zu hause verdient; nebenverdienst; mindesteinzahlung; verlorenes geld; geld zurückzuholen; bitcoin zurück; préstamo urgente;
    préstamos al; préstamos rápidos; préstamo rápido; sin aval; sin buró; crédito inmediato; ingresos pasivos; duplica tu dinero; trabajo desde casa; trabajando desde casa;
    gana dinero; depósito mínimo; dinero perdido; recuperar mi dinero; mis bitcoins; prêt urgent; offre de prêt; prêt entre particuliers; sans justificatif; crédit rapide;
    revenus passifs; doublez votre argent; travail à domicile; travaillant à la maison; dépôt minimum; argent perdu; récupérer mon argent; mes bitcoins;
    empréstimo urgente; empréstimos a; empréstimo rápido; sem fiador; mesmo negativado; crédito rápido; renda passiva; renda extra; dobre seu dinheiro; trabalhe em casa;
    trabalhando em casa; ganhe dinheiro; dinheiro perdido; recuperar meu dinheiro; meus bitcoins; trading signale; señales de trading; signaux de trading; sinais de trading;
    forex roboter; robot de forex; robot forex; robô de forex
    """,
    "adult": """
    escort; escorts; acompanhantes; sexo; sexe; erotik; seitensprung |
    heiße frauen; einsame frauen; reife frauen; treffen heute nacht; chicas calientes; mujeres maduras; chicas cerca; fotos reales; femmes chaudes; femmes mûres; rencontre ce soir;
    veulent te rencontrer; photos réelles; escort girl; mulheres quentes; mulheres maduras; acompanhantes de luxo; fotos reais; diskret echte fotos; kostenlos anmelden
    """,
    "goods": """
    günstig; günstige; billige; barato; barata; baratos; baratas; replica; réplica; répliques; outlet; rabattcode; descuento; desconto; promo; follower; seguidores; abonnés;
    agentur; agencia; agence; agência; umzug; mudanzas; déménagement; mudanças; schlüsseldienst; cerrajero; serrurier; chaveiro; autovermietung; mietwagen; alquiler; aluguel;
    location voiture; backlinks; führerschein; hacker; iptv |
    jetzt bestellen; hier bestellen; jetzt kaufen; compra ya; compra ahora; cómpralo; commandez maintenant; commandez ici; compre já; compre agora; peça aqui; versandkostenfrei;
    kostenloser versand; gratis versand; frete grátis; entrega inmediata; entrega imediata; livraison immédiate; sofortige lieferung; follower kaufen; abonnés instagram; acheter des abonnés;
    google bewertungen kaufen; reseñas de google; seguidores reales; avis google; avaliações google; hochwertige backlinks; backlinks de calidad; backlinks de qualité; backlinks de qualidade; ghostwriter; hausarbeit schreiben lassen; tesis por encargo; rédaction de mémoire; tcc pronto;
    führerschein ohne prüfung; licencia de conducir sin examen; permis de conduire sans examen; carta de condução sem exame; filme kostenlos; películas completas; films complets; filmes completos;
    ohne anmeldung; sin registro; sans inscription; sem cadastro; gratis testen; prueba gratis; essai gratuit; teste grátis; wir kaufen ihr; compramos tu; nous achetons votre; compramos sua;
    bester preis; bestpreis; mejor precio; meilleur prix; melhor preço; marketing digital; webdesign agentur; agence web; agencia de marketing; agência de marketing; teppichreinigung;
    limpieza de sofás; nettoyage canapé; limpeza de sofás; handy deines partners; celular de tu pareja; téléphone de votre conjoint; celular do seu parceiro
    """,
    "magic": """
    amarre; amarres; amarração; marabout; brujo; hechizo; liebeszauber; wahrsagerin; voyant |
    amarre de amor; amarres de amor; recupera a tu ex; hol deinen ex; ex zurück; retour de l'être aimé; retour affectif; amarração amorosa; traga seu amor; maître marabout; endulzamientos
    """,
    "prize": """
    gewonnen; ganado; gagné; ganhou; gewinn; premio; prêmio |
    ihre nummer hat; su número ha ganado; votre numéro a gagné; seu número ganhou; herzlichen glückwunsch ihre; sie haben gewonnen; ha ganado; vous avez gagné; você ganhou
    """,
}  # fmt: skip

PRAISE = """
    toller artikel; super artikel; sehr informativ; sehr hilfreicher beitrag; danke fürs teilen; weiter so; schöner blog; super beitrag; excelente artículo; muy buen contenido; gracias por compartir;
    gracias por el aporte; excelente información; muy bonito blog; excellent article; super article; merci du partage; merci pour ces informations; très bon contenu; très joli blog; excelente artigo;
    ótimo post; obrigado por compartilhar; obrigada por compartilhar; muito bom conteúdo; que blog bonito |
    wertvollen informationen; valiosa información; informations précieuses; informações tão valiosas; informações valiosas; besuchen sie auch; visita mi página; te invito a visitar; visitez mon site;
    je vous invite sur; visite meu site; convido a visitar; schauen sie mal auf; auf meiner homepage
    """  # fmt: skip

CALLS = """
    melden; registrieren; anmelden; bestellen; schreiben; regístrate; inscríbete; escríbele; escríbanle; contacta; contáctalo; llama; llámanos; únete; inscrivez; contactez; rejoignez; appelez; appelle;
    écrivez; cadastre; chame; chamem; ligue; entre; contate; fale |
    jetzt anmelden; hier registrieren; schreib mir privat; schreib ihm; schreib an; schreibt ihr; ruf jetzt an; rufen sie an; rufen sie heute; tritt meinem; jetzt in unsere; kontaktiert ihn; melde dich bei;
    antwort in 48 stunden; zur offiziellen webseite; offizielle webseite; regístrate ya; regístrate aquí; regístrate gratis; haz clic aquí; solicita aquí; escríbele por; escríbeme al privado; escribe a; escriba a;
    llama ya; llama ahora; llámanos hoy; únete a mi; entra al grupo; contáctalo por; web oficial; consulta gratis; inscrivez vous; cliquez ici; demandez ici; écrivez lui; écrivez moi; écrivez à; appelez le; appelle vite;
    appelez aujourd'hui; rejoignez mon; rejoignez le; contactez le; site officiel; réponse en 48 heures; cadastre se; clique aqui; solicite aqui; chame no; me chama no; escreva para; ligue já; ligue agora; ligue hoje;
    entre no meu; entre no grupo; site oficial; aujourd'hui seulement; nur heute; solo hoy; só hoje
    """  # fmt: skip

# Word fragments.
OFFERS_INSIDE: dict[str, list[str]] = {
    "gambling": "казино|фриспин|игровые автомат|ставки на спорт|прогнозы на спорт|букмекер|без депозита|"
    "كازينو|سلوتس|مراهن|دورات مجانية|لفة مجانية|بدون إيداع|توقعات مباريات|بونص ترحيبي|"
    "赌场|老虎机|彩金|时时彩|首存|真人娱乐|体育投注|カジノ|スロット|フリースピン|競馬必勝|入金不要|的中率".split("|"),
    "pharmacy": "виагр|сиалис|без рецепта|похудей|похуден|кето|стероид|тестостерон|вылечилась|"
    "فياجرا|سياليس|وصفة طبية|كيتو|اخسر وزنك|منشطات|تكبير|أعشاب|اعشاب|"
    "伟哥|犀利士|处方|减肥|壮阳|延时|祖传秘方|根治|バイアグラ|シアリス|処方箋|痩せ|精力剤|サプリ|薬草|完治".split("|"),
    "money": "займ|кредит без|без отказа|срочно деньги|деньги сразу|пассивный доход|доход от|работа на дому|удалённой работ|удвой|криптовалют|сигналы|биткоин|потерянные деньги|прибыли в месяц|"
    "قرض|قروض|سداد|ضاعف أموال|دخل إضافي|عمل من المنزل|العملات الرقمية|بيتكوين|توصيات تداول|فوركس|أموالي المفقودة|من البيت ساعتين|"
    "贷款|网贷|无抵押|不看征信|下款|兼职|日赚|赚了|比特币|炒币|喊单|外汇|翻倍|追回|被动收入|融資|審査なし|副業|在宅|即日振込|ビットコイン|シグナル|不労所得|自動売買|取り戻|二倍".split("|"),
    "adult": "проститут|горячие девушк|знакомства|зрелые женщин|зрелые дам|реальные фото|"
    "بنات جميلات|مساج|سهرات|للتعارف|مطلقات|صور حقيقية|"
    "美女|交友|外围|上门服务|真实照片|人妻|熟女|出会い|デリヘル".split("|"),
    "goods": "купить|заказ|скидк|недорого|накрутк|диплом|продвижение сайт|качественных ссылок|копии часов|распродаж|бесплатная доставк|водительские права|без экзамена|взлом|хакер|iptv|вскрытие замк|"
    "аренда авто|выкуп|химчистка|агентство|без регистрации|промокод|"
    "خصم|شحن مجاني|اطلب|توصيل|متابعين|باك لينك|سيو|تقليد|نقل عفش|تنظيف|مكافحة حشرات|شركة|رخصة قيادة|بدون اختبار|هكر|اشتراك|تجربة مجانية|بأعلى سعر|رخيص|بحوث جامعية|أثاث المستعمل|فتح أقفال|بدون تسجيل|"
    "代开|发票|外链|优化|高仿|精仿|代写|涨粉|粉丝|文凭|证书|免考|黑客|开锁|上门|回收|批发|直销|包邮|货到付款|优惠码|装修公司|免费下载|"
    "被リンク|激安|格安|コピー|送料無料|論文代行|フォロワー購入|買取|鍵開け|引っ越し安|無料で高画質|制作会社|ハッカー|免許証|通販|N級品|オフ".split("|"),
    "magic": "приворот|верну любимого|гадан|جلب الحبيب|الشيخ الروحاني|روحاني|和合术|挽回前任|復縁|縁結び".split("|"),
    "prize": "ваш номер выиграл|вы выиграли|رقمك ربح|لقد ربحت|مبروك! رقم|中奖|领取奖金|当選しました|当選".split("|"),
}  # fmt: skip

CALLS_INSIDE = (
    "заходи|регистрируйтесь|регистрация бесплатно|звони|пишите|пиши |вступай|жми сюда|оформить здесь|в личку|в личные сообщения|закажите|"
    "اتصل|تواصل|راسل|سجل|اضغط|انضم|ادخل مجموعة|زوروا موقع|لزيارة موقعي|للتواصل|الموقع الرسمي|"
    "加微|联系|点击|私聊|加入我的|注册|咨询|申请|预约|访问我的|登録|お問い合わせ|クリック|ご連絡|お電話|LINE追加|追加して|申し込み|こちら|遊びに来て|ご覧ください"
).split("|")

PRAISE_INSIDE = (
    "отличная статья|отличный пост|полезную информацию|очень полезно|классный блог|приглашаю на мой|"
    "مقال ممتاز|المعلومات القيمة|محتوى مفيد|موضوع رائع|مدونة جميلة|أدعوكم لزيارة|"
    "文章写得很好|感谢分享|好文章|谢谢楼主|内容很有用|博客很漂亮|素晴らしい記事|有益な情報|参考になりました|良い記事|素敵なブログ"
).split("|")

# Spammers name a messenger to be contacted where no one else can read.
MESSENGERS = (
    r"what'?s ?app|watsapp|whatsap|telegram|viber|wechat|kakao ?talk|zalo|skype|signal app|"
    r"ватсап|вотсап|вацап|телеграмм?|телега|вайбер|واتس ?اب|واتس ?آب|تيليجرام|تلجرام|تليجرام|تلغرام|微信|薇信|QQ群?|扣扣|电报|テレグラム|LINE ?ID|LINE(?=[^a-z])"
)

# Profit, earnings and returns.
PROFIT = (
    r"profit\w*|earn(?:ed|ings?)|income|returns?|roi|accuracy|win(?:ning)? rate|gewinn\w*|trefferquote|verdient|rendite|gananci\w*|gan[ée]\b|acierto|rentabilidad|"
    r"gagn\w+|bénéfices?|réussite|rendement|lucros?|ganhei|acerto|rendimento|прибыл\w*|доход\w*|заработ\w*|أرباح|ربح\w*|يربح|نجاح|盈利|收益|胜率|稳赚|日赚|赚了|利益|勝率|稼ぎ|稼げ|月収|的中率"
)

# "4,500 a week", "3.800 € im Monat" after a word for earning money.
EARNED = (
    r"(?:mak(?:e|es|ing)|made|earn\w*|verdien\w*|gan(?:o|a|é|amos|ando)|cobro|gagn\w+|ganh\w+|faturo|зарабатыва\w*)(?![^\W_])[^.!?\n]{0,30}?\d[\d.,]{0,12}[^.!?\n\d]{0,12}(?<![^\W_])"
    r"(?:an?|per|each|every|im|pro|die|am|al|por|a la|cada|par|au|ao|à|em|в)\W+(?:hour|day|week|month|stunde|tag|woche|monat|hora|día|semana|mes|heure|jour|semaine|mois|dia|mês|час|день|неделю|месяц)(?![^\W_])"
)

# Networks on which people can be found by their handle.
NETWORKS = r"snap(?:chat)?|ig|insta(?:gram)?|tik ?tok|kik|discord|onlyfans|facebook|fb|vk"
