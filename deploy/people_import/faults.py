"""What is wrong in an import file: by line, with how to mend it, beside the file and without anybody's data."""

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from kernel.public_service.identifiers import fault as number_fault

HEADING = ("line", "field", "code", "message", "message_en", "how", "how_en")

# code → Chinese, English, how in Chinese, how in English. Never a value: the file's line has it.
_TEXTS: Mapping[str, tuple[str, str, str, str]] = {
    "encoding": ("文件编码无法识别。", "The encoding of the file is not known.",
                 "请另存为 UTF-8 或 GB18030 编码的 CSV。", "Save it as CSV in UTF-8 or GB18030."),
    "empty_file": ("文件里没有数据。", "The file has no data.",
                   "第一行写列名，从第二行起每行一条记录。",
                   "Name the columns in line 1, one record a line from line 2 on."),
    "column_missing": ("缺少必需的列。", "A required column is missing.",
                       "请加上 source、household、record 三列。", "Add the columns source, household and record."),
    "column_unknown": ("有不认识的列名。", "A column is not known.",
                       "请按导入说明改正或删除这一列。", "Correct or remove it, see the guide."),
    "column_twice": ("同一列名出现两次。", "A column stands twice.", "请只保留一列。", "Keep one of them."),
    "quotes": ("引号没有成对。", "The quotation marks do not match.",
               "字段内的引号写两次，字段内不换行。",
               "Double a quotation mark inside a field; no line breaks in a field."),
    "cells": ("这一行的列数和列名行不同。", "The line has more or fewer cells than there are columns.",
              "请检查是否多了或少了逗号。", "Look for a comma too many or too few."),
    "line_too_long": ("这一行太长。", "The line is too long.",
                      "一行最多 10000 个字符。", "A line has at most 10,000 characters."),
    "record_unknown": ("没有这种记录。", "There is no such kind of record.",
                       "请填写导入说明中的记录种类。", "Use a kind of record of the guide."),
    "required": ("必填的内容是空的。", "A required cell is empty.", "请补填。", "Fill it."),
    "not_used": ("这种记录没有这一列，应留空。", "This kind of record does not use the column.",
                 "请清空，或改正记录种类。", "Empty it, or correct the kind of record."),
    "text": ("文字太长或有不可见字符。", "The text is too long or has control characters.",
             "最多 100 个可见字符。", "At most 100 printable characters."),
    "name": ("姓名不合要求。", "The name is not valid.",
             "最多 60 个字，不含数字。", "At most 60 characters, no digits."),
    "date": ("日期不存在或写法不对。", "The date does not exist or is not written as it should be.",
             "请写成 2026-03-01。", "Write it 2026-03-01."),
    "future": ("日期在今天之后。", "The date lies in the future.", "请核对日期。", "Check the date."),
    "month": ("月份不存在或写法不对。", "The month does not exist or is not written as it should be.",
              "请写成 2026-03。", "Write it 2026-03."),
    "amount": ("金额不合要求。", "The amount is not valid.",
               "以分为单位的整数，不带逗号、小数点和负号。", "Whole fen without comma, point or sign."),
    "balance": ("余额大于面额。", "The balance is more than the amount.", "请核对两个金额。", "Check both amounts."),
    "days": ("天数不合要求。", "The number of days is not valid.", "填写 1 到 366。", "Give 1 to 366."),
    "phone": ("电话号码不合要求。", "The phone number is not valid.",
              "只填数字，可含连字符。", "Digits, hyphens allowed."),
    "key": ("主键不是 UUID。", "The key is no UUID.", "没有的请留空。", "Leave it empty without one."),
    "region": ("没有这个乡镇（街道）或村（社区）。", "There is no such township or village.",
               "填写地区文件中的 12 位代码。", "Use a code of 12 digits of the region files."),
    "choice": ("不是可用的取值。", "The value is none of those allowed.", "请按导入说明填写。", "See the guide."),
    "sex_differs": ("性别和身份证号码不一致。", "The sex differs from the number's.",
                    "请核对证件。", "Compare with the card."),
    "birth_differs": ("出生日期和身份证号码不一致。", "The birth date differs from the number's.",
                      "请核对证件。", "Compare with the card."),
    "household_line_missing": ("这一户没有以户记录开头。", "The household does not begin with its own line.",
                               "同一户的记录放在一起，户记录放在最前。",
                               "Keep a household's lines together, its household line first."),
    "household_twice": ("同一户在文件中出现两次。", "The household stands in the file twice.",
                        "请合并到一处，只留一条户记录。", "Put it together, with one household line."),
    "no_person": ("这一户没有人。", "The household has no person.", "请补上人员记录。", "Add a person line."),
    "person_twice": ("同一个人在文件中出现两次。", "The person stands in the file twice.",
                     "一个人只属于一户，请删除多余的一条。",
                     "A person belongs to one household: remove the other line."),
    "record_twice": ("这条记录的编号重复。", "The record's number stands twice.",
                     "请删除重复的一条，或改正编号。", "Remove one, or correct its number."),
    "record_no_missing": ("没有记录编号。", "The record has no number.",
                          "请填写原系统的编号，否则重复导入时无法识别。",
                          "Give the source's number: without it a second import could not know the record again."),
    "benefit_twice": ("同一种待遇重复。", "The same benefit stands twice.",
                      "请核对，只保留一条。", "Check, and keep one of them."),
    "person_unknown": ("没有这个人。", "Nobody has this number.",
                       "这个人要在本户、在文件前面的户，或者已在登记库里。",
                       "The person must be in this household, earlier in the file, or in the register."),
    "not_of_household": ("这个人不在本户。", "The person is not of this household.",
                         "请把记录移到本人所在的户。", "Move the record to the person's household."),
    "same_person": ("两个号码是同一个人。", "Both numbers are one person's.", "请核对。", "Check them."),
    "marriage_twice": ("这个人有两条婚姻记录。", "The person has two marriages.", "请核对，只保留现在的一条。",
                       "Check, and keep the present one."),
    "not_married": ("婚姻状况不是已婚，却有婚姻记录。", "There is a marriage, but the state is not married.",
                    "请核对婚姻状况。", "Check the marital state."),
    "same_sex": ("婚姻记录应先写丈夫、后写妻子。", "A marriage names the husband first, then the wife.",
                 "请核对两个号码。", "Check both numbers."),
    "too_young": ("登记结婚时未到法定婚龄。", "One of them was under the age of marriage.",
                  "请核对登记日期。", "Check the day of registration."),
    "name_differs": ("姓名和登记库不一致。", "The name differs from the register's.",
                     "登记库的内容不会被覆盖，请先核实，再更正来源。",
                     "What is registered is never overwritten: find out which is right, then correct its source."),
    "register_differs": ("性别或出生日期和登记库不一致。", "Sex or birth date differ from the register's.",
                         "登记库的内容不会被覆盖，请先核实，再更正来源。",
                         "What is registered is never overwritten: find out which is right, then correct its source."),
    "region_differs": ("登记库里这个人在别的乡镇。", "The register has the person in another township.",
                       "迁移请走迁移手续，不要用导入改。", "A move is a procedure of its own, not an import."),
    "other_household": ("登记库里这个人属于另一户。", "The register has the person in another household.",
                        "请核对户号；分户、并户请先办理。", "Check the household; splitting and joining come first."),
    "key_taken": ("主键已属于别人。", "The key is somebody else's.", "请留空主键。", "Leave the key empty."),
    "dead": ("登记库里这个人已去世。", "The register says that this person has died.",
             "请核对；确属错误的，由县级办理撤销。", "Check; where that is wrong the county revokes it."),
    "record_differs": ("系统里已有这条记录，内容不同。", "The record stands already and says something else.",
                       "系统里的内容不会被覆盖，请核实后通过办理来变更。",
                       "What stands is never overwritten: check it, and change it by a procedure."),
    "household_differs": ("系统里这一户的乡镇或收入不同。", "The household stands with another place or income.",
                          "系统里的内容不会被覆盖，请核实后通过办理来变更。",
                          "What stands is never overwritten: check it, and change it by a procedure."),
    "benefit_stands": ("系统里这个人（户）已有同种待遇。", "This person or household holds the benefit already.",
                       "请核对是否重复发放。", "Check whether it is paid twice."),
    "card_taken": ("优待证号码已属于别人。", "The card's number is somebody else's.",
                   "请核对号码。", "Check the number."),
    "bed_taken": ("床位上已有别人。", "Somebody else lies in the bed.", "请核对床位号。", "Check the bed's number."),
    "married_to_another": ("婚姻登记中这个人有另外的配偶。", "The registry has another spouse.",
                           "请到婚姻登记机关核实。", "Ask the marriage registry."),
}  # fmt: skip


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """One fault: the line of the file (from 1; 0: the file as a whole), the column, and a stable code."""

    line: int
    field: str
    code: str

    @property
    def texts(self) -> tuple[str, str, str, str]:
        """Chinese, English, how to mend it in Chinese and in English."""
        if self.code.startswith("id_number_"):
            said = number_fault(self.field, self.code)
            return said.message, said.message_en, said.how, said.how_en
        return _TEXTS[self.code]


