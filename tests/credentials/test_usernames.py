from itertools import combinations
from string import ascii_lowercase, digits

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatgraph.credentials.confusables import skeleton
from chatgraph.credentials.usernames import read_username
from chatgraph.errors import Invalid

WRITTEN = """
    admin Admin    admin ADMIN    admin аdmin    admin ａdmin   admin ａｄｍｉｎ  admin adrnin   admin admın
    admin αdmin    admin adｍin   admin аdmіn    admin ɑdmin    admin aԁmin     admin аԁmіn
    admin admiո    admin ɑԁrnіո   admin admi\u200bn admin adm\u00adin admin \u202eadmin
    admin admin\u200b admin adm\u2060in admin ⓐdmin  admin 𝐚dmin   admin adⅿin   admin admɩn
    root rооt      root r00t      root roοt      root гoot      root rοοt      root ꭇoot
    bob b0b        bob bоb        bob bօb        bob BOB
    alice a1ice    alice alіce    alice аlice    alice aliсe    alice alicе     alice ａｌｉｃｅ  alice alɩce
    paul рaul      paul pau1      paul paυl      paul ρaul      paul pauǀ
    support suррort  support ѕupport  support supp0rt  support ꜱupport
    moderator rnoderator  moderator m0derat0r  moderator moderаtor
    jessie јessie  jessie jeѕsie  jessie jеssie  peter рeter  xavier хavier  yusuf уusuf  vera ѵera  willow ԝillow
    straße STRASSE οδυσσευς ΟΔΥΣΣΕΥΣ  café cafe\u0301  борис 6opиc  алла aллa  ロコ 口コ  カズ 力ズ  小晚 小晩
    هدى ھدى        كريم کريم      ਇੰਦਰ ੲਿੰਦਰ
"""
LOOK_ALIKES = list(zip(WRITTEN.split()[::2], WRITTEN.split()[1::2], strict=True))

COMMON = """
    ada ben cleo alice bob carol dave eve frank grace heidi ivan judy ken leo lea mallory nina niaj olivia oscar
    peggy quinn rupert sybil trent ursula victor walter wendy xena yolanda zoe neil nell elia ella eli ellie ian lan
    ila lia ina mia mira maria mario marta martha anna anne hanna hannah john joan jane jan jon sam pam tom tim kim
    jim max alex alix amy may ray roy lily lilly ali al alan allan allen ellen helen helena elena irena irina kate katie
    cate karl carl clara klara kurt curt luis louis luise louise sofia sophia sophie steven stephen vera wera viola
    ren bem rosa ros luca lucas lukas noah emma emmy erin aaron erwin owen rowan ronan roman rory dora nora flora
    li lin ling liu lu luo wang wei wen wu xi xia xiao xie xin xu yan yang yi yin ying yu yuan yue zhang zhao zheng
    zhi zhong zhou zhu zou chen cheng chu cui dai deng ding dong du fan fang feng fu gao ge gong gu guo han hao he hong
    hou hu hua huang hui jia jiang jiao jie jin jing jun kang kong lei liang long ma mei meng min ming mo nan ning pan
    pei peng ping qi qian qiang qin qing qiu rong ruan shao shen sheng shi song su sun tan tang tao tian ting tong
    josé jose rené rene müller muller zoë søren soren łukasz françois francois jürgen jurgen nguyễn nguyên đặng dang
    小明 小朋 小红 小芳 小军 小华 小花 小丽 小美 小林 小森 大明 王伟 王芳 王秀英 李伟 李娜 李强 张伟 张敏 张丽 刘洋
    刘伟 陈静 陈杰 杨勇 杨帆 黄磊 赵敏 吴刚 周杰 徐丽 孙悦 马超 马云 朱琳 胡军 郭靖 何洁 林志玲 高飞 罗兰 郑爽
    明月 明日 朋友 天天 夫人 大人 太太 木木 本木 未来 末来 さくら ゆき はるか けんた サクラ ユキ 김민준 이서연 박지훈
    анна ольга олег игорь иван ирина елена алена алёна алла мария марина максим михаил дмитрий сергей андрей антон
    александр алексей наталья татьяна юлия юрий борис вера виктор павел пётр петр ярослав яна светлана роман руслан йван ѝван
    محمد أحمد علي فاطمة حسن حسين عمر خالد يوسف مريم زينب سارة نور ليلى إبراهيم عبدالله كريم سعيد طارق رشيد
    נועם יוסי דוד שרה רחל אבי γιώργος μαρία νίκος ελένη κώστας άννα राम सीता अर्जुन प्रिया สมชาย สมหญิง
"""
NAMES = COMMON.split()
NUMBERED = [f"user{number}" for number in range(1, 100)]


def skeleton_or_none(text: str) -> str | None:
    try:
        return read_username(text).skeleton
    except Invalid:
        return None


