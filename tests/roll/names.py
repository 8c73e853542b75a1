"""More than two hundred names that a school may meet, and some that nobody bears."""

from __future__ import annotations

FAMILY = """
O’Brien|O'Brien|Ó Súilleabháin|Nic an Bhaird|Mac Giolla Phádraig|Zoë|Łukaszewicz|Żółć|Šimůnek|
Dvořák|Čapek|Ñuñoa|Nguyễn|Trần Thị|Phạm|Võ|أحمد|محمد علي|بن سلمان|李|王小明|張|佐藤|さくら|
ミュラー|김철수|박|Иванов|Щукин|Ґалаґан|Παπαδόπουλος|Ελένη|כהן|לוי|עברי|अनिल|शर्मा|ਸਿੰਘ|
சுந்தர்|தமிழ்|বন্দ্যোপাধ্যায়|ไทย|ສີສຸກ|ქართველი|Հայկ|አበበ|Sørensen|Østergård|Åberg|Ærø|
Þórsdóttir|Guðmundsson|Jökulsdóttir|Çelik|Yılmaz|Şahin|İnönü|Ğ|Müller-Lüdenscheidt|Großmann|
Weiß|D’Souza|D'Souza|de la Cruz|van Dijk|van der Berg|von und zu Liechtenstein|al-Rashid|
Al-Rashid|bin Yusuf|binti Omar|St. John|St John-Smith|Fernández-García|Núñez|Mbeki|N’Diaye|
N'Golo|Nǃxau|ǀUi|ʻAkau|Kaʻiulani|Māori|Tāne|Te Awa|Nuñez y Peña|e Silva|dos Santos|Conceição|
João|Antão|Łoś|Źdźbło|Őri|Űrgés|Răducanu|Ţepeş|Țăran|Ștefan|Žižek|Đorđević|Ljubić|Ķirsis|Ēriks|
Ąžuolas|Ūsas|Õunapuu|Äijälä|Xʷasən|Lee|Ng|O|A|Y|Á|Å|李四|欧阳|Nguyễn Phúc|Smith Jones|
Smith-Jones|Smith–Jones|MacDonald|Macdonald|McÉwan|Fitz-Gerald|ffrench|ffoulkes|Brontë|Noël|
Chloé|Anaïs|Siân|Sïan|Gwenllïan|Ŵyn|Ŷr|Llŷr|Beyoncé|X Æ|Ibn Khaldūn|Ḥasan|Ṣāliḥ|Ẓāhir|Ghulām|
Þór|Æthelred|Œuvre|Ĳsbrand|ŉame|Ŀl|Ǆ|Ꙋ|Ⱥ|Ɓala|Ɗan|Ƙara|Ŋgũgĩ|Wanjikũ|Ọláyínká|Adébáyò|
Chukwuemeka|Ẹniọlá|Ìbùkún|Kofi|Ama|Kwabená|Ékoué|Thị|Đặng|Đỗ|Ắnh|Ởn|Ừ|Ỹ|Ệ|Ǖ|Ḉ|Ṩ|Ẽ|Ḗ|Ȱ|Ǡ|Ǻ|Ǽ|Ǿ|
Ȩ|Ṍ|Ẫ|Ẳ|Ḯ|Ǘ""".replace("\n", "").split("|")  # fmt: skip

LONG = ["W" * 120, "Ż" * 120, "李" * 120, "A-" * 59 + "AB", "Anne " * 23 + "Marie"]
COMBINING = ["Zoe\u0308", "Jose\u0301", "Nguye\u0302\u0303n", "A\u030angstro\u0308m", "I\u0307nan", "q\u0307uux"]
JOINED = ["محمد\u200cعلی", "क्\u200dष", "👩\u200d👧 Ada"]  # joiners that scripts and pictures need are kept
PICTURES = ["Zoë 😀", "Ana🎉"]
FORMULA = ["=Sum", "+Ana", "-Ana", "@Ana"]

GOOD: list[str] = [*FAMILY, *LONG, *COMBINING, *JOINED, *PICTURES, *FORMULA]
BAD: list[str] = [
    "Ana\u202egnp", "Ana\u202d", "Ana\u2066x\u2069", "Ana\u2067", "An\u200ba", "An\u200ea", "An\u200fa", "An\ufeffa",
    "An\u2060a",
    "An\x07a", "An\x1b[31ma", "An\x7fa", "An\x85a", "An\x9ba", "W" * 121, "1234", "…", "😀", "-", "Ana2",
]  # fmt: skip
