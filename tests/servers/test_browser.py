from playwright.async_api import Browser

# A character that Latin fonts lack, and one that no font has: with a Chinese font their pictures differ.
WIDTHS = """
() => {
  const drawn = (text) => {
    const canvas = document.createElement("canvas");
    const pen = canvas.getContext("2d");
    pen.font = "40px sans-serif";
    pen.fillText(text, 0, 60);
    return canvas.toDataURL();
  };
  return [drawn("联"), drawn("\\u{10FFFD}")];
}
"""


async def test_chinese_characters_are_drawn(browser: Browser) -> None:
    page = await browser.new_page()
    try:
        character, missing = await page.evaluate(WIDTHS)
    finally:
        await page.close()
    assert character != missing
