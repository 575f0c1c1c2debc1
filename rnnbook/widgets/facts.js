/** Facts that Python knows, handed over as data: `bundle` in live.py puts what facts.py returns in place of the text below. */

/**
 * @typedef {object} Facts
 * @property {Record<string, string>} light colours on a light page, by name
 * @property {Record<string, string>} dark
 * @property {Record<string, string>} letters the name of a letter's colour
 * @property {[name: string, label: string][]} networks those whose trained weights can be had
 * @property {Record<"units" | "depth" | "dropout" | "recurrent_dropout" | "learning_rate" | "maxlen", number> & {bidirectional: boolean}} usual
 */

export const FACTS = /** @type {Facts} */ (JSON.parse("FACTS"));
