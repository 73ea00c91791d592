"""Invented names: parts that are common in China, put together at random; nobody is meant."""

from random import Random

from deploy.local.people.model import Sex

SURNAMES = tuple(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗高郑梁谢宋唐许邓韩冯曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢"
)
_OLD_MALE = (
    "福生", "根土", "水木", "阿毛", "德才", "金法", "仁寿", "永年",
    "长贵", "宝根", "国梁", "建业", "庆余", "有财", "松林",
)  # fmt: skip
_OLD_FEMALE = (
    "秀英", "桂花", "阿香", "金妹", "玉兰", "彩凤", "春仙", "凤娥",
    "素珍", "月琴", "招弟", "荷花", "美菊", "兰芳", "银娣",
)  # fmt: skip
_MALE = (
    "志强", "建军", "海波", "伟明", "文斌", "晓东", "立峰", "卫国",
    "俊杰", "国平", "勇刚", "华林", "嘉诚", "学礼", "云飞",
)  # fmt: skip
_FEMALE = (
    "丽萍", "晓燕", "雪梅", "海英", "红霞", "爱华", "静怡", "慧敏",
    "婷婷", "小芬", "文娟", "素云", "佳慧", "艳红", "巧玲",
)  # fmt: skip
_CHILD_MALE = (
    "子轩", "浩然", "宇航", "梓豪", "一鸣", "睿哲", "晨曦", "天佑",
    "乐乐", "小川",
)  # fmt: skip
_CHILD_FEMALE = (
    "欣怡", "梓涵", "雨桐", "诗琪", "可馨", "思源", "语嫣", "朵朵",
    "安琪", "小禾",
)  # fmt: skip

CARE_HOMES = ("松鹤", "长青", "康宁", "福寿", "夕照", "清泉")


def surname(rng: Random) -> str:
    return rng.choice(SURNAMES)


def given_name(rng: Random, sex: Sex, birth_year: int) -> str:
    """A given name of the fashion of the birth year."""
    if birth_year < 1965:
        return rng.choice(_OLD_MALE if sex == "male" else _OLD_FEMALE)
    if birth_year < 2006:
        return rng.choice(_MALE if sex == "male" else _FEMALE)
    return rng.choice(_CHILD_MALE if sex == "male" else _CHILD_FEMALE)
