"""Rules for schemes that look the same in every language: adverts without link, told by their parts.

A scheme has parts: who is wanted, what it pays, where to ask. Genuine comments contain one or two of them, so
only three or four hold a comment. A part is a list of phrases in nine languages (phrases.py).
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from moderation.spamfilter.engine.history import History
from moderation.spamfilter.engine.lures import MESSENGER, MESSENGER_LINK
from moderation.spamfilter.engine.phrases import Phrases, find_phrase, phrases_of
from moderation.spamfilter.engine.rules import Signal
from moderation.spamfilter.engine.text import TextAnalysis

# Such adverts are short. In a long text the parts occur together by coincidence.
LOOKED_AT = 1500
ENOUGH_PARTS, ANOTHER_PART, ONE_MISSING = 3.2, 0.8, 0.5


# One list per language in each: English, German, Spanish, French, Portuguese, Russian, Arabic, Chinese, Japanese.
PARTS: dict[str, Phrases] = {
    # --- work
    "hiring": phrases_of(
        " we are hiring| now hiring| we're hiring| hiring people| looking for people| recruiting| job offer| part time job| vacanc| remote job",
        " wir suchen leute| wir suchen personen| wir suchen mitarbeiter| suchen noch leute| mitarbeiter gesucht| nebenjob| stellenangebot",
        " buscamos personas| buscamos gente| se buscan personas| contratamos| estamos contratando| oferta de empleo| oferta de trabajo",
        " nous recrutons| nous cherchons des personnes| on recrute| recherchons des personnes| offre d'emploi",
        " contratando| procuramos pessoas| buscamos pessoas| vaga de emprego| vagas abertas| vaga home office",
        " набираем| требуются| ищем людей| ищем сотрудников| приглашаем на работу| вакансия| подработка",
        "نبحث عن أشخاص|مطلوب موظف|مطلوب أشخاص|نوظف|فرصة عمل|وظائف شاغرة",
        "招聘|招人|招募|诚招|兼职",
        "スタッフ募集|募集中|募集しています|お仕事|求人|副業",
    ),
    "from_home": phrases_of(
        " from home| at home| from your phone| from anywhere| your own hours| your free time",
        " von zu hause| von zuhause| vom sofa| am handy| homeoffice| freie zeiteinteilung",
        " desde casa| en casa| desde tu móvil| desde el móvil| desde el celular| tu tiempo libre",
        " à la maison| de chez vous| de chez soi| depuis chez| à domicile| depuis votre téléphone",
        " em casa| de casa| pelo celular| home office| nas horas livres",
        " из дома| на дому| удалённо| удаленно| с телефона| в свободное время",
        "من المنزل|من البيت|من الهاتف|عن بعد",
        "在家|手机就能|手机操作|足不出户|线上工作",
        "自宅|在宅|スマホだけ|スマホ一台|空き時間|スキマ時間",
    ),
    "no_skill": phrases_of(
        " no experience| no skills| without experience| anyone can| no interview| training provided",
        " ohne erfahrung| ohne vorkenntnisse| keine erfahrung| keine vorkenntnisse| jeder kann",
        " sin experiencia| no hace falta experiencia| no se necesita experiencia| cualquiera puede",
        " sans expérience| aucune expérience| sans diplôme| tout le monde peut| formation assurée",
        " sem experiência| não precisa de experiência| não precisa experiência| qualquer pessoa pode",
        " без опыта| опыт не нужен| опыт не требуется| обучим| всему научим",
        "دون خبرة|بدون خبرة|لا تحتاج خبرة|لا يشترط الخبرة",
        "不需要经验|无需经验|不用经验|零经验|新手可|小白",
        "未経験|経験不要|初心者でも|誰でもでき|誰でも簡単",
    ),
    "daily_pay": phrases_of(
        " per day| a day| daily pay| paid daily| paid every| per hour| paid weekly| each day| same day",
        " am tag| pro tag| täglich| auszahlung| pro stunde| pro woche",
        " al día| por día| diarios| pago diario| pagos diarios| por hora| a la semana",
        " par jour| chaque jour| par heure| payé chaque| payés chaque| par semaine| paiement quotidien",
        " por dia| ao dia| diário| diária| por hora| por semana",
        " в день| ежедневн| каждый день| в час| в неделю| в сутки",
        "يوميا|يوميًا|في اليوم|يومي|أسبوعيا|في الساعة",
        "日结|当天结算|当日结|每天|一天|每小时|日薪",
        "日給|即日払|日払|毎日|時給|一日",
    ),
    "tasks": phrases_of(
        " like videos| liking videos| rate videos| rating videos| watch videos| watching videos| rate hotels| click ads| simple tasks| online tasks| typing job| data entry",
        " videos bewerten| videos liken| videos anschauen| hotels bewerten| einfache aufgaben| dateneingabe",
        " valorar vídeos| valorar videos| ver vídeos| ver videos| dar me gusta| dar like| tareas sencillas| tareas simples",
        " noter des vidéos| regarder des vidéos| aimer des vidéos| liker des vidéos| tâches simples",
        " avaliar vídeos| assistir vídeos| assistir a vídeos| curtir vídeos| tarefas simples",
        " оценки видео| лайки| ставить лайк| просмотр видео| смотреть видео| простые задания| оценивать",
        "لتقييم الفيديو|تقييم الفيديو|مشاهدة الفيديو|الإعجاب بالفيديو|مهام بسيطة",
        "视频点赞|点赞|刷视频|看视频|做任务|打字员|刷单",
        "いいね」|いいね|動画を見る|動画視聴|簡単な作業|簡単作業|データ入力",
    ),
    # --- money
    "trading": phrases_of(
        " platform| trading| broker| invest| crypto| bitcoin",
        " plattform| handelsplattform| trading| broker| invest| krypto| bitcoin",
        " plataforma| invertir| inversión| inversiones| bróker| cripto| bitcoin",
        " plateforme| investi| courtier| placement",
        " plataforma| investimento| investir| corretora",
        " площадк| платформ| инвестиц| торговл| трейдинг| брокер| биржа| биржу| биткоин",
        "منصة|تداول|استثمار|وسيط|بيتكوين|العملات الرقمية",
        "平台|投资|炒股|炒币|比特币|外汇|券商",
        "プラットフォーム|投資|取引所|トレード|ビットコイン|暗号資産|仮想通貨",
    ),
    "pays_out": phrases_of(
        " pays out| paid out| paying out| pay out| payout| really pay| withdrew| withdraw| took out| cashed out| cash out",
        " auszahl| ausgezahlt| zahlt wirklich| wirklich zahlt| abgehoben",
        " pague de verdad| paga de verdad| retir| he sacado| saqué| cobrado| cobro cada",
        " paie vraiment| paient vraiment| retiré| retrait| retirés| versement",
        " paga de verdade| pague de verdade| saquei| sacar| saque",
        " выводят| вывела| вывел| вывод денег| вывести| выплат| выплачива",
        "تدفع|سحبت|السحب|أسحب|دفعة كل|تصلني دفعة",
        "提现|出金|到账|提了|取出",
        "出金|引き出せ|引き出し|入金があり|振り込まれ",
    ),
    "mentor": phrases_of(
        " support lady| support team| account manager| walks you through| guides you| my mentor| her guidance| his guidance| personal advisor| teaches you",
        " betreuer| erklärt einem alles| kundenbetreu| beraterin| mein berater| begleitet einen| mentor",
        " asesor| te acompaña| te guía| mi mentor| te explica todo| te ayuda en todo",
        " conseiller| conseillère| vous guide| vous accompagne| mon mentor| pas à pas",
        " consultor| acompanha tudo| te orienta| meu mentor| explica tudo| passo a passo",
        " куратор| менеджер| наставник| всё показыва| всё объясня| сопровожда",
        "المستشار|مستشارة|تشرح كل شيء|يشرح كل شيء|مرشد|خطوة بخطوة",
        "老师|手把手|导师|带单|客服",
        "担当の|全部教えて|丁寧に教えて|メンター|サポートの|担当者",
    ),
    "put_in": phrases_of(
        " put in| invested| started with| deposited| deposit of| i began with",
        " eingezahlt| investiert| angefangen mit| einzahlung| eingesetzt",
        " metí| invertí| deposité| empecé con| puse",
        " placés| placé| investis| investi| déposé| commencé avec| versé",
        " coloquei| investi| depositei| comecei com",
        " внёс| внес| вложил| начал с| начала с| пополнил",
        "وضعت|استثمرت|أودعت|بدأت ب",
        "投了|投入|入金|充了|本金",
        "入れて|入金し|投資し|始めて",
    ),
    "lost": phrases_of(
        " lost everything| lost all| lost my| i was scammed| was scammed| fake investment| fake broker| fake platform| stole my| stolen",
        " alles verloren| geld verloren| falschen broker| betrüg| betrogen| verloren",
        " perdí todo| perdí mis| perdí todos| estafa| bróker falso| falso",
        " tout perdu| perdu mes| perdu toutes| arnaque| faux courtier| escroqu",
        " perdi tudo| perdi minhas| perdi todo| golpe| corretor falso| enganad",
        " обманул| лжеброкер| потерял| мошенник| кинули| развели",
        "خسرت كل|خسرت جميع|وسيط وهمي|نصب|احتال|شركة وهمية",
        "被骗|骗光|假券商|假平台|诈骗|杀猪盘",
        "だまし取|騙され|詐欺|偽の業者|失い",
    ),
    "got_back": phrases_of(
        " got my…back| got it…back| got everything…back| recovered| retrieved| got back| recover my| recover your",
        " zurückgeholt| zurückbekommen| zurückerhalten| wiederbekommen",
        " recuper| me devolvi",
        " récupér",
        " recuper| de volta",
        " вернул| вернуть деньги| возврат денег",
        "أعاد لي|استرد|استعاد|استرجع",
        "追回|找回|拿回|挽回",
        "取り戻|返金",
    ),
    "crypto": phrases_of(
        " bitcoin| btc| crypto| usdt| ethereum| savings| my money| funds| wallet",
        " bitcoins| krypto| ersparnis| mein geld| meine einlage| mein ganzes geld",
        " bitcoins| cripto| ahorros| mi dinero",
        " bitcoins| crypto| économies| mon argent| épargne",
        " bitcoins| cripto| economias| meu dinheiro| poupança",
        " биткоин| крипт| сбережени| деньгами| мои деньги| депозит",
        "بيتكوين|مدخرات|العملات الرقمية|أموالي",
        "比特币|积蓄|资金|血汗钱",
        "ビットコイン|貯金|仮想通貨|暗号資産|お金",
    ),
    "praised_helper": phrases_of(
        " honest| discreet| reliable| trustworthy| i recommend| legit| genuine and| reach him| contact him| write to him| text him| contact her| reach her| contact them",
        " ehrlich| verschwiegen| seriös| zuverlässig| diskret| empfehle| schreibt ihm| kontaktiert| meldet euch bei| schreibt ihr",
        " honrado| honesto| discreto| fiable| de confianza| recomiendo| escríbanle| escríbele| contáct",
        " honnête| discret| sérieux| fiable| recommande| écrivez lui| contactez",
        " honesto| discreto| confiável| de confiança| recomendo| escrevam para| fale com| entrem em contato",
        " честный| честная| надёжн| не болтает| порядочн| рекомендую| пишите ему| пишите ей| обращайтесь",
        "أمين|كتوم|موثوق|أنصح|صادق|راسلوه|تواصلوا مع|راسلوها",
        "诚实|可靠|保密|靠谱|推荐|加他|联系他|找他",
        "誠実|信頼でき|口の堅い|おすすめ|連絡してみて|相談してみて",
    ),
    "loan": phrases_of(
        " urgent loan| a loan| loans from| we lend| i lend| quick loan| personal loan| loan to| loan offer| loan of",
        " kredit| darlehen",
        " préstamo| prestamos| crédito",
        " prêt| crédit| j'accorde",
        " empréstimo| emprestamos| crédito",
        " кредит| займ| заём| выдаём| выдаем| деньги в долг",
        "قرض|قروض|تمويل|نمنح",
        "贷款|借钱|急需用钱|放款|急用钱",
        "融資|お金が必要|ローン|貸付|お貸し",
    ),
    "loan_terms": phrases_of(
        " collateral| interest| credit check| bad credit| guarantor| approval| same day| no credit",
        " zinsen| schufa| bonität| ohne sicherheit| bürge| sofortzusage",
        " interés| aval| garantía| buró| historial",
        " sans garantie| taux| intérêt| justificatif| garant",
        " juros| serasa| fiador| sem consulta| negativad",
        " процент| справок| поручител| кредитной истор| с любой историей| залога",
        "كفيل|فائدة|بدون ضمان|فوائد",
        "抵押|征信|利息|当天放款|秒批",
        "審査|担保|金利|即日融資|保証人",
    ),
    "urgent": phrases_of(
        " do you need| are you looking for| need money| pay bills| contact mrs| contact mr| start a business| apply now",
        " brauchen sie| brauchst du| benötigen sie| dringend| suchen sie",
        " necesita| necesitas| urgente| busca un| buscas un| contacte con",
        " besoin d'| cherchez| avez vous besoin| urgent| contactez",
        " precisa de| está precisando| urgente| fale com",
        " срочно| нужен ли| нужны деньги| нужен кредит| пишите",
        "هل تحتاج|عاجل|تواصل مع",
        "急需|需要吗|联系",
        "必要ですか|今すぐ|お困り|連絡先",
    ),
    # --- papers
    "papers": phrases_of(
        " driving licen| driver's licen| drivers licen| passports| diplomas| university degrees| residence permit| id cards| certificates",
        " führerschein| meisterbrief| diplome| reisepass| aufenthaltstitel| zeugnisse| urkunden",
        " carnés de conducir| carnet de conducir| licencia de conducir| licencias de conducir| títulos universitarios| pasaportes| diplomas",
        " permis de conduire| diplômes| passeports| titre de séjour| cartes d'identité",
        " carteira de motorista| carta de condução| cnh| diplomas| passaportes| certificados",
        " диплом| водительские права| права категории| аттестат| паспорт",
        "شهادات جامعية|رخص قيادة|رخصة قيادة|جوازات|شهادات",
        "驾照|文凭|毕业证|学位证|护照|身份证",
        "運転免許証|卒業証書|パスポート|在留カード|免許証",
    ),
    "genuine": phrases_of(
        " registered| genuine| authentic| in the database| verifiable| without the exam| without exam| real and",
        " registriert| im system eingetragen| eingetragen| echte| ohne prüfung| original",
        " registrad| auténtic| originales| sin examen| legales",
        " enregistrés| authentiques| sans examen| officiels| originaux",
        " registrad| originais| autêntic| sem prova| sem exame",
        " с занесением| занесением в реестр| в реестр| подлинн| без экзамен| настоящие| гознак",
        "أصلية|مسجلة|معتمدة|بدون اختبار|موثقة",
        "真实可查|备案|可查|免考|学信网|原版",
        "本物の|システム登録|登録済み|正規の|試験なし",
    ),
    "delivery": phrases_of(
        " delivered| delivery| in a week| within a week| shipped| within days",
        " lieferung| geliefert| in einer woche| innerhalb einer woche",
        " entrega| en una semana| envío",
        " livrés| livraison| en une semaine",
        " entrega| em uma semana| envio",
        " доставк| за неделю| отправим",
        "التسليم|توصيل|خلال أسبوع",
        "送到|一周|包邮|送货",
        "お届け|一週間で|配送|発送",
    ),
    # --- healers
    "healer": phrases_of(
        " healer| spell| prophet| priest| herbal| dr…herbs| psychic| voodoo| baba| chief",
        " heiler| schamane| hellseher| magier| wahrsager",
        " maestro| brujo| chamán| curandero| vidente| amarre",
        " marabout| maître| voyant| guérisseur| medium",
        " mestre| pai de santo| vidente| curandeiro| amarração",
        " маг | магом| колдун| ведунья| целител| ясновид| гадалк| приворот",
        "الشيخ|روحاني|المعالج|ساحر",
        "大师|法师|神婆|灵媒|法术",
        "霊能者|占い師|先生が|祈祷師|霊視",
        " ritual| rituel| rituals| обряд| ритуал|طقوس|仪式|儀式|おまじない",
    ),
    # What only healers do. The titles above have other people too.
    "rite": phrases_of(
        " spell| ritual| voodoo| rituel| amarre| amarração| brujo| marabout| обряд| ритуал| приворот| колдун|طقوس|جلب الحبيب|روحاني|法术|仪式|降头|儀式|縁結び|霊能者",
    ),
    "came_back": phrases_of(
        " brought him back| brought her back| brought my…back| came back to me| ex back| husband back| wife back| lover back",
        " zurückgebracht| zurückgekommen| ex zurück| zurückgeholt| wieder zu mir",
        " hizo volver| volver en| regresó| volvió| de vuelta",
        " fait revenir| revenu dans| revenue| est revenu",
        " trouxe de volta| de volta em| voltou para",
        " вернул| вернула| вернулся",
        "أعاده|أعاد زوج|عاد إلي|جلب الحبيب",
        "回来了|挽回|复合|回心转意",
        "復縁|戻ってき|縁結び",
        " asked me to marry| proposed to me| called me crying| rief weinend| hielt um meine hand| me llamó llorando| pidió matrimonio| m'a appelée en pleurant| demandée en mariage| me ligou chorando| pediu em casamento| позвонил в слезах| сделал предложение|اتصل بي باكيا|طلب يدي|求婚|プロポーズ",
    ),
    "left": phrases_of(
        " left me| divorced me| broke up| my ex | my husband| my wife| my marriage",
        " verlassen| mein mann| meine frau| mein ex| trennung",
        " me dejó| mi marido| mi esposo| mi esposa| mi ex ",
        " m'a quitté| m'a quittée| mon mari| ma femme| mon ex",
        " me deixou| meu marido| minha esposa| meu ex",
        " муж ушёл| муж ушел| ушёл после| бросил| муж | жена ",
        "تركني|زوجي|زوجتي|طلاق",
        "老公|老婆|离开了我|前任|分手",
        "夫に|妻に|去られ|別れ|彼氏|彼女",
        " my boyfriend| my girlfriend| fiancé| mein freund| meine freundin| getrennt| mi novio| mi novia| separad| mon copain| ma copine| séparé| meu namorado| minha namorada| с бывшим| с мужем| расстал|خطيبي|منفصلة|男友|女友|元彼|元カノ|離れてい",
    ),
    "cures": phrases_of(
        " cures| cured| herpes| with herbs| roots and herbs| in 24 hours| in 48 hours| within 24 hours| within 48 hours",
        " heilt| geheilt| kräuter| in 24 stunden| in 48 stunden",
        " cura | curó| hierbas| en 24 horas| en 48 horas",
        " soigne| guérit| plantes| en 24 heures| en 48 heures",
        " cura | curou| ervas| em 24 horas| em 48 horas",
        " лечит| вылечил| травами| за двое суток| за сутки| за 24| за 48",
        "يعالج|شفاني|بالأعشاب|خلال يومين|خلال 24|خلال 48",
        "草药|治病|治好|两天就|三天就",
        "薬草|治し|治りました|二日で|三日で",
    ),
    "testify": phrases_of(
        " promised to tell| tell the world| testify| testimony| share my story| thank him",
        " allen zu erzählen| allen erzählen| versprochen| bezeugen",
        " contarlo a todo| contarlo| testimonio| prometí",
        " témoigner| témoignage| promis",
        " contar para todo| contar a todos| testemunho| prometi",
        " рассказать о нём| рассказать всем| рассказать о нем| обещала| обещал",
        "أخبر الجميع|وعدت|شهادتي",
        "告诉所有人|答应|分享我的经历",
        "みんなに伝え|約束しました|体験談",
    ),
    # --- dating
    "lonely": phrases_of(
        " lonely| tonight| alone| bored| single",
        " allein| heute abend| heute nacht| einsam| single",
        " solo esta| sola esta| esta noche| aburrid| soltero",
        " seul ce| seule ce| ce soir| cette nuit| célibataire",
        " sozinho| sozinha| hoje à noite| esta noite| solteir",
        " скучаешь| скучно| вечером| сегодня ночью| одинок",
        "بالوحدة|الليلة|وحيد",
        "寂寞|今晚|单身|孤单",
        "今夜|ひとり|寂し|独身",
    ),
    "women": phrases_of(
        " ladies| girls| women| sweet| cuties",
        " damen| mädchen| frauen| mädels",
        " chicas| mujeres| señoritas",
        " femmes| filles| demoiselles",
        " garotas| mulheres| meninas| gatas",
        " девушк| девочк| женщин| красавиц",
        "فتيات|بنات|نساء",
        "妹子|美女|女孩|姑娘",
        "女の子|女性|美女|お姉さん",
    ),
    "waiting": phrases_of(
        " waiting to| waiting for| want to meet| in your town| in your area| in your city| near you| want to chat",
        " warten auf| wartet auf| aus deiner stadt| in deiner nähe| in deiner stadt| wollen dich",
        " esperan tu| te esperan| de tu ciudad| en tu ciudad| cerca de ti",
        " attendent ton| attend ton| t'attendent| de ta ville| près de chez",
        " esperam sua| esperando| da sua cidade| perto de você",
        " ждут| ждёт| из твоего города| рядом с тобой| в твоём городе",
        "بانتظار|من مدينتك|في مدينتك|قريبة منك",
        "等你|同城|附近",
        "待ってい|近くの|あなたを待",
    ),
    "discreet": phrases_of(
        " discreet| without registration| no registration| no sign up| private",
        " diskret| ohne anmeldung| ohne registrierung| anonym",
        " discret| sin registro| anónim",
        " discrétion| discret| sans inscription| anonyme",
        " discret| sem cadastro| anônim",
        " без регистрации| анонимн| без лишних вопросов| лишних вопросов",
        "بسرية|بسرّية|دون تسجيل|بدون تسجيل",
        "不用注册|私密|免注册|保密",
        "登録不要|秘密厳守|匿名",
    ),
    # --- search engines
    "first_page": phrases_of(
        " first page of| page one of| top of google| rank on| ranking on| rank higher| rank your| google rank",
        " erste seite| ersten seite| erste google seite| auf platz eins| besser gefunden",
        " primera página| primeros resultados| posicionar| posicionamiento",
        " première page| premiers résultats| référencement",
        " primeira página| topo do google| primeiros resultados",
        " первую страницу| первой страниц| в топ яндекс| в топ гугл| в топ 10| продвижение сайт",
        "الصفحة الأولى|تصدر نتائج|نتائج البحث",
        "首页|搜索排名|百度排名|排名第一",
        "一ページ目|1ページ目|検索上位|上位表示",
    ),
    "your_site": phrases_of(
        " your articles| your blog| your site| your website| blogs like yours| your posts| your page",
        " ihre texte| ihr blog| blogs wie ihr| ihre seite| ihre website| ihren blog| ihre artikel",
        " sus textos| su blog| su sitio| su web| blogs como el suyo| sus artículos| tu web| tu blog",
        " vos articles| votre blog| votre site| blogs comme le vôtre| vos textes",
        " seus textos| seu blog| seu site| blogs como o seu| seus artigos",
        " ваш сайт| ваш блог| вашего сайта| тексты у вас| такие блоги| ваши статьи| ваши тексты",
        "مقالاتكم|مدونتكم|موقعكم|موقعك|مدونتك",
        "您的文章|您的网站|您的博客|你的网站|贵站",
        "良い記事なのに|御社|あなたのブログ|ブログを|サイトを|貴サイト",
        " your store| your business| ihr shop| ihr unternehmen| su página| su negocio| su tienda| votre page| votre boutique| votre entreprise| sua página| sua loja| seu negócio| вашей страницы| ваша страница| ваш магазин| ваш бизнес|صفحتكم|متجركم|نشاطكم|您的网页|您的店|您的页面|貴ページ|御サイト|お店の",
    ),
    "unseen": phrases_of(
        " hardly anybody| hardly anyone| nobody sees| nobody finds| no one finds| more traffic| more visitors| not ranking",
        " kaum jemand| niemand findet| mehr besucher| mehr reichweite",
        " casi nadie| nadie los| nadie te encuentra| más visitas| más tráfico",
        " presque personne| personne ne| plus de visiteurs| plus de trafic",
        " quase ninguém| ninguém os| mais visitas| mais tráfego",
        " почти никто| никто не находит| больше посетител| больше трафик",
        "لا يجدها أحد|لا يراها|مزيد من الزوار|زيادة الزوار",
        "没人搜得到|搜不到|没人看|流量",
        "検索で見つかりません|見つかりません|アクセス数|集客",
        " does not show up| doesn't show up| not appear| when people search| bei der suche nicht| wird nicht gefunden| no aparece| n'apparaît pas| não aparece| нет в поиске| не видно в поиске|لا تظهر|搜索时不出现|搜不出来|検索に出て",
    ),
    "backlinks": phrases_of(
        " backlinks| guest posts| guest post| links for| link building| gastbeiträge| backlink| enlaces| liens| links, | ссылок| ссылки|رابط|باك لينك|外链|个链接|被リンク",
    ),
    "terms": phrases_of(
        " fixed price| no contract| audit| free quote| no obligation| our team| guaranteed| reply and i| six weeks| free analysis",
        " festpreis| ohne vertrag| analyse| unverbindlich| unser team| garantiert| antworten sie",
        " precio cerrado| sin contrato| auditoría| nuestro equipo| garantizad| responda",
        " prix fixe| sans engagement| l'audit| audit| notre équipe| garanti| répondez",
        " preço fixo| sem contrato| análise| nossa equipe| garantid| responda",
        " цена фиксированная| без договора| аудит| наша команда| гаранти| пришлю разбор| ответьте",
        "بسعر ثابت|دون عقد|بدون عقد|فريقنا|مضمون|التقرير",
        "一口价|不签合同|我们团队|诊断报告|保证|优化方案",
        "固定料金|契約不要|当社|弊社|診断書|無料診断|保証",
        " specialists| our experts| money back| money returned| results in| spezialisten| geld zurück| ergebnisse in| especialistas| devolvemos| resultados en| spécialistes| remboursé| résultats en| dinheiro de volta| resultado em| специалист| вернём деньги| результат за|خبراؤنا|نعيد المال|النتيجة خلال|专家|无效退款|见效|専門家|返金|効果",
    ),
    # --- channels
    "easy": phrases_of(
        " costs nothing| it's free| for free| have a look| payout| every morning| calm income| daily income| my mornings| used to worry| earn",
        " kostet nichts| kostenlos| schaut rein| auszahlung| jeden morgen| verdien| am monatsende",
        " es gratis| gratis| echad un vistazo| cada mañana| cobro| fin de mes| gano",
        " c'est gratuit| gratuit| regardez| chaque matin| versement| fin du mois| gagne",
        " é grátis| grátis| deem uma olhada| todas as manhãs| recebo| fim do mês| ganho",
        " бесплатно| загляните| каждое утро| выплата| концу месяца| зарабат| доход",
        "مجانية|مجانا|كل صباح|جربوها|آخر الشهر|دخل|أرباح",
        "不收费|免费|每天早上|到账|月底|赚",
        "無料|毎朝|入金|月末|稼",
    ),
}  # fmt: skip

# A name like that of a firm that trades: "Fenwick Capital".
FIRM = re.compile(
    r"(?<![^\W_])(?!(?:The|This|My|Our|Your|Der|Die|Das|Die|El|La|Le|Les|O|A) )[A-ZÀ-ÞА-Я][\w-]{2,20} (?:Capital|Invest(?:ments?)?|Trad(?:e|es|ing)|Markets?|FX|Finance|Assets?|Wealth|Broker|Holdings?|Капитал|Инвест|Трейд\w*|Финанс)(?![^\W_])"
    r"|\w{3,12} (?:كابيتال|انفست|تريد|ماركتس)|[\u3400-\u9fff]{2,4}(?:资本|资管|财富|金服)|[\u3400-\u9fff\u30a0-\u30ff]{2,8}(?:キャピタル|インベスト|トレード)"
)
# A name on a network: letters with an underscore or at least two digits.
BARE_HANDLE = re.compile(
    r"(?<![\w@./-])(?:[a-z]{3,20}_[a-z_]{2,20}\d*|[a-z]{4,20}\d{2,4})(?![\w@./-])", re.IGNORECASE
)
SUMS = re.compile(r"\d{1,3}(?:[ .,]\d{3})+|\d{4,}|[\d一二三四五六七八九十几数] ?万|тысяч|миллион|ألف|mil\b")
SIGNAL = re.compile(
    r"(?<![^\W_])(?:on|auf|bei|en|sur|no|в|على|在|via) ?(?:signal|сигнале|سيغنال)|signal(?:上|で)",
    re.IGNORECASE,
)


class Scheme(NamedTuple):
    """code: its reason. must: parts without which it is not this scheme. enough: how many parts hold it."""

    code: str
    must: tuple[str, ...]
    others: tuple[str, ...]
    enough: int


SCHEMES = (
    Scheme("offer_money", ("daily_pay",), ("hiring", "from_home", "no_skill", "tasks", "messenger"), 4),
    Scheme("offer_money", ("firm",), ("trading", "pays_out", "mentor", "put_in"), 3),
    Scheme("offer_money", ("loan",), ("loan_terms", "urgent", "sums", "messenger"), 4),
    Scheme("offer_money", ("channel",), ("easy",), 2),
    Scheme("recovery", ("got_back", "lost", "reach"), ("crypto", "praised_helper"), 4),
    Scheme("offer_goods", ("papers",), ("genuine", "delivery", "messenger"), 4),
    Scheme("offer_magic", ("healer",), ("came_back", "left", "cures", "testify"), 4),
    Scheme("offer_magic", ("rite", "left", "came_back"), (), 3),
    Scheme("offer_adult", ("women",), ("lonely", "waiting", "discreet", "handle"), 4),
    Scheme("service_offer", ("your_site",), ("first_page", "unseen", "terms", "backlinks"), 3),
)


class Parts:
    """The parts found in a text, each searched for once."""

    def __init__(self, analysis: TextAnalysis) -> None:
        self.text = analysis.text[:LOOKED_AT]
        self.spoken = analysis.spoken[:LOOKED_AT]
        self.found: dict[str, str] = {}

    def __getitem__(self, name: str) -> str:
        """What is found of a part, or ""."""
        if name not in self.found:
            self.found[name] = self._search(name)
        return self.found[name]

    def _search(self, name: str) -> str:
        if name in SHAPES:
            matches = (pattern.search(self.text) for pattern in SHAPES[name])
            return next((match[0][:40] for match in matches if match), "")
        return find_phrase(self.spoken, PARTS[name])


SHAPES = {
    "firm": (FIRM,), "handle": (BARE_HANDLE,), "sums": (SUMS,), "channel": (MESSENGER_LINK,), "messenger": (MESSENGER, SIGNAL), "reach": (MESSENGER, SIGNAL, BARE_HANDLE)
}  # fmt: skip


def schemes(analysis: TextAnalysis, history: History) -> Iterator[Signal]:
    """A scheme with enough of its parts. One part less is a sign only."""
    parts = Parts(analysis)
    for scheme in SCHEMES:
        if not all(parts[name] for name in scheme.must):
            continue
        found = [parts[name] for name in (*scheme.must, *scheme.others) if parts[name]]
        more = len(found) - scheme.enough
        if more >= 0:
            yield Signal(scheme.code, ENOUGH_PARTS + ANOTHER_PART * more, "scheme", marks=tuple(found))
        elif more == -1 and len(found) > 2:
            yield Signal(scheme.code, ONE_MISSING, "scheme", marks=tuple(found))
