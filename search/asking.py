"""Stop words of questions for someone with knowledge, such as "I am looking for people who …".

In the languages of the interface that separate words by spaces. In any other, the rarer words of a question
count more anyway.
"""

ENGLISH = """a about advice advise all am an and any anybody anyone are as at be been by can could did do does doesn don else ever
experience experienced expert experts find for from get good had has have help helped how i if in into is it its know knows
knowledge like ll look looking may me might more most my need needs of on or our out people person please re really s seek seeking
should skill skilled skills so some somebody someone t tell than thanks that the their them there these they this to us
ve very want wants was we were what when where which who whom whose will with work worked working would you your"""
GERMAN = """aber als am an auch auf aus bei bin bitte brauche brauchen da damit das dass dem den der des die doch du ein eine
einem einen einer er erfahrung es etwas experten für gerne gesucht habe haben hat helfen hilfe hilft ich ihr im in irgendwer
ist ja jemand jemanden kann kennen kennt könnte leute man mehr mein meine menschen mich mir mit möchte nach oder sich sie sind
so suche suchen über um und uns von was weiß welche wenn wer wie wir wissen wo würde zu zum zur"""
FRENCH = """a ai aide aider au aux avec avoir besoin bien c ce ces cherche cherchons connaissance connaissances connait connaît
d dans de des du elle en est et expérience fait gens il ils j je l la le les leur lui ma mais me merci mes moi mon n nous on ou
par pas personne personnes peut plus pour pourrait qu quelqu quelque qui s sa sait savoir se ses si son sont sur tu un une vous
y"""
SPANISH = """a al alguien algo algún alguna ayuda ayudar buscamos busco como con conoce conocen conocimiento cual cuando de del
el ella en entiende es esta este experiencia experto expertos favor gente gracias ha hay la las le lo los me mi más necesito no
nos o para pero persona personas por puede pueda que quien quién quiero sabe saben se ser si sobre son su sus un una y yo"""
PORTUGUESE = """a ajuda ajudar alguém algo ao aos as até busco com como conhece conhecem conhecimento da das de do dos e ela
ele em entende entenda especialista eu experiência favor gente já mais mas me meu minha na nas no nos o obrigado os ou para pela
pelo pessoa pessoas pode por possa precisamos preciso procuro procuramos quem quero que sabe sabem saiba se seja sobre sou são
um uma você"""

ASKED_WITH = frozenset(f"{ENGLISH} {GERMAN} {FRENCH} {SPANISH} {PORTUGUESE}".split())
