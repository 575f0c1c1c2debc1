/** Texts as words, by the rule of `rnnbook.reviews.tokenize`: `bundle` in live.py puts what facts.py returns in place of the text below. */
const RULE = /** @type {{ apostrophe: string, between: string }} */ (JSON.parse("TOKENIZER"));
const between = new RegExp(RULE.between, "gu");

/**
 * The words of a text: lower case, punctuation but the apostrophe turned into blanks.
 * @param {string} text
 */
export const tokenize = (text) => text.toLowerCase().replaceAll(RULE.apostrophe, "'").replace(between, " ").split(" ").filter(Boolean);
