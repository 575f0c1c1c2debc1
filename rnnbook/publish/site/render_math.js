// Reads one JSON object a line, {tex, display}, and answers each with {html} or {error}.
const { readFileSync } = require("node:fs");
const { join } = require("node:path");
const temml = new Function(readFileSync(join(__dirname, "temml.min.js"), "utf8") + "; return temml;")();

const SCRIPTED = new Set(["msub", "msup", "msubsup", "munder", "mover", "munderover"]);
const APPLY = "\u2061"; // the unseen "of" in "tanh of x"

// TeX sets operators in subscripts and superscripts without space around them; browsers do not.
function tighten(node, inScript = false) {
  const operator = node.type === "mo" ? node.children[0]?.text : undefined;
  if (operator && (inScript || operator === APPLY)) Object.assign(node.attributes, { lspace: "0", rspace: "0" });
  node.children?.forEach((child, i) => tighten(child, inScript || (i > 0 && SCRIPTED.has(node.type))));
}

function render(tex, displayMode) {
  const tree = temml.__renderToMathMLTree(tex, { displayMode, throwOnError: true, strict: true });
  tighten(tree);
  return tree.toMarkup();
}

require("node:readline").createInterface({ input: process.stdin }).on("line", (line) => {
  const { tex, display } = JSON.parse(line);
  let answer;
  try {
    answer = { html: render(tex, display) };
  } catch (error) {
    answer = { error: error.message };
  }
  process.stdout.write(JSON.stringify(answer) + "\n");
});
