# ruff: noqa: RUF001 - many scripts share shapes
"""The words that the bot itself puts into what is spoken, by language."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from bot.text.languages import ENGLISH, primary


@dataclass(frozen=True, slots=True)
class Words:
    """How one language says what Discord shows. No word hangs on anybody's gender."""

    said: str
    sent: str
    """Before what is no text."""
    and_so_on: str
    """After what was cut off."""

    link: str
    code: str
    spoiler: str
    everyone: str
    here: str
    somebody: str
    role: str
    channel: str

    pictures: tuple[str, str]
    """One, and several; so are the following ones."""
    videos: tuple[str, str]
    sounds: tuple[str, str]
    files: tuple[str, str]
    stickers: tuple[str, str]

    comma: str = ", "
    stop: str = ". "


WORDS: Final[Mapping[str, Words]] = {
    "en": Words(
        *("{name} said: {text}", "{name} sent: {text}", "and so on"),
        *("link", "code", "spoiler", "everyone", "here", "somebody", "a role", "a channel"),
        *(("a picture", "pictures"), ("a video", "videos"), ("a recording", "recordings")),
        *(("a file", "files"), ("a sticker", "stickers")),
    ),
    "es": Words(
        *("{name} dice: {text}", "{name} envía: {text}", "etcétera"),
        *("enlace", "código", "spoiler", "todos", "aquí", "alguien", "un rol", "un canal"),
        *(("una imagen", "imágenes"), ("un vídeo", "vídeos"), ("un audio", "audios")),
        *(("un archivo", "archivos"), ("un sticker", "stickers")),
    ),
    "fr": Words(
        *("{name} dit : {text}", "{name} envoie : {text}", "et cetera"),
        *("lien", "code", "spoiler", "tout le monde", "ici", "quelqu'un", "un rôle", "un salon"),
        *(("une image", "des images"), ("une vidéo", "des vidéos")),
        *(("un enregistrement", "des enregistrements"), ("un fichier", "des fichiers")),
        ("un autocollant", "des autocollants"),
    ),
    "de": Words(
        *("{name} sagt: {text}", "{name} schickt: {text}", "und so weiter"),
        *("Link", "Code", "Spoiler", "alle", "hier", "jemand", "eine Rolle", "ein Kanal"),
        *(("ein Bild", "Bilder"), ("ein Video", "Videos"), ("eine Aufnahme", "Aufnahmen")),
        *(("eine Datei", "Dateien"), ("ein Sticker", "Sticker")),
    ),
    "it": Words(
        *("{name} dice: {text}", "{name} invia: {text}", "eccetera"),
        *("link", "codice", "spoiler", "tutti", "qui", "qualcuno", "un ruolo", "un canale"),
        *(("un'immagine", "immagini"), ("un video", "dei video")),
        *(("una registrazione", "registrazioni"), ("un file", "dei file")),
        ("un adesivo", "adesivi"),
    ),
    "pt": Words(
        *("{name} diz: {text}", "{name} envia: {text}", "et cetera"),
        *("link", "código", "spoiler", "todos", "aqui", "alguém", "um cargo", "um canal"),
        *(("uma imagem", "imagens"), ("um vídeo", "vídeos"), ("um áudio", "áudios")),
        *(("um arquivo", "arquivos"), ("uma figurinha", "figurinhas")),
    ),
    "pl": Words(
        *("{name} mówi: {text}", "{name} wysyła: {text}", "i tak dalej"),
        *("link", "kod", "spoiler", "wszyscy", "tutaj", "ktoś", "rola", "kanał"),
        *(("obraz", "obrazy"), ("film", "filmy"), ("nagranie", "nagrania")),
        *(("plik", "pliki"), ("naklejka", "naklejki")),
    ),
    "tr": Words(
        *("{name} diyor ki: {text}", "{name} gönderiyor: {text}", "ve saire"),
        *("bağlantı", "kod", "spoiler", "herkes", "burada", "birisi", "bir rol", "bir kanal"),
        *(("bir resim", "resimler"), ("bir video", "videolar"), ("bir kayıt", "kayıtlar")),
        *(("bir dosya", "dosyalar"), ("bir çıkartma", "çıkartmalar")),
    ),
    "ru": Words(
        *("{name} говорит: {text}", "{name} отправляет: {text}", "и так далее"),
        *("ссылка", "код", "спойлер", "все", "здесь", "кто-то", "роль", "канал"),
        *(("картинка", "картинки"), ("видео", "несколько видео"), ("запись", "записи")),
        *(("файл", "файлы"), ("стикер", "стикеры")),
    ),
    "nl": Words(
        *("{name} zegt: {text}", "{name} stuurt: {text}", "enzovoort"),
        *("link", "code", "spoiler", "iedereen", "hier", "iemand", "een rol", "een kanaal"),
        *(("een afbeelding", "afbeeldingen"), ("een video", "video's")),
        *(("een opname", "opnames"), ("een bestand", "bestanden"), ("een sticker", "stickers")),
    ),
    "cs": Words(
        *("{name} říká: {text}", "{name} posílá: {text}", "a tak dále"),
        *("odkaz", "kód", "spoiler", "všichni", "tady", "někdo", "role", "kanál"),
        *(("obrázek", "obrázky"), ("video", "videa"), ("nahrávka", "nahrávky")),
        *(("soubor", "soubory"), ("nálepka", "nálepky")),
    ),
    "ar": Words(
        *("من {name}: {text}", "من {name}: {text}", "وهكذا"),
        *("رابط", "رمز برمجي", "محتوى مخفي", "الجميع", "هنا", "شخص ما", "دور", "قناة"),
        *(("صورة", "صور"), ("فيديو", "فيديوهات"), ("تسجيل", "تسجيلات")),
        *(("ملف", "ملفات"), ("ملصق", "ملصقات")),
    ),
    "zh": Words(
        *("{name}说：{text}", "{name}发送：{text}", "等等"),
        *("链接", "代码", "剧透", "所有人", "在线成员", "某人", "一个身份组", "一个频道"),
        *(("一张图片", "几张图片"), ("一个视频", "几个视频"), ("一段录音", "几段录音")),
        *(("一个文件", "几个文件"), ("一张贴纸", "几张贴纸")),
        comma="，",
        stop="。",
    ),
    "hu": Words(
        *("{name} mondja: {text}", "{name} küldi: {text}", "és így tovább"),
        *("link", "kód", "spoiler", "mindenki", "itt", "valaki", "egy rang", "egy csatorna"),
        *(("egy kép", "képek"), ("egy videó", "videók"), ("egy felvétel", "felvételek")),
        *(("egy fájl", "fájlok"), ("egy matrica", "matricák")),
    ),
    "ko": Words(
        *("{name} 님의 말: {text}", "{name} 님이 보냄: {text}", "등등"),
        *("링크", "코드", "스포일러", "모두", "여기", "누군가", "역할", "채널"),
        *(("사진", "사진 여러 장"), ("동영상", "동영상 여러 개"), ("녹음", "녹음 여러 개")),
        *(("파일", "파일 여러 개"), ("스티커", "스티커 여러 개")),
    ),
    "ja": Words(
        *("{name}さん：{text}", "{name}さんが送信：{text}", "以下略"),
        *("リンク", "コード", "ネタバレ", "皆さん", "ここ", "誰か", "ロール", "チャンネル"),
        *(("画像", "複数の画像"), ("動画", "複数の動画"), ("録音", "複数の録音")),
        *(("ファイル", "複数のファイル"), ("スタンプ", "複数のスタンプ")),
        comma="、",
        stop="。",
    ),
    "hi": Words(
        *("{name} ने कहा: {text}", "{name} ने भेजा: {text}", "वगैरह"),
        *("लिंक", "कोड", "स्पॉइलर", "सब लोग", "यहाँ", "कोई", "एक रोल", "एक चैनल"),
        *(("एक तस्वीर", "तस्वीरें"), ("एक वीडियो", "कई वीडियो"), ("एक रिकॉर्डिंग", "रिकॉर्डिंग")),
        *(("एक फ़ाइल", "फ़ाइलें"), ("एक स्टिकर", "स्टिकर")),
    ),
}
"""By primary language."""


def words_of(language_code: str) -> Words:
    """Returns the words of a language, those of English where there are none."""
    return WORDS.get(primary(language_code), WORDS[ENGLISH])
