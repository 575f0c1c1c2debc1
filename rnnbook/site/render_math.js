// Reads one JSON object a line, {tex, display}, and answers each with {html} or {error}.
const { readFileSync } = require("node:fs");
const { join } = require("node:path");
const temml = new Function(readFileSync(join(__dirname, "temml.min.js"), "utf8") + "; return temml;")();

require("node:readline").createInterface({ input: process.stdin }).on("line", (line) => {
  const { tex, display } = JSON.parse(line);
  let answer;
  try {
    answer = { html: temml.renderToString(tex, { displayMode: display, throwOnError: true, strict: true }) };
  } catch (error) {
    answer = { error: error.message };
  }
  process.stdout.write(JSON.stringify(answer) + "\n");
});