class FaultFile:
    """`FILE.errors.csv`: begun anew, or gone on with after the last settled line; not there when nothing is wrong."""

    def __init__(self, path: Path, *, settled: int = 0) -> None:
        self._path = path
        kept = [row for row in _rows(path) if int(row[0]) <= settled] if settled else []
        path.unlink(missing_ok=True)
        self.count = len(kept)
        if kept:
            self._write(kept)

    def add(self, faults: Iterable[Fault]) -> None:
        """Append them, by line."""
        rows = [(str(one.line), one.field, one.code, *one.texts) for one in sorted(faults)]
        if rows:
            self._write(rows)
            self.count += len(rows)

    def _write(self, rows: Iterable[Iterable[str]]) -> None:
        """Readable in a spreadsheet: a byte order mark first."""
        fresh = not self._path.exists()
        with self._path.open("a", encoding="utf-8-sig" if fresh else "utf-8", newline="") as file:
            writer = csv.writer(file)
            if fresh:
                writer.writerow(HEADING)
            writer.writerows(rows)


def _rows(path: Path) -> list[list[str]]:
    """The whole lines of an earlier run; a last line that was cut off is left out."""
    if not path.exists():
        return []
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = [row for row in csv.reader(file) if len(row) == len(HEADING)]
    return [row for row in rows if row[0].isdigit()]