@pytest.mark.parametrize(("name", "other"), LOOK_ALIKES)
def test_a_look_alike_is_the_same_name_or_has_the_same_skeleton_or_is_no_username(name, other):
    assert skeleton_or_none(other) in (read_username(name).skeleton, None)


def test_the_look_alikes_of_admin_that_can_be_written_share_its_skeleton_and_only_the_same_letters_its_name():
    admin = read_username("admin")
    read = [read_username(text) for text in ("Admin", "ａdmin", "аdmin", "adrnin", "admın", "αdmin")]
    assert [username.name == "admin" for username in read] == [True, True, False, False, False, False]
    assert {username.skeleton for username in read} == {admin.skeleton}


def test_different_names_of_every_script_have_different_skeletons():
    names = [read_username(text) for text in NAMES + NUMBERED]
    assert len(names) > 400
    alike = [(a.name, b.name) for a, b in combinations(names, 2) if a.skeleton == b.skeleton]
    assert alike == []


def test_among_ascii_letters_and_digits_only_o_and_zero_l_and_one_m_and_rn_look_alike():
    alike = [a + b for a, b in combinations(ascii_lowercase + digits, 2) if skeleton(a) == skeleton(b)]
    assert alike == ["l1", "o0"]
    pairs = [a + b for a in ascii_lowercase for b in ascii_lowercase]
    assert [pair for pair in pairs for char in ascii_lowercase if skeleton(pair) == skeleton(char)] == ["rn"]


def test_a_capital_i_looks_like_l_and_a_capital_o_like_zero():
    assert skeleton("I") == skeleton("l") == skeleton("1") == skeleton("|")
    assert skeleton("O") == skeleton("o") == skeleton("0")


def test_a_skeleton_is_its_own_skeleton_for_every_character():
    every = [chr(point) for point in range(0x20000)]
    skeletons = {skeleton(char) for char in every}
    assert [text for text in skeletons if skeleton(text) != text] == []


def test_what_joins_letters_unseen_is_not_in_a_skeleton():
    plain, joined = read_username("क्ष"), read_username("क्\u200dष")
    assert plain.name != joined.name
    assert plain.skeleton == joined.skeleton


@pytest.mark.parametrize("text", [*NAMES, "x", "x" * 32, "ada.lovelace", "ada_l-99", "42", "l·l", "ada@home"])
def test_a_name_of_any_script_is_kept_as_it_is(text):
    assert read_username(text)[::2] == (text, text)


def test_case_and_width_do_not_make_another_name_and_what_was_written_is_remembered():
    assert read_username("BeN") == ("ben", "ben", "BeN")
    assert read_username("ｂｅｎ")[::2] == ("ben", "ｂｅｎ")
    assert read_username("Zoe\u0308")[::2] == ("zoë", "Zoë")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "at least one"),
        ("x" * 33, "at most 32 characters; this one has 33"),
        ("x" * 1_000_000, "at most 32 characters[.]$"),
        ("a" + "\u0301" * 1_000_000, "at most 32 characters[.]$"),
        ("ada lovelace", "no spaces"),
        (" ada", "no spaces"),
        ("ada\u3000", "no spaces"),
        ("ada\u00a0", "no spaces"),
        ("ada\n", r"U\+000A"),
        ("ada\0", r"U\+0000"),
        ("a\u200bda", "ZERO WIDTH SPACE"),
        ("a\u200dda", "ZERO WIDTH JOINER"),
        ("ada\u202e", "RIGHT-TO-LEFT OVERRIDE"),
        ("ada\ufeff", "ZERO WIDTH NO-BREAK SPACE"),
        ("ada\u3164", "HANGUL FILLER"),
        ("ada\ufe0f", "VARIATION SELECTOR-16"),
        ("ada\U000e0061", "TAG LATIN SMALL LETTER A"),
        ("ada\ud800", r"U\+D800"),
        ("ada\ue000", r"U\+E000"),
        ("ada™", "TRADE MARK SIGN"),
        ("ada☃", "SNOWMAN"),
        ("ada🦦", "OTTER"),
        ("ﬁona", "LATIN SMALL LIGATURE FI"),
        ("ada\u05d0", "one direction"),
        ("\u0301ada", "starts with"),
    ],
)
def test_what_is_no_username_is_refused_with_the_reason(text, says):
    with pytest.raises(Invalid, match=says) as refusal:
        read_username(text)
    assert refusal.value.field == "username"
    assert refusal.value.message.isascii()


@given(st.text(st.characters(), max_size=40))
def test_any_text_is_a_username_that_reads_the_same_again_or_is_refused(text):
    try:
        username = read_username(text)
    except Invalid:
        return
    again = read_username(username.name)
    assert again == (username.name, username.skeleton, username.name)
    assert 1 <= len(username.name) <= 32
